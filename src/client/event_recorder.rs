//! Recording events about objects: counting repetitions, combining similar ones, dropping floods.
//!
//! Models `client-go/tools/record` (EventCorrelator): state of the recording components, kept
//! apart from the API server and lost with the component. Leaves out the batching of writes.

use imbl::{OrdMap, Vector};

use super::Lister;
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::chance::Choice;

/// Different messages of one reason about one object from which on they are combined.
const SIMILAR_EVENTS_MAX: usize = 10;
/// Similar events further apart than this are not similar.
const SIMILAR_EVENTS_INTERVAL: Duration = Duration::from_secs(600);
/// Events about one object that a component may record at once.
const SPAM_BURST: u64 = 25;
/// Time after which it may record one more, in microseconds.
const SPAM_REFILL_MICROS: u64 = 300_000_000;
/// Entries that each cache of a component keeps.
const CACHE_ENTRIES_MAX: usize = 4096;
/// Writes that no longer count which a cache may keep beside twice its entries.
const VOID_WRITES_MAX: usize = 64;

/// An event to record (`record.EventRecorder.Event`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// The object it is about (`involvedObject`), as an object reference.
    pub about: Value,
    /// Whether it is a Warning.
    pub warning: bool,
    /// `SuccessfulCreate`
    pub reason: EcoString,
    /// The sentence.
    pub message: EcoString,
}

impl Record {
    /// A Normal event about `object`.
    pub fn normal(object: &Object, reason: &str, message: String) -> Self {
        let (about, message) = (object_reference(object), message.into());
        Record { about, warning: false, reason: reason.into(), message }
    }

    /// A Warning event about `object`.
    pub fn warning(object: &Object, reason: &str, message: String) -> Self {
        Record { warning: true, ..Self::normal(object, reason, message) }
    }

    /// The same with `{error}` replaced by a refusal's sentence.
    pub fn with_error(mut self, refusal: &Status) -> Self {
        self.message = self.message.replace("{error}", &refusal.message);
        self
    }
}

/// An object reference as events carry it (`ref.GetReference`).
pub fn object_reference(object: &Object) -> Value {
    let mut reference = crate::value!({
        "apiVersion": (object.kind.resource().api_version()),
        "kind": (object.kind.name()),
        "name": (object.name()),
        "uid": (object.uid()),
        "resourceVersion": (object.resource_version()),
    });
    if !object.namespace().is_empty() {
        reference.set(&["namespace"], object.namespace());
    }
    reference
}

/// Who records an event (`corev1.EventSource`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventSource {
    /// `statefulset-controller`
    pub component: EcoString,
    /// The node of a kubelet, "" for others.
    pub host: EcoString,
}

impl EventSource {
    fn actor(&self) -> Actor {
        match (self.component.as_str(), self.host.as_str()) {
            (_, host) if !host.is_empty() => Actor::Kubelet(host.into()),
            ("default-scheduler", _) => Actor::Scheduler,
            (component, _) => Actor::Controller(component.into()),
        }
    }
}

/// What all components remember about the events that they recorded.
///
/// Models `record.EventCorrelator`, one for each source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventRecorder {
    correlators: OrdMap<EventSource, Correlator>,
}

// What surrounds a recording.
struct Context<'a> {
    now: Time,
    // For the end of the event's name and for what a Go map gives first.
    choice: &'a mut Choice,
    lister: Lister<'a>,
}

impl EventRecorder {
    /// Takes an event in and gives the request that shows it: its creation, a patch that counts
    /// it, or nothing if there were too many. `host` is the node of a kubelet, "" otherwise.
    ///
    /// Models client-go/tools/record/event.go recordToSink and EventCorrelate.
    pub fn record(
        &mut self,
        now: Time,
        choice: &mut Choice,
        component: &str,
        host: &str,
        lister: Lister<'_>,
        record: &Record,
    ) -> Option<Request> {
        let source = EventSource { component: component.into(), host: host.into() };
        let correlator = self.correlators.entry(source.clone()).or_default();
        correlator.correlate(Context { now, choice, lister }, &source, record)
    }

