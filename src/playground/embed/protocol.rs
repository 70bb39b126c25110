//! What an embedded playground and the page around it say to each other.
//!
//! Every message is an object with `protocol`, `version` and `type`; a request has an `id` that
//! its answer repeats. Other people's messages are passed over, our own malformed ones refused.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PROTOCOL, Part, Refusal, TIME_MAX, VERSION};
use crate::playground::message::{Direction, Message, Unit};
use crate::playground::view::ViewModel;

/// Longer messages are refused.
pub const MESSAGE_MAX: usize = 20_000;

/// What the page around asks for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", deny_unknown_fields, rename_all = "camelCase")]
pub enum Request {
    /// Time flows.
    Play {},
    /// Time stands still.
    Pause {},
    /// Show an instant.
    Seek {
        /// Seconds after the start.
        at: f64,
    },
    /// Go on, or back, to the next thing that happens.
    Step {
        /// What counts as one.
        #[serde(default)]
        unit: StepUnit,
        /// Which way.
        #[serde(default)]
        direction: StepDirection,
    },
    /// Answer with the state.
    GetState {},
}

/// What counts as a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepUnit {
    /// A control loop gave a reason.
    Decision,
    /// Something was written to the API server.
    #[default]
    Write,
    /// A Pod, claim or volume changed.
    Phase,
}

/// Which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepDirection {
    /// Towards the future.
    #[default]
    Forward,
    /// Towards the past.
    Back,
}

/// A request that is as it should be, or why it is not.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// Not meant for a playground.
    Foreign,
    /// A request with its id.
    Request(u32, Request),
    /// Meant for us, and wrong: the id if it has one, and why.
    Wrong(Option<u32>, Refusal),
}

/// Reads a message, which was written as JSON.
pub fn read(json: &str) -> Incoming {
    if json.len() > MESSAGE_MAX {
        // Nobody else's long messages are our business: ours say so near the beginning.
        let mut head = json.chars().take(200).collect::<String>();
        head.retain(|character| !character.is_whitespace());
        return match head.contains(&format!("\"protocol\":\"{PROTOCOL}\"")) {
            true => Incoming::Wrong(None, Refusal::MessageTooLong),
            false => Incoming::Foreign,
        };
    }
    let Ok(Value::Object(mut fields)) = serde_json::from_str(json) else {
        return Incoming::Foreign;
    };
    if fields.remove("protocol") != Some(Value::from(PROTOCOL)) {
        return Incoming::Foreign;
    }
    let version = fields.remove("version");
    let id = fields.remove("id").and_then(|id| id.as_u64()).and_then(|id| u32::try_from(id).ok());
    if version.as_ref().and_then(Value::as_u64) != Some(u64::from(VERSION)) {
        let found = version.unwrap_or(Value::Null).to_string();
        return Incoming::Wrong(id, Refusal::OtherVersion(Part::Message, found));
    }
    let Some(id) = id else {
        return Incoming::Wrong(None, Refusal::NoId);
    };
    match serde_json::from_value(Value::Object(fields)) {
        Ok(request) => match check(&request) {
            Ok(()) => Incoming::Request(id, request),
            Err(why) => Incoming::Wrong(Some(id), why),
        },
        Err(error) => {
            Incoming::Wrong(Some(id), Refusal::Malformed(Part::Message, error.to_string()))
        }
    }
}

fn check(request: &Request) -> Result<(), Refusal> {
    match request {
        Request::Seek { at } if !(0.0..=TIME_MAX.as_secs_f64()).contains(at) => {
            Err(Refusal::SeekOutside(*at))
        }
        _ => Ok(()),
    }
}

impl Request {
    /// What it means to the application, in which time flows or does not.
    pub fn message(&self, playing: bool) -> Option<Message> {
        match self {
            Request::Play {} => (!playing).then_some(Message::PlayToggled),
            Request::Pause {} => playing.then_some(Message::PlayToggled),
            Request::Seek { at } => {
                let at_ms = Duration::try_from_secs_f64(*at).ok()?.as_millis() as u64;
                Some(Message::Sought { at_ms })
            }
            Request::Step { unit, direction } => {
                Some(Message::Stepped((*unit).into(), (*direction).into()))
            }
            Request::GetState {} => None,
        }
    }
}

