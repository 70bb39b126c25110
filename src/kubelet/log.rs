//! Container logs.
//!
//! Models `pkg/kubelet/kuberuntime/logs`: lines with their times and streams. Rotation is left
//! out but for a limit: the oldest lines go.

use ecow::EcoVec;

use crate::api::pool;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::client::node;

use super::program::http::error_date;

/// Lines kept of one run.
const LINES_MAX: usize = 2_000;

/// Longer ones grow by more than a line at once.
const EXACT_MAX: usize = 8;

/// What a run of a container wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    lines: EcoVec<Line>,
    // Lines forgotten at the limit.
    dropped: u64,
}

/// One line; without its newline if it has none yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Line {
    time: Time,
    error: bool,
    // Whether it begins with its own time as nginx writes it; `text` is what follows, so that
    // what many containers write alike is kept once.
    dated: bool,
    text: EcoString,
    open: bool,
}

impl Log {
    /// Adds what came out of a stream.
    pub fn write(&mut self, time: Time, error: bool, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for piece in text.split_inclusive('\n') {
            self.piece(time, error, piece);
        }
    }

    fn piece(&mut self, time: Time, error: bool, piece: &str) {
        let (text, open) = match piece.strip_suffix('\n') {
            Some(text) => (text, false),
            None => (piece, true),
        };
        let goes_on = self.lines.last().is_some_and(|last| last.open && last.error == error);
        match self.lines.make_mut().last_mut().filter(|_| goes_on) {
            Some(last) => {
                last.text.push_str(text);
                last.open = open;
            }
            None => {
                let is_date = text.starts_with(|first: char| first.is_ascii_digit());
                let rest = is_date.then(|| text.strip_prefix(error_date(time).as_str())).flatten();
                let (dated, text) = (rest.is_some(), pool::text(rest.unwrap_or(text)));
                self.push(Line { time, error, dated, text, open });
            }
        }
        if self.lines.len() > LINES_MAX {
            self.lines.remove(0);
            self.dropped += 1;
        }
    }

    // Most runs write a few lines and no more: a short log has no spare room.
    fn push(&mut self, line: Line) {
        let length = self.lines.len();
        if length < EXACT_MAX && length == self.lines.capacity() {
            let mut longer = EcoVec::with_capacity(length + 1);
            longer.extend(self.lines.iter().cloned());
            self.lines = longer;
        }
        self.lines.push(line);
    }

    /// Number of lines written so far.
    pub fn line_count(&self) -> u64 {
        self.dropped + self.lines.len() as u64
    }

    /// The lines after the first `skip`, each with its newline.
    pub fn text_after(&self, skip: u64) -> String {
        let skip = skip.saturating_sub(self.dropped) as usize;
        self.lines.iter().skip(skip).map(|line| line.show(false)).collect()
    }

    /// The last lines, at most so many.
    pub fn last_lines(&self, count: usize) -> String {
        let skip = self.lines.len().saturating_sub(count);
        self.lines.iter().skip(skip).map(|line| line.show(false)).collect()
    }

    /// The part that a request asks for.
    pub fn select(&self, request: &node::LogRequest) -> String {
        let skip = request.skip_lines.saturating_sub(self.dropped) as usize;
        let wanted = |line: &&Line| request.since.is_none_or(|since| line.time >= since);
        let lines: Vec<&Line> = self.lines.iter().skip(skip).filter(wanted).collect();
        let first = match request.tail_lines {
            Some(tail) => lines.len().saturating_sub(usize::try_from(tail).unwrap_or(usize::MAX)),
            None => 0,
        };
        lines.iter().skip(first).map(|line| line.show(request.timestamps)).collect()
    }
}

impl Line {
    fn show(&self, timestamps: bool) -> String {
        let end = if self.open { "" } else { "\n" };
        let date = if self.dated { error_date(self.time) } else { String::new() };
        match timestamps {
            true => format!("{} {date}{}{end}", nanoseconds(self.time), self.text),
            false => format!("{date}{}{end}", self.text),
        }
    }
}

/// RFC 3339 with nine digits after the point, as log lines carry times.
fn nanoseconds(time: Time) -> String {
    let whole = time.rfc3339();
    let fraction = time.0.rem_euclid(1_000_000) * 1000;
    format!("{}.{fraction:09}Z", whole.trim_end_matches('Z'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::object::ObjectKey;
    use crate::api::scheme::Kind;

    #[test]
    fn parts_of_a_line_are_one_line() {
        let mut log = Log::default();
        log.write(Time::START, false, b"a");
        log.write(Time::START, false, b"b\nc\n");
        assert_eq!((log.line_count(), log.text_after(0)), (2, "ab\nc\n".into()));
        let request = node::LogRequest {
            pod: ObjectKey::new(Kind::Pod, "default", "p"),
            container: "c".into(),
            previous: false,
            tail_lines: Some(1),
            since: None,
            timestamps: true,
            skip_lines: 0,
        };
        assert_eq!(log.select(&request), "2026-11-21T14:00:00.000000000Z c\n");
        log.write(Time::START, true, b"2026/11/21 14:00:00 [notice] a\n2026/11/21 14:00:01 b\n");
        let written = "2026/11/21 14:00:00 [notice] a\n2026/11/21 14:00:01 b\n";
        assert_eq!(log.last_lines(2), written);
    }
}
