//! Text to tokens: go-yaml's `scannerc.go`.
//!
//! Block structure comes out of indentation, and a key is known to be one only at its `:`, so
//! tokens wait in a queue while something in it may still turn out to be a key.

use std::collections::VecDeque;

use super::{Error, Mark};

/// How many collections may stand inside each other.
const DEPTH_MAX: usize = 1000;
/// How far behind the start of a key its `:` may stand.
const SIMPLE_KEY_LENGTH_MAX: usize = 1024;

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

/// A piece of YAML.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    StreamStart,
    StreamEnd,
    VersionDirective,
    TagDirective { handle: String, prefix: String },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag { handle: String, suffix: String },
    Scalar { value: String, style: Style },
}

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub start: Mark,
    pub end: Mark,
}

/// Something that becomes a key if a `:` follows.
#[derive(Clone, Copy, Debug, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token_number: usize,
    mark: Mark,
}

/// Reads tokens from a text.
pub(super) struct Scanner {
    chars: Vec<char>,
    pub(super) mark: Mark,
    tokens: VecDeque<Token>,
    tokens_parsed: usize,
    started: bool,
    ended: bool,
    pub(super) flow_level: usize,
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) simple_key_allowed: bool,
    simple_keys: Vec<SimpleKey>,
}

pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// The end of the text reads as NUL.
pub(super) fn is_breakz(c: char) -> bool {
    is_break(c) || c == '\0'
}

pub(super) fn is_blankz(c: char) -> bool {
    is_blank(c) || is_breakz(c)
}

impl Scanner {
    /// A scanner at the start of `text`; fails if a character may not stand in YAML at all.
    pub(super) fn new(text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut mark = Mark::default();
        for c in text.chars() {
            if !is_readable(c) {
                let message = "yaml: control characters are not allowed".into();
                return Err(Error { message, mark });
            }
            mark.index += 1;
            mark.column += 1;
            if c == '\n' {
                mark.line += 1;
                mark.column = 0;
            }
        }
        Ok(Scanner {
            chars: text.chars().collect(),
            mark: Mark::default(),
            tokens: VecDeque::new(),
            tokens_parsed: 0,
            started: false,
            ended: false,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            simple_keys: Vec::new(),
        })
    }

