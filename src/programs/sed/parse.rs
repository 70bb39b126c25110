//! From a sed script to commands.

use ecow::EcoString;

use super::{Action, Address, Command, Replacement, Substitute};
use crate::script::Flavour;
use crate::script::regex::{Regex, Syntax};

pub(super) struct Parsed {
    pub commands: Vec<Command>,
    /// `#n` on the first line.
    pub quiet: bool,
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    syntax: Syntax,
    flavour: Flavour,
    expression: usize,
    commands: Vec<Command>,
    open: Vec<usize>,
    labels: Vec<(String, usize)>,
    jumps: Vec<(usize, String)>,
}

type Parse<T> = Result<T, String>;

/// Reads scripts.
pub(super) fn parse(scripts: &[EcoString], syntax: Syntax, flavour: Flavour) -> Parse<Parsed> {
    let mut parser = Parser {
        chars: Vec::new(),
        at: 0,
        syntax,
        flavour,
        expression: 0,
        commands: Vec::new(),
        open: Vec::new(),
        labels: Vec::new(),
        jumps: Vec::new(),
    };
    let quiet = scripts.first().is_some_and(|text| text == "#n" || text.starts_with("#n\n"));
    let mut rest = scripts.iter().peekable();
    while let Some(text) = rest.next() {
        let mut text = text.to_string();
        // `-e 'a\' -e text`: the text goes on in the next expression.
        while text.ends_with('\\') {
            let Some(more) = rest.next() else { break };
            text.push('\n');
            text.push_str(more);
        }
        parser.expression += 1;
        parser.chars = text.chars().collect();
        parser.at = 0;
        parser.script()?;
    }
    if !parser.open.is_empty() {
        parser.at = 0;
        return Err(parser.error("unmatched `{'"));
    }
    for (at, label) in std::mem::take(&mut parser.jumps) {
        let place = parser.labels.iter().find(|(name, _)| *name == label).map(|(_, at)| *at);
        let Some(place) = place else {
            return Err(match flavour {
                Flavour::Gnu => {
                    format!("-e expression #1, char 0: can't find label for jump to `{label}'")
                }
                Flavour::Busybox => format!("can't find label for jump to '{label}'"),
            });
        };
        let action = parser.commands.get_mut(at).map(|command| &mut command.action);
        if let Some(Action::Branch(target) | Action::BranchIf(target, _)) = action {
            *target = Some(place);
        }
    }
    Ok(Parsed { commands: parser.commands, quiet })
}

impl Parser {
    fn error(&self, text: &str) -> String {
        match self.flavour {
            Flavour::Gnu => {
                format!("-e expression #{}, char {}: {text}", self.expression, self.at)
            }
            Flavour::Busybox => text.to_owned(),
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c.is_whitespace() && c != '\n') {
            self.at += 1;
        }
    }

    fn script(&mut self) -> Parse<()> {
        loop {
            while self.peek().is_some_and(|c| c.is_whitespace() || c == ';') {
                self.at += 1;
            }
            match self.peek() {
                None => return Ok(()),
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                Some(_) => self.command()?,
            }
        }
    }

    fn command(&mut self) -> Parse<()> {
        let from = self.address()?;
        let mut to = None;
        self.blanks();
        if from.is_some() && self.peek() == Some(',') {
            self.at += 1;
            self.blanks();
            to = self.second_address()?;
            if to.is_none() {
                return Err(self.error("unexpected `,'"));
            }
        }
        if from == Some(Address::Line(0)) && !matches!(to, Some(Address::Regex(_))) {
            return Err(self.error("invalid usage of line address 0"));
        }
        self.blanks();
        let mut negated = false;
        while self.peek() == Some('!') {
            negated = true;
            self.at += 1;
            self.blanks();
        }
        let Some(name) = self.peek() else { return Err(self.error("missing command")) };
        self.at += 1;
        let place = self.commands.len();
        let action = self.action(name, place, from.is_some())?;
        self.commands.push(Command { from, to, negated, action });
        Ok(())
    }

