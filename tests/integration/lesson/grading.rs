//! Handing in and grading, and what is recorded.

use std::collections::BTreeSet;

use statefulset_playground::api::time::Duration;
use statefulset_playground::lesson::class::{csv, failed_goals};
use statefulset_playground::lesson::format::{Lesson, Way, parse};
use statefulset_playground::lesson::front_matter::Tongue;
use statefulset_playground::lesson::grade::Grader;
use statefulset_playground::lesson::hand_in::{CODE_LENGTH_MAX, HandIn, Problem, Work};
use statefulset_playground::lesson::judge::Outcome;
use statefulset_playground::lesson::packed::pack;
use statefulset_playground::lesson::recorder::record;
use statefulset_playground::lesson::replay::Player;
use statefulset_playground::lesson::walk::{play, walk};
use statefulset_playground::lesson::{hand_in, start};
use statefulset_playground::simulation::timeline::World;

use super::{EXERCISE, EXERCISE_ZH, exercise};

const SLUG: &str = "five-replicas-none-lost";

// What somebody hands in who goes this way.
pub fn work(slug: &str, lesson: &Lesson, way: &Way, seed: u64, name: &str) -> HandIn {
    let session = start::session(lesson, seed);
    let begun_at = session.now();
    let mut player = Player::new(session);
    for step in 0..lesson.steps.len() {
        play(&mut player, lesson, step, way);
    }
    let work = Work { exercise: slug.into(), seed, name: name.into(), hints: 1, seconds: 65 };
    HandIn::new(lesson, work, player.entries(), begun_at, player.session().now())
}

#[test]
fn what_is_handed_in_is_graded_like_what_was_done() {
    let exercise = exercise();
    let mut grader = Grader::new(SLUG, exercise.clone());
    let mut ways = vec![Way::Solution];
    ways.extend(exercise.mutants().into_iter().map(|(name, ..)| Way::Mutant(name)));
    for (seed, way) in (1..).zip(&ways) {
        let judged = walk(&exercise, way, seed).remove(0);
        let code = work(SLUG, &exercise, way, seed, "Li Lei").text();
        assert!(code.len() < CODE_LENGTH_MAX, "{}", code.len());
        let graded = grader.grade(&HandIn::read(&code).unwrap()).unwrap();
        let verdicts: Vec<_> = graded.goals.iter().map(|(_, verdict)| verdict.clone()).collect();
        assert_eq!(verdicts, judged.at_end, "{way:?}");
        assert_eq!(graded.has_passed(), *way == Way::Solution);
        assert_eq!((graded.name.as_str(), graded.hints, graded.seconds), ("Li Lei", 1, 65));
    }
}

#[test]
fn the_other_language_grades_the_same() {
    let chinese = parse(EXERCISE_ZH);
    let code = work(SLUG, &exercise(), &Way::Solution, 1, "韩梅梅").text();
    let graded = Grader::new(SLUG, chinese.unwrap()).grade(&HandIn::read(&code).unwrap());
    assert!(graded.unwrap().has_passed());
}

#[test]
fn codes_survive_mail_and_links() {
    let code = work(SLUG, &exercise(), &Way::Solution, 1, "a").text();
    let broken: String = code
        .chars()
        .enumerate()
        .flat_map(|(i, c)| [Some(c), (i % 70 == 69).then_some('\n')])
        .flatten()
        .collect();
    let plain = HandIn::read(&code).unwrap();
    assert_eq!(HandIn::read(&format!("  {broken} \r\n")), Ok(plain.clone()));
    assert_eq!(HandIn::read(&format!("https://x.example/p#h={code}")), Ok(plain));
}

#[test]
fn hostile_hand_ins_are_refused() {
    let exercise = exercise();
    let good = serde_json::to_value(work(SLUG, &exercise, &Way::Solution, 1, "a")).unwrap();
    let with = |key: &str, value: serde_json::Value| {
        let mut odd = good.clone();
        odd[key] = value;
        HandIn::read(&pack(&odd)).and_then(|odd| Grader::new(SLUG, exercise.clone()).grade(&odd))
    };
    let refused = |key: &str, value| with(key, value).unwrap_err();
    assert_eq!(HandIn::read(&"A".repeat(600_000)), Err(Problem::TooLong));
    assert_eq!(HandIn::read("%%%"), Err(Problem::Damaged));
    assert_eq!(HandIn::read(""), Err(Problem::Damaged));
    assert_eq!(HandIn::read(&pack(&serde_json::json!({}))), Err(Problem::Foreign));
    assert_eq!(HandIn::read(&pack(&vec![0; 3_000_000])), Err(Problem::Damaged));
    assert_eq!(refused("version", 9.into()), Problem::OtherVersion);
    assert_eq!(refused("version", "1".into()), Problem::Foreign);
    assert_eq!(refused("more", 1.into()), Problem::Foreign);
    assert_eq!(refused("seed", (-1).into()), Problem::Foreign);
    assert_eq!(refused("until", 10_u64.pow(18).into()), Problem::TooMuch);
    assert_eq!(refused("exercise", "other".into()), Problem::OtherExercise("other".into()));
    assert_eq!(refused("essence", "0".into()), Problem::ChangedExercise);
    assert_eq!(refused("inputs", serde_json::json!([{"at": 5, "run": 3}])), Problem::Foreign);
    let late = serde_json::json!([{"at": u64::MAX, "run": [0, "ls"]}]);
    assert_eq!(refused("inputs", late), Problem::Damaged);
    let disordered = serde_json::json!([{"at": 9, "run": [0, "ls"]}, {"at": 8, "run": [0, "ls"]}]);
    assert_eq!(refused("inputs", disordered), Problem::Damaged);
    let many: Vec<_> = (0..2_000).map(|_| serde_json::json!({"at": 1, "run": [0, ":"]})).collect();
    assert_eq!(refused("inputs", many.into()), Problem::TooMuch);
    let named = with("name", "a\u{1b}[31m\nb".repeat(100).into()).unwrap();
    assert!(named.name.chars().count() <= 60 && !named.name.contains('\n'));
    let odd =
        serde_json::json!([{"at": 1, "stop": 7}, {"at": 2, "end": 99}, {"at": 3, "lose": "x"}]);
    assert!(!with("inputs", odd).unwrap().has_passed());
}

