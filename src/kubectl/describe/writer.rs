//! Lines by level, laid out in columns.
//!
//! Models `PrefixWriter` and `tabbedString` of describe.go, and the helpers for maps and lists
//! that every describer uses.

use crate::api::time::Time;
use crate::api::value::{Map, Value};
use crate::text::tabwriter::TabWriter;

/// Text of an annotation that is longer stands on lines of its own.
const ANNOTATION_LENGTH_MAX: usize = 140;

/// What is written, laid out at every flush.
#[derive(Default)]
pub struct Writer {
    tabs: Option<TabWriter>,
    out: String,
}

impl Writer {
    /// A writer with kubectl's columns.
    pub fn new() -> Self {
        Writer { tabs: Some(TabWriter::describe()), out: String::new() }
    }

    /// A writer that leaves tabs as they are (`rollout history --revision`).
    pub fn plain() -> Self {
        Writer::default()
    }

    /// Adds text as it is.
    pub fn text(&mut self, text: &str) {
        match &mut self.tabs {
            Some(tabs) => tabs.push(text),
            None => self.out.push_str(text),
        }
    }

    /// Adds a line, two blanks before it for each level.
    pub fn line(&mut self, level: usize, line: &str) {
        self.text(&"  ".repeat(level));
        self.text(line);
        self.text("\n");
    }

    /// Adds `name:` and a value in the next column.
    pub fn field(&mut self, level: usize, name: &str, value: &str) {
        self.line(level, &format!("{name}:\t{value}"));
    }

    /// The same unless the value is empty.
    pub fn field_if(&mut self, level: usize, name: &str, value: &str) {
        if !value.is_empty() {
            self.field(level, name, value);
        }
    }

    /// Lays out what there is; later lines have columns of their own.
    pub fn flush(&mut self) {
        if let Some(tabs) = &mut self.tabs {
            self.out.push_str(&tabs.flush());
        }
    }

    /// Everything that was written.
    pub fn finish(mut self) -> String {
        self.flush();
        self.out
    }

    /// Several lines under one name, or `<none>` (the ...Multiline functions).
    pub fn multiline(&mut self, title: &str, lines: &[String]) {
        match lines.split_first() {
            None => self.line(0, &format!("{title}:\t<none>")),
            Some((first, rest)) => {
                self.line(0, &format!("{title}:\t{first}"));
                for line in rest {
                    self.line(0, &format!("\t{line}"));
                }
            }
        }
    }

    /// `k=v` lines sorted by key (`printLabelsMultiline`).
    pub fn labels(&mut self, title: &str, labels: &Value) {
        let lines: Vec<String> =
            labels.entries().map(|(key, value)| format!("{key}={}", value.str())).collect();
        let indent: String = title.chars().take_while(|c| *c == ' ').collect();
        match lines.split_first() {
            None => self.line(0, &format!("{title}:\t<none>")),
            Some((first, rest)) => {
                self.line(0, &format!("{title}:\t{first}"));
                for line in rest {
                    self.line(0, &format!("{indent}\t{line}"));
                }
            }
        }
    }

    /// `k: v` lines sorted by key, long values below their key (`printAnnotationsMultiline`).
    pub fn annotations(&mut self, title: &str, annotations: &Value) {
        const SKIPPED: &str = "kubectl.kubernetes.io/last-applied-configuration";
        let mut lines = Vec::new();
        for (key, value) in annotations.entries().filter(|(key, _)| *key != SKIPPED) {
            let value = value.str().strip_suffix('\n').unwrap_or(value.str());
            if value.len() + key.len() + 2 <= ANNOTATION_LENGTH_MAX && !value.contains('\n') {
                lines.push(format!("{key}: {value}"));
                continue;
            }
            lines.push(format!("{key}:"));
            for line in value.split('\n') {
                lines.push(format!("  {}", shorten(line, ANNOTATION_LENGTH_MAX - 2)));
            }
        }
        self.multiline(title, &lines);
    }
}

fn shorten(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_string() + "...",
        None => text.into(),
    }
}

/// `Sat, 21 Nov 2026 14:00:00 +0000`; an absent time is Go's zero time.
pub fn long_time(timestamp: &Value) -> String {
    match Time::parse(timestamp.str()) {
        Some(time) => time.rfc1123z(),
        None => "Mon, 01 Jan 0001 00:00:00 +0000".into(),
    }
}

/// A scalar as text: strings bare, numbers in digits.
pub fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        other => crate::api::go_fmt::plain(other),
    }
}

/// `True` or `False`.
pub fn bool_word(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// `a=1,b=2`, or `<none>`.
pub fn joined_labels(labels: &Value) -> String {
    crate::kubectl::printers::format_labels(labels.as_object())
}

/// The texts of a list joined.
pub fn join(list: &Value, separator: &str) -> String {
    let texts: Vec<String> = list.items().iter().map(scalar).collect();
    texts.join(separator)
}

/// Text, or `<none>` or the like if it is empty.
pub fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.is_empty() { default } else { text }
}

/// Keys and quantities of a resource list, sorted by name.
pub fn resources(list: &Value) -> Vec<(String, String)> {
    list.as_object()
        .into_iter()
        .flat_map(Map::iter)
        .map(|(name, quantity)| (name.to_string(), scalar(quantity)))
        .collect()
}