    fn action(&mut self, name: char, place: usize, addressed: bool) -> Parse<Action> {
        let action = match name {
            '{' => {
                self.open.push(place);
                return Ok(Action::Open(0));
            }
            '}' => self.close(place, addressed)?,
            's' => Action::Substitute(Box::new(self.substitute()?)),
            'y' => Action::Translate(self.translate()?),
            'a' => return Ok(Action::Append(self.text()?)),
            'i' => return Ok(Action::Insert(self.text()?)),
            'c' => return Ok(Action::Change(self.text()?)),
            'd' => Action::Delete,
            'D' => Action::DeleteFirst,
            'p' => Action::Print,
            'P' => Action::PrintFirst,
            'n' => Action::Next,
            'N' => Action::AppendNext,
            'g' => Action::Get,
            'G' => Action::GetAppend,
            'h' => Action::Hold,
            'H' => Action::HoldAppend,
            'x' => Action::Exchange,
            '=' => Action::LineNumber,
            'l' => Action::List,
            'z' => Action::Zap,
            'F' => Action::FileName,
            'q' | 'Q' => {
                self.blanks();
                let code = self.number().unwrap_or(0) as i32;
                Action::Quit(code & 0xff, name == 'q')
            }
            'r' => return Ok(Action::Read(self.file_name()?)),
            'w' => return Ok(Action::Write(self.file_name()?)),
            'b' | 't' | 'T' => {
                let label = self.label();
                if !label.is_empty() {
                    self.jumps.push((place, label));
                }
                return Ok(match name {
                    'b' => Action::Branch(None),
                    name => Action::BranchIf(None, name == 't'),
                });
            }
            ':' => {
                if addressed {
                    return Err(self.error(": doesn't want any addresses"));
                }
                let label = self.label();
                if label.is_empty() {
                    return Err(self.error("\":\" lacks a label"));
                }
                self.labels.push((label, place));
                return Ok(Action::Label);
            }
            'e' => return Err("the command `e' is not simulated here".into()),
            other => {
                return Err(match self.flavour {
                    Flavour::Gnu => self.error(&format!("unknown command: `{other}'")),
                    Flavour::Busybox => format!("unsupported command {other}"),
                });
            }
        };
        self.end_of_command()?;
        Ok(action)
    }

    /// The `}` of the innermost `{`.
    fn close(&mut self, place: usize, addressed: bool) -> Parse<Action> {
        let Some(open) = self.open.pop() else { return Err(self.error("unexpected `}'")) };
        if addressed {
            return Err(self.error("} doesn't want any addresses"));
        }
        if let Some(command) = self.commands.get_mut(open) {
            command.action = Action::Open(place);
        }
        Ok(Action::Close)
    }

    fn end_of_command(&mut self) -> Parse<()> {
        self.blanks();
        match self.peek() {
            None | Some('}' | '#') => Ok(()),
            Some(';' | '\n') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => {
                self.at += 1;
                Err(self.error("extra characters after command"))
            }
        }
    }

