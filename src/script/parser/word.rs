//! Words, quotes, substitutions, redirections and here-documents.

use ecow::EcoString;

use super::super::syntax::{Part, Redirect, Redirection, Word};
use super::{Flavour, Parser, Problem, Read};

/// The redirection `|&` stands for.
pub(super) fn stderr_to_stdout() -> Redirection {
    let target = Word { parts: vec![Part::Literal("1".into())], assignment: false };
    Redirection { descriptor: Some(2), operator: Redirect::CopyOutput, target }
}

/// Parts of a word under construction.
#[derive(Default)]
pub(super) struct Parts {
    parts: Vec<Part>,
    literal: EcoString,
}

impl Parts {
    pub(super) fn push(&mut self, part: Part) {
        self.flush();
        self.parts.push(part);
    }

    pub(super) fn literal(&mut self, c: char) {
        self.literal.push(c);
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            let text = std::mem::take(&mut self.literal);
            self.parts.push(Part::Literal(text));
        }
    }

    pub(super) fn finish(mut self) -> Vec<Part> {
        self.flush();
        self.parts
    }
}

impl Parser<'_> {
    /// The word here; none if a blank, an operator or the end is here.
    pub(super) fn word(&mut self) -> Read<Option<Word>> {
        let mut parts = Parts::default();
        while let Some(c) = self.peek() {
            match c {
                '<' if self.peek_at(1) == Some('(') && self.flavour == Flavour::Gnu => {
                    self.eat("<(");
                    let list = self.compound_list(&[")"])?;
                    self.bump();
                    parts.push(Part::ProcessOutput(list));
                }
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                _ => self.piece(c, &mut parts)?,
            }
        }
        let parts = parts.finish();
        Ok((!parts.is_empty()).then_some(Word { parts, assignment: false }))
    }

    /// One character, quote or expansion of an unquoted word.
    pub(super) fn piece(&mut self, c: char, parts: &mut Parts) -> Read<()> {
        self.bump();
        match c {
            '\\' => match self.bump() {
                Some('\n') => {}
                Some(escaped) => parts.push(Part::Quoted(escaped.into())),
                None => parts.push(Part::Quoted('\\'.into())),
            },
            '\'' => parts.push(Part::Quoted(self.until_quote()?)),
            '"' => parts.push(Part::Double(self.double('"')?)),
            '$' => match self.dollar(false)? {
                Some(part) => parts.push(part),
                None => parts.literal('$'),
            },
            '`' => parts.push(self.backquotes(false)?),
            c => parts.literal(c),
        }
        Ok(())
    }

    /// An unquoted operand inside `${}` or `[]`, up to but without one of the stops.
    pub(super) fn operand(&mut self, stops: &[char], in_double: bool) -> Read<Word> {
        self.enter()?;
        let mut parts = Parts::default();
        loop {
            match self.peek() {
                None => return Err(self.error(Problem::Unterminated('}'))),
                Some(c) if stops.contains(&c) => break,
                Some(c @ '\'') if in_double => {
                    self.bump();
                    parts.literal(c);
                }
                Some('\\') if in_double => {
                    self.bump();
                    match self.bump() {
                        Some('\n') => {}
                        Some(c @ ('$' | '`' | '"' | '\\' | '}')) => {
                            parts.push(Part::Quoted(c.into()));
                        }
                        Some(c) => {
                            parts.push(Part::Quoted('\\'.into()));
                            parts.literal(c);
                        }
                        None => {}
                    }
                }
                Some(c) => self.piece(c, &mut parts)?,
            }
        }
        self.depth -= 1;
        Ok(Word { parts: parts.finish(), assignment: false })
    }

    fn until_quote(&mut self) -> Read<EcoString> {
        let open = self.at;
        let mut text = EcoString::new();
        loop {
            match self.bump() {
                Some('\'') => return Ok(text),
                Some(c) => text.push(c),
                None => {
                    self.at = open;
                    return Err(self.error(Problem::Unterminated('\'')));
                }
            }
        }
    }

    /// The inside of double quotes; the closing quote is taken.
    fn double(&mut self, close: char) -> Read<Vec<Part>> {
        self.enter()?;
        let open = self.at;
        let mut parts = Parts::default();
        loop {
            let Some(c) = self.bump() else {
                self.at = open;
                return Err(self.error(Problem::Unterminated(close)));
            };
            match c {
                c if c == close => break,
                c => self.quoted_piece(c, true, &mut parts)?,
            }
        }
        self.depth -= 1;
        Ok(parts.finish())
    }

    /// A character inside double quotes or a here-document, already taken.
    fn quoted_piece(&mut self, c: char, quote_escapes: bool, parts: &mut Parts) -> Read<()> {
        match c {
            '\\' => match self.peek() {
                Some('\n') => {
                    self.bump();
                }
                Some('"') if quote_escapes => {
                    self.bump();
                    parts.literal('"');
                }
                Some(escaped @ ('$' | '`' | '\\')) => {
                    self.bump();
                    parts.literal(escaped);
                }
                _ => parts.literal('\\'),
            },
            '$' => match self.dollar(true)? {
                Some(part) => parts.push(part),
                None => parts.literal('$'),
            },
            '`' => {
                let part = self.backquotes(true)?;
                parts.push(part);
            }
            c => parts.literal(c),
        }
        Ok(())
    }

    /// Text in which only `$`, backquotes and some backslashes are special.
    pub(super) fn quoted_text(&mut self, text: &str, quote_escapes: bool) -> Read<Vec<Part>> {
        let mut inner = self.inner(text);
        let mut parts = Parts::default();
        while let Some(c) = inner.bump() {
            inner.quoted_piece(c, quote_escapes, &mut parts)?;
        }
        Ok(parts.finish())
    }

    pub(super) fn arithmetic_word(&mut self, text: &str) -> Read<Word> {
        let parts = vec![Part::Double(self.quoted_text(text, true)?)];
        Ok(Word { parts, assignment: false })
    }

    /// After a `$`: an expansion, or none if the dollar stands for itself.
    fn dollar(&mut self, in_double: bool) -> Read<Option<Part>> {
        match self.peek() {
            Some('\'') if !in_double => {
                self.bump();
                Ok(Some(Part::Quoted(self.ansi_quoted()?)))
            }
            Some('"') if !in_double => {
                self.bump();
                Ok(Some(Part::Double(self.double('"')?)))
            }
            Some('(') => self.dollar_paren().map(Some),
            Some('{') => {
                self.bump();
                self.braced(in_double).map(Some)
            }
            _ => Ok(self.plain_parameter()),
        }
    }

    fn dollar_paren(&mut self) -> Read<Part> {
        if self.peek_at(1) == Some('(')
            && let Some(inside) = self.arithmetic_text(2)
        {
            return Ok(Part::Arithmetic(self.quoted_text(&inside, true)?));
        }
        let open = self.at;
        self.bump();
        match self.compound_list(&[")"]) {
            Ok(list) => {
                self.bump();
                Ok(Part::Command(list))
            }
            Err(error) if matches!(error.problem, Problem::EndOfFile(_)) => {
                let mut error = self.end_of_file(None);
                self.at = open;
                error.problem = Problem::Unterminated(')');
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// The text inside `(( ))` if the parentheses here close that way; moves past it.
    pub(super) fn arithmetic_text(&mut self, opening: usize) -> Option<String> {
        let start = self.at + opening;
        let mut at = start;
        let mut depth = 0;
        loop {
            match self.chars.get(at)? {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                ')' if self.chars.get(at + 1) == Some(&')') => break,
                ')' => return None,
                '\'' => return None,
                _ => {}
            }
            at += 1;
        }
        self.at = at + 2;
        Some(self.slice(start, at))
    }

    fn backquotes(&mut self, in_double: bool) -> Read<Part> {
        let open = self.at;
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('`') => break,
                Some('\\') => match self.bump() {
                    Some(c @ ('`' | '\\' | '$')) => text.push(c),
                    Some('"') if in_double => text.push('"'),
                    Some(c) => {
                        text.push('\\');
                        text.push(c);
                    }
                    None => text.push('\\'),
                },
                Some(c) => text.push(c),
                None => {
                    self.at = open;
                    return Err(self.error(Problem::Unterminated('`')));
                }
            }
        }
        self.enter()?;
        let mut inner = self.inner(&text);
        let mut list = super::List::default();
        while let Some(line) = inner.complete_line()? {
            list.items.extend(line.items);
        }
        self.depth -= 1;
        Ok(Part::Command(list.into()))
    }

    /// The inside of `$'...'`.
    fn ansi_quoted(&mut self) -> Read<EcoString> {
        let open = self.at;
        let mut raw = String::new();
        loop {
            match self.bump() {
                Some('\'') => break,
                Some('\\') => {
                    raw.push('\\');
                    raw.extend(self.bump());
                }
                Some(c) => raw.push(c),
                None => {
                    self.at = open;
                    return Err(self.error(Problem::Unterminated('\'')));
                }
            }
        }
        let decoded = super::super::escape::decode(&raw, super::super::escape::Style::Ansi);
        Ok(String::from_utf8_lossy(&decoded.bytes).into())
    }

    /// A redirection, if one stands here.
    pub(super) fn redirection(&mut self) -> Read<Option<Redirection>> {
        let start = self.at;
        let mut digits = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            digits.push(c);
            self.bump();
        }
        let Some(operator) = self.redirect_operator(digits.is_empty()) else {
            self.at = start;
            return Ok(None);
        };
        let descriptor = digits.parse().ok();
        if let Some(strip) = operator.1 {
            let target = self.here_document(strip)?;
            return Ok(Some(Redirection { descriptor, operator: operator.0, target }));
        }
        self.skip_blanks();
        let Some(target) = self.word()? else {
            return Err(self.unexpected(None));
        };
        Ok(Some(Redirection { descriptor, operator: operator.0, target }))
    }

    /// The operator, and for a here-document whether tabs are stripped.
    fn redirect_operator(&mut self, bare: bool) -> Option<(Redirect, Option<bool>)> {
        if self.peek() == Some('<') && self.peek_at(1) == Some('(') {
            return None;
        }
        let bash = self.flavour == Flavour::Gnu;
        const TABLE: [(&str, Redirect, Option<bool>); 12] = [
            ("&>>", Redirect::AppendBoth, None),
            ("&>", Redirect::WriteBoth, None),
            ("<<<", Redirect::HereString, None),
            ("<<-", Redirect::HereDocument, Some(true)),
            ("<<", Redirect::HereDocument, Some(false)),
            ("<>", Redirect::ReadWrite, None),
            ("<&", Redirect::CopyInput, None),
            ("<", Redirect::Read, None),
            (">>", Redirect::Append, None),
            (">&", Redirect::CopyOutput, None),
            (">|", Redirect::Write, None),
            (">", Redirect::Write, None),
        ];
        for (text, operator, document) in TABLE {
            let both = matches!(operator, Redirect::WriteBoth | Redirect::AppendBoth);
            if (both && !bare) || (operator == Redirect::HereString && !bash) {
                continue;
            }
            if self.eat(text) {
                return Some((operator, document));
            }
        }
        None
    }

    /// After `<<`: the delimiter, and the body that begins on the next line.
    fn here_document(&mut self, strip: bool) -> Read<Word> {
        self.skip_blanks();
        let Some(delimiter) = self.word()? else {
            return Err(self.unexpected(None));
        };
        let quoted = delimiter.parts.iter().any(|part| !matches!(part, Part::Literal(_)));
        let end = literal_text(&delimiter.parts);
        let (newline, start) = match self.documents {
            Some((newline, resume)) => (newline, resume),
            None => {
                let newline = self.line_end();
                (newline, newline + 1)
            }
        };
        let mut body = String::new();
        let mut at = start;
        loop {
            if at >= self.chars.len() {
                return Err(self.error(Problem::HereDocument(end)));
            }
            let rest = self.chars.get(at..).unwrap_or(&[]);
            let length = rest.iter().position(|c| *c == '\n').unwrap_or(rest.len());
            let line = self.slice(at, at + length);
            let line = if strip { line.trim_start_matches('\t') } else { &line };
            at = (at + length + 1).min(self.chars.len());
            if line == end {
                break;
            }
            body.push_str(line);
            body.push('\n');
        }
        self.documents = Some((newline, at));
        let parts =
            if quoted { vec![Part::Quoted(body.into())] } else { self.quoted_text(&body, false)? };
        Ok(Word { parts: vec![Part::Double(parts)], assignment: false })
    }

    /// The newline that ends the line here, quotes considered.
    fn line_end(&self) -> usize {
        let mut at = self.at;
        let mut quote = None;
        while let Some(c) = self.chars.get(at).copied() {
            match (c, quote) {
                ('\n', None) => return at,
                ('\\', None | Some('"')) => at += 1,
                ('\'' | '"', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                _ => {}
            }
            at += 1;
        }
        let rest = self.chars.get(self.at..).unwrap_or(&[]);
        self.at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
    }
}

/// The text of a word without quotes.
pub(super) fn literal_text(parts: &[Part]) -> EcoString {
    let mut text = EcoString::new();
    for part in parts {
        match part {
            Part::Literal(piece) | Part::Quoted(piece) => text.push_str(piece),
            Part::Double(inner) => text.push_str(&literal_text(inner)),
            _ => {}
        }
    }
    text
}