    /// Forgets what a component remembers, as its restart does.
    pub fn restart(&mut self, source: &EventSource) {
        self.correlators.remove(source);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Correlator {
    similar: Cache<Similar>,
    observed: Cache<Observation>,
    spam: Cache<TokenBucket>,
}

/// Different messages seen lately (`aggregateRecord`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Similar {
    // Sorted; seldom more than one.
    messages: Vec<u64>,
    last: Time,
}

/// What the server was told last (`eventLog`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Observation {
    count: i64,
    first: Time,
    name: EcoString,
}

/// Tokens in microseconds of refill time, so that no fraction is lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct TokenBucket {
    micros: u64,
    at: Time,
}

impl TokenBucket {
    // What would be in it now if it could not overflow.
    fn filled(&self, now: Time) -> u64 {
        self.micros.saturating_add(now.since(self.at).as_micros() as u64)
    }
}

impl Correlator {
    fn correlate(
        &mut self,
        context: Context,
        source: &EventSource,
        record: &Record,
    ) -> Option<Request> {
        let Context { now, choice, lister } = context;
        let actor = source.actor();
        let combined = self.is_one_too_many(now, choice, record);
        let key = if combined { similar_key(record) } else { event_key(record) };
        let message = match combined {
            true => eco_format(&["(combined from similar events): ", &record.message]),
            false => record.message.clone(),
        };
        let last = self.observed.get(key);
        let observation = match last {
            Some(last) => Observation { count: last.count + 1, ..last.clone() },
            None => Observation { count: 1, first: now, name: event_name(record, now, choice) },
        };
        self.observed.put(key, observation.clone(), |_| false);
        if !self.spam_allows(now, record) {
            return None;
        }
        let event = ObjectKey::new(Kind::Event, event_namespace(record), observation.name.clone());
        // An event whose time is up, or that was never shown, is created with its count.
        if observation.count > 1 && lister.get(&event).is_some() {
            let patch = crate::value!({
                "count": (observation.count),
                "lastTimestamp": (now.rfc3339()),
                "message": message,
            });
            return Some(Request::new(actor, event, Verb::Patch(Patch::Strategic(patch))));
        }
        let written = Written { source, record, observation: &observation, message, combined };
        Some(Request::create(actor, &written.event(now)))
    }

    /// Models client-go/tools/record/events_cache.go EventAggregate.
    fn is_one_too_many(&mut self, now: Time, choice: &mut Choice, record: &Record) -> bool {
        let key = similar_key(record);
        let mut similar = self.similar.get(key).cloned().unwrap_or_default();
        if now.since(similar.last) > SIMILAR_EVENTS_INTERVAL {
            similar.messages.clear();
        }
        let message = fingerprint(&[&record.message]);
        if let Err(index) = similar.messages.binary_search(&message) {
            similar.messages.reserve_exact(1);
            similar.messages.insert(index, message);
        }
        similar.last = now;
        let full = similar.messages.len() >= SIMILAR_EVENTS_MAX;
        if full {
            // PopAny: whichever a Go map gives first.
            let index = choice.below(similar.messages.len() as u64) as usize;
            similar.messages.remove(index);
        }
        self.similar.put(key, similar, |old| now.since(old.last) > SIMILAR_EVENTS_INTERVAL);
        full
    }

    /// Models client-go/tools/record/events_cache.go EventSourceObjectSpamFilter.
    fn spam_allows(&mut self, now: Time, record: &Record) -> bool {
        let key = object_key(record, &[&record.reason]);
        let full = SPAM_BURST * SPAM_REFILL_MICROS;
        let mut bucket =
            self.spam.get(key).cloned().unwrap_or(TokenBucket { micros: full, at: now });
        bucket.micros = bucket.filled(now).min(full);
        bucket.at = now;
        let allowed = bucket.micros >= SPAM_REFILL_MICROS;
        if allowed {
            bucket.micros -= SPAM_REFILL_MICROS;
        }
        self.spam.put(key, bucket, |old| old.filled(now) >= full);
        allowed
    }
}

/// An event about to be written.
struct Written<'a> {
    source: &'a EventSource,
    record: &'a Record,
    observation: &'a Observation,
    message: EcoString,
    combined: bool,
}