    fn number(&mut self) -> Option<u64> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.chars.get(start..self.at)?.iter().collect();
        digits.parse().ok()
    }

    fn address(&mut self) -> Parse<Option<Address>> {
        let address = match self.peek() {
            Some(c) if c.is_ascii_digit() => {
                let first = self.number().unwrap_or(0);
                if self.peek() == Some('~') {
                    self.at += 1;
                    Address::Step(first, self.number().unwrap_or(0))
                } else {
                    Address::Line(first)
                }
            }
            Some('$') => {
                self.at += 1;
                Address::Last
            }
            Some('/') => {
                self.at += 1;
                Address::Regex(self.address_regex('/')?)
            }
            Some('\\') => {
                self.at += 1;
                let delimiter = self.peek().unwrap_or('/');
                self.at += 1;
                Address::Regex(self.address_regex(delimiter)?)
            }
            _ => return Ok(None),
        };
        Ok(Some(address))
    }

    fn second_address(&mut self) -> Parse<Option<Address>> {
        let relative = self.peek().filter(|c| matches!(c, '+' | '~'));
        let Some(sign) = relative else { return self.address() };
        self.at += 1;
        let count = self.number().unwrap_or(0);
        Ok(Some(if sign == '+' { Address::Plus(count) } else { Address::Multiple(count) }))
    }

    fn address_regex(&mut self, delimiter: char) -> Parse<Option<Regex>> {
        let Some(text) = self.until(delimiter, true) else {
            self.at = self.chars.len();
            return Err(match self.flavour {
                Flavour::Gnu => self.error("unterminated address regex"),
                Flavour::Busybox => format!("unmatched '{delimiter}'"),
            });
        };
        let mut ignore_case = false;
        while let Some(flag) = self.peek().filter(|c| matches!(c, 'I' | 'M')) {
            ignore_case |= flag == 'I';
            self.at += 1;
        }
        self.regex(&text, ignore_case)
    }

    fn regex(&self, text: &str, ignore_case: bool) -> Parse<Option<Regex>> {
        if text.is_empty() {
            return Ok(None);
        }
        match Regex::new(text, self.syntax, ignore_case) {
            Ok(regex) => Ok(Some(regex)),
            Err(error) => Err(match self.flavour {
                Flavour::Gnu => self.error(error.0),
                Flavour::Busybox => format!("bad regex '{text}': {}", error.0),
            }),
        }
    }

    /// Text up to a delimiter, which is taken; in a regex brackets protect it.
    fn until(&mut self, delimiter: char, regex: bool) -> Option<String> {
        let mut text = String::new();
        let mut bracket = false;
        loop {
            let c = self.peek()?;
            self.at += 1;
            match c {
                '\\' if !bracket => {
                    let escaped = self.peek()?;
                    self.at += 1;
                    if escaped == delimiter {
                        text.push(delimiter);
                    } else if escaped == '\n' && regex {
                        text.push('\n');
                    } else {
                        text.push('\\');
                        text.push(escaped);
                    }
                }
                c if c == delimiter && !(bracket && regex) => return Some(text),
                '[' if regex && !bracket => {
                    bracket = true;
                    text.push(c);
                    // A bracket first in the expression does not close it.
                    if self.peek() == Some('^') {
                        text.push('^');
                        self.at += 1;
                    }
                    if self.peek() == Some(']') {
                        text.push(']');
                        self.at += 1;
                    }
                }
                '[' if bracket && self.peek() == Some(':') => {
                    text.push_str("[:");
                    self.at += 1;
                    while let Some(c) = self.peek() {
                        self.at += 1;
                        text.push(c);
                        if c == ']' {
                            break;
                        }
                    }
                }
                ']' if bracket => {
                    bracket = false;
                    text.push(c);
                }
                c => text.push(c),
            }
        }
    }

    fn unterminated(&mut self, command: char, delimiter: char) -> String {
        self.at = self.chars.len();
        match self.flavour {
            Flavour::Gnu => self.error(&format!("unterminated `{command}' command")),
            Flavour::Busybox => format!("unmatched '{delimiter}'"),
        }
    }

    fn substitute(&mut self) -> Parse<Substitute> {
        let Some(delimiter) = self.peek() else { return Err(self.unterminated('s', '/')) };
        self.at += 1;
        let pattern = self.until(delimiter, true);
        let with = pattern.as_ref().and_then(|_| self.until(delimiter, false));
        let (Some(pattern), Some(with)) = (pattern, with) else {
            return Err(self.unterminated('s', delimiter));
        };
        let mut substitute = Substitute {
            regex: None,
            with: replacement(&with),
            global: false,
            print: false,
            nth: 1,
            write: None,
        };
        let mut ignore_case = false;
        loop {
            match self.peek() {
                Some('g') => substitute.global = true,
                Some('p') => substitute.print = true,
                Some('i' | 'I') => ignore_case = true,
                Some('m' | 'M') => {}
                Some('e') => return Err("the flag `e' of `s' is not simulated here".into()),
                Some('w') => {
                    self.at += 1;
                    substitute.write = Some(self.file_name()?);
                    break;
                }
                Some(c) if c.is_ascii_digit() => {
                    substitute.nth = self.number().unwrap_or(1) as usize;
                    if substitute.nth == 0 {
                        return Err(self.error("number option to `s' command may not be zero"));
                    }
                    continue;
                }
                None | Some('}' | '#' | ';' | '\n') => break,
                Some(c) if c.is_whitespace() => break,
                Some(_) => {
                    self.at += 1;
                    return Err(match self.flavour {
                        Flavour::Gnu => self.error("unknown option to `s'"),
                        Flavour::Busybox => "bad option in substitution expression".into(),
                    });
                }
            }
            self.at += 1;
        }
        substitute.regex = self.regex(&pattern, ignore_case)?;
        let groups = substitute.regex.as_ref().map_or(9, |regex| regex.groups() as usize);
        let wrong = substitute.with.iter().find_map(|part| match part {
            Replacement::Group(number) if *number > groups => Some(*number),
            _ => None,
        });
        match (wrong, self.flavour) {
            (Some(number), Flavour::Gnu) => {
                Err(self.error(&format!("invalid reference \\{number} on `s' command's RHS")))
            }
            _ => Ok(substitute),
        }
    }

    fn translate(&mut self) -> Parse<Vec<(char, char)>> {
        let Some(delimiter) = self.peek() else { return Err(self.unterminated('y', '/')) };
        self.at += 1;
        let from = self.until(delimiter, false);
        let to = from.as_ref().and_then(|_| self.until(delimiter, false));
        let (Some(from), Some(to)) = (from, to) else {
            return Err(self.unterminated('y', delimiter));
        };
        let plain = |text: String| text.replace("\\n", "\n").replace("\\\\", "\\");
        let (from, to) = (plain(from), plain(to));
        if from.chars().count() != to.chars().count() {
            return Err(self.error("strings for `y' command are different lengths"));
        }
        Ok(from.chars().zip(to.chars()).collect())
    }

    /// The text of `a`, `i`, `c`.
    fn text(&mut self) -> Parse<String> {
        self.blanks();
        if self.peek() == Some('\\') {
            self.at += 1;
            let after = self.at;
            self.blanks();
            if self.peek() == Some('\n') {
                self.at += 1;
            } else {
                self.at = after;
            }
        }
        if self.peek().is_none() {
            return Err(self.error("expected \\ after `a', `c' or `i'"));
        }
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\n' => break,
                '\\' => {
                    if let Some(escaped) = self.peek() {
                        self.at += 1;
                        match escaped {
                            't' => text.push('\t'),
                            'n' => text.push('\n'),
                            other => text.push(other),
                        }
                    }
                }
                c => text.push(c),
            }
        }
        text.push('\n');
        Ok(text)
    }

    fn label(&mut self) -> String {
        self.blanks();
        let start = self.at;
        while self.peek().is_some_and(|c| !matches!(c, '\n' | ';' | '}')) {
            self.at += 1;
        }
        let label: String = self.chars.get(start..self.at).unwrap_or(&[]).iter().collect();
        label.trim().into()
    }

    fn file_name(&mut self) -> Parse<EcoString> {
        self.blanks();
        let start = self.at;
        while self.peek().is_some_and(|c| c != '\n') {
            self.at += 1;
        }
        let name: String = self.chars.get(start..self.at).unwrap_or(&[]).iter().collect();
        if name.is_empty() {
            return Err(self.error("missing filename in r/R/w/W commands"));
        }
        Ok(name.into())
    }
}

fn replacement(text: &str) -> Vec<Replacement> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars();
    let flush = |plain: &mut String, parts: &mut Vec<Replacement>| {
        if !plain.is_empty() {
            parts.push(Replacement::Text(std::mem::take(plain)));
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '&' => {
                flush(&mut plain, &mut parts);
                parts.push(Replacement::Group(0));
            }
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => {
                    flush(&mut plain, &mut parts);
                    parts.push(Replacement::Group(digit.to_digit(10).unwrap_or(0) as usize));
                }
                Some(case @ ('U' | 'L' | 'u' | 'l' | 'E')) => {
                    flush(&mut plain, &mut parts);
                    parts.push(Replacement::Case(case));
                }
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('r') => plain.push('\r'),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
            c => plain.push(c),
        }
    }
    flush(&mut plain, &mut parts);
    parts
}
