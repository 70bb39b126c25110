//! The `Events:` block.
//!
//! Models DescribeEvents of describe.go and the search of `EventExpansion`.

use super::{Surroundings, Writer};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::apiserver::request::Selectors;
use crate::text::duration;

/// The events about an object (`searchEvents`).
pub fn of(object: &Object, around: &mut Surroundings<'_, '_>) -> Vec<Object> {
    let mut fields = format!(
        "involvedObject.name={},involvedObject.namespace={},involvedObject.kind={}",
        object.name(),
        object.namespace(),
        object.kind.name()
    );
    // The kubelet names a Node by its name in place of its uid.
    if object.kind != Kind::Node {
        fields.push_str(&format!(",involvedObject.uid={}", object.uid()));
    }
    let selectors = Selectors { fields: fields.into(), ..Selectors::default() };
    around.select(Kind::Event, object.namespace(), selectors)
}

/// Writes the block, oldest last seen first.
pub fn describe(events: &[Object], w: &mut Writer, now: Time) {
    if events.is_empty() {
        return w.line(0, "Events:\t<none>");
    }
    w.flush();
    let mut events: Vec<&Object> = events.iter().collect();
    events.sort_by_key(|event| Time::parse(event.value.get("lastTimestamp").str()));
    w.text("Events:\n  Type\tReason\tAge\tFrom\tMessage\n");
    w.line(1, "----\t------\t----\t----\t-------");
    for event in events {
        let value = &event.value;
        let source = match event.path(&["source", "component"]).str() {
            "" => value.get("reportingComponent").str(),
            component => component,
        };
        let message = value.get("message").str().trim();
        let message = match value.path(&["involvedObject", "fieldPath"]).str() {
            "" => message.to_string(),
            path => format!("{path}: {message}"),
        };
        let (kind, reason) = (value.get("type").str(), value.get("reason").str());
        let age = interval(event, now);
        w.line(1, &format!("{kind}\t{reason}\t{age}\t{source}\t{message}"));
    }
}

/// `5s`, or `5s (x4 over 30s)` for what was seen again.
pub fn interval(event: &Object, now: Time) -> String {
    let value = &event.value;
    let since = |timestamp: &Value| duration::age(now, Time::parse(timestamp.str()));
    let first = match value.get("eventTime") {
        Value::Null => since(value.get("firstTimestamp")),
        time => since(time),
    };
    let series = value.get("series");
    let count = value.get("count").as_i64().unwrap_or(0);
    if !series.is_null() {
        let count = series.get("count").as_i64().unwrap_or(0);
        return format!("{} (x{count} over {first})", since(series.get("lastObservedTime")));
    }
    match count > 1 {
        true => format!("{} (x{count} over {first})", since(value.get("lastTimestamp"))),
        false => first,
    }
}
