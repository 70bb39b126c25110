//! `$name` and `${...}`.

use ecow::{EcoString, eco_format};

use super::super::host::Flavour;
use super::super::pattern;
use super::super::shell::{Mode, Shell, Value};
use super::super::syntax::{Anchor, Operation, Parameter, Part, Word};
use super::{Expand, Expander, Piece, ShellNames, set_element};

/// What a parameter stands for.
enum Found {
    One(Option<EcoString>),
    /// Elements, and whether `*` joins them.
    Many(Vec<EcoString>, bool),
}

/// Parameters that are no variables.
pub(super) fn special(shell: &mut Shell, name: &str) -> Option<EcoString> {
    Some(match name {
        "?" => eco_format!("{}", shell.status),
        "$" => eco_format!("{}", shell.pid),
        "#" => eco_format!("{}", shell.positional.len()),
        "!" => return shell.last_background.map(|pid| eco_format!("{pid}")),
        "-" => flags(shell),
        "0" => shell.name.clone(),
        "SECONDS" => {
            let began = shell.started_ms.unwrap_or(shell.now_ms);
            eco_format!("{}", shell.now_ms.saturating_sub(began) / 1000)
        }
        "RANDOM" => eco_format!("{}", shell.next_random()),
        "LINENO" => eco_format!("{}", shell.line),
        "EPOCHSECONDS" if shell.flavour == Flavour::Gnu => {
            eco_format!("{}", shell.now_ms / 1000)
        }
        "BASHPID" if shell.flavour == Flavour::Gnu => eco_format!("{}", shell.pid),
        "PPID" => "1".into(),
        digits if digits.chars().all(|c| c.is_ascii_digit()) && !digits.is_empty() => {
            let index: usize = digits.parse().ok()?;
            return shell.positional.get(index.checked_sub(1)?).cloned();
        }
        _ => return None,
    })
}

fn flags(shell: &Shell) -> EcoString {
    let options = &shell.options;
    let mut out = EcoString::new();
    for (on, flag) in [
        (options.errexit, 'e'),
        (options.noglob, 'f'),
        (shell.interactive(), 'i'),
        (options.nounset, 'u'),
        (options.xtrace, 'x'),
    ] {
        if on {
            out.push(flag);
        }
    }
    if shell.flavour == Flavour::Gnu {
        out.push_str("hB");
        if shell.mode == Mode::Command {
            out.push('c');
        }
    }
    out
}

/// What `set -u` says.
pub(super) fn unbound_text(flavour: Flavour, name: &str) -> EcoString {
    match flavour {
        Flavour::Gnu => eco_format!("{name}: unbound variable"),
        Flavour::Busybox => eco_format!("{name}: parameter not set"),
    }
}

