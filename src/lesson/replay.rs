//! Plays a transcript on a fresh cluster, as the recording was made, and prints it anew.
//!
//! The timing rules are those of the recordings (tests/transcripts/README.md).

use super::goal::Goal;
use super::judge::{Judge, Verdict};
use super::transcript::{Item, Part, Transcript};
use crate::api::time::{Duration, Time};
use crate::shell::session::{Input, Session, TerminalId};
use crate::simulation::timeline::{Entry, World};

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
pub fn replay(transcript: &Transcript, start: &[Part], seed: u64) -> String {
    let mut player = Player::new(Session::scripted(seed));
    start.iter().for_each(|part| player.play(part));
    player.outputs.clear();
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
    entries: Vec<Entry<Input>>,
    judge: Option<Judge>,
    outputs: Vec<Vec<String>>,
    watches: Vec<(TerminalId, usize)>,
}

impl Player {
    /// Starts with `session`.
    pub fn new(session: Session) -> Self {
        Player {
            session,
            entries: Vec::new(),
            judge: None,
            outputs: Vec::new(),
            watches: Vec::new(),
        }
    }

    /// The session as it stands.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The session, played to its end.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// The inputs given so far.
    pub fn entries(&self) -> &[Entry<Input>] {
        &self.entries
    }

    /// Lets `goals` be judged from now on.
    pub fn judge(&mut self, goals: Vec<Goal>) {
        self.judge = Some(Judge::new(goals, &self.session, self.entries.len()));
    }

    /// What has become of the goals so far.
    pub fn verdicts(&self) -> Vec<Verdict> {
        let judge = self.judge.as_ref();
        judge.map(|j| j.verdicts(self.session.now(), &self.entries)).unwrap_or_default()
    }

    fn apply(&mut self, input: Input) {
        self.session.apply(&input);
        let at = self.session.now();
        self.entries.push(Entry { at, input });
        self.observe();
    }

    fn step(&mut self) {
        self.session.step();
        self.observe();
    }

    fn observe(&mut self) {
        if let Some(judge) = &mut self.judge {
            judge.observe(&self.session);
        }
    }

    /// Stops what runs in the main terminal.
    pub fn interrupt(&mut self) {
        let terminal = TerminalId::MAIN;
        if self.session.is_busy(terminal) {
            self.apply(Input::Interrupt { terminal });
            self.advance(COMMAND);
        }
    }

    /// Plays one part of a transcript.
    pub fn play(&mut self, part: &Part) {
        match part {
            Part::Text(_) => {}
            Part::Section(_) => self.end_section(),
            Part::File { name, content, .. } => {
                let (path, content) = (name.as_str().into(), content.as_str().into());
                self.apply(Input::WriteFile { path, content });
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

    /// Plays one command.
    pub fn command(&mut self, line: &str, watch: bool) {
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
            line => match line.strip_prefix("sleep ").and_then(|n| n.trim().parse::<f64>().ok()) {
                Some(seconds) => {
                    self.advance(Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0)));
                }
                None => {
                    self.run(index, line);
                    if may_write(line) {
                        self.settle(self.session.exit_code(TerminalId::MAIN) != 0);
                    }
                }
            },
        }
    }

    /// Plays one command, after which no time passes.
    pub fn enter_only(&mut self, line: &str) {
        self.outputs.push(Vec::new());
        self.run(self.outputs.len() - 1, line);
    }

    fn run(&mut self, index: usize, line: &str) {
        let terminal = TerminalId::MAIN;
        self.enter(terminal, line);
        let limit = self.session.now().after(COMMAND_MAX);
        while self.session.is_busy(terminal) && self.session.now() < limit {
            match self.session.next_at() {
                Some(next) if next <= limit => self.step(),
                _ => self.session.wait_until(limit),
            }
        }
        if self.session.is_busy(terminal) {
            self.apply(Input::Interrupt { terminal });
        }
        let code = self.session.exit_code(terminal);
        let output = lines_of(&self.session.take_output(terminal), code);
        if let Some(place) = self.outputs.get_mut(index) {
            *place = output;
        }
        self.advance(COMMAND);
    }

    fn enter(&mut self, terminal: TerminalId, line: &str) {
        self.apply(Input::Command { terminal, line: line.into() });
    }

    /// Ends what runs to the end of its section.
    pub fn end_section(&mut self) {
        for (terminal, index) in std::mem::take(&mut self.watches) {
            let output = self.session.take_output(terminal);
            if let Some(place) = self.outputs.get_mut(index) {
                *place = lines_of(&output, 0);
            }
            self.apply(Input::Interrupt { terminal });
            self.session.close_terminal(terminal);
        }
    }

    /// Lets time pass.
    pub fn advance(&mut self, span: Duration) {
        self.advance_to(self.session.now().after(span));
    }

    fn advance_to(&mut self, time: Time) {
        while self.session.next_at().is_some_and(|next| next <= time) {
            self.step();
        }
        self.session.wait_until(time);
    }

    /// Lets time pass until no write has come for a while.
    pub fn settle(&mut self, failed: bool) {
        let start = self.session.now();
        let least = start.after(if failed { SETTLE_FAILED } else { SETTLE_MIN });
        let most = start.after(SETTLE_MAX);
        loop {
            let quiet = if self.session.is_creating() { QUIET_CREATING } else { QUIET };
            let end = self.session.cluster().last_write().after(quiet).max(least).min(most);
            match self.session.next_at() {
                Some(next) if next <= end => self.step(),
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
