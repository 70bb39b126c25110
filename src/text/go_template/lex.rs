//! Words of a template.
//!
//! Models Go's `text/template/parse/lex.go`.

use crate::api::value::EcoString;

/// A word with its place in the source, counted in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub position: u32,
    pub kind: TokenKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind {
    /// Text outside of actions.
    Text(EcoString),
    LeftDelimiter,
    RightDelimiter,
    Space,
    /// `.name`, without the dot.
    Field(EcoString),
    /// `$name`, with the dollar.
    Variable(EcoString),
    /// Function names and keywords.
    Identifier(EcoString),
    Dot,
    Number(EcoString),
    /// A string as written, with its quotes.
    String(EcoString),
    /// `'x'` as written.
    Character(EcoString),
    Assign,
    Declare,
    Pipe,
    Comma,
    LeftParenthesis,
    RightParenthesis,
    /// The rest cannot be read, for this reason.
    Error(String),
    End,
}

struct Lexer<'a> {
    source: &'a str,
    position: usize,
    tokens: Vec<Token>,
}

/// The words of `source`; reading stops at the first error, which is the last word.
pub fn lex(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { source, position: 0, tokens: Vec::new() };
    lexer.text();
    lexer.tokens
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.position..).unwrap_or_default()
    }

    fn push(&mut self, length: usize, kind: TokenKind) {
        self.tokens.push(Token { position: self.position as u32, kind });
        self.position += length;
    }

    /// Text and actions in turn.
    fn text(&mut self) {
        let mut trim = false;
        loop {
            let rest = self.rest();
            let length = rest.find("{{").unwrap_or(rest.len());
            let mut text = rest.get(..length).unwrap_or_default();
            let action = rest.get(length..).unwrap_or_default();
            if trim {
                text = text.trim_start_matches([' ', '\t', '\r', '\n']);
            }
            let trims_before = has_left_trim(action);
            if trims_before {
                text = text.trim_end_matches([' ', '\t', '\r', '\n']);
            }
            if !text.is_empty() {
                let kind = TokenKind::Text(text.into());
                self.tokens.push(Token { position: self.position as u32, kind });
            }
            self.position += length;
            if action.is_empty() {
                return self.push(0, TokenKind::End);
            }
            match self.action(trims_before) {
                Some(trims_after) => trim = trims_after,
                None => return,
            }
        }
    }

    /// One action; tells whether it trims the text behind it. `None` after an error.
    fn action(&mut self, trims_before: bool) -> Option<bool> {
        let start = self.position;
        self.position += if trims_before { 4 } else { 2 };
        if self.rest().starts_with("/*") {
            return self.comment();
        }
        let opened = Token { position: start as u32, kind: TokenKind::LeftDelimiter };
        self.tokens.push(opened);
        let mut depth = 0;
        loop {
            let rest = self.rest();
            let trims = rest.starts_with(" -}}");
            if trims || rest.starts_with("}}") {
                if depth > 0 {
                    self.push(0, TokenKind::Error("unclosed left paren".into()));
                    return None;
                }
                let length = if trims { 4 } else { 2 };
                self.push(length, TokenKind::RightDelimiter);
                return Some(trims);
            }
            match self.word() {
                TokenKind::LeftParenthesis => depth += 1,
                TokenKind::RightParenthesis if depth == 0 => {
                    self.tokens.pop();
                    self.push(0, TokenKind::Error("unexpected right paren".into()));
                    return None;
                }
                TokenKind::RightParenthesis => depth -= 1,
                TokenKind::Error(_) => return None,
                _ => {}
            }
        }
    }

    fn comment(&mut self) -> Option<bool> {
        let rest = self.rest();
        let Some(end) = rest.find("*/") else {
            self.push(0, TokenKind::Error("unclosed comment".into()));
            return None;
        };
        self.position += end + 2;
        let rest = self.rest();
        let length = match () {
            () if rest.starts_with(" -}}") => 4,
            () if rest.starts_with("}}") => 2,
            () => {
                let error = "comment ends before closing delimiter";
                self.push(0, TokenKind::Error(error.into()));
                return None;
            }
        };
        self.position += length;
        Some(length == 4)
    }

    /// Models lexInsideAction.
    fn word(&mut self) -> TokenKind {
        let rest = self.rest();
        let next = rest.chars().nth(1);
        let (length, kind) = match rest.chars().next() {
            None => (0, TokenKind::Error("unclosed action".into())),
            Some(' ' | '\t' | '\r' | '\n') => {
                let blank = |c: char| !matches!(c, ' ' | '\t' | '\r' | '\n');
                let mut length = rest.find(blank).unwrap_or(rest.len());
                // The blank before `-}}` belongs to the trim marker.
                if rest.get(length..).is_some_and(|rest| rest.starts_with("-}}")) {
                    length -= 1;
                }
                (length, TokenKind::Space)
            }
            Some('|') => (1, TokenKind::Pipe),
            Some(',') => (1, TokenKind::Comma),
            Some('(') => (1, TokenKind::LeftParenthesis),
            Some(')') => (1, TokenKind::RightParenthesis),
            Some('=') => (1, TokenKind::Assign),
            Some(':') if next == Some('=') => (2, TokenKind::Declare),
            Some(':') => (0, TokenKind::Error("expected :=".into())),
            Some('"') => quoted(rest, '"'),
            Some('\'') => quoted(rest, '\''),
            Some('`') => match rest.get(1..).and_then(|rest| rest.find('`')) {
                Some(end) => string(rest, end + 2),
                None => (0, TokenKind::Error("unterminated raw quoted string".into())),
            },
            Some('$') => name(rest, 1, |text| TokenKind::Variable(text.into())),
            Some('.') if !next.is_some_and(|c| c.is_ascii_digit()) => match next {
                Some(c) if is_alphanumeric(c) => {
                    name(rest, 1, |text| TokenKind::Field(text.trim_start_matches('.').into()))
                }
                _ => (1, TokenKind::Dot),
            },
            Some(c) if c == '+' || c == '-' || c == '.' || c.is_ascii_digit() => number(rest),
            Some(c) if is_alphanumeric(c) => {
                name(rest, 0, |text| TokenKind::Identifier(text.into()))
            }
            Some(c) => {
                let error = format!("unrecognized character in action: U+{:04X} '{c}'", c as u32);
                (0, TokenKind::Error(error))
            }
        };
        self.push(length, kind.clone());
        kind
    }
}

