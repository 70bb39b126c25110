//! From words to fields: braces, tildes, parameters, commands, arithmetic, splitting, file names.
//!
//! Expansion never waits. Where it needs the output of a command it stops and names the command;
//! the machine runs it and expands the same words again, now knowing that output (`memo`). What
//! the first attempt changed (`${x:=1}`, `$((i++))`, `$RANDOM`) is undone by the machine.

mod brace;
mod glob;
mod parameter;

use std::rc::Rc;

use ecow::{EcoString, eco_format};

use super::arithmetic::{self, Names};
use super::files::FileSystem;
use super::host::Flavour;
use super::pattern;
use super::shell::{Shell, Value};
use super::syntax::{List, Part, Word};

/// The output of a command substitution that has run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Captured {
    /// Without the newlines at the end.
    pub text: EcoString,
    /// Its exit code.
    pub status: i32,
}

/// Why expansion stopped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The output of this is needed (`true`: as a file).
    Substitute(Rc<List>, bool),
    /// An error that ends the command, and a shell that is not interactive.
    Error(EcoString, i32),
}

/// Fields longer than this together are refused.
const SIZE_MAX: usize = 4 << 20;

/// A piece of text on its way to fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Piece {
    Text {
        text: EcoString,
        quoted: bool,
        split: bool,
    },
    /// Between the elements of `"$@"`.
    Break,
}

/// Expands words for one command.
pub struct Expander<'a> {
    /// The shell whose variables count.
    pub shell: &'a mut Shell,
    /// Where patterns look for names.
    pub files: &'a dyn FileSystem,
    /// Outputs of the substitutions met so far, in order.
    pub memo: &'a [Captured],
    /// How many of them this attempt has used.
    pub used: usize,
    /// `used` before the last word, to expand it again in another way.
    mark: usize,
    size: usize,
}

type Expand<T> = Result<T, Stop>;

impl<'a> Expander<'a> {
    /// An expander that knows these outputs.
    pub fn new(shell: &'a mut Shell, files: &'a dyn FileSystem, memo: &'a [Captured]) -> Self {
        Self { shell, files, memo, used: 0, mark: 0, size: 0 }
    }

    /// The fields of several words.
    pub fn words(&mut self, words: &[Word]) -> Expand<Vec<EcoString>> {
        let mut fields = Vec::new();
        for word in words {
            if word.assignment {
                fields.push(self.assignment_word(word)?);
            } else if self.shell.flavour == Flavour::Gnu && brace::has_brace(word) {
                for word in brace::expand(word) {
                    self.word(&word, &mut fields)?;
                }
            } else {
                self.word(word, &mut fields)?;
            }
        }
        Ok(fields)
    }

    fn word(&mut self, word: &Word, fields: &mut Vec<EcoString>) -> Expand<()> {
        if let [Part::Literal(text)] = word.parts.as_slice()
            && !text.contains(['~', '*', '?', '['])
        {
            fields.push(text.clone());
            return Ok(());
        }
        let pieces = self.pieces_of(word, false)?;
        for field in self.split(pieces) {
            self.glob(&field, fields);
        }
        Ok(())
    }

    /// `name=value` after `export`: the value as in an assignment.
    fn assignment_word(&mut self, word: &Word) -> Expand<EcoString> {
        let pieces = self.pieces_of(word, true)?;
        Ok(join(&pieces, " "))
    }

    /// The place of the last word's substitutions among the outputs.
    pub fn rewind_to(&self) -> usize {
        self.mark
    }

    /// A word as one text: no splitting, no file names.
    pub fn single(&mut self, word: &Word) -> Expand<EcoString> {
        let before = self.used;
        let text = self.single_text(word);
        self.mark = before;
        text
    }

    fn single_text(&mut self, word: &Word) -> Expand<EcoString> {
        if let [Part::Literal(text)] = word.parts.as_slice()
            && !text.contains('~')
        {
            return Ok(text.clone());
        }
        let pieces = self.pieces_of(word, true)?;
        Ok(join(&pieces, " "))
    }

    /// A word as a pattern: quoted characters get a backslash.
    pub fn pattern(&mut self, word: &Word) -> Expand<String> {
        let pieces = self.pieces_of(word, false)?;
        let mut out = String::new();
        for piece in &pieces {
            match piece {
                Piece::Text { text, quoted: true, .. } => out.push_str(&pattern::escape(text)),
                Piece::Text { text, .. } => out.push_str(text),
                Piece::Break => out.push(' '),
            }
        }
        Ok(out)
    }

