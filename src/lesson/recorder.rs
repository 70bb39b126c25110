//! Writes down what was done as a lesson: files, commands, and goals that describe the end.

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

/// The inputs as a lesson with one step, ready to be edited.
///
/// Goals are suggested from what the lesson leads to when it is played; those that do not hold
/// then, or held before, are left out.
pub fn record(
    title: &str,
    tongue: Tongue,
    start: &str,
    seed: u64,
    entries: &[Entry<Input>],
) -> String {
    let head = head(title, tongue, start, seed);
    let body = body(entries, tongue);
    let without = format!("{head}{body}");
    let Ok(lesson) = format::parse(&without) else { return without };
    let mut player = Player::new(start::session(&lesson, seed));
    let before = State::of(player.session());
    walk::play(&mut player, &lesson, 0, &Way::Solution);
    let mut goals = suggestions(player.session(), &before);
    goals.truncate(GOALS_MAX);
    loop {
        let text = format!("{without}{}", goal_block(&goals, tongue));
        let Ok(lesson) = format::parse(&text) else { return without };
        let judged = walk::walk(&lesson, &Way::Solution, seed);
        let is_odd = |goal: &Suggestion| {
            let names = |ids: Vec<_>| ids.iter().any(|id| *id == goal.id.as_str());
            judged.iter().any(|j: &Judged| names(j.failed()) || names(j.odd_starts()))
        };
        let count = goals.len();
        let odd: Vec<bool> = goals.iter().map(is_odd).collect();
        let mut odd = odd.into_iter();
        goals.retain(|_| !odd.next().unwrap_or(true));
        if goals.len() == count || goals.is_empty() {
            return if goals.is_empty() { without } else { text };
        }
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
    let heading = match tongue {
        Tongue::En => "Do it",
        Tongue::Zh => "动手",
    };
    let mut out = format!("## {heading}\n\n");
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