impl Expander<'_> {
    pub(super) fn parameter(
        &mut self,
        parameter: &Parameter,
        quoted: bool,
        out: &mut Vec<Piece>,
    ) -> Expand<()> {
        if parameter.operation == Operation::Bad {
            return Err(self.bad(parameter));
        }
        let mut name = parameter.name.clone();
        if parameter.indirect && !matches!(parameter.operation, Operation::Names | Operation::Keys)
        {
            name = match self.lookup(&name, None)? {
                Found::One(Some(target)) => target,
                _ => return Ok(()),
            };
        }
        let index = match &parameter.index {
            Some(index) => Some(self.single(index)?),
            None => None,
        };
        let found = match &parameter.operation {
            Operation::Names => {
                let names = self.shell.variables.keys();
                Found::Many(names.filter(|key| key.starts_with(&*name)).cloned().collect(), false)
            }
            Operation::Keys => Found::Many(self.keys(&name), index.as_deref() == Some("*")),
            _ => self.lookup(&name, index.as_deref())?,
        };
        self.check_bound(&found, parameter, &name)?;
        self.apply(parameter, &name, index.as_deref(), found, quoted, out)
    }

    fn bad(&self, parameter: &Parameter) -> super::Stop {
        match self.shell.flavour {
            Flavour::Gnu => {
                self.error(&eco_format!("${{{}}}: bad substitution", parameter.text), 1)
            }
            Flavour::Busybox => self.error("syntax error: bad substitution", 2),
        }
    }

    fn check_bound(&self, found: &Found, parameter: &Parameter, name: &str) -> Expand<()> {
        let handles = matches!(
            parameter.operation,
            Operation::Default(..)
                | Operation::Assign(..)
                | Operation::Error(..)
                | Operation::Alternative(..)
        );
        if self.shell.options.nounset && !handles && matches!(found, Found::One(None)) {
            let status = if self.shell.flavour == Flavour::Gnu { 127 } else { 2 };
            return Err(self.error(&unbound_text(self.shell.flavour, name), status));
        }
        Ok(())
    }

    fn keys(&self, name: &str) -> Vec<EcoString> {
        match self.shell.variables.get(name).map(|variable| &variable.value) {
            Some(Value::Indexed(elements)) => {
                elements.keys().map(|key| eco_format!("{key}")).collect()
            }
            Some(Value::Associative(elements)) => elements.keys().cloned().collect(),
            Some(Value::Scalar(_)) => vec!["0".into()],
            _ => Vec::new(),
        }
    }

    fn lookup(&mut self, name: &str, index: Option<&str>) -> Expand<Found> {
        if name == "@" || name == "*" {
            return Ok(Found::Many(self.shell.positional.to_vec(), name == "*"));
        }
        if name == "PIPESTATUS" && self.shell.flavour == Flavour::Gnu {
            let codes = self.shell.pipe_status.iter().map(|code| eco_format!("{code}")).collect();
            return Ok(pick(codes, index));
        }
        match index {
            Some(all @ ("@" | "*")) => Ok(Found::Many(self.elements(name), all == "*")),
            Some(index) => {
                let found = ShellNames(self.shell).element(name, index);
                found.map(Found::One).map_err(|text| self.error(&text, 1))
            }
            None => {
                let found = special(self.shell, name).or_else(|| self.shell.get(name));
                Ok(Found::One(found))
            }
        }
    }

    fn elements(&self, name: &str) -> Vec<EcoString> {
        match self.shell.variables.get(name).map(|variable| &variable.value) {
            Some(Value::Indexed(elements)) => elements.values().cloned().collect(),
            Some(Value::Associative(elements)) => elements.values().cloned().collect(),
            Some(Value::Scalar(text)) => vec![text.clone()],
            _ => Vec::new(),
        }
    }

    fn apply(
        &mut self,
        parameter: &Parameter,
        name: &str,
        index: Option<&str>,
        found: Found,
        quoted: bool,
        out: &mut Vec<Piece>,
    ) -> Expand<()> {
        let empty = match &found {
            Found::One(None) => (true, true),
            Found::One(Some(text)) => (false, text.is_empty()),
            Found::Many(list, _) => (list.is_empty(), list.iter().all(|text| text.is_empty())),
        };
        let missing = |colon: bool| if colon { empty.1 } else { empty.0 };
        match &parameter.operation {
            Operation::Length => {
                let length = match &found {
                    Found::One(text) => text.as_ref().map_or(0, |text| text.chars().count()),
                    Found::Many(list, _) => list.len(),
                };
                self.push_value(eco_format!("{length}"), quoted, out)
            }
            Operation::Default(colon, word) if missing(*colon) => self.operand(word, quoted, out),
            Operation::Alternative(colon, word) => {
                if missing(*colon) {
                    Ok(())
                } else {
                    self.operand(word, quoted, out)
                }
            }
            Operation::Assign(colon, word) if missing(*colon) => {
                let text = self.single(word)?;
                set_element(self.shell, name, index, text.clone(), false)
                    .map_err(|text| self.error(&text, 1))?;
                self.push_value(text, quoted, out)
            }
            Operation::Error(colon, word) if missing(*colon) => {
                let mut text = self.single(word)?;
                if text.is_empty() {
                    text = self.unset_text(*colon);
                }
                let status = if self.shell.flavour == Flavour::Gnu { 127 } else { 2 };
                Err(self.error(&eco_format!("{}: {text}", parameter.name), status))
            }
            Operation::Slice(offset, length) => {
                let offset = self.number(offset)?;
                let length = match length {
                    Some(length) => Some(self.number(length)?),
                    None => None,
                };
                let sliced = self.slice(found, name == "@" || name == "*", offset, length)?;
                self.push_found(sliced, quoted, out)
            }
            _ => {
                let changed = self.change(&parameter.operation, found, parameter)?;
                self.push_found(changed, quoted, out)
            }
        }
    }

    fn unset_text(&self, colon: bool) -> EcoString {
        match (self.shell.flavour, colon) {
            (Flavour::Gnu, true) => "parameter null or not set".into(),
            (Flavour::Busybox, true) => "parameter not set or null".into(),
            (_, false) => "parameter not set".into(),
        }
    }

    fn operand(&mut self, word: &Word, quoted: bool, out: &mut Vec<Piece>) -> Expand<()> {
        let parts = match word.parts.split_first() {
            Some((Part::Literal(text), rest)) if text.starts_with('~') && !quoted => {
                let closed = rest.is_empty() || text.contains('/');
                let text = self.tilde(text, closed);
                out.push(Piece::Text { text, quoted: false, split: false });
                rest
            }
            _ => word.parts.as_slice(),
        };
        self.pieces(parts, quoted, true, out)
    }

    fn number(&mut self, word: &Word) -> Expand<i64> {
        let text = self.single(word)?;
        self.arithmetic(&text)
    }

    fn slice(
        &mut self,
        found: Found,
        positional: bool,
        offset: i64,
        length: Option<i64>,
    ) -> Expand<Found> {
        match found {
            Found::One(text) => {
                let chars: Vec<char> = text.unwrap_or_default().chars().collect();
                let range = self.range(chars.len(), offset, length)?;
                let text: EcoString = chars.get(range).unwrap_or(&[]).iter().copied().collect();
                Ok(Found::One(Some(text)))
            }
            Found::Many(mut list, star) => {
                if positional {
                    list.insert(0, self.shell.name.clone());
                }
                let range = self.range(list.len(), offset, length)?;
                Ok(Found::Many(list.get(range).unwrap_or(&[]).to_vec(), star))
            }
        }
    }

    fn range(
        &self,
        size: usize,
        offset: i64,
        length: Option<i64>,
    ) -> Expand<std::ops::Range<usize>> {
        let size = size as i64;
        let start = if offset < 0 { size + offset } else { offset };
        if start < 0 || start > size {
            return Ok(0..0);
        }
        let end = match length {
            None => size,
            Some(length) if length < 0 => size + length,
            Some(length) => start.saturating_add(length).min(size),
        };
        if end < start {
            let length = length.unwrap_or(0);
            return Err(self.error(&eco_format!("{length}: substring expression < 0"), 1));
        }
        Ok(start as usize..end as usize)
    }

    /// The operations that turn each text into another text.
    fn change(
        &mut self,
        operation: &Operation,
        found: Found,
        parameter: &Parameter,
    ) -> Expand<Found> {
        let change: Box<dyn Fn(&str) -> EcoString> = match operation {
            Operation::RemovePrefix(longest, word) => {
                let (pattern, longest) = (self.pattern(word)?, *longest);
                Box::new(move |text| remove(&pattern, text, true, longest))
            }
            Operation::RemoveSuffix(longest, word) => {
                let (pattern, longest) = (self.pattern(word)?, *longest);
                Box::new(move |text| remove(&pattern, text, false, longest))
            }
            Operation::Replace(anchor, pattern, with) => {
                let (pattern, with, anchor) = (self.pattern(pattern)?, self.single(with)?, *anchor);
                Box::new(move |text| replace(&pattern, &with, anchor, text))
            }
            Operation::Case(upper, all) => {
                let (upper, all) = (*upper, *all);
                Box::new(move |text| change_case(text, upper, all))
            }
            Operation::Transform(what) => match what {
                'Q' => Box::new(super::super::escape::single),
                'U' => Box::new(|text| text.to_uppercase().into()),
                'L' => Box::new(|text| text.to_lowercase().into()),
                'u' => Box::new(|text| change_case(text, true, false)),
                _ => return Err(self.bad(parameter)),
            },
            _ => return Ok(found),
        };
        Ok(match found {
            Found::One(text) => Found::One(text.map(|text| change(&text))),
            Found::Many(list, star) => {
                Found::Many(list.iter().map(|text| change(text)).collect(), star)
            }
        })
    }

    fn push_found(&mut self, found: Found, quoted: bool, out: &mut Vec<Piece>) -> Expand<()> {
        match found {
            Found::One(None) if quoted => self.push_value(EcoString::new(), quoted, out),
            Found::One(None) => Ok(()),
            Found::One(Some(text)) => self.push_value(text, quoted, out),
            Found::Many(list, true) if quoted => {
                let ifs = self.shell.get("IFS").unwrap_or_else(|| " ".into());
                let between: String = ifs.chars().take(1).collect();
                self.push_value(list.join(&between).into(), quoted, out)
            }
            Found::Many(list, _) => {
                for (index, text) in list.into_iter().enumerate() {
                    if index > 0 {
                        out.push(if quoted { Piece::Break } else { separator() });
                    }
                    self.push_value(text, quoted, out)?;
                }
                Ok(())
            }
        }
    }
}