#[test]
fn a_class_is_summed_up() {
    let exercise = exercise();
    let mut grader = Grader::new(SLUG, exercise.clone());
    let mut rows = vec![("x.txt".into(), Err(Problem::Damaged))];
    for (way, name) in [
        (Way::Solution, "=cmd()"),
        (Way::Mutant("anew".into()), "B"),
        (Way::Mutant("orphan".into()), "C, D"),
    ] {
        let hand_in = work(SLUG, &exercise, &way, 3, name);
        rows.push(("#".into(), grader.grade(&hand_in)));
    }
    let slug = || SLUG.into();
    assert_eq!(
        failed_goals(&rows),
        [(slug(), "same-set".into(), 2), (slug(), "never-fewer".into(), 1)]
    );
    let table = csv(&rows, |_| "damaged".into());
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert_eq!(lines[1], "x.txt,,,,,,,,,,damaged");
    assert!(lines[2].starts_with("#,\"'=cmd()\",five-replicas-none-lost,yes,"), "{}", lines[2]);
    assert!(lines[4].starts_with("#,\"C, D\",five-replicas-none-lost,no,"), "{}", lines[4]);
}

#[test]
fn a_broken_guard_names_its_instant() {
    let exercise = exercise();
    let judged = walk(&exercise, &Way::Mutant("through-zero".into()), 1).remove(0);
    let at = judged.goals.iter().position(|goal| goal.id == "never-fewer").unwrap();
    let verdict = &judged.at_end[at];
    assert_eq!(verdict.outcome, Outcome::Broken);
    let start = start::session(&exercise, 1).now();
    let after = verdict.at.unwrap().since(start);
    // The first Pod is told to go soon after the first command.
    assert!(after > Duration::ZERO && after < Duration::from_secs(2), "{after:?}");
}

#[test]
fn what_was_done_becomes_a_lesson() {
    let exercise = exercise();
    let session = start::session(&exercise, 1);
    let mut player = Player::new(session);
    for part in exercise.start_parts() {
        player.play(&part);
    }
    play(&mut player, &exercise, 0, &Way::Solution);
    for (tongue, title) in [(Tongue::En, "A \"b\": c"), (Tongue::Zh, "扩容")] {
        let text = record(title, tongue, "empty", 1, player.entries(), &BTreeSet::new());
        let recorded = parse(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        assert_eq!(recorded.front.title, title);
        let ids: Vec<_> = recorded.goals().map(|goal| goal.id.as_str()).collect();
        assert!(ids.contains(&"web-ready") && ids.contains(&"statefulset-count"), "{text}");
        for judged in walk(&recorded, &Way::Solution, 1) {
            assert!(judged.failed().is_empty() && judged.odd_starts().is_empty(), "{text}");
        }
    }
}

#[test]
fn the_essence_follows_what_is_graded() {
    let plain = hand_in::essence(&exercise());
    let changed = |from: &str, to: &str| {
        let text = EXERCISE.replace(from, to);
        hand_in::essence(&parse(&text).unwrap())
    };
    assert_eq!(changed("Bring it to five", "Get it to five"), plain);
    assert_ne!(changed("atLeast: 3", "atLeast: 2"), plain);
    assert_ne!(changed("replicas: 3\n", "replicas: 4\n"), plain);
}

// A hand-in that is no work for a learner, but for a page.
fn heavy() -> HandIn {
    let good = work(SLUG, &exercise(), &Way::Solution, 1, "a");
    let mut odd = serde_json::to_value(good).unwrap();
    odd["until"] = (24_u64 * 3_600 * 1_000_000).into();
    let line = "while true; do sleep 0.2; done";
    odd["inputs"] = serde_json::json!([{"at": 1_000_000, "run": [0, line]}]);
    serde_json::from_value(odd).unwrap()
}

#[test]
fn a_heavy_hand_in_is_played_in_slices_and_given_up() {
    let mut grader = Grader::new(SLUG, exercise());
    let mut run = grader.begin(&heavy()).unwrap();
    assert!(run.go_on(1_000).is_none());
    let first = run.percent();
    let mut slices = 1;
    let graded = loop {
        slices += 1;
        if let Some(graded) = run.go_on(20_000) {
            break graded;
        }
    };
    assert_eq!(graded.map(|graded| graded.name), Err(Problem::TooMuch));
    assert!(slices > 10 && run.percent() > first, "{slices}");
    // In slices the same comes out as at once.
    let plain = work(SLUG, &exercise(), &Way::Solution, 1, "a");
    let mut run = grader.begin(&plain).unwrap();
    let sliced = std::iter::from_fn(|| Some(run.go_on(7))).flatten().next().unwrap();
    assert_eq!(sliced, grader.grade(&plain));
}
