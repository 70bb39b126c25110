//! What stands inside a paragraph: emphasis, code, links.
//!
//! Emphasis follows CommonMark's rules of delimiter runs; how far back a run looks for its
//! opener is bounded.

use super::prose::{DEPTH_MAX, Span, plain};
use crate::api::value::EcoString;

/// Reads the text of a paragraph, its lines apart.
pub fn parse(text: &str) -> Vec<Span> {
    let mut reader = Reader { chars: text.chars().collect(), at: 0, found: Vec::new(), open: 0 };
    while reader.at < reader.chars.len() {
        reader.next();
    }
    emphasised(reader.found)
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    found: Vec<Piece>,
    // How many brackets are open.
    open: usize,
}

enum Piece {
    Span(Span),
    /// `*` or `_`, so many, and whether they can open and close.
    Run(char, usize, bool, bool),
    /// `[` or, for an image, `![`; closed to links if one stands inside already.
    Bracket {
        is_image: bool,
        is_closed: bool,
    },
}

/// A run looks back over so many pieces for its opener.
const LOOK_BACK: usize = 400;

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn text(&mut self, text: impl AsRef<str>) {
        match self.found.last_mut() {
            Some(Piece::Span(Span::Text(last))) => last.push_str(text.as_ref()),
            _ => self.found.push(Piece::Span(Span::Text(text.as_ref().into()))),
        }
    }

    fn next(&mut self) {
        let Some(c) = self.peek(0) else { return };
        match c {
            '\\' => self.escape(),
            '`' => self.code(),
            '*' | '_' => self.run(c),
            '!' if self.peek(1) == Some('[') => self.bracket(true),
            '[' => self.bracket(false),
            ']' => self.close(),
            '<' => self.angle(),
            '&' => self.entity(),
            '\n' => self.line_end(),
            c => {
                self.at += 1;
                self.text(c.to_string());
            }
        }
    }

    fn escape(&mut self) {
        match self.peek(1) {
            Some('\n') => {
                self.at += 2;
                self.found.push(Piece::Span(Span::Break));
            }
            Some(c) if c.is_ascii_punctuation() => {
                self.at += 2;
                self.text(c.to_string());
            }
            _ => {
                self.at += 1;
                self.text("\\");
            }
        }
    }

    fn line_end(&mut self) {
        self.at += 1;
        let Some(Piece::Span(Span::Text(last))) = self.found.last_mut() else {
            return self.text(" ");
        };
        let spaces = last.len() - last.trim_end_matches(' ').len();
        *last = last.trim_end_matches(' ').into();
        match spaces >= 2 {
            true => self.found.push(Piece::Span(Span::Break)),
            false => self.text(" "),
        }
    }

    fn code(&mut self) {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|c| **c == '`').count();
        let inner = rest.get(length..).unwrap_or_default();
        let Some(end) = run_of(inner, length) else {
            self.at += length;
            return self.text("`".repeat(length));
        };
        let code: String = inner.get(..end).unwrap_or_default().iter().collect();
        let code = code.replace('\n', " ");
        let padded = code.strip_prefix(' ').and_then(|code| code.strip_suffix(' '));
        let code = padded.filter(|_| !code.trim().is_empty()).unwrap_or(&code).into();
        self.at += length + end + length;
        self.found.push(Piece::Span(Span::Code(code)));
    }

    fn run(&mut self, mark: char) {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|c| **c == mark).count();
        let before = self.at.checked_sub(1).and_then(|at| self.chars.get(at)).copied();
        let after = self.peek(length);
        let is_space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let is_mark = |c: Option<char>| c.is_some_and(is_punctuation);
        let left = !is_space(after) && (!is_mark(after) || is_space(before) || is_mark(before));
        let right = !is_space(before) && (!is_mark(before) || is_space(after) || is_mark(after));
        let (opens, closes) = match mark {
            '_' => (left && (!right || is_mark(before)), right && (!left || is_mark(after))),
            _ => (left, right),
        };
        self.at += length;
        self.found.push(Piece::Run(mark, length, opens, closes));
    }

    fn bracket(&mut self, is_image: bool) {
        self.at += 1 + usize::from(is_image);
        self.open += 1;
        self.found.push(Piece::Bracket { is_image, is_closed: false });
    }

    fn close(&mut self) {
        self.at += 1;
        let is_bracket = |piece: &Piece| matches!(piece, Piece::Bracket { .. });
        let opener = match self.open {
            0 => None,
            _ => self.found.iter().rposition(is_bracket),
        };
        let Some(opener) = opener else { return self.text("]") };
        self.open -= 1;
        let Some(Piece::Bracket { is_image, is_closed }) = self.found.get(opener) else { return };
        let (is_image, is_closed) = (*is_image, *is_closed);
        match self.target().filter(|_| !is_closed) {
            Some((target, end)) => {
                self.at = end;
                let inner = emphasised(self.found.drain(opener + 1..).collect());
                self.found.pop();
                self.link(is_image, target, inner);
            }
            None => {
                let text = if is_image { "![" } else { "[" };
                if let Some(piece) = self.found.get_mut(opener) {
                    *piece = Piece::Span(Span::Text(text.into()));
                }
                self.text("]");
            }
        }
    }

    fn link(&mut self, is_image: bool, target: String, inner: Vec<Span>) {
        if is_image {
            return self.text(inner.iter().map(plain).collect::<String>());
        }
        for piece in &mut self.found {
            if let Piece::Bracket { is_image: false, is_closed } = piece {
                *is_closed = true;
            }
        }
        match is_harmless(&target) {
            true => self.found.push(Piece::Span(Span::Link(target.into(), inner))),
            false => self.found.extend(inner.into_iter().map(Piece::Span)),
        }
    }

    // `(target "title")`, and where it ends.
    fn target(&self) -> Option<(String, usize)> {
        let mut at = self.at;
        let peek = |at: usize| self.chars.get(at).copied();
        if peek(at) != Some('(') {
            return None;
        }
        at = self.skip_space(at + 1);
        let mut target = String::new();
        let (mut depth, is_angled) = (0, peek(at) == Some('<'));
        at += usize::from(is_angled);
        loop {
            let c = peek(at)?;
            match c {
                '>' if is_angled => {
                    at += 1;
                    break;
                }
                '\n' | '<' if is_angled => return None,
                '\\' if peek(at + 1).is_some_and(|c| c.is_ascii_punctuation()) => at += 1,
                '(' if !is_angled => depth += 1,
                ')' if !is_angled && depth == 0 => break,
                ')' if !is_angled => depth -= 1,
                c if !is_angled && (c.is_whitespace() || c.is_control()) => break,
                _ => {}
            }
            target.push(peek(at)?);
            at += 1;
        }
        let after = self.skip_space(at);
        if let Some(quote) = peek(after).filter(|c| after > at && "\"'(".contains(*c)) {
            let quote = if quote == '(' { ')' } else { quote };
            let rest = self.chars.get(after + 1..).unwrap_or_default();
            at = after + 2 + rest.iter().position(|c| *c == quote)?;
        }
        at = self.skip_space(at);
        (peek(at) == Some(')')).then_some((target, at + 1))
    }

    fn skip_space(&self, at: usize) -> usize {
        let rest = self.chars.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|c| c.is_whitespace()).count()
    }

    // `<https://x>` is a link; tags are text, and nothing in them is read.
    fn angle(&mut self) {
        let rest = self.chars.get(self.at + 1..).unwrap_or_default();
        let end = rest.iter().position(|c| *c == '>');
        let inner: String = rest.get(..end.unwrap_or(0)).unwrap_or_default().iter().collect();
        let is_tag = inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let is_web = inner.starts_with("http://") || inner.starts_with("https://");
        if is_web && !inner.contains(char::is_whitespace) {
            let text = Span::Text(inner.as_str().into());
            self.found.push(Piece::Span(Span::Link(inner.as_str().into(), vec![text])));
            self.at += inner.chars().count() + 2;
        } else if is_tag {
            self.text(format!("<{inner}>"));
            self.at += inner.chars().count() + 2;
        } else {
            self.text("<");
            self.at += 1;
        }
    }

    fn entity(&mut self) {
        const NAMED: [(&str, &str); 6] = [
            ("&amp;", "&"),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&nbsp;", "\u{a0}"),
            ("&copy;", "©"),
        ];
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let start: String = rest.iter().take(6).collect();
        match NAMED.iter().find(|(name, _)| start.starts_with(name)) {
            Some((name, text)) => {
                self.at += name.len();
                self.text(text);
            }
            None => {
                self.at += 1;
                self.text("&");
            }
        }
    }
}

