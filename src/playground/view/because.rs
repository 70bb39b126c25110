//! The why panel: who decided what, when, and on what facts.

use crate::api::object::ObjectKey;
use crate::api::time::Time;
use crate::apiserver::request::Actor;
use crate::locale::rules::Rule;
use crate::locale::words::Words;
use crate::locale::{self, Language};
use crate::shell::session::{Input, Session};
use crate::simulation::timeline::{Entry, World};
use crate::simulation::trace::TraceEntry;

/// One line of the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BecauseView {
    /// When.
    pub time: Time,
    /// `7.2 s` after the start.
    pub clock: String,
    /// Who.
    pub actor: Actor,
    /// Who, in words.
    pub who: String,
    /// What it is about.
    pub about: Option<ObjectKey>,
    /// One sentence, which goes on behind the name of what it is about.
    pub sentence: String,
    /// The upstream function whose branch it is, "" for the learner's own acts.
    pub rule: &'static str,
}

/// The lines about `selected`, or about everything; newest first, at most `count`.
pub fn because(
    session: &Session,
    entries: &[Entry<Input>],
    selected: Option<&ObjectKey>,
    language: Language,
    count: usize,
) -> Vec<BecauseView> {
    let reasons = session.cluster().trace().entries().iter().rev();
    let reasons = reasons.filter(|entry| selected.is_none_or(|key| &entry.about == key));
    let mut lines: Vec<BecauseView> =
        reasons.take(count).map(|entry| line(entry, language)).collect();
    if selected.is_none() {
        let oldest = lines.last().map(|line| line.time);
        let acts = entries.iter().rev().filter(|e| e.at <= session.now());
        let acts = acts.take_while(|e| lines.len() < count || oldest.is_none_or(|o| e.at >= o));
        let acts = acts.filter_map(|entry| act(entry, language));
        let acts: Vec<BecauseView> = acts.take(count).collect();
        lines.extend(acts);
        lines.sort_by_key(|line| std::cmp::Reverse(line.time));
        // A sentence about a Pod often stands for its set too: once is enough.
        lines.dedup_by(|b, a| a.time == b.time && a.sentence == b.sentence);
        lines.truncate(count);
    }
    lines.into_iter().map(BecauseView::with_name_once).collect()
}

impl BecauseView {
    // The name is shown before the sentence.
    fn with_name_once(mut self) -> BecauseView {
        let name = self.about.as_ref().map(|key| key.name.as_str()).unwrap_or_default();
        if let Some(rest) = self.sentence.strip_prefix(name).and_then(|rest| rest.strip_prefix(' '))
        {
            self.sentence = rest.into();
        }
        self
    }
}

fn line(entry: &TraceEntry, language: Language) -> BecauseView {
    BecauseView {
        time: entry.time,
        clock: clock(entry.time),
        actor: entry.actor.clone(),
        who: who(&entry.actor, language),
        about: Some(entry.about.clone()),
        sentence: locale::sentence(&entry.reason, language),
        rule: entry.reason.rule(),
    }
}

fn act(entry: &Entry<Input>, language: Language) -> Option<BecauseView> {
    let sentence = match &entry.input {
        Input::Command { line, .. } => format!("$ {line}"),
        Input::Interrupt { .. } => "^C".into(),
        _ => return None,
    };
    Some(BecauseView {
        time: entry.at,
        clock: clock(entry.at),
        actor: Actor::User,
        who: who(&Actor::User, language),
        about: None,
        sentence,
        rule: "",
    })
}

/// A component's name as events have it; the learner by a word.
fn who(actor: &Actor, language: Language) -> String {
    match actor {
        Actor::User => locale::words::words(language).you.into(),
        Actor::Controller(name) | Actor::Provisioner(name) => name.to_string(),
        Actor::Scheduler => "default-scheduler".into(),
        Actor::Kubelet(node) => format!("kubelet, {node}"),
        Actor::System => "kube-apiserver".into(),
    }
}

/// What a rule says, and where upstream has it; nothing for a name that is none.
pub fn explain(rule: &str, words: &Words) -> Option<Rule> {
    locale::rules::rule(rule, words.language)
}

/// `7.2 s`, `3:07 min`: the time since the start of the session.
pub fn clock(time: Time) -> String {
    let span = time.since(Time::START);
    match span.as_secs() {
        0..120 => format!("{:.1} s", span.as_secs_f64()),
        seconds @ 120..7200 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        seconds => format!("{}:{:02} h", seconds / 3600, seconds / 60 % 60),
    }
}
