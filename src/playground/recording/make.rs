//! Makes recordings: plays a session from its start and writes down what the page would show.

use std::sync::Arc;

use super::codec::{Record, Writer};
use super::scene::Scene;
use super::{FORMAT, MAGIC, Moment};
use crate::api::time::{Duration, Time};
use crate::locale::Language;
use crate::playground::history::Tick;
use crate::playground::motion::Motion;
use crate::playground::scenario::SCENARIOS;
use crate::playground::view::view_model;
use crate::playground::{Playground, REST_AFTER};

/// How long a session is recorded after nothing was left to happen, so that time rests in it.
const TAIL: Duration = Duration::from_secs(15);
/// No session is recorded longer.
const SPAN_MAX: Duration = Duration::from_secs(1_800);
/// Recordings of sessions with more than this are no gain.
const MOMENTS_MAX: usize = 20_000;

/// The session that everybody's page opens with, recorded.
///
/// # Errors
/// A sentence that says why it cannot be.
pub fn opening() -> Result<Vec<u8>, String> {
    record(|language| Playground::new(&SCENARIOS[0], 1, language))
}

/// Records the session that `begin` gives in each language, from its start until nothing is left
/// to happen, but at least as far as it was played.
///
/// # Errors
/// A sentence that says why it cannot be.
pub fn record(begin: impl Fn(Language) -> Playground) -> Result<Vec<u8>, String> {
    let playground = begin(Language::En);
    if playground.lessons().open.is_some() {
        return Err("a session within a lesson cannot be recorded".into());
    }
    let mut writer = Writer::new();
    let start = Motion::start(&playground);
    start.write(&mut writer);
    playground.now().write(&mut writer);
    playground.inputs().write(&mut writer);
    let mut english = Walker::new(&playground);
    let mut chinese = Walker::new(&begin(Language::Zh));
    let mut moments = Vec::new();
    while let Some((time, is_event)) = english.go_on() {
        chinese.go_on();
        let walkers = [&mut english, &mut chinese];
        let scenes = walkers.map(|walker| writer.part_of(&walker.scene()).unwrap_or_default());
        let calm_since = english.playground.is_calm().then(|| english.playground.quiet_since());
        let moment = Moment { time, is_event, ticks: 0, calm_since, scenes };
        moments.push((moment, english.new_ticks()));
        if moments.len() > MOMENTS_MAX {
            return Err(format!("more than {MOMENTS_MAX} instants: too much to record"));
        }
    }
    writer.number(moments.len() as u64);
    let mut before = start;
    for (moment, ticks) in &moments {
        moment.write(&mut writer, before, ticks);
        before = moment.time;
    }
    Ok(whole(&playground.link(), writer))
}

fn whole(link: &str, body: Writer) -> Vec<u8> {
    let mut whole = Writer::new();
    whole.bytes(MAGIC);
    whole.number(FORMAT);
    whole.number(link.len() as u64);
    whole.bytes(link.as_bytes());
    whole.bytes(&body.finish());
    whole.plain()
}

/// Plays a session from instant to instant.
struct Walker {
    playground: Playground,
    played_to: Time,
    has_begun: bool,
    ticks: usize,
    // What the API server says of a text, at a revision.
    problems: (u64, Arc<str>, String),
}

impl Walker {
    fn new(playground: &Playground) -> Walker {
        Walker {
            played_to: playground.horizon(),
            playground: playground.rewound(),
            has_begun: false,
            ticks: 0,
            problems: (0, "".into(), String::new()),
        }
    }

    // To the next thing that happens or second that begins; whether something happens.
    fn go_on(&mut self) -> Option<(Time, bool)> {
        let now = self.playground.now();
        if !std::mem::replace(&mut self.has_begun, true) {
            return Some((now, true));
        }
        if self.is_over() {
            return None;
        }
        let second = Time((now.seconds() + 1) * 1_000_000);
        let is_event = self.playground.next_at().is_some_and(|next| next <= second);
        match is_event {
            true => self.playground.step_once(),
            false => self.playground.advance_to(second),
        }
        Some((self.playground.now(), is_event))
    }

    fn is_over(&self) -> bool {
        let (playground, now) = (&self.playground, self.playground.now());
        let rest = now.since(playground.quiet_since()) > REST_AFTER + TAIL;
        let is_long = now.since(Motion::start(playground)) >= SPAN_MAX;
        now >= self.played_to && (is_long || rest && playground.is_calm())
    }

    fn new_ticks(&mut self) -> Vec<Tick> {
        let ticks = self.playground.ticks();
        let new = ticks.get(self.ticks..).unwrap_or_default().to_vec();
        self.ticks = ticks.len();
        new
    }

    fn scene(&mut self) -> Scene {
        let view = view_model(&self.playground, None);
        Scene {
            problems: self.problems(&view.files.text),
            frame: view.frame,
            picture: view.picture,
            because: view.because,
            names: view.names,
            terminal: view.terminal,
            files: view.files,
            catalog: view.lessons.catalog,
            spoken: view.time.spoken,
        }
    }

    fn problems(&mut self, text: &Arc<str>) -> String {
        let revision = self.playground.session().cluster().api().storage().revision();
        if (self.problems.0, &self.problems.1) != (revision, text) {
            self.problems = (revision, text.clone(), self.playground.lint(text));
        }
        self.problems.2.clone()
    }
}
