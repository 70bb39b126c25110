//! The prose of a lesson: CommonMark as a tree of what may be shown.
//!
//! Raw HTML is text, images are their alternative text, and links that lead anywhere but to a web
//! page are text as well: nothing in a lesson can act by itself.
//!
//! A parser of our own, because a whole one weighs as much in the page as the simulated kubelet;
//! tests compare it with pulldown-cmark.
//!
//! # Scope
//! - Link reference definitions are text; of named entities only the usual few are known.

use super::spans;
use crate::api::value::EcoString;

/// A part of prose that stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prose {
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// A heading below that of a step.
    Heading(Vec<Span>),
    /// A list; with its first number if it is numbered.
    List(Option<u64>, Vec<Vec<Prose>>),
    /// A quotation.
    Quote(Vec<Prose>),
    /// Code.
    Code(EcoString),
    /// A line across.
    Rule,
}

/// A part of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Text.
    Text(EcoString),
    /// Code.
    Code(EcoString),
    /// Emphasised.
    Emphasis(Vec<Span>),
    /// Strongly emphasised.
    Strong(Vec<Span>),
    /// A link to a web page.
    Link(EcoString, Vec<Span>),
    /// A new line.
    Break,
}

/// Deeper structure than this is laid flat.
pub(super) const DEPTH_MAX: usize = 12;

/// Reads prose. Anything is some.
pub fn parse(text: &str) -> Vec<Prose> {
    let text = text.replace('\t', "    ");
    let lines: Vec<&str> = text.lines().collect();
    blocks(&lines, 0)
}

/// What a span says, without its form.
pub fn plain(span: &Span) -> String {
    match span {
        Span::Text(text) | Span::Code(text) => text.to_string(),
        Span::Emphasis(spans) | Span::Strong(spans) | Span::Link(_, spans) => {
            spans.iter().map(plain).collect()
        }
        Span::Break => " ".into(),
    }
}

struct Blocks<'a> {
    lines: &'a [&'a str],
    at: usize,
    depth: usize,
    found: Vec<Prose>,
    paragraph: Vec<&'a str>,
}

fn blocks(lines: &[&str], depth: usize) -> Vec<Prose> {
    let mut blocks = Blocks { lines, at: 0, depth, found: Vec::new(), paragraph: Vec::new() };
    while let Some(line) = lines.get(blocks.at) {
        blocks.line(line);
    }
    blocks.end_paragraph();
    blocks.found
}

impl<'a> Blocks<'a> {
    fn line(&mut self, line: &'a str) {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if text.is_empty() {
            self.at += 1;
            self.end_paragraph();
        } else if indent >= 4 {
            match self.paragraph.is_empty() {
                true => self.indented(),
                false => self.text(line),
            }
        } else if !self.underline(text) && !self.opens(text, indent) {
            self.text(line);
        }
    }

    // A line of `=` or `-` makes the paragraph before it a heading.
    fn underline(&mut self, text: &str) -> bool {
        let text = text.trim_end();
        let is_line = text.chars().all(|c| c == '=') || text.chars().all(|c| c == '-');
        if self.paragraph.is_empty() || !is_line {
            return false;
        }
        self.at += 1;
        let heading = spans::parse(&std::mem::take(&mut self.paragraph).join("\n"));
        self.found.push(Prose::Heading(heading));
        true
    }

    fn opens(&mut self, text: &'a str, indent: usize) -> bool {
        let is_flat = self.depth >= DEPTH_MAX;
        if let Some(heading) = heading(text) {
            self.push(Prose::Heading(spans::parse(heading)));
            self.at += 1;
        } else if is_rule(text) {
            self.push(Prose::Rule);
            self.at += 1;
        } else if let Some(length) = fence(text) {
            self.fenced(text, length, indent);
        } else if text.starts_with('>') && !is_flat {
            self.quote();
        } else if let Some(marker) = marker(text).filter(|_| !is_flat) {
            let interrupts = marker.number.is_none_or(|n| n == 1) && !marker.is_empty;
            if !self.paragraph.is_empty() && !interrupts {
                return false;
            }
            self.list(marker);
        } else {
            return false;
        }
        true
    }

    fn text(&mut self, line: &'a str) {
        self.at += 1;
        self.paragraph.push(line.trim_start());
    }

    fn end_paragraph(&mut self) {
        let lines = std::mem::take(&mut self.paragraph);
        if !lines.is_empty() {
            let spans = spans::parse(lines.join("\n").trim_end());
            self.found.push(Prose::Paragraph(spans));
        }
    }

    fn push(&mut self, prose: Prose) {
        self.end_paragraph();
        self.found.push(prose);
    }

    fn indented(&mut self) {
        let rest = self.lines.get(self.at..).unwrap_or_default();
        let is_code = |line: &&&str| line.starts_with("    ") || line.trim().is_empty();
        let lines: Vec<&&str> = rest.iter().take_while(is_code).collect();
        self.at += lines.len();
        let code = |line: &&&str| format!("{}\n", line.get(4..).unwrap_or_default());
        let code: String = lines.iter().map(code).collect();
        self.push(Prose::Code(format!("{}\n", code.trim_end_matches('\n')).into()));
    }

    fn fenced(&mut self, fence: &str, length: usize, indent: usize) {
        let mark = fence.chars().next().unwrap_or('`');
        let mut code = String::new();
        self.at += 1;
        while let Some(line) = self.lines.get(self.at) {
            self.at += 1;
            let text = line.trim();
            if text.len() >= length && text.chars().all(|c| c == mark) {
                break;
            }
            let spaces = line.len() - line.trim_start().len();
            code.push_str(line.get(spaces.min(indent)..).unwrap_or_default());
            code.push('\n');
        }
        self.push(Prose::Code(code.into()));
    }

    fn quote(&mut self) {
        let mut inner = Vec::new();
        while let Some(line) = self.lines.get(self.at) {
            let text = line.trim_start();
            match text.strip_prefix('>') {
                Some(rest) => inner.push(rest.strip_prefix(' ').unwrap_or(rest)),
                None if inner.last().is_some_and(|last| goes_on(last)) && goes_on(text) => {
                    inner.push(*line);
                }
                None => break,
            }
            self.at += 1;
        }
        let prose = blocks(&inner, self.depth + 1);
        self.push(Prose::Quote(prose));
    }

    fn list(&mut self, first: Marker) {
        let mut items = Vec::new();
        while let Some(line) = self.lines.get(self.at) {
            let text = line.trim_start();
            let found = marker(text).filter(|found| found.kind == first.kind && !is_rule(text));
            let Some(found) = found else { break };
            items.push(self.item(line.len() - text.len() + found.width));
        }
        self.push(Prose::List(first.number, items));
    }

    // The item that begins in this line, whose text begins in this column.
    fn item(&mut self, column: usize) -> Vec<Prose> {
        let first = self.lines.get(self.at).and_then(|line| line.get(column..));
        let mut inner = vec![first.unwrap_or_default()];
        self.at += 1;
        while let Some(line) = self.lines.get(self.at) {
            let text = line.trim_start();
            let indent = line.len() - text.len();
            if text.is_empty() {
                inner.push("");
            } else if indent >= column {
                inner.push(line.get(column..).unwrap_or_default());
            } else if inner.last().is_some_and(|last| goes_on(last)) && goes_on(text) {
                inner.push(text);
            } else {
                break;
            }
            self.at += 1;
        }
        blocks(&inner, self.depth + 1)
    }
}

