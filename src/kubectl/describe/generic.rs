//! Kinds without a describer of their own.
//!
//! Models genericDescriber of describe.go: all fields, sorted, their names as titles.

use super::Writer;
use super::writer::scalar;
use crate::api::object::Object;
use crate::api::value::{Map, Value};

/// Fields that stand in the heading or are left out.
const SKIPPED: [&[&str]; 6] = [
    &["metadata", "managedFields"],
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["metadata", "labels"],
    &["metadata", "annotations"],
    &["apiVersion"],
];

/// Writes everything but the events.
pub fn describe(object: &Object, w: &mut Writer) {
    w.field(0, "Name", object.name());
    w.field(0, "Namespace", object.namespace());
    w.labels("Labels", object.metadata().get("labels"));
    w.annotations("Annotations", object.metadata().get("annotations"));
    w.field(0, "API Version", object.value.get("apiVersion").str());
    let mut rest = object.value.clone();
    for path in SKIPPED {
        rest.remove(path);
    }
    if let Some(map) = rest.as_object() {
        fields(map, 0, w);
    }
}

/// Models printUnstructuredContent.
fn fields(map: &Map, level: usize, w: &mut Writer) {
    for (key, value) in map.iter() {
        let title = title(key);
        match value {
            Value::Object(map) => {
                w.line(level, &format!("{title}:"));
                fields(map, level + 1, w);
            }
            Value::Array(items) => {
                w.line(level, &format!("{title}:"));
                for item in items.iter() {
                    match item {
                        Value::Object(map) => fields(map, level + 1, w),
                        other => w.line(level + 1, &text(other)),
                    }
                }
            }
            other => w.field(level, &title, &text(other)),
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        other => scalar(other),
    }
}

/// `imagePullPolicy` is `Image Pull Policy`, `apiVersion` is `API Version` (smartLabelFor). Names
/// with anything but letters and dashes stay as they are.
fn title(field: &str) -> String {
    const ACRONYMS: [&str; 5] = ["API", "URL", "UID", "OSB", "GUID"];
    if field.is_empty() || !field.chars().all(|c| c.is_alphabetic() || c == '-') {
        return field.into();
    }
    let shown: Vec<String> = camel_case_words(field)
        .iter()
        .map(|word| match ACRONYMS.contains(&&*word.to_uppercase()) {
            true => word.to_uppercase(),
            false => capitalized(word),
        })
        .collect();
    shown.join(" ")
}

/// Models camelcase.Split: words change where the class of letters does.
fn camel_case_words(field: &str) -> Vec<String> {
    let classes: Vec<Class> = field.chars().map(kind_of).collect();
    let mut words: Vec<String> = Vec::new();
    for (index, c) in field.chars().enumerate() {
        let class = |at: usize| classes.get(at).copied();
        let starts = match (index.checked_sub(1).and_then(class), kind_of(c)) {
            (None, _) => true,
            (Some(Class::Upper), Class::Upper) => class(index + 1) == Some(Class::Lower),
            (Some(Class::Upper), Class::Lower) => false,
            (Some(before), now) => before != now,
        };
        match words.last_mut() {
            Some(word) if !starts => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    words
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Lower,
    Upper,
    Other,
}

fn kind_of(c: char) -> Class {
    match c {
        c if c.is_lowercase() => Class::Lower,
        c if c.is_uppercase() => Class::Upper,
        _ => Class::Other,
    }
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_become_titles() {
        for (field, words) in [
            ("imagePullPolicy", "Image Pull Policy"),
            ("apiVersion", "API Version"),
            ("uid", "UID"),
            ("tcpSocket", "Tcp Socket"),
            ("$patch", "$patch"),
            ("example.com/scrape", "example.com/scrape"),
            ("dnsPolicy", "Dns Policy"),
        ] {
            assert_eq!(title(field), words);
        }
    }
}