impl From<StepUnit> for Unit {
    fn from(unit: StepUnit) -> Unit {
        match unit {
            StepUnit::Decision => Unit::Decision,
            StepUnit::Write => Unit::Write,
            StepUnit::Phase => Unit::Phase,
        }
    }
}

impl From<StepDirection> for Direction {
    fn from(direction: StepDirection) -> Direction {
        match direction {
            StepDirection::Forward => Direction::Forward,
            StepDirection::Back => Direction::Back,
        }
    }
}

/// What an embedded playground says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Event {
    /// It shows what it was asked to show.
    Ready {
        /// The state.
        state: State,
    },
    /// A request was carried out.
    Answer {
        /// The request's id.
        id: u32,
        /// The state afterwards.
        state: State,
    },
    /// The cluster, the shown instant or the flow of time changed.
    Change {
        /// The state.
        state: State,
    },
    /// Another step of the lesson is shown.
    Step {
        /// Its number, from 0.
        index: usize,
        /// How many there are.
        count: usize,
        /// Its title.
        title: String,
    },
    /// A goal of the lesson was reached, or is no longer.
    Goal {
        /// Its id.
        id: String,
        /// What is to be reached.
        say: String,
        /// `open`, `passed`, `broken`
        outcome: String,
    },
    /// Something was asked for that cannot be done.
    Error {
        /// The request's id, if it has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        /// `options`, `lesson`, `message`
        code: &'static str,
        /// A sentence for the page's author.
        message: String,
    },
}

/// What an embedded playground shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct State {
    /// Seconds from the start to the shown instant.
    pub at: f64,
    /// Seconds from the start to the latest instant known.
    pub end: f64,
    /// Whether time flows.
    pub playing: bool,
    /// The sets.
    pub sets: Vec<SetState>,
    /// Names of Pods that no set owns.
    pub others: Vec<String>,
}

/// A set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetState {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `spec.replicas`
    pub wanted: i64,
    /// `status.readyReplicas`
    pub ready: i64,
    /// Its Pods, absent ones left out.
    pub pods: Vec<PodState>,
}

/// A Pod of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PodState {
    /// Its name.
    pub name: String,
    /// Its ordinal.
    pub ordinal: i64,
    /// kubectl's STATUS cell.
    pub status: String,
    /// kubectl's READY cell.
    pub ready: String,
    /// Its node, "" before it is placed.
    pub node: String,
}

impl Event {
    /// The message to send.
    pub fn write(&self) -> String {
        #[derive(Serialize)]
        struct Envelope<'a> {
            protocol: &'a str,
            version: u32,
            #[serde(flatten)]
            event: &'a Event,
        }
        let envelope = Envelope { protocol: PROTOCOL, version: VERSION, event: self };
        serde_json::to_string(&envelope).unwrap_or_default()
    }
}

impl State {
    /// What a view shows.
    pub fn of(view: &ViewModel) -> State {
        let seconds = |ms: u64| ms as f64 / 1_000.0;
        let sets = view.picture.sets.iter().map(|set| SetState {
            namespace: set.key.namespace.to_string(),
            name: set.key.name.to_string(),
            wanted: set.wanted,
            ready: set.ready,
            pods: set
                .lanes
                .iter()
                .filter_map(|lane| lane.pod.as_ref().map(|pod| (lane.ordinal, pod)))
                .map(|(ordinal, pod)| PodState {
                    name: pod.key.name.to_string(),
                    ordinal,
                    status: pod.status.clone(),
                    ready: pod.ready.clone(),
                    node: pod.node.clone(),
                })
                .collect(),
        });
        State {
            at: seconds(view.time.now_ms),
            end: seconds(view.time.horizon_ms),
            playing: view.time.playing,
            sets: sets.collect(),
            others: view.picture.others.iter().map(|pod| pod.key.name.to_string()).collect(),
        }
    }
}