impl Written<'_> {
    /// Models client-go/tools/record/event.go makeEvent; combined events name no reporter.
    fn event(self, now: Time) -> Object {
        let (component, host) = (&self.source.component, &self.source.host);
        let mut source = crate::value!({ "component": component });
        if !host.is_empty() {
            source.set(&["host"], host);
        }
        let (reporter, instance) = if self.combined { ("", "") } else { (&**component, &**host) };
        let value = crate::value!({
            "metadata": {
                "name": (&self.observation.name),
                "namespace": (event_namespace(self.record)),
            },
            "count": (self.observation.count),
            "eventTime": null,
            "firstTimestamp": (self.observation.first.rfc3339()),
            "involvedObject": (self.record.about.clone()),
            "lastTimestamp": (now.rfc3339()),
            "message": (self.message),
            "reason": (self.record.reason.clone()),
            "reportingComponent": reporter,
            "reportingInstance": instance,
            "source": source,
            "type": (event_type(self.record)),
        });
        Object::new(Kind::Event, value)
    }
}

fn event_type(record: &Record) -> &'static str {
    if record.warning { "Warning" } else { "Normal" }
}

fn event_namespace(record: &Record) -> &str {
    match record.about.get("namespace").str() {
        "" => "default",
        namespace => namespace,
    }
}

/// Models client-go/tools/internal/events GenerateEventName.
fn event_name(record: &Record, now: Time, choice: &mut Choice) -> EcoString {
    let nanos = now.0 as u64 * 1000 + choice.below(1000);
    let name = format!("{}.{nanos:x}", record.about.get("name").str());
    if name.len() > 253 { choice.uid().into() } else { name.into() }
}

fn object_key(record: &Record, more: &[&str]) -> u64 {
    let field = |name| record.about.get(name).str();
    let about = ["kind", "namespace", "name", "uid", "apiVersion"].map(field);
    fingerprint(&[&about[..], more].concat())
}

/// Models client-go/tools/record/events_cache.go EventAggregatorByReasonFunc.
fn similar_key(record: &Record) -> u64 {
    object_key(record, &[event_type(record), &record.reason])
}

/// Models client-go/tools/record/events_cache.go getEventKey.
fn event_key(record: &Record) -> u64 {
    let place = record.about.get("fieldPath").str();
    object_key(record, &[place, event_type(record), &record.reason, &record.message])
}