// Whether a line can be the next one of a paragraph.
fn goes_on(line: &str) -> bool {
    let text = line.trim_start();
    let opens = heading(text).is_some() || is_rule(text) || fence(text).is_some();
    !text.is_empty() && !opens && !text.starts_with('>') && marker(text).is_none()
}

fn heading(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches('#');
    let level = text.len() - rest.len();
    let is_heading = (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with(' '));
    let title = rest.trim();
    let without = title.trim_end_matches('#');
    let is_closed = without.is_empty() || without.ends_with(' ');
    is_heading.then_some(if is_closed { without.trim_end() } else { title })
}

fn is_rule(text: &str) -> bool {
    let mut marks = text.chars().filter(|c| *c != ' ');
    let Some(mark) = marks.next().filter(|c| "-*_".contains(*c)) else { return false };
    let rest: Vec<char> = marks.collect();
    rest.len() >= 2 && rest.iter().all(|c| *c == mark)
}

fn fence(text: &str) -> Option<usize> {
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = text.chars().take_while(|c| *c == mark).count();
    let has_mark = mark == '`' && text.get(length..).unwrap_or_default().contains('`');
    (length >= 3 && !has_mark).then_some(length)
}

// What begins an item of a list.
#[derive(Clone, Copy)]
struct Marker {
    // The bullet, or what stands behind the number.
    kind: char,
    number: Option<u64>,
    // Columns up to the item's text.
    width: usize,
    is_empty: bool,
}

fn marker(text: &str) -> Option<Marker> {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let kind = text.chars().nth(digits)?;
    let number = text.get(..digits).and_then(|digits| digits.parse().ok());
    let fits = match digits {
        0 => matches!(kind, '-' | '+' | '*'),
        1..=9 => matches!(kind, '.' | ')'),
        _ => false,
    };
    let rest = text.get(digits + 1..).filter(|_| fits)?;
    let spaces = rest.len() - rest.trim_start().len();
    let is_empty = rest.trim().is_empty();
    let spaces = match spaces {
        _ if is_empty => 1,
        0 => return None,
        1..=4 => spaces,
        _ => 1,
    };
    Some(Marker { kind, number, width: digits + 1 + spaces, is_empty })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_and_odd_links_are_text() {
        let parsed =
            parse("<script>x()</script>\n\na <b onclick=x>b</b> [c](javascript:x) ![d](e)");
        let said: Vec<String> = parsed
            .iter()
            .map(|prose| match prose {
                Prose::Paragraph(spans) => spans.iter().map(plain).collect(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(said, ["<script>x()</script>", "a <b onclick=x>b</b> c d"]);
    }

    #[test]
    fn depth_is_bounded() {
        for mark in ["> ", "- ", "1. "] {
            let mut depth = 0;
            let mut at = parse(&format!("{}x", mark.repeat(5_000)));
            loop {
                at = match at.into_iter().next() {
                    Some(Prose::Quote(inner)) => inner,
                    Some(Prose::List(_, items)) => items.into_iter().next().unwrap_or_default(),
                    _ => break,
                };
                depth += 1;
            }
            assert!((1..=DEPTH_MAX).contains(&depth), "{depth}");
        }
    }
}
