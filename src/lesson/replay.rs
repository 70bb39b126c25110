//! Plays a transcript on a fresh cluster, as the recording was made, and prints it anew.
//!
//! The timing rules are those of the recordings (tests/transcripts/README.md).

use super::transcript::{Item, Part, Transcript};
use crate::api::time::{Duration, Time};
use crate::shell::session::{Input, Session, TerminalId};
use crate::simulation::timeline::World;

/// A command is stopped after this time.
const COMMAND_MAX: Duration = Duration::from_secs(90);
/// What a command takes beside what it waits for.
const COMMAND: Duration = Duration::from_millis(30);
const QUIET: Duration = Duration::from_millis(2_500);
const QUIET_CREATING: Duration = Duration::from_secs(6);
const SETTLE_MAX: Duration = Duration::from_secs(45);
const SETTLE_MIN: Duration = Duration::from_secs(1);
const SETTLE_FAILED: Duration = Duration::from_millis(400);

/// A command line with one of these words may write, so that time passes after it.
const WRITING: &[&str] = &[
    "apply",
    "create",
    "delete",
    "patch",
    "scale",
    "autoscale",
    "set",
    "edit",
    "replace",
    "label",
    "annotate",
    "rollout",
    "run",
    "expose",
    "taint",
    "cordon",
    "uncordon",
    "drain",
    "exec",
    "cp",
    "wait",
    "evict",
    "rm",
    "touch",
    "bash",
    "sh",
];

/// The transcript with what this cluster prints, seeded with `seed`.
pub fn replay(transcript: &Transcript, seed: u64) -> String {
    let mut player = Player::new(Session::scripted(seed));
    for part in &transcript.parts {
        player.play(part);
    }
    player.end_section();
    let outputs = player.outputs;
    transcript.write(|index| outputs.get(index).cloned().unwrap_or_default())
}

/// A session that is being played.
pub struct Player {
    session: Session,
    outputs: Vec<Vec<String>>,
    watches: Vec<(TerminalId, usize)>,
}

impl Player {
    /// Starts with `session`.
    pub fn new(session: Session) -> Self {
        Player { session, outputs: Vec::new(), watches: Vec::new() }
    }

    /// The session as it stands.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Plays one part of a transcript.
    pub fn play(&mut self, part: &Part) {
        match part {
            Part::Text(_) => {}
            Part::Section(_) => self.end_section(),
            Part::File { name, content, .. } => {
                let (path, content) = (name.as_str().into(), content.as_str().into());
                self.session.apply(&Input::WriteFile { path, content });
            }
            Part::Console { watch, items, .. } => {
                for item in items {
                    if let Item::Command { command, .. } = item {
                        self.command(command, *watch);
                    }
                }
            }
        }
    }

    fn command(&mut self, line: &str, watch: bool) {
        let index = self.outputs.len();
        self.outputs.push(Vec::new());
        if watch {
            let terminal = self.session.open_terminal();
            self.enter(terminal, line);
            self.watches.push((terminal, index));
            self.advance(COMMAND * 4);
            return;
        }
        match line.trim() {
            "settle" => self.settle(false),
            line if line.starts_with("sleep ") => self.sleep(line),
            _ => self.run(index, line),
        }
    }

    fn sleep(&mut self, line: &str) {
        let seconds: f64 = line["sleep ".len()..].trim().parse().unwrap_or(0.0);
        self.advance(Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0)));
    }

    fn run(&mut self, index: usize, line: &str) {
        let terminal = TerminalId::MAIN;
        self.enter(terminal, line);
        let limit = self.session.now().after(COMMAND_MAX);
        while self.session.is_busy(terminal) && self.session.now() < limit {
            match self.session.next_at() {
                Some(next) if next <= limit => self.session.step(),
                _ => self.session.wait_until(limit),
            }
        }
        if self.session.is_busy(terminal) {
            self.session.apply(&Input::Interrupt { terminal });
        }
        let code = self.session.exit_code(terminal);
        self.outputs[index] = lines_of(&self.session.take_output(terminal), code);
        self.advance(COMMAND);
        if may_write(line) {
            self.settle(code != 0);
        }
    }

    fn enter(&mut self, terminal: TerminalId, line: &str) {
        self.session.apply(&Input::Command { terminal, line: line.into() });
    }

    /// Ends what runs to the end of its section.
    pub fn end_section(&mut self) {
        for (terminal, index) in std::mem::take(&mut self.watches) {
            let output = self.session.take_output(terminal);
            self.outputs[index] = lines_of(&output, 0);
            self.session.apply(&Input::Interrupt { terminal });
            self.session.close_terminal(terminal);
        }
    }

    fn advance(&mut self, span: Duration) {
        self.advance_to(self.session.now().after(span));
    }

    fn advance_to(&mut self, time: Time) {
        while self.session.next_at().is_some_and(|next| next <= time) {
            self.session.step();
        }
        self.session.wait_until(time);
    }

    // Lets time pass until no write has come for a while.
    fn settle(&mut self, failed: bool) {
        let start = self.session.now();
        let least = start.after(if failed { SETTLE_FAILED } else { SETTLE_MIN });
        let most = start.after(SETTLE_MAX);
        loop {
            let quiet = if self.session.is_creating() { QUIET_CREATING } else { QUIET };
            let end = self.session.cluster().last_write().after(quiet).max(least).min(most);
            match self.session.next_at() {
                Some(next) if next <= end => self.session.step(),
                _ => return self.advance_to(end),
            }
        }
    }
}

fn may_write(line: &str) -> bool {
    if line.trim_end().ends_with("# no-settle") {
        return false;
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    line.split(|c| !is_word(c)).any(|word| WRITING.contains(&word))
}

fn lines_of(output: &str, code: i32) -> Vec<String> {
    let mut lines: Vec<String> = output.lines().map(str::to_string).collect();
    if code != 0 {
        lines.push(format!("[exit {code}]"));
    }
    lines
}
