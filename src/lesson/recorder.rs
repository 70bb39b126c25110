//! Writes down what was done as a lesson: files, commands, and goals that describe the end.

use std::collections::BTreeSet;

use super::evaluate;
use super::format::{self, Way};
use super::front_matter::Tongue;
use super::replay::Player;
use super::start;
use super::state::State;
use super::transcript::{Item, Part};
use super::walk::{self, Judged};
use crate::api::object::ObjectKey;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::shell::session::{Input, Session, TerminalId};
use crate::simulation::timeline::Entry;

/// A goal that the end suggests.
struct Suggestion {
    id: String,
    say: [String; 2],
    condition: String,
}

/// So many goals are suggested.
const GOALS_MAX: usize = 12;

/// The inputs as a lesson, ready to be edited: one step up to each of the marked instants.
///
/// Goals are suggested from what each step leads to when the lesson is played; those that do not
/// hold then, or held before, are left out.
pub fn record(
    title: &str,
    tongue: Tongue,
    start: &str,
    seed: u64,
    entries: &[Entry<Input>],
    marks: &BTreeSet<Time>,
) -> String {
    let head = head(title, tongue, start, seed);
    let bodies: Vec<String> =
        steps(entries, marks).into_iter().map(|inputs| body(inputs, tongue)).collect();
    let written = |goals: &[Vec<Suggestion>]| {
        let several = bodies.len() > 1;
        let steps = bodies.iter().enumerate().map(|(index, body)| {
            let goals = goals.get(index).map(|goals| goal_block(goals, tongue)).unwrap_or_default();
            format!("## {}\n\n{body}{goals}", heading(several.then_some(index + 1), tongue))
        });
        format!("{head}{}", steps.collect::<Vec<_>>().join("\n"))
    };
    let without = written(&[]);
    let Ok(lesson) = format::parse(&without) else { return without };
    let mut goals = suggested(&lesson, seed);
    loop {
        let text = written(&goals);
        let Ok(lesson) = format::parse(&text) else { return without };
        if !drop_odd(&mut goals, &walk::walk(&lesson, &Way::Solution, seed)) {
            return text;
        }
    }
}

// The inputs between marks; a mark before which nothing was done makes no step. What was done at
// a mark's own instant was done after it: a command lets time go on.
fn steps<'a>(entries: &'a [Entry<Input>], marks: &BTreeSet<Time>) -> Vec<&'a [Entry<Input>]> {
    let mut steps = Vec::new();
    let mut rest = entries;
    for mark in marks {
        let (before, after) = rest.split_at(rest.partition_point(|entry| entry.at < *mark));
        if !before.is_empty() {
            steps.push(before);
        }
        rest = after;
    }
    if !rest.is_empty() || steps.is_empty() {
        steps.push(rest);
    }
    steps
}

// What each step leads to.
fn suggested(lesson: &format::Lesson, seed: u64) -> Vec<Vec<Suggestion>> {
    let mut player = Player::new(start::session(lesson, seed));
    let several = lesson.steps.len() > 1;
    let one = |index: usize| {
        let before = State::of(player.session());
        walk::play(&mut player, lesson, index, &Way::Solution);
        let mut goals = suggestions(player.session(), &before);
        goals.truncate(GOALS_MAX);
        for goal in goals.iter_mut().filter(|_| several) {
            goal.id = format!("{}-{}", goal.id, index + 1);
        }
        goals
    };
    (0..lesson.steps.len()).map(one).collect()
}

// Leaves out what is not reached, or was before anything was done. True if something was.
fn drop_odd(goals: &mut [Vec<Suggestion>], judged: &[Judged]) -> bool {
    let mut dropped = false;
    for (goals, judged) in goals.iter_mut().zip(judged) {
        let odd: Vec<EcoString> = [judged.failed(), judged.odd_starts()].concat();
        let count = goals.len();
        goals.retain(|goal| !odd.iter().any(|id| *id == goal.id.as_str()));
        dropped |= goals.len() < count;
    }
    dropped
}

fn heading(number: Option<usize>, tongue: Tongue) -> String {
    match (number, tongue) {
        (None, Tongue::En) => "Do it".into(),
        (None, Tongue::Zh) => "动手".into(),
        (Some(number), Tongue::En) => format!("Step {number}"),
        (Some(number), Tongue::Zh) => format!("第 {number} 步"),
    }
}

fn head(title: &str, tongue: Tongue, start: &str, seed: u64) -> String {
    let plain: String = title.chars().filter(|c| !c.is_control()).take(100).collect();
    let title = match plain.trim() {
        "" => "Recorded",
        title => title,
    };
    let title = crate::api::go::json(&title.into());
    let teaches = match tongue {
        Tongue::En => "what this teaches",
        Tongue::Zh => "这里教什么",
    };
    format!(
        "---\ntitle: {title}\nlanguage: {}\nkind: lesson\nminutes: 5\nteaches: [{teaches}]\n\
         start: {start}\nseed: {seed}\n---\n\n",
        tongue.tag()
    )
}

fn body(entries: &[Entry<Input>], tongue: Tongue) -> String {
    let mut out = String::new();
    for part in parts(entries, tongue) {
        match part {
            Part::Text(text) => out.push_str(&format!("{text}\n\n")),
            Part::Section(_) => {}
            Part::File { name, content, .. } => {
                let language = name.rsplit_once('.').map_or("text", |(_, ending)| ending);
                out.push_str(&format!("```{language} {name}\n{content}"));
                out.push_str(if content.ends_with('\n') || content.is_empty() { "" } else { "\n" });
                out.push_str("```\n\n");
            }
            Part::Console { watch, items, .. } => {
                out.push_str(if watch { "```console watch\n" } else { "```console\n" });
                for item in items {
                    if let Item::Command { command, .. } = item {
                        out.push_str(&format!("$ {}\n", command.replace('\n', "\n> ")));
                    }
                }
                out.push_str("```\n\n");
            }
        }
    }
    out
}

