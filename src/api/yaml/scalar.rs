//! Scanning of scalars, anchors, tags and directives: the second half of go-yaml's `scannerc.go`.

use super::scanner::{Scanner, Style, Token, TokenKind, is_blank, is_blankz, is_break, is_breakz};
use super::{Error, Mark};

/// White space inside a scalar over several lines, until it is known what it comes to.
#[derive(Default)]
struct Folding {
    whitespaces: String,
    leading_break: Option<char>,
    trailing_breaks: String,
    leading_blanks: bool,
}

impl Folding {
    /// Adds what the collected white space means: one break is a space, more are breaks.
    fn join(&mut self, out: &mut String) {
        if self.leading_blanks {
            match self.leading_break.take() {
                Some('\n') if self.trailing_breaks.is_empty() => out.push(' '),
                Some('\n') | None => {}
                Some(other) => out.push(other),
            }
            out.push_str(&self.trailing_breaks);
        } else {
            out.push_str(&self.whitespaces);
        }
        *self = Folding::default();
    }

    fn add_line(&mut self, line_break: char) {
        if self.leading_blanks {
            self.trailing_breaks.push(line_break);
        } else {
            self.whitespaces.clear();
            self.leading_break = Some(line_break);
            self.leading_blanks = true;
        }
    }
}

impl Scanner {
    fn token(&self, kind: TokenKind, start: Mark) -> Token {
        Token { kind, start, end: self.mark }
    }

    pub(super) fn scan_plain_scalar(&mut self) -> Result<Token, Error> {
        let (start, mut end) = (self.mark, self.mark);
        let indent = self.indent + 1;
        let mut value = String::new();
        let mut folding = Folding::default();
        while !(self.mark.column == 0 && self.at_document_indicator()) && self.peek(0) != '#' {
            while !is_blankz(self.peek(0)) && !self.at_end_of_plain() {
                folding.join(&mut value);
                value.push(self.take());
                end = self.mark;
            }
            if !is_blank(self.peek(0)) && !is_break(self.peek(0)) {
                break;
            }
            self.scan_plain_blanks(indent, &mut folding)?;
            if self.flow_level == 0 && (self.mark.column as isize) < indent {
                break;
            }
        }
        if folding.leading_blanks {
            self.simple_key_allowed = true;
        }
        Ok(Token { kind: TokenKind::Scalar { value, style: Style::Plain }, start, end })
    }

    fn at_end_of_plain(&self) -> bool {
        match self.peek(0) {
            ':' => is_blankz(self.peek(1)),
            ',' | '?' | '[' | ']' | '{' | '}' => self.flow_level > 0,
            _ => false,
        }
    }

    fn scan_plain_blanks(&mut self, indent: isize, folding: &mut Folding) -> Result<(), Error> {
        loop {
            let c = self.peek(0);
            if is_break(c) {
                let line_break = self.take_line();
                folding.add_line(line_break);
            } else if is_blank(c) {
                let is_indentation = (self.mark.column as isize) < indent;
                if folding.leading_blanks && is_indentation && c == '\t' {
                    return self.error("found a tab character that violates indentation");
                }
                if !folding.leading_blanks {
                    folding.whitespaces.push(c);
                }
                self.skip();
            } else {
                return Ok(());
            }
        }
    }

    pub(super) fn scan_flow_scalar(&mut self, style: Style) -> Result<Token, Error> {
        let start = self.mark;
        let quote = if style == Style::SingleQuoted { '\'' } else { '"' };
        let mut value = String::new();
        let mut folding = Folding::default();
        self.skip();
        loop {
            if self.mark.column == 0 && self.at_document_indicator() {
                return self.error("found unexpected document indicator");
            }
            if self.at_end() {
                return self.error("found unexpected end of stream");
            }
            self.scan_quoted_word(style, &mut value, &mut folding)?;
            if self.peek(0) == quote {
                break;
            }
            while is_blank(self.peek(0)) || is_break(self.peek(0)) {
                if is_break(self.peek(0)) {
                    let line_break = self.take_line();
                    folding.add_line(line_break);
                } else {
                    let c = self.take();
                    if !folding.leading_blanks {
                        folding.whitespaces.push(c);
                    }
                }
            }
            folding.join(&mut value);
        }
        self.skip();
        Ok(self.token(TokenKind::Scalar { value, style }, start))
    }