// Where a run of exactly so many backquotes begins.
fn run_of(chars: &[char], length: usize) -> Option<usize> {
    let mut at = 0;
    while at < chars.len() {
        let rest = chars.get(at..).unwrap_or_default();
        match rest.iter().take_while(|c| **c == '`').count() {
            0 => at += 1,
            found if found == length => return Some(at),
            found => at += found,
        }
    }
    None
}

// Unicode punctuation, as far as texts in English and Chinese use it.
fn is_punctuation(c: char) -> bool {
    let is_wide = matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}'
        | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}'
        | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff3d}'
        | '\u{ff5b}'..='\u{ff65}' | '\u{a1}' | '\u{a7}' | '\u{ab}' | '\u{b6}' | '\u{b7}'
        | '\u{bb}' | '\u{bf}' | '\u{2190}'..='\u{21ff}' | '\u{d7}');
    c.is_ascii_punctuation() || is_wide
}

// CommonMark's "process emphasis".
fn emphasised(mut pieces: Vec<Piece>) -> Vec<Span> {
    let mut at = 0;
    while at < pieces.len() {
        let Some(Piece::Run(mark, length, opens, true)) = pieces.get(at) else {
            at += 1;
            continue;
        };
        let (mark, length, opens) = (*mark, *length, *opens);
        let fits = |piece: &Piece| match piece {
            Piece::Run(m, other, true, closes) => {
                let is_odd = (opens || *closes) && (length + other) % 3 == 0;
                *m == mark && (!is_odd || length % 3 == 0 && other % 3 == 0)
            }
            _ => false,
        };
        let first = at.saturating_sub(LOOK_BACK);
        let before = pieces.get(first..at).unwrap_or_default();
        match before.iter().rposition(fits) {
            Some(found) => at = wrap(&mut pieces, first + found, at),
            None => at += 1,
        }
    }
    merged(pieces.into_iter().map(span))
}

