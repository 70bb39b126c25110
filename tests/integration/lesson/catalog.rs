//! The catalogue keeps what the format promises (docs/lesson-format.md).

use statefulset_playground::lesson::catalog::{CATALOG, Entry};
use statefulset_playground::lesson::fence::Role;
use statefulset_playground::lesson::format::{Block, Lesson, Way, parse};
use statefulset_playground::lesson::front_matter::Tongue;
use statefulset_playground::lesson::walk::{Judged, walk};

fn lessons(entry: &Entry) -> [Lesson; 2] {
    let read = |index: usize| match parse(entry.text[index]) {
        Ok(lesson) => lesson,
        Err(error) => panic!("{} {index}: {error:?}", entry.slug),
    };
    [read(0), read(1)]
}

// What both languages have in common.
fn essence(lesson: &Lesson) -> String {
    let mut said = format!("{:?} {:?}\n", lesson.front.start, lesson.front.seed);
    said += &format!("{:?}\n", (lesson.front.max_commands, lesson.front.time_box));
    for step in &lesson.steps {
        said += "step\n";
        for block in &step.blocks {
            said += &match block {
                Block::Prose(_) => continue,
                Block::Hint(_) => "hint\n".into(),
                Block::Goals(count) => format!("{count} goals\n"),
                Block::Predict(question) => {
                    format!("{} {:?} {:?}\n", question.id, question.run, question.answer)
                }
                Block::File { name, role, content } => {
                    format!("{name} {role:?}\n{}", bare(content))
                }
                Block::Console { items, watch, role, fails, .. } => {
                    let commands: Vec<_> = items
                        .iter()
                        .filter_map(|item| match item {
                            statefulset_playground::lesson::transcript::Item::Command {
                                command,
                                ..
                            } => Some(command),
                            _ => None,
                        })
                        .collect();
                    format!("{watch} {role:?} {fails:?} {commands:?}\n")
                }
            };
        }
        for goal in &step.goals {
            said += &format!("{} {} {:?}\n", goal.id, goal.already_true, goal.rule);
        }
    }
    said
}

// Comments may be in another language.
fn bare(content: &str) -> String {
    let lines = content.lines().filter(|line| !line.trim_start().starts_with('#'));
    let lines = lines.map(|line| line.split(" # ").next().unwrap_or_default().trim_end());
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn slugs_are_unique() {
    let slugs: std::collections::BTreeSet<_> = CATALOG.iter().map(|entry| entry.slug).collect();
    assert_eq!(slugs.len(), CATALOG.len());
}

#[test]
fn both_languages_say_the_same() {
    for entry in CATALOG {
        let [english, chinese] = lessons(entry);
        assert_eq!(essence(&english), essence(&chinese), "{}", entry.slug);
        for (lesson, tongue, title) in
            [(&english, Tongue::En, entry.title[0]), (&chinese, Tongue::Zh, entry.title[1])]
        {
            assert_eq!(lesson.front.language, tongue, "{}", entry.slug);
            assert_eq!(lesson.front.title, title, "{}", entry.slug);
            assert_eq!(lesson.is_exercise(), entry.is_exercise, "{}", entry.slug);
            assert_eq!(lesson.front.minutes, entry.minutes, "{}", entry.slug);
        }
    }
}

fn complain(complaints: &mut Vec<String>, entry: &Entry, what: &str, judged: &Judged) {
    let failed = judged.failed();
    if !failed.is_empty() {
        let why: Vec<_> = judged.at_end.iter().filter(|v| v.why.is_some()).collect();
        complaints.push(format!(
            "{}, step {}: {what} fails {failed:?}: {why:?}",
            entry.slug,
            judged.step + 1
        ));
    }
}

#[test]
fn solutions_pass_and_starts_fail() {
    let mut complaints = Vec::new();
    for entry in CATALOG {
        let [lesson, _] = lessons(entry);
        for seed in [lesson.front.seed, lesson.front.seed + 1] {
            for judged in walk(&lesson, &Way::Solution, seed) {
                complain(&mut complaints, entry, "the solution", &judged);
                let odd = judged.odd_starts();
                if !odd.is_empty() {
                    let (slug, step) = (entry.slug, judged.step + 1);
                    complaints.push(format!("{slug}, step {step}: odd at the start: {odd:?}"));
                }
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn wrong_solutions_fail_as_they_say() {
    let mut complaints = Vec::new();
    for entry in CATALOG.iter().filter(|entry| entry.is_exercise) {
        let [lesson, _] = lessons(entry);
        let mutants = lesson.mutants();
        let is_solved = |block: &Block| {
            matches!(
                block,
                Block::Console { role: Role::Solution, .. }
                    | Block::File { role: Role::Solution, .. }
            )
        };
        assert!(lesson.blocks().any(is_solved), "{} has no solution", entry.slug);
        assert!(!mutants.is_empty(), "{} has no wrong solution", entry.slug);
        for (name, mut fails, _) in mutants.clone() {
            let way = Way::Mutant(name.clone());
            for judged in walk(&lesson, &way, lesson.front.seed) {
                let mut failed = judged.failed();
                failed.sort();
                fails.sort();
                if failed != fails {
                    let (slug, ends) = (entry.slug, &judged.at_end);
                    complaints.push(format!("{slug}, {name}: fails {failed:?}: {ends:?}"));
                }
            }
        }
        for goal in lesson.goals().filter(|goal| goal.rule.is_guard()) {
            if !mutants.iter().any(|(_, fails, _)| fails.contains(&goal.id)) {
                let slug = entry.slug;
                complaints.push(format!("{slug}: no wrong solution breaks the guard {}", goal.id));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