    fn scan_quoted_word(
        &mut self,
        style: Style,
        value: &mut String,
        folding: &mut Folding,
    ) -> Result<(), Error> {
        let is_single = style == Style::SingleQuoted;
        while !is_blankz(self.peek(0)) {
            match self.peek(0) {
                '\'' if is_single && self.peek(1) == '\'' => {
                    value.push('\'');
                    self.skip();
                    self.skip();
                }
                '\'' if is_single => break,
                '"' if !is_single => break,
                '\\' if !is_single && is_break(self.peek(1)) => {
                    self.skip();
                    self.take_line();
                    folding.leading_blanks = true;
                    break;
                }
                '\\' if !is_single => value.push(self.scan_escape()?),
                _ => value.push(self.take()),
            }
        }
        Ok(())
    }

    fn scan_escape(&mut self) -> Result<char, Error> {
        let digits = match self.peek(1) {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits == 0 {
            let Some(c) = simple_escape(self.peek(1)) else {
                return self.error("found unknown escape character");
            };
            self.skip();
            self.skip();
            return Ok(c);
        }
        self.skip();
        self.skip();
        let mut code = 0u32;
        for ahead in 0..digits {
            let Some(digit) = self.peek(ahead).to_digit(16) else {
                return self.error("did not find expected hexdecimal number");
            };
            code = (code << 4) | digit;
        }
        let Some(c) = char::from_u32(code) else {
            return self.error("found invalid Unicode character escape code");
        };
        for _ in 0..digits {
            self.skip();
        }
        Ok(c)
    }

    pub(super) fn scan_block_scalar(&mut self, style: Style) -> Result<Token, Error> {
        let start = self.mark;
        self.skip();
        let (chomping, increment) = self.scan_block_header()?;
        let mut indent = match increment {
            0 => 0,
            increment => self.indent.max(0) as usize + increment,
        };
        let mut value = String::new();
        let mut leading_break = String::new();
        let mut trailing_breaks = String::new();
        let mut end = self.mark;
        self.scan_block_breaks(&mut indent, &mut trailing_breaks, &mut end)?;
        let mut leading_blank = false;
        while self.mark.column == indent && !self.at_end() {
            let is_blank_line_start = is_blank(self.peek(0));
            let folds = style == Style::Folded && !leading_blank && !is_blank_line_start;
            if folds && leading_break == "\n" {
                if trailing_breaks.is_empty() {
                    value.push(' ');
                }
            } else {
                value.push_str(&leading_break);
            }
            leading_break.clear();
            value.push_str(&trailing_breaks);
            trailing_breaks.clear();
            leading_blank = is_blank_line_start;
            while !is_breakz(self.peek(0)) {
                value.push(self.take());
            }
            end = self.mark;
            if !self.at_end() {
                leading_break.push(self.take_line());
            }
            self.scan_block_breaks(&mut indent, &mut trailing_breaks, &mut end)?;
        }
        if chomping != Some('-') {
            value.push_str(&leading_break);
        }
        if chomping == Some('+') {
            value.push_str(&trailing_breaks);
        }
        Ok(Token { kind: TokenKind::Scalar { value, style }, start, end })
    }

    /// What stands after `|` or `>`: chomping and indentation, in either order, and a comment.
    fn scan_block_header(&mut self) -> Result<(Option<char>, usize), Error> {
        let (mut chomping, mut increment) = (None, 0);
        for _ in 0..2 {
            match self.peek(0) {
                c @ ('+' | '-') if chomping.is_none() => chomping = Some(c),
                '0' if increment == 0 => {
                    return self.error("found an indentation indicator equal to 0");
                }
                c @ '1'..='9' if increment == 0 => increment = c as usize - '0' as usize,
                _ => break,
            }
            self.skip();
        }
        while is_blank(self.peek(0)) {
            self.skip();
        }
        if self.peek(0) == '#' {
            while !is_breakz(self.peek(0)) {
                self.skip();
            }
        }
        if !is_breakz(self.peek(0)) {
            return self.error("did not find expected comment or line break");
        }
        if is_break(self.peek(0)) {
            self.take_line();
        }
        Ok((chomping, increment))
    }

    /// Empty lines and indentation; settles the indentation if the header gave none (0).
    fn scan_block_breaks(
        &mut self,
        indent: &mut usize,
        breaks: &mut String,
        end: &mut Mark,
    ) -> Result<(), Error> {
        let mut indent_max = 0;
        loop {
            let is_open = |column: usize| *indent == 0 || column < *indent;
            while is_open(self.mark.column) && self.peek(0) == ' ' {
                self.skip();
            }
            indent_max = indent_max.max(self.mark.column);
            if is_open(self.mark.column) && self.peek(0) == '\t' {
                return self.error("found a tab character where an indentation space is expected");
            }
            if !is_break(self.peek(0)) {
                break;
            }
            breaks.push(self.take_line());
            *end = self.mark;
        }
        if *indent == 0 {
            *indent = indent_max.max((self.indent + 1).max(1) as usize);
        }
        Ok(())
    }

    pub(super) fn scan_anchor(&mut self, is_alias: bool) -> Result<Token, Error> {
        let start = self.mark;
        self.skip();
        let name = self.take_word();
        let next = self.peek(0);
        let ends = is_blankz(next) || "?:,]}%@`".contains(next);
        if name.is_empty() || !ends {
            return self.error("did not find expected alphabetic or numeric character");
        }
        let kind = if is_alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
        Ok(self.token(kind, start))
    }

    fn take_word(&mut self) -> String {
        let mut word = String::new();
        while matches!(self.peek(0), 'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-') {
            word.push(self.take());
        }
        word
    }

    pub(super) fn scan_tag(&mut self) -> Result<Token, Error> {
        let start = self.mark;
        let (handle, suffix) = if self.peek(1) == '<' {
            self.skip();
            self.skip();
            let suffix = self.scan_tag_uri();
            if suffix.is_empty() {
                return self.error("did not find expected tag URI");
            }
            if self.peek(0) != '>' {
                return self.error("did not find the expected '>'");
            }
            self.skip();
            (String::new(), suffix)
        } else {
            self.scan_tag_shorthand()?
        };
        let in_flow = self.flow_level > 0;
        if !is_blankz(self.peek(0)) && !(in_flow && self.peek(0) == ',') {
            return self.error("did not find expected whitespace or line break");
        }
        Ok(self.token(TokenKind::Tag { handle, suffix }, start))
    }

    /// `!!int`, `!e!name`, `!name` or a lone `!`.
    fn scan_tag_shorthand(&mut self) -> Result<(String, String), Error> {
        self.skip();
        let word = self.take_word();
        if self.peek(0) == '!' {
            self.skip();
            let suffix = self.scan_tag_uri();
            if suffix.is_empty() {
                return self.error("did not find expected tag URI");
            }
            return Ok((format!("!{word}!"), suffix));
        }
        let suffix = word + &self.scan_tag_uri();
        // A lone `!` is a tag of its own, without a handle.
        Ok(if suffix.is_empty() { (suffix, "!".into()) } else { ("!".into(), suffix) })
    }

    fn scan_tag_uri(&mut self) -> String {
        let mut uri = String::new();
        loop {
            let c = self.peek(0);
            let in_flow = self.flow_level > 0;
            let is_mark = ";/?:@&=+$.!~*'()%-_".contains(c) && c != '\0';
            let is_outside_flow = !in_flow && matches!(c, ',' | '[' | ']');
            if !c.is_ascii_alphanumeric() && !is_mark && !is_outside_flow {
                return uri;
            }
            uri.push(self.take());
        }
    }

    /// `%YAML 1.1` or `%TAG ! prefix`; other directives are errors, as in go-yaml.
    pub(super) fn scan_directive(&mut self) -> Result<Option<Token>, Error> {
        let start = self.mark;
        self.skip();
        let name = self.take_word();
        if name.is_empty() {
            return self.error("could not find expected directive name");
        }
        let mut rest = String::new();
        while !is_breakz(self.peek(0)) {
            rest.push(self.take());
        }
        let mut words = rest.split_whitespace().take_while(|word| !word.starts_with('#'));
        let kind = match name.as_str() {
            "YAML" => TokenKind::VersionDirective,
            "TAG" => TokenKind::TagDirective {
                handle: words.next().unwrap_or_default().into(),
                prefix: words.next().unwrap_or_default().into(),
            },
            _ => return self.error("found unknown directive name"),
        };
        Ok(Some(self.token(kind, start)))
    }
}

fn simple_escape(c: char) -> Option<char> {
    Some(match c {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        ' ' | '"' | '\'' | '\\' | '/' => c,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        _ => return None,
    })
}