    /// A word as an extended regular expression: quoted characters stand for themselves.
    pub fn regex(&mut self, word: &Word) -> Expand<String> {
        let pieces = self.pieces_of(word, false)?;
        let mut out = String::new();
        for piece in &pieces {
            match piece {
                Piece::Text { text, quoted: true, .. } => {
                    for c in text.chars() {
                        if "\\^$.[]|()?*+{}".contains(c) {
                            out.push('\\');
                        }
                        out.push(c);
                    }
                }
                Piece::Text { text, .. } => out.push_str(text),
                Piece::Break => out.push(' '),
            }
        }
        Ok(out)
    }

    /// The fields of one word, as for the target of a redirection.
    pub fn fields(&mut self, word: &Word) -> Expand<Vec<EcoString>> {
        self.words(std::slice::from_ref(word))
    }

    fn pieces_of(&mut self, word: &Word, assignment: bool) -> Expand<Vec<Piece>> {
        let mut pieces = Vec::new();
        let mut parts = word.parts.as_slice();
        if let Some((Part::Literal(text), rest)) = parts.split_first()
            && (text.starts_with('~') || (assignment && text.contains('~')))
        {
            let closed = rest.is_empty() || text.contains('/');
            let text = self.tildes(text, assignment, closed);
            // A home directory is not split or taken for a pattern.
            pieces.push(Piece::Text { text, quoted: false, split: false });
            parts = rest;
        }
        self.pieces(parts, false, false, &mut pieces)?;
        Ok(pieces)
    }

