//! Which terminals stand as tabs on the page, and which one is shown.
//!
//! A terminal comes into being in the session with its first command; a tab may be there before.

use std::collections::BTreeSet;

use crate::shell::session::{Input, Session, TerminalId};
use crate::simulation::timeline::Entry;

/// The tabs of the terminal panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminals {
    open: BTreeSet<u32>,
    shown: u32,
    // Numbers are not used twice: a closed terminal's log stays its own.
    next: u32,
}

impl Default for Terminals {
    fn default() -> Self {
        Terminals { open: BTreeSet::from([TerminalId::MAIN.0]), shown: TerminalId::MAIN.0, next: 1 }
    }
}

/// So many terminals are enough for anything, and a page stays readable.
const OPEN_MAX: usize = 8;

impl Terminals {
    /// A tab for every terminal that the inputs name.
    pub fn of(entries: &[Entry<Input>]) -> Self {
        let mut terminals = Terminals::default();
        for entry in entries {
            if let Some(terminal) = terminal_of(entry)
                && terminals.open.len() < OPEN_MAX
            {
                terminals.open.insert(terminal);
                terminals.next = terminals.next.max(terminal.saturating_add(1));
            }
        }
        terminals
    }

    /// Those that the inputs name and whose tabs were closed.
    pub fn closed(&self, entries: &[Entry<Input>]) -> Vec<u32> {
        let named: BTreeSet<u32> = entries.iter().filter_map(terminal_of).collect();
        named.into_iter().filter(|terminal| !self.open.contains(terminal)).collect()
    }

    /// Their numbers in the order of their tabs.
    pub fn open(&self) -> impl Iterator<Item = u32> {
        self.open.iter().copied()
    }

    /// The one whose log and input line are seen.
    pub fn shown(&self) -> u32 {
        self.shown
    }

    /// Whether one more may be opened.
    pub fn may_open(&self) -> bool {
        self.open.len() < OPEN_MAX
    }

    /// Opens another one and shows it.
    pub fn add(&mut self) {
        if self.may_open() {
            self.shown = self.next;
            self.open.insert(self.next);
            self.next = self.next.saturating_add(1);
        }
    }

    /// Shows one that is open.
    pub fn choose(&mut self, terminal: u32) {
        if self.open.contains(&terminal) {
            self.shown = terminal;
        }
    }

    /// Takes a tab away; the main terminal's stays. True if it was there.
    pub fn close(&mut self, terminal: u32) -> bool {
        if terminal == TerminalId::MAIN.0 || !self.open.remove(&terminal) {
            return false;
        }
        if self.shown == terminal {
            self.shown = self.open.range(..terminal).next_back().copied().unwrap_or_default();
        }
        true
    }

    /// Shows a terminal in which a command can run now: the shown one, another one, a new one.
    pub fn show_idle(&mut self, session: &Session) -> u32 {
        let is_idle = |terminal: &u32| !session.is_busy(TerminalId(*terminal));
        let idle = [self.shown].into_iter().chain(self.open.iter().copied()).find(is_idle);
        match idle {
            Some(terminal) => self.shown = terminal,
            None => self.add(),
        }
        self.shown
    }
}

fn terminal_of(entry: &Entry<Input>) -> Option<u32> {
    match entry.input {
        Input::Command { terminal, .. } => Some(terminal.0),
        _ => None,
    }
}