// FNV-1a with 64 bits: the caches stay small, and two keys never meet in a session.
fn fingerprint(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for part in parts {
        for byte in part.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

fn eco_format(parts: &[&str]) -> EcoString {
    parts.concat().into()
}

/// A cache that forgets what was written longest ago (`groupcache/lru`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Cache<V: Clone> {
    entries: OrdMap<u64, (u64, V)>,
    // Writes with their keys, oldest first; those that a later one of the same key follows are
    // void.
    order: Vector<(u64, u64)>,
    next: u64,
}

impl<V: Clone> Default for Cache<V> {
    fn default() -> Self {
        Cache { entries: OrdMap::new(), order: Vector::new(), next: 0 }
    }
}

impl<V: Clone> Cache<V> {
    fn get(&self, key: u64) -> Option<&V> {
        self.entries.get(&key).map(|(_, value)| value)
    }

    // Old entries for which `is_void` holds mean the same as none, and are forgotten.
    fn put(&mut self, key: u64, value: V, is_void: impl Fn(&V) -> bool) {
        let stamp = self.next;
        self.next += 1;
        self.entries.insert(key, (stamp, value));
        self.order.push_back((stamp, key));
        while let Some((oldest, key)) = self.order.front().copied() {
            if self.is_last_write(oldest, key) {
                let is_over = self.get(key).is_some_and(&is_void);
                if !is_over && self.entries.len() <= CACHE_ENTRIES_MAX {
                    break;
                }
                self.entries.remove(&key);
            }
            self.order.pop_front();
        }
        if self.order.len() > 2 * self.entries.len() + VOID_WRITES_MAX {
            let order = std::mem::take(&mut self.order);
            let lasting = |(stamp, key): &(u64, u64)| self.is_last_write(*stamp, *key);
            self.order = order.into_iter().filter(lasting).collect();
        }
    }

    fn is_last_write(&self, stamp: u64, key: u64) -> bool {
        self.entries.get(&key).is_some_and(|(last, _)| *last == stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apiserver::storage::{Origin, Storage};

    struct Bench {
        storage: Storage,
        recorder: EventRecorder,
        choice: Choice,
        now: Time,
    }

    impl Bench {
        fn new() -> Self {
            let (storage, recorder) = (Storage::default(), EventRecorder::default());
            Bench { storage, recorder, choice: Choice::seeded(1), now: Time::START }
        }

        /// Records and stores; gives name, count and message of what was written.
        fn record(&mut self, message: &str) -> Option<(String, i64, String)> {
            let about = crate::value!({"kind": "StatefulSet", "namespace": "a", "name": "web"});
            let (reason, message) = ("SuccessfulCreate".into(), message.into());
            let record = Record { about, warning: false, reason, message };
            let component = "statefulset-controller";
            let lister = Lister::new(&self.storage);
            let (now, choice) = (self.now, &mut self.choice);
            let request = self.recorder.record(now, choice, component, "", lister, &record)?;
            let object = match request.verb {
                Verb::Create(value) => Object::new(Kind::Event, value),
                Verb::Patch(Patch::Strategic(patch)) => {
                    let mut object = self.storage.get(&request.key)?.clone();
                    for (key, value) in patch.entries() {
                        object.set(&[key], value);
                    }
                    object
                }
                _ => return None,
            };
            let origin =
                Origin { actor: Actor::System, now: self.now, subresource: EcoString::new() };
            let object = self.storage.put(&origin, object);
            let count = object.path(&["count"]).as_i64()?;
            let message = object.path(&["message"]).str().to_string();
            Some((object.name().to_string(), count, message))
        }
    }

    #[test]
    fn repetitions_are_counted_on_one_event() {
        let mut bench = Bench::new();
        let first = bench.record("a").expect("shown");
        bench.now = bench.now.after(Duration::from_secs(5));
        assert_eq!(bench.record("a"), Some((first.0.clone(), 2, "a".into())));
        assert_eq!(bench.storage.list(Kind::Event, Some("a")).count(), 1);
    }

    #[test]
    fn an_event_that_is_gone_is_created_again_with_its_count() {
        let mut bench = Bench::new();
        let first = bench.record("a").expect("shown");
        bench.storage = Storage::default();
        assert_eq!(bench.record("a"), Some((first.0, 2, "a".into())));
    }

    #[test]
    fn the_tenth_different_message_and_all_new_ones_after_it_are_combined() {
        let mut bench = Bench::new();
        for n in 0..9 {
            assert_eq!(
                bench.record(&format!("m{n}")).map(|e| (e.1, e.2)),
                Some((1, format!("m{n}")))
            );
        }
        let tenth = bench.record("m9").expect("shown");
        assert_eq!(tenth.2, "(combined from similar events): m9");
        let next = bench.record("m10").expect("shown");
        assert_eq!(next, (tenth.0, 2, "(combined from similar events): m10".into()));
        bench.now = bench.now.after(Duration::from_secs(601));
        assert_eq!(bench.record("m11").expect("shown").2, "m11");
    }

    #[test]
    fn a_cache_forgets_what_was_written_longest_ago() {
        let mut cache = Cache::default();
        for key in 0..CACHE_ENTRIES_MAX as u64 {
            cache.put(key, key, |_| false);
        }
        for _ in 0..3 * CACHE_ENTRIES_MAX {
            cache.put(0, 7, |_| false);
        }
        cache.put(u64::MAX, 8, |_| false);
        let found = [0, 1, 2, u64::MAX].map(|key| cache.get(key).copied());
        assert_eq!(found, [Some(7), None, Some(2), Some(8)]);
        cache.put(3, 9, |value| *value < 4);
        let found = [2, 3, 4].map(|key| cache.get(key).copied());
        assert_eq!(found, [None, Some(9), Some(4)]);
        assert!(cache.order.len() <= 2 * CACHE_ENTRIES_MAX + VOID_WRITES_MAX + 1);
    }

    #[test]
    fn a_flood_about_one_object_is_dropped_until_time_has_passed() {
        let mut bench = Bench::new();
        let shown = (0..40).filter(|_| bench.record("a").is_some()).count();
        assert_eq!(shown, 25);
        bench.now = bench.now.after(Duration::from_secs(299));
        assert_eq!(bench.record("a"), None);
        bench.now = bench.now.after(Duration::from_secs(1));
        assert_eq!(bench.record("a").map(|e| e.1), Some(42));
    }
}