    /// Replaces `~` at the start, in assignments also after colons and the equals sign.
    fn tildes(&self, text: &str, assignment: bool, closed: bool) -> EcoString {
        if !assignment {
            return self.tilde(text, closed);
        }
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (Some(name), value),
            None => (None, text),
        };
        let parts: Vec<EcoString> = value.split(':').map(|part| self.tilde(part, closed)).collect();
        let value = parts.join(":");
        match name {
            Some(name) => eco_format!("{name}={value}"),
            None => value.into(),
        }
    }

    fn tilde(&self, text: &str, closed: bool) -> EcoString {
        let Some(rest) = text.strip_prefix('~') else {
            return text.into();
        };
        let (user, tail) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None if closed => (rest, ""),
            None => return text.into(),
        };
        let home = match user {
            "" => self.shell.get("HOME").unwrap_or_else(|| "/root".into()),
            "+" => self.shell.cwd.clone(),
            "-" => self.shell.text("OLDPWD"),
            "root" => "/root".into(),
            _ => return text.into(),
        };
        eco_format!("{home}{tail}")
    }

    /// `operand`: literal text is split too, as in `${x:-a b}`.
    fn pieces(
        &mut self,
        parts: &[Part],
        quoted: bool,
        operand: bool,
        out: &mut Vec<Piece>,
    ) -> Expand<()> {
        for part in parts {
            match part {
                Part::Literal(text) => {
                    let split = operand && !quoted;
                    out.push(Piece::Text { text: text.clone(), quoted, split });
                }
                Part::Quoted(text) => {
                    out.push(Piece::Text { text: text.clone(), quoted: true, split: false });
                }
                Part::Double(inside) => {
                    let before = out.len();
                    self.pieces(inside, true, false, out)?;
                    if out.len() == before && !inside.iter().any(expands_to_list) {
                        let text = EcoString::new();
                        out.push(Piece::Text { text, quoted: true, split: false });
                    }
                }
                Part::Parameter(parameter) => self.parameter(parameter, quoted, out)?,
                Part::Command(list) => {
                    let text = self.substitute(list, false)?;
                    self.push_value(text, quoted, out)?;
                }
                Part::ProcessOutput(list) => {
                    let text = self.substitute(list, true)?;
                    out.push(Piece::Text { text, quoted: true, split: false });
                }
                Part::Arithmetic(inside) => {
                    let mut pieces = Vec::new();
                    self.pieces(inside, true, false, &mut pieces)?;
                    let value = self.arithmetic(&join(&pieces, " "))?;
                    self.push_value(eco_format!("{value}"), quoted, out)?;
                }
            }
        }
        Ok(())
    }

    fn push_value(&mut self, text: EcoString, quoted: bool, out: &mut Vec<Piece>) -> Expand<()> {
        self.size += text.len();
        if self.size > SIZE_MAX {
            return Err(self.error("argument list too long to be simulated here", 1));
        }
        out.push(Piece::Text { text, quoted, split: !quoted });
        Ok(())
    }

    fn substitute(&mut self, list: &Rc<List>, as_file: bool) -> Expand<EcoString> {
        let Some(captured) = self.memo.get(self.used) else {
            return Err(Stop::Substitute(list.clone(), as_file));
        };
        self.used += 1;
        Ok(captured.text.clone())
    }

    /// An error with the shell's name before it.
    fn error(&self, text: &str, status: i32) -> Stop {
        Stop::Error(self.shell.complaint(None, text), status)
    }

    /// Evaluates an arithmetic expression whose parameters are expanded.
    pub fn arithmetic(&mut self, text: &str) -> Expand<i64> {
        self.arithmetic_as(text, "")
    }

    /// As [`Self::arithmetic`], with the builtin's name before an error.
    pub fn arithmetic_as(&mut self, text: &str, builtin: &str) -> Expand<i64> {
        arithmetic::evaluate(text, &mut ShellNames(self.shell)).map_err(|error| {
            let (text, status) = match self.shell.flavour {
                Flavour::Gnu => (error.bash(text), 1),
                Flavour::Busybox => (error.ash(), 2),
            };
            self.error(&eco_format!("{builtin}{text}"), status)
        })
    }

    /// Splits unquoted results at the characters of `IFS`.
    fn split(&self, pieces: Vec<Piece>) -> Vec<Field> {
        let ifs = self.shell.get("IFS").unwrap_or_else(|| " \t\n".into());
        let mut fields = Vec::new();
        let mut current: Option<Field> = None;
        let mut after_space = false;
        for piece in pieces {
            match piece {
                Piece::Break => {
                    fields.push(current.take().unwrap_or_default());
                    after_space = false;
                    // The next element is a field even if it is empty.
                    current = Some(Field::default());
                }
                Piece::Text { text, quoted, split: false } => {
                    current.get_or_insert_default().push(&text, quoted);
                    after_space = false;
                }
                Piece::Text { text, .. } => {
                    for c in text.chars() {
                        if !ifs.contains(c) {
                            current.get_or_insert_default().push(c.encode_utf8(&mut [0; 4]), false);
                            after_space = false;
                        } else if c.is_ascii_whitespace() {
                            if let Some(field) = current.take() {
                                fields.push(field);
                                after_space = true;
                            }
                        } else {
                            match current.take() {
                                Some(field) => fields.push(field),
                                None if after_space => {}
                                None => fields.push(Field::default()),
                            }
                            after_space = false;
                        }
                    }
                }
            }
        }
        fields.extend(current);
        fields
    }
}

/// A field with what in it was quoted.
#[derive(Clone, Debug, Default)]
struct Field {
    pieces: Vec<(String, bool)>,
}

impl Field {
    fn push(&mut self, text: &str, quoted: bool) {
        match self.pieces.last_mut() {
            Some((last, same)) if *same == quoted => last.push_str(text),
            _ => self.pieces.push((text.into(), quoted)),
        }
    }

    fn text(&self) -> EcoString {
        let mut text = EcoString::new();
        for (piece, _) in &self.pieces {
            text.push_str(piece);
        }
        text
    }
}

fn join(pieces: &[Piece], between: &str) -> EcoString {
    let mut out = EcoString::new();
    for piece in pieces {
        match piece {
            Piece::Text { text, .. } => out.push_str(text),
            Piece::Break => out.push_str(between),
        }
    }
    out
}

/// Whether an empty result of this part inside quotes gives no field at all.
fn expands_to_list(part: &Part) -> bool {
    let Part::Parameter(parameter) = part else {
        return false;
    };
    let all = |word: &Word| matches!(word.parts.as_slice(), [Part::Literal(text)] if text == "@");
    parameter.name == "@" || parameter.index.as_ref().is_some_and(all)
}

/// Shell variables as names of arithmetic.
pub struct ShellNames<'a>(pub &'a mut Shell);

