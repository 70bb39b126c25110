//! The session that an embedded playground begins with.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Instant, Mode, Options, Refusal};
use crate::api::time::Time;
use crate::lesson::replay::Player;
use crate::lesson::transcript::Part;
use crate::locale::Language;
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;
use crate::playground::motion::Motion;
use crate::playground::recording::reel::Reel;
use crate::playground::recording::{Recording, Unusable};
use crate::playground::scenario::{SCENARIOS, Scenario};
use crate::playground::stage::Stage;
use crate::playground::{Playground, Written};
use crate::shell::session::Session;
use crate::simulation::timeline::World as _;

/// An embedded session's chance.
const SEED: u64 = 1;

impl Playground {
    /// The session as an embedded playground begins it, and what is to be sent to it then.
    ///
    /// # Errors
    /// Says why it cannot be shown.
    pub fn embedded(
        options: &Options,
        saved: Option<&str>,
        browser_language: &str,
    ) -> Result<(Playground, Vec<Message>), Refusal> {
        let language = language(options, browser_language);
        let mut messages = Vec::new();
        let mut playground = match saved {
            Some(saved) => Playground::begin(Some(saved), None, browser_language),
            None if !options.session.is_empty() => opened(options, language)?,
            None => played(options, language)?,
        };
        if saved.is_none() {
            playground.controls.marks.extend(options.marks_of(&playground)?);
            messages.extend(lesson(options));
            // A link shows what it shows.
            if options.session.is_empty() || !options.at.is_empty() {
                let span = playground.horizon().since(playground.start());
                let at_ms = options.first_instant(span)?.as_millis() as u64;
                playground.update(Message::Sought { at_ms });
            }
            playground.controls.playback.playing = options.plays(playground.is_in_past());
        }
        playground.controls.limits = options.limits();
        Ok((playground, messages))
    }

    /// The session of a recording that another version made, from its link.
    ///
    /// # Errors
    /// Says why it cannot be shown.
    pub fn of_recording(
        options: &Options,
        link: &str,
        browser_language: &str,
    ) -> Result<Playground, Refusal> {
        let session = Options { session: link.into(), recording: String::new(), ..options.clone() };
        let (mut playground, _) = Playground::embedded(&session, None, browser_language)?;
        let instant = options.first_instant(playground.horizon().since(playground.start()))?;
        playground.update(Message::Sought { at_ms: instant.as_millis() as u64 });
        playground.controls.playback.playing = options.plays(playground.is_in_past());
        Ok(playground)
    }

    /// What is shown where options cannot be used: nothing, and why.
    pub fn refused(message: &str, browser_language: &str) -> Playground {
        let language = Language::of_browser(browser_language);
        let mut playground = Playground::new(Scenario::empty(), SEED, language);
        playground.notice = message.into();
        playground
    }
}

impl Stage {
    /// A recording as an embedded playground begins it.
    ///
    /// # Errors
    /// Says why it cannot be shown.
    pub fn embedded(
        recording: Result<Recording, Unusable>,
        options: &Options,
        browser_language: &str,
    ) -> Result<Stage, Refusal> {
        let recording = match recording {
            Ok(recording) => recording,
            Err(Unusable::OtherVersion(link)) => {
                let live = Playground::of_recording(options, &link, browser_language)?;
                return Ok(Stage::Live(Box::new(live)));
            }
            Err(Unusable::Damaged) => return Err(Refusal::NoRecording),
        };
        let mut reel = Reel::new(recording, language(options, browser_language).tag());
        let marks = options.marks_of(&reel)?;
        reel.controls_mut().marks.extend(marks);
        let end = reel.horizon();
        let after = options.first_instant(end.since(reel.start()))?;
        let plays = options.plays(reel.start().after(after) < end);
        let mut stage = Stage::Recorded(Box::new(reel.limited(options.limits())));
        stage.update(Message::Sought { at_ms: after.as_millis() as u64 });
        if plays {
            stage.update(Message::PlayToggled);
        }
        Ok(stage)
    }
}

impl Options {
    fn marks_of(&self, session: &impl Motion) -> Result<BTreeSet<Time>, Refusal> {
        let start = session.start();
        let commands = session.inputs().into_iter().filter(|(_, command)| command.is_some());
        Ok(match self.marks_commands() {
            true => commands.map(|(at, _)| at).collect(),
            false => self.marked()?.into_iter().map(|time| start.after(time)).collect(),
        })
    }

    // A player shows its beginning, everything else how things stand after `span`.
    fn first_instant(&self, span: Duration) -> Result<Duration, Refusal> {
        Ok(match self.shown_at()? {
            None if self.mode == Mode::Player => Duration::ZERO,
            Some(Instant::Start) => Duration::ZERO,
            None | Some(Instant::End) => span,
            Some(Instant::After(time)) => time,
        })
    }

    fn plays(&self, is_in_past: bool) -> bool {
        self.mode != Mode::Player && !is_in_past
    }
}

fn language(options: &Options, browser_language: &str) -> Language {
    match options.lang.as_str() {
        "zh" => Language::Zh,
        "en" => Language::En,
        _ => Language::of_browser(browser_language),
    }
}

fn opened(options: &Options, language: Language) -> Result<Playground, Refusal> {
    let mut playground = Playground::new(&SCENARIOS[0], SEED, language);
    playground.open(&options.session);
    match playground.notice() {
        "" => Ok(playground),
        notice => Err(Refusal::Session(notice.into())),
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
fn played(options: &Options, language: Language) -> Result<Playground, Refusal> {
    let is_lesson = !options.lesson.is_empty() || !options.text.is_empty();
    let slug = match options.scenario.as_str() {
        "" if is_lesson || !options.files.is_empty() || options.commands.is_some() => {
            Scenario::empty().slug
        }
        "" => SCENARIOS[0].slug,
        slug => slug,
    };
    let scenario = Scenario::named(slug).ok_or_else(|| Refusal::NoScenario(slug.into()))?;
    let mut player = Player::new(Session::new(SEED));
    for (name, content) in files(options, scenario) {
        player.play(&Part::File { fence: String::new(), name, content });
    }
    for command in commands(options, scenario) {
        player.command(&command, false);
    }
    let (entries, end) = (player.entries().to_vec(), player.session().now());
    let mut playground = Written { scenario, seed: SEED, language, entries }.played(end, end);
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
