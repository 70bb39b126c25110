//! Questions about what comes next. The right answers are computed from a copy of the session.

use std::collections::BTreeSet;

use super::condition::{self, Path, Selection};
use super::evaluate;
use super::problem::LoadError;
use super::reader::{Block, Field};
use super::replay::Player;
use super::state::State;
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::Duration;
use crate::api::value::EcoString;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::shell::session::Session;

/// A question about what comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// Its name, the same in all languages.
    pub id: EcoString,
    /// The question.
    pub ask: EcoString,
    /// Commands that are given first.
    pub run: Vec<EcoString>,
    /// How many seconds pass; until the cluster is quiet if that is left out.
    pub span: Option<u32>,
    /// What is asked for.
    pub answer: Asked,
    /// Further wrong answers.
    pub choices: Vec<EcoString>,
    /// The line of the lesson in which it stands.
    pub line: usize,
}

/// What a question asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The first Pod of a set to which it happens.
    NextPod(ObjectKey, Happening),
    /// All Pods of a set to which it happens, in order.
    Order(ObjectKey, Happening),
    /// The claims that a Pod mounts.
    ClaimOf(ObjectKey),
    /// What a name leads to.
    Lookup(EcoString),
    /// The value of a field.
    Value(ObjectKey, Path),
    /// How many objects there are.
    Count(Selection),
}

/// What can happen to a Pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It comes.
    Created,
    /// It goes.
    Deleted,
    /// It comes again under a name that was there.
    Replaced,
    /// It becomes Ready.
    Ready,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// The name is not known (`NXDOMAIN`).
    NoSuchName,
    /// None; nothing happens; nothing is there.
    Nothing,
    /// Names or a value.
    Text(EcoString),
}

/// A question with its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// All that are on offer, in an order that gives nothing away.
    pub choices: Vec<Answer>,
    /// The right one.
    pub right: Answer,
}

const KEYS: [&str; 6] = ["id", "ask", "run", "for", "answer", "choices"];
const ASKED: [&str; 6] = ["nextPod", "order", "claimOf", "nslookup", "value", "count"];
const CHOICES_MAX: usize = 6;
/// A question does not look further ahead, in seconds.
const SPAN_MAX: u32 = 3_600;

/// Reads a question whose first line is `first_line`.
pub fn parse(first_line: usize, text: &str) -> Result<Prediction, LoadError> {
    let block = Block::read(first_line, text)?;
    let root = block.root();
    root.map(&KEYS)?;
    let texts = |key: &str| match root.get(key) {
        Some(field) => field.list_or_one()?.iter().map(Field::scalar).collect(),
        None => Ok(Vec::new()),
    };
    Ok(Prediction {
        id: root.need("id")?.id()?,
        ask: root.need("ask")?.words()?,
        run: texts("run")?,
        span: root.get("for").map(|field| field.number(1, SPAN_MAX)).transpose()?,
        answer: asked(&root.need("answer")?)?,
        choices: texts("choices")?,
        line: first_line,
    })
}

fn asked(field: &Field) -> Result<Asked, LoadError> {
    field.map(&ASKED)?;
    let (key, inner) = field.one_of(&ASKED)?;
    let namespace = || match inner.get("namespace") {
        Some(field) => field.words(),
        None => Ok("default".into()),
    };
    Ok(match key {
        "nextPod" | "order" => {
            inner.map(&["set", "namespace", "event"])?;
            let set = ObjectKey::new(Kind::StatefulSet, namespace()?, inner.need("set")?.words()?);
            let event = inner.need("event")?.choice(&[
                ("created", Happening::Created),
                ("deleted", Happening::Deleted),
                ("replaced", Happening::Replaced),
                ("ready", Happening::Ready),
            ])?;
            if key == "order" { Asked::Order(set, event) } else { Asked::NextPod(set, event) }
        }
        "claimOf" => {
            inner.map(&["pod", "namespace"])?;
            let name = inner.need("pod")?.words()?;
            Asked::ClaimOf(ObjectKey::new(Kind::Pod, namespace()?, name))
        }
        "nslookup" => {
            inner.map(&["name"])?;
            Asked::Lookup(inner.need("name")?.words()?)
        }
        "value" => {
            inner.map(&["kind", "name", "namespace", "jsonpath"])?;
            let among = condition::selection(&inner)?;
            let key = ObjectKey::new(among.kind, among.namespace, inner.need("name")?.words()?);
            inner.need("jsonpath")?;
            match condition::path(&inner)? {
                Some(path) => Asked::Value(key, path),
                None => Asked::Count(condition::selection(&inner)?),
            }
        }
        _ => {
            inner.map(&["kind", "namespace", "selector"])?;
            Asked::Count(condition::selection(&inner)?)
        }
    })
}

impl Prediction {
    /// Asks at the present of `session`, which stays as it is.
    pub fn question(&self, session: &Session) -> Question {
        let before = State::of(session);
        let revision = session.cluster().api().storage().revision();
        let mut player = Player::new(session.clone());
        player.interrupt();
        for line in &self.run {
            match self.span {
                Some(_) => player.enter_only(line),
                None => player.command(line, false),
            }
        }
        match self.span {
            Some(seconds) => player.advance(Duration::from_secs(seconds.into())),
            None => player.settle(false),
        }
        let after = player.session();
        let changes = after.cluster().api().storage().events_since(revision);
        let (right, mut choices) = match &self.answer {
            Asked::NextPod(set, event) => next_pod(set, happened(set, *event, changes), &before),
            Asked::Order(set, event) => order(happened(set, *event, changes)),
            Asked::ClaimOf(pod) => claims(pod, &State::of(after)),
            Asked::Lookup(name) => lookup(name, after),
            Asked::Value(key, path) => value(key, path, &before, &State::of(after)),
            Asked::Count(among) => count(among, &before, &State::of(after)),
        };
        choices.extend(self.choices.iter().cloned().map(Answer::Text));
        Question { choices: on_offer(&right, choices), right }
    }
}