// Wraps what stands between two runs. Gives the place of the closing run, or of what follows it.
fn wrap(pieces: &mut Vec<Piece>, opener: usize, closer: usize) -> usize {
    let length = |piece: Option<&Piece>| match piece {
        Some(Piece::Run(_, length, ..)) => *length,
        _ => 0,
    };
    let is_strong = length(pieces.get(opener)) >= 2 && length(pieces.get(closer)) >= 2;
    let used = 1 + usize::from(is_strong);
    let inner = merged(pieces.drain(opener + 1..closer).map(span));
    let wrapped: Vec<Piece> = match depth(&inner) < DEPTH_MAX {
        true if is_strong => vec![Piece::Span(Span::Strong(inner))],
        true => vec![Piece::Span(Span::Emphasis(inner))],
        false => inner.into_iter().map(Piece::Span).collect(),
    };
    let count = wrapped.len();
    pieces.splice(opener + 1..opener + 1, wrapped);
    let mut closer = opener + 1 + count;
    for place in [closer, opener] {
        let Some(Piece::Run(_, length, ..)) = pieces.get_mut(place) else { continue };
        *length -= used;
        if *length == 0 {
            pieces.remove(place);
            closer -= usize::from(place == opener);
        }
    }
    closer
}

fn depth(spans: &[Span]) -> usize {
    let inside = |span: &Span| match span {
        Span::Emphasis(inner) | Span::Strong(inner) | Span::Link(_, inner) => 1 + depth(inner),
        _ => 0,
    };
    spans.iter().map(inside).max().unwrap_or(0)
}

fn span(piece: Piece) -> Span {
    match piece {
        Piece::Span(span) => span,
        Piece::Run(mark, length, ..) => Span::Text(mark.to_string().repeat(length).into()),
        Piece::Bracket { is_image: true, .. } => Span::Text("![".into()),
        Piece::Bracket { is_image: false, .. } => Span::Text("[".into()),
    }
}

fn merged(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match (merged.last_mut(), span) {
            (Some(Span::Text(last)), Span::Text(text)) => last.push_str(&text),
            (_, span) => merged.push(span),
        }
    }
    merged
}

// Web pages and places beside this one; no script, no data, no other program.
fn is_harmless(address: &str) -> bool {
    let address = address.trim();
    let is_odd = |c: char| c.is_control() || c == '\\';
    if address.contains(is_odd) || address.starts_with("//") {
        return false;
    }
    let lower: EcoString = address.to_ascii_lowercase().into();
    let end = lower.find(['/', '?', '#']).unwrap_or(lower.len());
    let has_scheme = lower.get(..end).is_some_and(|start| start.contains(':'));
    lower.starts_with("http://") || lower.starts_with("https://") || !has_scheme
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_pages_are_linked() {
        for odd in ["data:x", "//evil", "vbscript:x", "JAVASCRIPT:x", "java\\script:x", "mailto:a"]
        {
            assert!(!is_harmless(odd), "{odd}");
        }
        for good in ["https://kubernetes.io", "HTTP://a", "other.md", "./a?b=c:d", "#x", "a/b:c"] {
            assert!(is_harmless(good), "{good}");
        }
    }

    #[test]
    fn long_texts_take_bounded_time() {
        for text in ["*a _b ", "**a", "[", "]", "[a](", "`", "![", "<a", "*a** "] {
            parse(&text.repeat(5_000));
        }
    }
}
