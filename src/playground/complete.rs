//! Completion of what is typed in the terminal: verbs, kinds, names, files.
//!
//! Models `kubectl completion` as far as the words go.

use super::Playground;
use crate::api::scheme::RESOURCES;
use crate::apiserver::storage::Storage;
use crate::kubectl;
use crate::shell::terminal::Terminal;

/// What can stand in place of the last word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Characters of the line that stay.
    pub start: usize,
    /// Full words that can follow, sorted.
    pub words: Vec<String>,
}

/// The completion of `line`, the cursor standing at its end.
pub fn complete(playground: &Playground, line: &str) -> Completion {
    let start = line.rfind([' ', '|', ';', '(']).map_or(0, |index| index + 1);
    let (before, last) = line.split_at(start);
    let command = before.rsplit(['|', ';', '(']).next().unwrap_or_default();
    let words: Vec<&str> = command.split_whitespace().collect();
    let mut candidates = match words.as_slice() {
        [] => Terminal::program_names().map(String::from).collect(),
        ["kubectl"] => kubectl::cmd::ORDER.iter().map(|verb| verb.to_string()).collect(),
        ["kubectl", rest @ ..] => kubectl_words(playground, rest, last),
        _ => files(playground),
    };
    candidates.retain(|word| word.starts_with(last) && word != last);
    candidates.sort();
    candidates.dedup();
    Completion { start, words: candidates }
}

fn kubectl_words(playground: &Playground, words: &[&str], last: &str) -> Vec<String> {
    let storage = playground.session().cluster().api().storage();
    if words.last().is_some_and(|word| matches!(*word, "-f" | "--filename")) {
        return files(playground);
    }
    if let ["rollout"] = words {
        let verbs = ["history", "pause", "restart", "resume", "status", "undo"];
        return verbs.iter().map(|verb| verb.to_string()).collect();
    }
    if let Some((resource, _)) = last.split_once('/') {
        return names(storage, resource).into_iter().map(|n| format!("{resource}/{n}")).collect();
    }
    let arguments: Vec<&str> =
        words.iter().skip(1).copied().filter(|word| !word.starts_with('-')).collect();
    let takes_pod = matches!(words.first(), Some(&("exec" | "logs" | "attach" | "cp")));
    match arguments.as_slice() {
        [] if takes_pod => names(storage, "pods"),
        [] | ["status" | "history" | "undo" | "restart"] => {
            RESOURCES.iter().map(|resource| resource.plural.to_string()).collect()
        }
        [.., resource] if takes_pod => names(storage, resource),
        [resource, ..] => names(storage, resource),
    }
}

fn names(storage: &Storage, resource: &str) -> Vec<String> {
    let named = |r: &&crate::api::scheme::Resource| {
        r.plural == resource || r.singular == resource || r.short.contains(&resource)
    };
    let Some(resource) = RESOURCES.iter().find(named) else { return Vec::new() };
    let namespace = resource.namespaced.then_some("default");
    storage.list(resource.kind, namespace).map(|object| object.name().to_string()).collect()
}

fn files(playground: &Playground) -> Vec<String> {
    super::view::files::names(playground.session())
}
