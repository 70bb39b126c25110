//! Named starts of lessons: files, and commands given before the learner comes.

use super::format::Lesson;
use super::replay::Player;
use super::transcript::{Item, Part};
use crate::shell::session::Session;

/// A start.
#[derive(Debug, PartialEq, Eq)]
pub struct Start {
    /// Its name in the front matter.
    pub name: &'static str,
    /// Files in the working directory.
    pub files: &'static [(&'static str, &'static str)],
    /// Commands, in order.
    pub commands: &'static [&'static str],
}

/// The name of the start with nothing in it.
pub const EMPTY: &str = "empty";

/// A set with claims, and volumes for them.
pub const NGINX_FILES: &[(&str, &str)] =
    &[("web.yaml", include_str!("start/web.yaml")), ("pv.yaml", include_str!("start/pv.yaml"))];

/// All starts.
pub static STARTS: &[Start] = &[
    Start { name: EMPTY, files: &[], commands: &[] },
    Start {
        name: "nginx",
        files: NGINX_FILES,
        commands: &["kubectl apply -f pv.yaml", "kubectl apply -f web.yaml"],
    },
];

/// The parts that a named start plays.
pub fn parts(name: &str) -> Vec<Part> {
    let Some(start) = STARTS.iter().find(|start| start.name == name) else { return Vec::new() };
    let files = start.files.iter().map(|(name, content)| Part::File {
        fence: String::new(),
        name: (*name).into(),
        content: (*content).into(),
    });
    let commands = start.commands.iter().map(|command| Part::Console {
        fence: String::new(),
        watch: false,
        items: vec![Item::Command { command: (*command).into(), recorded: Vec::new() }],
    });
    files.chain(commands).collect()
}

/// The session that a learner of this lesson finds.
pub fn session(lesson: &Lesson, seed: u64) -> Session {
    let mut player = Player::new(Session::new(seed));
    for part in parts(&lesson.front.start).iter().chain(&lesson.start_parts()) {
        player.play(part);
    }
    player.end_section();
    let mut session = player.into_session();
    session.renew_terminals();
    session
}
