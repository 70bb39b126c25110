//! The session that an embedded playground begins with.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Instant, Mode, Options};
use crate::api::time::Time;
use crate::lesson::replay::Player;
use crate::lesson::transcript::Part;
use crate::locale::Language;
use crate::playground::Playground;
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;
use crate::playground::motion::Motion as _;
use crate::playground::scenario::{SCENARIOS, Scenario};
use crate::shell::session::{Input, Session};
use crate::simulation::timeline::World as _;

/// An embedded session's chance.
const SEED: u64 = 1;

impl Playground {
    /// The session as an embedded playground begins it, and what is to be sent to it then.
    ///
    /// # Errors
    /// A sentence for the page's author.
    pub fn embedded(
        options: &Options,
        saved: Option<&str>,
        browser_language: &str,
    ) -> Result<(Playground, Vec<Message>), String> {
        let language = language(options, browser_language);
        let mut messages = Vec::new();
        let mut playground = match saved {
            Some(saved) => Playground::begin(Some(saved), None, browser_language),
            None if !options.session.is_empty() => opened(options, language)?,
            None => played(options, language)?,
        };
        if saved.is_none() {
            playground.place_marks(options)?;
            messages.extend(lesson(options));
            if let Some(at_ms) = playground.first_instant(options)? {
                playground.update(Message::Sought { at_ms });
            }
            playground.playback.playing = options.mode != Mode::Player && !playground.is_in_past();
        }
        playground.limits = options.limits();
        Ok((playground, messages))
    }

    /// What is shown where options cannot be used: nothing, and why.
    pub fn refused(message: &str, browser_language: &str) -> Playground {
        let language = language(&Options::default(), browser_language);
        let empty = Scenario::named("empty").unwrap_or(&SCENARIOS[0]);
        let mut playground = Playground::new(empty, SEED, language);
        playground.notice = message.into();
        playground
    }

    fn place_marks(&mut self, options: &Options) -> Result<(), String> {
        let start = self.timeline.genesis().now();
        let marked: BTreeSet<Time> = match options.marks_commands() {
            true => self.commands_at().into_iter().collect(),
            false => options.marked()?.into_iter().map(|time| start.after(time)).collect(),
        };
        self.marks.extend(marked);
        Ok(())
    }

    fn commands_at(&self) -> Vec<Time> {
        let entries = self.timeline.entries().iter();
        let commands = entries.filter(|entry| matches!(entry.input, Input::Command { .. }));
        commands.map(|entry| entry.at).collect()
    }

    // A link shows what it shows, a player its beginning, everything else how things stand.
    fn first_instant(&self, options: &Options) -> Result<Option<u64>, String> {
        let start = self.timeline.genesis().now();
        let to_end = self.history.horizon().since(start);
        let after = match options.shown_at()? {
            None if !options.session.is_empty() => return Ok(None),
            None if options.mode == Mode::Player => Duration::ZERO,
            Some(Instant::Start) => Duration::ZERO,
            None | Some(Instant::End) => to_end,
            Some(Instant::After(time)) => time,
        };
        Ok(Some(after.as_millis() as u64))
    }
}

fn language(options: &Options, browser_language: &str) -> Language {
    match options.lang.as_str() {
        "zh" => Language::Zh,
        "en" => Language::En,
        _ => Language::of_browser(browser_language),
    }
}

fn opened(options: &Options, language: Language) -> Result<Playground, String> {
    let mut playground = Playground::new(&SCENARIOS[0], SEED, language);
    playground.open(&options.session);
    match playground.notice() {
        "" => Ok(playground),
        notice => Err(format!("session: {notice}")),
    }
}

fn lesson(options: &Options) -> Option<Message> {
    if !options.lesson.is_empty() {
        let slug = options.lesson.clone();
        return Some(Message::Lesson(LessonMessage::Chosen { slug }));
    }
    let (name, text) = ("lesson.md".into(), options.text.clone());
    (!text.is_empty()).then_some(Message::Lesson(LessonMessage::TextOpened { name, text }))
}

// Commands run one after another as in a lesson: each when the cluster has come to rest.
fn played(options: &Options, language: Language) -> Result<Playground, String> {
    let is_lesson = !options.lesson.is_empty() || !options.text.is_empty();
    let slug = match options.scenario.as_str() {
        "" if is_lesson || !options.files.is_empty() || options.commands.is_some() => "empty",
        "" => SCENARIOS[0].slug,
        slug => slug,
    };
    let scenario = Scenario::named(slug).ok_or_else(|| {
        let known: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.slug).collect();
        format!("scenario {slug:?} is not here; there are {}", known.join(", "))
    })?;
    let mut player = Player::new(Session::new(SEED));
    for (name, content) in files(options, scenario) {
        player.play(&Part::File { fence: String::new(), name, content });
    }
    for command in commands(options, scenario) {
        player.command(&command, false);
    }
    let (entries, end) = (player.entries().to_vec(), player.session().now());
    let mut playground = Playground::restored(scenario, SEED, language, entries, end, end);
    if let Some(file) = options.files.first() {
        playground.shown_file = Some(file.name.clone());
    }
    Ok(playground)
}

fn files(options: &Options, scenario: &Scenario) -> Vec<(String, String)> {
    let given = options.files.iter().map(|file| (file.name.clone(), file.text.clone()));
    let own = scenario.files.iter().map(|(name, text)| ((*name).into(), (*text).into()));
    own.chain(given).collect()
}

fn commands(options: &Options, scenario: &Scenario) -> Vec<String> {
    let own = scenario.commands.iter().map(|(_, line)| (*line).to_string());
    let given: Vec<String> = match &options.commands {
        Some(commands) => commands.iter().map(|line| without_prompt(line)).collect(),
        None if options.files.is_empty() => Vec::new(),
        None => {
            let files = options.files.iter().map(|file| format!(" -f {}", file.name));
            vec![format!("kubectl apply{}", files.collect::<String>())]
        }
    };
    own.chain(given.into_iter().filter(|line| !line.is_empty())).collect()
}

fn without_prompt(line: &str) -> String {
    let line = line.trim();
    line.strip_prefix("$ ").unwrap_or(line).to_string()
}
