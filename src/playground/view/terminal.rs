//! The terminals: what was entered and printed, and in which of them a command runs.

use std::sync::Arc;

use imbl::Vector;

use crate::playground::Playground;
use crate::shell::session::TerminalId;
use crate::shell::terminal::{Line, Terminal};

pub use crate::shell::terminal::Source;

/// The terminal panel.
#[derive(Clone, Debug, PartialEq)]
pub struct TerminalView {
    /// All terminals, in the order of their tabs.
    pub tabs: Arc<Vec<TabView>>,
    /// Whether one more may be opened.
    pub may_open: bool,
    /// The number of the shown one; what follows is about it.
    pub shown: u32,
    /// Everything entered and printed.
    pub lines: Vector<Line>,
    /// Whether a command runs.
    pub busy: bool,
    /// Whether the running command waits for input.
    pub reads_input: bool,
    /// What stands before the input line.
    pub prompt: &'static str,
}

/// A terminal's tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabView {
    /// Its terminal.
    pub terminal: u32,
    /// The command that runs in it, "" if none does.
    pub running: String,
}

/// The view of the terminal panel.
pub fn terminal(playground: &Playground) -> TerminalView {
    let (session, terminals) = (playground.session(), playground.terminals());
    let tab = |number: u32| TabView {
        terminal: number,
        running: session.terminal(TerminalId(number)).map(running).unwrap_or_default(),
    };
    let shown = session.terminal(TerminalId(terminals.shown()));
    let reads_input = shown.is_some_and(Terminal::reads_input);
    TerminalView {
        tabs: Arc::new(terminals.open().map(tab).collect()),
        may_open: terminals.may_open(),
        shown: terminals.shown(),
        lines: shown.map(|terminal| terminal.log().clone()).unwrap_or_default(),
        busy: shown.is_some_and(Terminal::is_busy),
        reads_input,
        prompt: match (reads_input, shown.is_some_and(Terminal::is_unfinished)) {
            (true, _) => "",
            (_, true) => ">",
            _ => "$",
        },
    }
}

fn running(terminal: &Terminal) -> String {
    let mut commands = terminal.log().iter().rev().filter(|line| line.source == Source::Command);
    match commands.next().filter(|_| terminal.is_busy()) {
        Some(line) => line.text.lines().next().unwrap_or_default().into(),
        None => String::new(),
    }
}