/// Between the elements of an unquoted `$@`.
fn separator() -> Piece {
    Piece::Text { text: " ".into(), quoted: false, split: true }
}

fn pick(list: Vec<EcoString>, index: Option<&str>) -> Found {
    match index {
        Some(all @ ("@" | "*")) => Found::Many(list, all == "*"),
        index => {
            let index = index.unwrap_or("0").parse::<usize>().unwrap_or(0);
            Found::One(list.get(index).cloned())
        }
    }
}

/// Takes a matching piece off one end.
fn remove(pattern: &str, text: &str, front: bool, longest: bool) -> EcoString {
    let pattern: Vec<char> = pattern.chars().collect();
    let chars: Vec<char> = text.chars().collect();
    let count = chars.len();
    let lengths: Box<dyn Iterator<Item = usize>> =
        if longest { Box::new((0..=count).rev()) } else { Box::new(0..=count) };
    for length in lengths {
        let (taken, rest) = if front {
            (chars.get(..length), chars.get(length..))
        } else {
            (chars.get(count - length..), chars.get(..count - length))
        };
        if pattern::matches_chars(&pattern, taken.unwrap_or(&[])) {
            return rest.unwrap_or(&[]).iter().copied().collect();
        }
    }
    text.into()
}

fn replace(pattern: &str, with: &str, anchor: Anchor, text: &str) -> EcoString {
    if pattern.is_empty() && matches!(anchor, Anchor::First | Anchor::All) {
        return text.into();
    }
    if !pattern::is_special(pattern) {
        let plain = pattern::unescape(pattern);
        match anchor {
            Anchor::All => return text.replace(&plain, with).into(),
            Anchor::First => return text.replacen(&plain, with, 1).into(),
            _ => {}
        }
    }
    let chars: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let longest_at = |start: usize| {
        let ends = (start..=chars.len()).rev();
        ends.filter(|end| anchor != Anchor::End || *end == chars.len())
            .find(|end| pattern::matches_chars(&pattern, chars.get(start..*end).unwrap_or(&[])))
    };
    let mut out = EcoString::new();
    let mut at = 0;
    while at <= chars.len() {
        let allowed = anchor != Anchor::Start || at == 0;
        match longest_at(at).filter(|_| allowed) {
            Some(end) if end > at || anchor != Anchor::All => {
                out.push_str(with);
                if anchor != Anchor::All {
                    out.extend(chars.get(end..).unwrap_or(&[]).iter().copied());
                    return out;
                }
                at = end;
            }
            _ => {
                out.extend(chars.get(at).copied());
                at += 1;
            }
        }
    }
    out
}

fn change_case(text: &str, upper: bool, all: bool) -> EcoString {
    let mut out = EcoString::new();
    for (index, c) in text.chars().enumerate() {
        if !all && index > 0 {
            out.push(c);
        } else if upper {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out
}