// The right answer among a few others, sorted.
fn on_offer(right: &Answer, others: Vec<Answer>) -> Vec<Answer> {
    let mut offered = vec![right.clone()];
    for other in others {
        if offered.len() < CHOICES_MAX && !offered.contains(&other) {
            offered.push(other);
        }
    }
    if offered.len() == 1 && *right != Answer::Nothing {
        offered.push(Answer::Nothing);
    }
    offered.sort();
    offered
}

type Found = (Answer, Vec<Answer>);

fn text(text: impl Into<EcoString>) -> Answer {
    Answer::Text(text.into())
}

// Names of the set's Pods to which it happened, in order, each once.
fn happened<'a>(
    set: &ObjectKey,
    event: Happening,
    changes: impl Iterator<Item = &'a WatchEvent>,
) -> Vec<EcoString> {
    let mut gone: BTreeSet<EcoString> = BTreeSet::new();
    let mut found: Vec<EcoString> = Vec::new();
    for change in changes.filter(|change| change.key.kind == Kind::Pod) {
        if change.key.namespace != set.namespace || !evaluate::belongs_to(&change.object, set) {
            continue;
        }
        let name = &change.key.name;
        let is_ready = |object: &Object| evaluate::is_ready(object);
        let hit = match (event, change.event_type) {
            (Happening::Created, WatchEventType::Added)
            | (Happening::Deleted, WatchEventType::Deleted) => true,
            (Happening::Replaced, WatchEventType::Added) => gone.contains(name),
            (Happening::Ready, WatchEventType::Modified) => {
                is_ready(&change.object) && !change.previous.as_ref().is_some_and(is_ready)
            }
            _ => false,
        };
        if change.event_type == WatchEventType::Deleted {
            gone.insert(name.clone());
        }
        if hit && !found.contains(name) {
            found.push(name.clone());
        }
    }
    found
}

fn next_pod(set: &ObjectKey, happened: Vec<EcoString>, before: &State) -> Found {
    let mut names: Vec<EcoString> =
        evaluate::pods_of(before, set).map(|pod| pod.name().into()).collect();
    names.extend(happened.iter().cloned());
    let right = happened.first().cloned().map_or(Answer::Nothing, Answer::Text);
    (right, names.into_iter().map(Answer::Text).collect())
}

fn order(happened: Vec<EcoString>) -> Found {
    let joined = |names: &[EcoString]| match names {
        [] => Answer::Nothing,
        names => text(names.join(", ")),
    };
    let mut others = Vec::new();
    let mut names = happened.clone();
    names.reverse();
    others.push(joined(&names));
    for _ in 1..happened.len().min(3) {
        names.rotate_left(1);
        others.push(joined(&names));
    }
    (joined(&happened), others)
}

fn claims(pod: &ObjectKey, after: &State) -> Found {
    let names = |pod: &Object| {
        let volumes = pod.spec().get("volumes").items().iter();
        let names = volumes.map(|v| v.path(&["persistentVolumeClaim", "claimName"]).str());
        let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        names.join(", ")
    };
    let right = after.get(pod).map(names).filter(|names| !names.is_empty());
    let others = after.list(Kind::PersistentVolumeClaim, &pod.namespace);
    let others = others.map(|claim| text(claim.name()));
    (right.map_or(Answer::Nothing, text), others.collect())
}

fn lookup(name: &str, after: &Session) -> Found {
    let joined = |addresses: Vec<EcoString>| {
        let names = evaluate::named(addresses.into_iter().collect(), after);
        if names.is_empty() { Answer::Nothing } else { text(names.join(", ")) }
    };
    let right = evaluate::lookup(name, after).map_or(Answer::NoSuchName, joined);
    let pods = after.cluster().lister().in_namespace(Kind::Pod, "default");
    let pods: Vec<EcoString> = pods.map(|pod| pod.name().into()).collect();
    let all = (!pods.is_empty()).then(|| text(pods.join(", ")));
    let others = [Answer::NoSuchName].into_iter().chain(all);
    (right, others.chain(pods.into_iter().map(Answer::Text)).collect())
}

fn value(key: &ObjectKey, path: &Path, before: &State, after: &State) -> Found {
    let at = |state: &State| {
        let found = state.get(key).and_then(|object| evaluate::value_at(object, path));
        found.map_or(Answer::Nothing, Answer::Text)
    };
    let right = at(after);
    let mut others = vec![at(before)];
    if let Answer::Text(found) = &right
        && let Ok(number) = found.parse::<i64>()
    {
        others.extend(
            [number.saturating_add(1), number.saturating_sub(1)].map(|n| text(n.to_string())),
        );
    }
    (right, others)
}

fn count(among: &Selection, before: &State, after: &State) -> Found {
    let number = |state: &State| evaluate::selected(among, state).count();
    let right = number(after);
    let others = [number(before), right + 1, right.saturating_sub(1)];
    (text(right.to_string()), others.into_iter().map(|n| text(n.to_string())).collect())
}