fn has_left_trim(action: &str) -> bool {
    let mut rest = action.strip_prefix("{{-").unwrap_or_default().chars();
    matches!(rest.next(), Some(' ' | '\t' | '\r' | '\n'))
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn name(rest: &str, skip: usize, make: impl Fn(&str) -> TokenKind) -> (usize, TokenKind) {
    let tail = rest.get(skip..).unwrap_or_default();
    let length = skip + tail.find(|c| !is_alphanumeric(c)).unwrap_or(tail.len());
    let after = rest.get(length..).and_then(|rest| rest.chars().next());
    let terminated = match after {
        None => true,
        Some(c) => {
            " \t\r\n.,|:)(}=".contains(c) || rest.get(length..).unwrap_or("").starts_with("}}")
        }
    };
    if !terminated {
        let c = after.unwrap_or_default();
        return (0, TokenKind::Error(format!("bad character U+{:04X} '{c}'", c as u32)));
    }
    (length, make(rest.get(..length).unwrap_or_default()))
}

fn quoted(rest: &str, quote: char) -> (usize, TokenKind) {
    let unterminated = match quote {
        '"' => "unterminated quoted string",
        _ => "unterminated character constant",
    };
    let mut escaped = false;
    for (index, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => break,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote && quote == '"' => return string(rest, index + 1),
            c if c == quote => {
                let text = rest.get(..index + 1).unwrap_or_default();
                return (index + 1, TokenKind::Character(text.into()));
            }
            _ => {}
        }
    }
    (0, TokenKind::Error(unterminated.into()))
}

fn string(rest: &str, length: usize) -> (usize, TokenKind) {
    (length, TokenKind::String(rest.get(..length).unwrap_or_default().into()))
}

fn number(rest: &str) -> (usize, TokenKind) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
    let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    (length, TokenKind::Number(rest.get(..length).unwrap_or_default().into()))
}
