//! Rows of the commands that no file of its own describes.

use super::refuse;
use crate::kubectl::command::Command;
use crate::kubectl::help;

/// All of them.
pub static COMMANDS: &[Command] = &[
    Command::unknown("certificate", refuse),
    Command::unknown("proxy", refuse),
    Command::unknown("debug", refuse),
    Command::unknown("kuberc", refuse),
    Command::unknown("options", refuse),
    Command::new("help", &[], help::run),
];
