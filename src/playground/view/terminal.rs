//! The terminal: what was entered and printed.

use imbl::Vector;

use crate::shell::session::{Session, TerminalId};
use crate::shell::terminal::Line;

pub use crate::shell::terminal::Source;

/// The main terminal.
#[derive(Clone, Debug, PartialEq)]
pub struct TerminalView {
    /// Everything entered and printed.
    pub lines: Vector<Line>,
    /// Whether a command runs.
    pub busy: bool,
    /// Whether the running command waits for input.
    pub reads_input: bool,
    /// What stands before the input line.
    pub prompt: &'static str,
}

/// The view of the main terminal.
pub fn terminal(session: &Session) -> TerminalView {
    let Some(terminal) = session.terminal(TerminalId::MAIN) else {
        return TerminalView { lines: Vector::new(), busy: false, reads_input: false, prompt: "$" };
    };
    let reads_input = terminal.reads_input();
    TerminalView {
        lines: terminal.log().clone(),
        busy: terminal.is_busy(),
        reads_input,
        prompt: match (reads_input, terminal.is_unfinished()) {
            (true, _) => "",
            (_, true) => ">",
            _ => "$",
        },
    }
}
