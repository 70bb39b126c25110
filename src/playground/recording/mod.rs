//! A session that was played beforehand: what every panel shows at every instant at which
//! something changes, so that a page can show it without a control plane.
//!
//! Made by the same code that computes live sessions ([`make`]), shown by [`reel::Reel`]. Holds
//! the session's link too: whoever wants more than was recorded goes on from there, live. Has
//! nothing of the page in it: no words of its own, no state of playing.

mod codec;
pub mod make;
pub mod reel;
mod scene;

use crate::api::time::{Duration, Time};
use crate::locale::Language;

use super::history::Tick;
use codec::{Pool, Reader, Record as _};
use scene::Scene;

/// What every recording begins with.
const MAGIC: &[u8] = b"statefulset-playground recording\n";
/// The version of the format; others are played live from their link.
const FORMAT: u64 = 1;

/// Why a recording cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Not a recording, or damaged.
    Damaged,
    /// Made by another version; the link of its session can be opened.
    OtherVersion(String),
}

/// A session that was played beforehand.
#[derive(Debug)]
pub struct Recording {
    link: String,
    start: Time,
    shown_at: Time,
    inputs: Vec<(Time, Option<String>)>,
    ticks: Vec<Tick>,
    moments: Vec<Moment>,
    pool: Pool,
}

/// From this instant until the next one all panels but the time bar stay the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    time: Time,
    /// Whether something happens; else only the clock's second changes. Of several things that
    /// happen at once each has a moment.
    is_event: bool,
    /// How many ticks there are up to it.
    ticks: usize,
    /// Since when nothing was written, if nothing is left to happen.
    calm_since: Option<Time>,
    /// The scenes of both languages.
    scenes: [u32; 2],
}

fn scene_of(language: Language) -> usize {
    usize::from(language == Language::Zh)
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// Says why it cannot be used.
    pub fn read(bytes: &[u8]) -> Result<Recording, Unusable> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Unusable::Damaged)?;
        let empty = Pool::default();
        let mut reader = Reader::new(rest, &empty);
        let (format, length) = (reader.number(), reader.number());
        let (format, length) = format.zip(length).ok_or(Unusable::Damaged)?;
        let link = reader.take(length as usize).ok_or(Unusable::Damaged)?;
        let link = String::from_utf8(link.to_vec()).map_err(|_| Unusable::Damaged)?;
        if format != FORMAT {
            return Err(Unusable::OtherVersion(link));
        }
        let pool = Pool::read(&mut reader).ok_or(Unusable::Damaged)?;
        Recording::read_body(link, reader.rest(), pool).ok_or(Unusable::Damaged)
    }

    fn read_body(link: String, body: &[u8], pool: Pool) -> Option<Recording> {
        let reader = &mut Reader::new(body, &pool);
        let (start, shown_at) = (Time::read(reader)?, Time::read(reader)?);
        let inputs = Vec::read(reader)?;
        let (mut ticks, mut moments) = (Vec::new(), Vec::<Moment>::new());
        for _ in 0..reader.number()? {
            let before = moments.last().map_or(start, |moment| moment.time);
            moments.push(Moment::read(reader, before, &mut ticks)?);
        }
        let end = moments.last()?.time;
        (start..=end).contains(&shown_at).then_some(Recording {
            link,
            start,
            shown_at,
            inputs,
            ticks,
            moments,
            pool,
        })
    }

    /// The link of the whole session.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// The first instant.
    pub fn start(&self) -> Time {
        self.start
    }

    /// The instant at which the session was when it was recorded.
    pub fn shown_at(&self) -> Time {
        self.shown_at
    }

    /// The instants at which something changes.
    pub fn instants(&self) -> impl Iterator<Item = Time> {
        self.moments.iter().map(|moment| moment.time)
    }

    // The place of the last moment at or before an instant.
    fn place(&self, time: Time) -> usize {
        self.moments.partition_point(|moment| moment.time <= time).saturating_sub(1)
    }

    // The place of the next moment at which something happens.
    fn next(&self, place: usize) -> Option<usize> {
        let behind = self.moments.iter().enumerate().skip(place + 1);
        behind.into_iter().find(|(_, moment)| moment.is_event).map(|(next, _)| next)
    }

    fn moment(&self, place: usize) -> Moment {
        let time = self.start;
        let first = Moment { time, is_event: true, ticks: 0, calm_since: None, scenes: [0; 2] };
        self.moments.get(place).copied().unwrap_or(first)
    }

    // How many of the things that happen at once have happened at a place; nothing if all have.
    fn within(&self, place: usize) -> Option<usize> {
        let time = self.moment(place).time;
        let is_last = self.moments.get(place + 1).is_none_or(|next| next.time != time);
        let same = self.moments.iter().take(place + 1).rev();
        (!is_last).then(|| same.take_while(|moment| moment.time == time).count())
    }

    fn scene(&self, number: u32) -> Option<Scene> {
        self.pool.value(number)
    }
}

impl Moment {
    fn read(reader: &mut Reader<'_>, before: Time, ticks: &mut Vec<Tick>) -> Option<Moment> {
        let time = before.after(Duration::from_micros(reader.number()?));
        let is_event = bool::read(reader)?;
        let calm_since = Option::read(reader)?;
        let scenes = [u32::read(reader)?, u32::read(reader)?];
        for _ in 0..reader.number()? {
            ticks.push(Tick::read(reader)?.at(time));
        }
        Some(Moment { time, is_event, ticks: ticks.len(), calm_since, scenes })
    }

    fn write(&self, writer: &mut codec::Writer, before: Time, ticks: &[Tick]) {
        writer.number(self.time.since(before).as_micros() as u64);
        self.is_event.write(writer);
        self.calm_since.write(writer);
        self.scenes.iter().for_each(|scene| scene.write(writer));
        writer.number(ticks.len() as u64);
        ticks.iter().for_each(|tick| tick.write(writer));
    }
}

impl Tick {
    // Written without its time, which is its moment's.
    fn at(self, time: Time) -> Tick {
        Tick { time, ..self }
    }
}