// Commands that follow each other are one block; one that was stopped by Ctrl-C is a watch.
fn parts(entries: &[Entry<Input>], tongue: Tongue) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let console = |watch, line: &str| Part::Console {
        fence: String::new(),
        watch,
        items: vec![Item::Command { command: line.into(), recorded: Vec::new() }],
    };
    for (index, entry) in entries.iter().enumerate() {
        match &entry.input {
            Input::Command { terminal, line } => {
                let rest = entries.get(index + 1..).unwrap_or_default();
                let watch = is_stopped(*terminal, rest);
                match parts.last_mut() {
                    Some(Part::Console { watch: false, items, .. }) if !watch => {
                        let recorded = Vec::new();
                        items.push(Item::Command { command: line.to_string(), recorded });
                    }
                    _ => parts.push(console(watch, line)),
                }
            }
            Input::WriteFile { path, content } if is_fileable(path, content) => {
                let (name, content) = (path.to_string(), content.to_string());
                let is_same = |part: &&mut Part| matches!(part, Part::File { name: known, .. } if *known == name);
                let file = Part::File { fence: String::new(), name: name.clone(), content };
                match parts.last_mut().filter(|part| is_same(part)) {
                    Some(last) => *last = file,
                    None => parts.push(file),
                }
            }
            Input::WriteFile { path, .. } => parts.push(left_out(path, tongue)),
            Input::DeleteFile { path } => {
                let is_plain = |c: char| c.is_alphanumeric() || "._-/".contains(c);
                match path.chars().all(is_plain) {
                    true => parts.push(console(false, &format!("rm -f ./{path}"))),
                    false => parts.push(left_out(path, tongue)),
                }
            }
            Input::Fault(_) => parts.push(left_out("a node", tongue)),
            Input::Setting(setting) => parts.push(left_out(setting.name(), tongue)),
            Input::Interrupt { .. } | Input::EndOfInput { .. } => {}
        }
    }
    parts
}

// Whether the next thing done in the terminal is Ctrl-C.
fn is_stopped(terminal: TerminalId, rest: &[Entry<Input>]) -> bool {
    let here = rest.iter().find(|entry| match &entry.input {
        Input::Command { terminal: t, .. }
        | Input::Interrupt { terminal: t }
        | Input::EndOfInput { terminal: t } => *t == terminal,
        _ => false,
    });
    here.is_some_and(|entry| matches!(entry.input, Input::Interrupt { .. }))
}

// A line of three backquotes would end the block.
fn is_fileable(path: &str, content: &str) -> bool {
    let is_named = matches!(
        super::fence::parse(&format!("text {path}")),
        Ok(super::fence::Fence::File(name, _)) if name == path
    );
    is_named && !content.lines().any(|line| line.starts_with("```"))
}

fn left_out(what: &str, tongue: Tongue) -> Part {
    let what: String = what.chars().filter(|c| !c.is_control()).collect();
    Part::Text(match tongue {
        Tongue::En => format!("(What was done to {what} here cannot be written in a lesson.)"),
        Tongue::Zh => format!("（这里对 {what} 做的事无法写进课程。）"),
    })
}

fn goal_block(goals: &[Suggestion], tongue: Tongue) -> String {
    if goals.is_empty() {
        return String::new();
    }
    let mut out = String::from("```goal\n");
    for goal in goals {
        let say = &goal.say[usize::from(tongue == Tongue::Zh)];
        out.push_str(&format!("- id: {}\n  say: {say}\n  {}\n", goal.id, goal.condition));
    }
    out.push_str("```\n");
    out
}

fn suggestions(session: &Session, before: &State) -> Vec<Suggestion> {
    let state = State::of(session);
    let mut found = Vec::new();
    for set in state.list(Kind::StatefulSet, "default") {
        let key = ObjectKey::new(Kind::StatefulSet, "default", set.name());
        let ready = evaluate::pods_of(&state, &key).filter(|pod| evaluate::is_serving(pod)).count();
        let name = set.name();
        found.push(Suggestion {
            id: format!("{}-ready", name.replace('.', "-")),
            say: [
                format!("{ready} Pods of {name} are Ready."),
                format!("{name} 有 {ready} 个 Pod 是 Ready。"),
            ],
            condition: format!("podsReady: {{set: {name}, is: {ready}}}"),
        });
        let image = set.path(&["spec", "template", "spec", "containers"]).at(0).get("image").str();
        found.push(Suggestion {
            id: format!("{}-image", name.replace('.', "-")),
            say: [format!("{name} is to run {image}."), format!("{name} 使用 {image}。")],
            condition: format!(
                "state: {{kind: StatefulSet, name: {name}, jsonpath: \
                 '{{.spec.template.spec.containers[0].image}}', is: '{image}'}}"
            ),
        });
    }
    for kind in [Kind::PersistentVolumeClaim, Kind::Service, Kind::StatefulSet] {
        let count = state.list(kind, "default").count();
        if count != before.list(kind, "default").count() {
            let id = format!("{}-count", kind.name().to_lowercase());
            found.push(Suggestion {
                id,
                say: [
                    format!("There are {count} of kind {kind}."),
                    format!("{kind} 有 {count} 个。"),
                ],
                condition: format!("count: {{kind: {kind}, is: {count}}}"),
            });
        }
    }
    found
}