impl Names for ShellNames<'_> {
    fn get(&mut self, name: &str, index: Option<&str>) -> Result<EcoString, EcoString> {
        if let Some(index) = index {
            return Ok(self.element(name, index)?.unwrap_or_default());
        }
        let text = parameter::special(self.0, name).or_else(|| self.0.get(name));
        match text {
            Some(text) => Ok(text),
            None if self.0.options.nounset => Err(parameter::unbound_text(self.0.flavour, name)),
            None => Ok(EcoString::new()),
        }
    }

    fn set(&mut self, name: &str, index: Option<&str>, value: i64) -> Result<(), EcoString> {
        let text = eco_format!("{value}");
        set_element(self.0, name, index, text, false)
    }
}

impl ShellNames<'_> {
    fn element(&mut self, name: &str, index: &str) -> Result<Option<EcoString>, EcoString> {
        let value = self.0.variables.get(name).map(|variable| variable.value.clone());
        match value {
            None | Some(Value::Unset) => Ok(None),
            Some(Value::Associative(elements)) => Ok(elements.get(index).cloned()),
            Some(Value::Indexed(elements)) => {
                let index = evaluate_index(self.0, index, elements.get_max().map(|(k, _)| *k))?;
                Ok(elements.get(&index).cloned())
            }
            Some(Value::Scalar(text)) => {
                Ok((evaluate_index(self.0, index, Some(0))? == 0).then_some(text))
            }
        }
    }
}

/// An array index; negative ones count from the end.
fn evaluate_index(shell: &mut Shell, index: &str, last: Option<i64>) -> Result<i64, EcoString> {
    let flavour = shell.flavour;
    let value = arithmetic::evaluate(index, &mut ShellNames(shell))
        .map_err(|error| if flavour == Flavour::Gnu { error.bash(index) } else { error.ash() })?;
    Ok(if value < 0 { value + last.unwrap_or(-1) + 1 } else { value })
}

/// Assigns to a variable or an element of an array.
pub fn set_element(
    shell: &mut Shell,
    name: &str,
    index: Option<&str>,
    text: EcoString,
    append: bool,
) -> Result<(), EcoString> {
    let old = shell.variables.get(name).map(|variable| variable.value.clone());
    let integer = shell.variables.get(name).is_some_and(|variable| variable.integer);
    let text = if integer {
        let before = shell.text(name);
        let text = if append { eco_format!("{before}+({text})") } else { text };
        let value = arithmetic::evaluate(&text, &mut ShellNames(shell))
            .map_err(|error| error.bash(&text))?;
        eco_format!("{value}")
    } else {
        text
    };
    let append = append && !integer;
    let join = |old: Option<&EcoString>| match old {
        Some(old) if append => eco_format!("{old}{text}"),
        _ => text.clone(),
    };
    let value = match (old, index) {
        (Some(Value::Associative(mut elements)), index) => {
            let key: EcoString = index.unwrap_or("0").into();
            let new = join(elements.get(&key));
            elements.insert(key, new);
            Value::Associative(elements)
        }
        (Some(Value::Indexed(mut elements)), index) => {
            let last = elements.get_max().map(|(key, _)| *key);
            let key = evaluate_index(shell, index.unwrap_or("0"), last)?;
            if key < 0 {
                return Err(eco_format!("{name}[{}]: bad array subscript", index.unwrap_or("")));
            }
            let new = join(elements.get(&key));
            elements.insert(key, new);
            Value::Indexed(elements)
        }
        (old, Some(index)) => {
            let mut elements = imbl::OrdMap::new();
            if let Some(Value::Scalar(text)) = old {
                elements.insert(0, text);
            }
            let key = evaluate_index(shell, index, None)?;
            let new = join(elements.get(&key));
            elements.insert(key, new);
            Value::Indexed(elements)
        }
        (Some(Value::Scalar(old)), None) => Value::Scalar(join(Some(&old))),
        (_, None) => Value::Scalar(text.clone()),
    };
    let flavour = shell.flavour;
    shell.update(name, |place| *place = value).map_err(|error| match flavour {
        Flavour::Gnu => eco_format!("{}: readonly variable", error.0),
        Flavour::Busybox => eco_format!("{}: is read only", error.0),
    })
}