    /// The character `ahead` of the current place; NUL at the end.
    pub(super) fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.mark.index + ahead).copied().unwrap_or('\0')
    }

    pub(super) fn at_end(&self) -> bool {
        self.mark.index >= self.chars.len()
    }

    pub(super) fn skip(&mut self) {
        self.mark.index += 1;
        self.mark.column += 1;
    }

    pub(super) fn take(&mut self) -> char {
        let c = self.peek(0);
        self.skip();
        c
    }

    /// Takes a line break, normalised as YAML 1.1 does.
    pub(super) fn take_line(&mut self) -> char {
        let c = self.peek(0);
        self.mark.index += if c == '\r' && self.peek(1) == '\n' { 2 } else { 1 };
        self.mark.line += 1;
        self.mark.column = 0;
        if matches!(c, '\u{2028}' | '\u{2029}') { c } else { '\n' }
    }

    /// A complaint of the scanner; go-yaml counts its lines from 1, but says none for the first.
    pub(super) fn error<T>(&self, problem: &str) -> Result<T, Error> {
        let message = match self.mark.line {
            0 => format!("yaml: {problem}"),
            line => format!("yaml: line {}: {problem}", line + 1),
        };
        Err(Error { message, mark: self.mark })
    }

    /// The next token without taking it.
    pub(super) fn peek_token(&mut self) -> Result<&Token, Error> {
        self.fetch_more_tokens()?;
        let mark = self.mark;
        self.tokens.front().ok_or(Error { message: "yaml: no more tokens".into(), mark })
    }

    /// Takes the next token.
    pub(super) fn next_token(&mut self) -> Result<Token, Error> {
        self.fetch_more_tokens()?;
        let mark = self.mark;
        self.tokens_parsed += 1;
        self.tokens.pop_front().ok_or(Error { message: "yaml: no more tokens".into(), mark })
    }

    fn fetch_more_tokens(&mut self) -> Result<(), Error> {
        while !self.ended {
            if !self.tokens.is_empty() && !self.head_may_become_key()? {
                break;
            }
            self.fetch_next_token()?;
        }
        Ok(())
    }

    fn head_may_become_key(&mut self) -> Result<bool, Error> {
        let number = self.tokens_parsed;
        let head = self.simple_keys.iter().position(|k| k.possible && k.token_number == number);
        head.map_or(Ok(false), |level| self.is_simple_key_valid(level))
    }

    /// Whether the key at `level` is still possible: a key stays in one line.
    fn is_simple_key_valid(&mut self, level: usize) -> Result<bool, Error> {
        let Some(key) = self.simple_keys.get(level).copied().filter(|k| k.possible) else {
            return Ok(false);
        };
        let is_too_far = key.mark.index + SIMPLE_KEY_LENGTH_MAX < self.mark.index;
        if key.mark.line < self.mark.line || is_too_far {
            if key.required {
                return self.error("could not find expected ':'");
            }
            if let Some(key) = self.simple_keys.get_mut(level) {
                key.possible = false;
            }
            return Ok(false);
        }
        Ok(true)
    }

    fn fetch_next_token(&mut self) -> Result<(), Error> {
        if !self.started {
            self.started = true;
            self.simple_keys.push(SimpleKey::default());
            self.push(TokenKind::StreamStart, self.mark);
            return Ok(());
        }
        self.scan_to_next_token();
        self.unroll_indent(self.mark.column as isize);
        if self.at_end() {
            return self.fetch_stream_end();
        }
        let (c, next) = (self.peek(0), self.peek(1));
        if self.mark.column == 0 {
            if c == '%' {
                return self.fetch_directive();
            }
            if self.at_document_indicator() {
                return self.fetch_document_indicator(c);
            }
        }
        let in_flow = self.flow_level > 0;
        match c {
            '[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            '{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            ']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            '}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            ',' => self.fetch_flow_entry(),
            '-' if is_blankz(next) => self.fetch_block_entry(),
            '?' if in_flow || is_blankz(next) => self.fetch_key(),
            ':' if in_flow || is_blankz(next) => self.fetch_value(),
            '*' | '&' | '!' | '\'' | '"' => self.fetch_property_or_quoted(c),
            '|' if !in_flow => self.fetch_block_scalar(Style::Literal),
            '>' if !in_flow => self.fetch_block_scalar(Style::Folded),
            _ if can_start_plain(c, next, in_flow) => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_plain_scalar()?;
                self.tokens.push_back(token);
                Ok(())
            }
            _ => self.error("found character that cannot start any token"),
        }
    }

    /// Whether `---` or `...` stands here as a word.
    pub(super) fn at_document_indicator(&self) -> bool {
        let word = [self.peek(0), self.peek(1), self.peek(2)];
        (word == ['-'; 3] || word == ['.'; 3]) && is_blankz(self.peek(3))
    }

    fn scan_to_next_token(&mut self) {
        loop {
            // Tabs may not indent: where a key may start they are no white space.
            let tabs = self.flow_level > 0 || !self.simple_key_allowed;
            while self.peek(0) == ' ' || (tabs && self.peek(0) == '\t') {
                self.skip();
            }
            if self.peek(0) == '#' {
                while !is_breakz(self.peek(0)) {
                    self.skip();
                }
            }
            if !is_break(self.peek(0)) {
                return;
            }
            self.take_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    fn push(&mut self, kind: TokenKind, start: Mark) {
        self.tokens.push_back(Token { kind, start, end: self.mark });
    }

    fn push_skipping(&mut self, kind: TokenKind, length: usize) {
        let start = self.mark;
        for _ in 0..length {
            self.skip();
        }
        self.push(kind, start);
    }

    fn save_simple_key(&mut self) -> Result<(), Error> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let required = self.flow_level == 0 && self.indent == self.mark.column as isize;
        let token_number = self.tokens_parsed + self.tokens.len();
        self.remove_simple_key()?;
        if let Some(key) = self.simple_keys.last_mut() {
            *key = SimpleKey { possible: true, required, token_number, mark: self.mark };
        }
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Result<(), Error> {
        match self.simple_keys.last_mut() {
            Some(key) if key.possible && key.required => self.error("could not find expected ':'"),
            Some(key) => {
                key.possible = false;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Opens a block collection at `column` if that is further right than the current one.
    fn roll_indent(
        &mut self,
        column: usize,
        token_number: Option<usize>,
        kind: TokenKind,
        mark: Mark,
    ) -> Result<(), Error> {
        if self.flow_level > 0 || self.indent >= column as isize {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column as isize;
        self.check_depth(self.indents.len())?;
        let token = Token { kind, start: mark, end: mark };
        match token_number {
            Some(number) => self.insert(number, token),
            None => self.tokens.push_back(token),
        }
        Ok(())
    }

    fn insert(&mut self, token_number: usize, token: Token) {
        let index = token_number.saturating_sub(self.tokens_parsed).min(self.tokens.len());
        self.tokens.insert(index, token);
    }

    fn check_depth(&self, depth: usize) -> Result<(), Error> {
        if depth > DEPTH_MAX {
            return self.error(&format!("exceeded max depth of {DEPTH_MAX}"));
        }
        Ok(())
    }

    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(TokenKind::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn fetch_stream_end(&mut self) -> Result<(), Error> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(TokenKind::StreamEnd, self.mark);
        self.ended = true;
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), Error> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        if let Some(token) = self.scan_directive()? {
            self.tokens.push_back(token);
        }
        Ok(())
    }

    fn fetch_document_indicator(&mut self, c: char) -> Result<(), Error> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let is_start = c == '-';
        let kind = if is_start { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
        self.push_skipping(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Result<(), Error> {
        self.save_simple_key()?;
        self.simple_keys.push(SimpleKey::default());
        self.flow_level += 1;
        self.check_depth(self.flow_level)?;
        self.simple_key_allowed = true;
        self.push_skipping(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Result<(), Error> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.simple_keys.pop();
        }
        self.simple_key_allowed = false;
        self.push_skipping(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), Error> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_skipping(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Error> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.error("block sequence entries are not allowed in this context");
            }
            let (column, mark) = (self.mark.column, self.mark);
            self.roll_indent(column, None, TokenKind::BlockSequenceStart, mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_skipping(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Error> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.error("mapping keys are not allowed in this context");
            }
            let (column, mark) = (self.mark.column, self.mark);
            self.roll_indent(column, None, TokenKind::BlockMappingStart, mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push_skipping(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Error> {
        let level = self.simple_keys.len().saturating_sub(1);
        if self.is_simple_key_valid(level)? {
            let key = self.simple_keys[level];
            self.insert(
                key.token_number,
                Token { kind: TokenKind::Key, start: key.mark, end: key.mark },
            );
            let (column, number) = (key.mark.column, Some(key.token_number));
            self.roll_indent(column, number, TokenKind::BlockMappingStart, key.mark)?;
            self.simple_keys[level].possible = false;
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.error("mapping values are not allowed in this context");
                }
                let (column, mark) = (self.mark.column, self.mark);
                self.roll_indent(column, None, TokenKind::BlockMappingStart, mark)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push_skipping(TokenKind::Value, 1);
        Ok(())
    }

    fn fetch_property_or_quoted(&mut self, c: char) -> Result<(), Error> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = match c {
            '*' | '&' => self.scan_anchor(c == '*')?,
            '!' => self.scan_tag()?,
            '\'' => self.scan_flow_scalar(Style::SingleQuoted)?,
            _ => self.scan_flow_scalar(Style::DoubleQuoted)?,
        };
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, style: Style) -> Result<(), Error> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let token = self.scan_block_scalar(style)?;
        self.tokens.push_back(token);
        Ok(())
    }
}

fn can_start_plain(c: char, next: char, in_flow: bool) -> bool {
    match c {
        '-' => !is_blank(next),
        '?' | ':' => !in_flow && !is_blankz(next),
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
        | '@' | '`' => false,
        c => !is_blankz(c),
    }
}

/// The characters that go-yaml's reader lets through.
fn is_readable(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{7e}' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
        && c != '\u{feff}'
}
