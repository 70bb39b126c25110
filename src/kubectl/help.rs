//! Help pages.
//!
//! Models `k8s.io/kubectl/pkg/util/templates`. The pages are data, recorded from kubectl v1.37, or
//! for groups of commands put together as it does; of what is not known, a page or a part of one,
//! we say so instead of inventing it.

use super::command;
use super::errors::Failure;
use super::process::{Flow, Outcome, World};

/// A request to show a command's help.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    command: &'static str,
}

impl Page {
    /// The help of the command with this path.
    pub fn of(command: &'static str) -> Self {
        Page { command }
    }

    /// Prints it; asking for help is no failure.
    pub fn show(self, world: &mut World<'_>) -> Outcome {
        let text = text(self.command).ok_or_else(|| missing(self.command))?;
        world.print(text);
        Ok(Flow::Done(0))
    }
}

fn missing(command: &str) -> Failure {
    let what = format!("the help of `kubectl {command}`");
    Failure::not_simulated(&what, "print its description, examples and options")
}

/// The help text of a command.
pub fn text(command: &str) -> Option<&'static str> {
    PAGES.iter().find(|(path, _)| *path == command).map(|(_, text)| *text)
}

macro_rules! pages {
    ($($path:literal $file:literal;)*) => {
        static PAGES: &[(&str, &str)] = &[$(($path, include_str!(concat!("help/", $file, ".txt"))),)*];
    };
}

pages! {
    "" "kubectl";
    "apply" "apply";
    "config" "config";
    "create" "create";
    "create configmap" "create-configmap";
    "create secret" "create-secret";
    "create service" "create-service";
    "delete" "delete";
    "describe" "describe";
    "edit" "edit";
    "events" "events";
    "exec" "exec";
    "explain" "explain";
    "get" "get";
    "label" "label";
    "logs" "logs";
    "patch" "patch";
    "rollout" "rollout";
    "rollout history" "rollout-history";
    "rollout restart" "rollout-restart";
    "rollout status" "rollout-status";
    "rollout undo" "rollout-undo";
    "scale" "scale";
    "set" "set";
    "set image" "set-image";
    "wait" "wait";
}

/// `kubectl help [COMMAND...]` (`cobra.Command.InitDefaultHelpCmd`).
pub fn run(invocation: &super::Invocation, world: &mut World<'_>) -> Outcome {
    let mut found = "";
    for word in &invocation.args {
        match command::child(found, word) {
            Some(child) => found = child.path,
            None if found.is_empty() => return unknown_topic(invocation, world),
            None => break,
        }
    }
    Page::of(found).show(world)
}

/// The usage part of the root's help follows, without its description.
fn unknown_topic(invocation: &super::Invocation, world: &mut World<'_>) -> Outcome {
    let words: Vec<String> = invocation.args.iter().map(|word| format!("`{word}`")).collect();
    world.print(&format!("Unknown help topic [{}]\n\n\n", words.join(" ")));
    let page = text("").unwrap_or_default();
    let usage = page.find("Basic Commands").and_then(|start| page.get(start..));
    world.print(usage.unwrap_or(page));
    Ok(Flow::Done(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_belongs_to_a_command() {
        for (path, text) in PAGES {
            assert_eq!(command::find(path).path, *path);
            let whole = text.contains("Usage:") || text.contains("not simulated here yet");
            assert!(text.ends_with('\n') && whole, "{path}");
        }
    }
}
