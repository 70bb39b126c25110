//! `$name` and the forms of `${...}`.

use ecow::EcoString;

use super::super::syntax::{Anchor, Operation, Parameter, Part, Word};
use super::{Flavour, Parser, Problem, Read};

impl Parser<'_> {
    /// `$name`, `$1`, `$?`: none if the dollar stands for itself.
    pub(super) fn plain_parameter(&mut self) -> Option<Part> {
        let first = self.peek()?;
        let mut name = EcoString::new();
        if first == '_' || first.is_ascii_alphabetic() {
            while let Some(c) = self.peek().filter(|c| *c == '_' || c.is_ascii_alphanumeric()) {
                name.push(c);
                self.bump();
            }
        } else if first.is_ascii_digit() || "@*#?-$!".contains(first) {
            name.push(first);
            self.bump();
        } else {
            return None;
        }
        let text = name.clone();
        Some(Part::Parameter(Box::new(Parameter {
            name,
            index: None,
            indirect: false,
            operation: Operation::Plain,
            text,
        })))
    }

    /// After `${`.
    pub(super) fn braced(&mut self, in_double: bool) -> Read<Part> {
        let start = self.at;
        self.enter()?;
        let mut parameter = match self.braced_inside(in_double)? {
            Some(parameter) if self.eat("}") => parameter,
            _ => {
                self.at = start;
                self.operand(&['}'], in_double)?;
                self.bump();
                Parameter {
                    name: EcoString::new(),
                    index: None,
                    indirect: false,
                    operation: Operation::Bad,
                    text: EcoString::new(),
                }
            }
        };
        self.depth -= 1;
        let end = self.at.saturating_sub(1);
        parameter.text = self.slice(start, end).into();
        Ok(Part::Parameter(Box::new(parameter)))
    }

    fn braced_inside(&mut self, in_double: bool) -> Read<Option<Parameter>> {
        let second = self.peek_at(1);
        let named = second.is_some_and(|c| c == '_' || c.is_ascii_alphanumeric());
        let special = second.is_some_and(|c| "@*?$!-#".contains(c));
        let mut length = false;
        let mut indirect = false;
        if self.peek() == Some('#') && (named || (special && self.peek_at(2) == Some('}'))) {
            length = true;
            self.bump();
        } else if self.peek() == Some('!') && named && self.flavour == Flavour::Gnu {
            indirect = true;
            self.bump();
        }
        let Some(name) = self.braced_name() else {
            return Ok(None);
        };
        let mut index = None;
        if self.peek() == Some('[') && self.flavour == Flavour::Gnu {
            self.bump();
            index = Some(self.operand(&[']'], false)?);
            self.bump();
        }
        let operation = if length {
            Some(Operation::Length)
        } else if indirect && index.is_some() && self.peek() == Some('}') {
            Some(Operation::Keys)
        } else if indirect && (self.looking_at("*}") || self.looking_at("@}")) {
            self.bump();
            Some(Operation::Names)
        } else {
            self.operation(in_double)?
        };
        Ok(operation.map(|operation| Parameter {
            name,
            index,
            indirect,
            operation,
            text: EcoString::new(),
        }))
    }

    fn braced_name(&mut self) -> Option<EcoString> {
        let first = self.peek()?;
        let mut name = EcoString::new();
        if first == '_' || first.is_ascii_alphabetic() {
            while let Some(c) = self.peek().filter(|c| *c == '_' || c.is_ascii_alphanumeric()) {
                name.push(c);
                self.bump();
            }
        } else if first.is_ascii_digit() {
            while let Some(c) = self.peek().filter(char::is_ascii_digit) {
                name.push(c);
                self.bump();
            }
        } else if "@*#?-$!".contains(first) {
            name.push(first);
            self.bump();
        } else {
            return None;
        }
        Some(name)
    }

    /// What follows the name; none if it is no known form.
    fn operation(&mut self, in_double: bool) -> Read<Option<Operation>> {
        let Some(c) = self.peek() else {
            return Err(self.error(Problem::Unterminated('}')));
        };
        let word = |parser: &mut Self| parser.operand(&['}'], in_double);
        let operation = match c {
            '}' => Operation::Plain,
            ':' if !self.peek_at(1).is_some_and(|c| "-=?+".contains(c)) => {
                self.bump();
                return self.slice_operation().map(Some);
            }
            ':' | '-' | '=' | '?' | '+' => {
                let colon = c == ':';
                if colon {
                    self.bump();
                }
                match self.bump() {
                    Some('-') => Operation::Default(colon, word(self)?),
                    Some('=') => Operation::Assign(colon, word(self)?),
                    Some('?') => Operation::Error(colon, word(self)?),
                    _ => Operation::Alternative(colon, word(self)?),
                }
            }
            '#' => {
                let longest = self.eat("##") || !self.eat("#");
                Operation::RemovePrefix(longest, self.operand(&['}'], false)?)
            }
            '%' => {
                let longest = self.eat("%%") || !self.eat("%");
                Operation::RemoveSuffix(longest, self.operand(&['}'], false)?)
            }
            '/' => self.replace_operation()?,
            '^' | ',' if self.flavour == Flavour::Gnu => {
                self.bump();
                let all = self.peek() == Some(c);
                if all {
                    self.bump();
                }
                Operation::Case(c == '^', all)
            }
            '@' if self.flavour == Flavour::Gnu => {
                self.bump();
                match self.bump() {
                    Some(what @ ('Q' | 'U' | 'u' | 'L' | 'E' | 'A' | 'a' | 'P')) => {
                        Operation::Transform(what)
                    }
                    _ => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(operation))
    }

    fn slice_operation(&mut self) -> Read<Operation> {
        let offset = self.operand(&[':', '}'], true)?;
        let length = if self.eat(":") { Some(self.operand(&['}'], true)?) } else { None };
        Ok(Operation::Slice(offset, length))
    }

    fn replace_operation(&mut self) -> Read<Operation> {
        self.bump();
        let anchor = match self.peek() {
            Some('/') => Anchor::All,
            Some('#') => Anchor::Start,
            Some('%') => Anchor::End,
            _ => Anchor::First,
        };
        if anchor != Anchor::First {
            self.bump();
        }
        let pattern = self.operand(&['/', '}'], false)?;
        let with = if self.eat("/") { self.operand(&['}'], false)? } else { Word::default() };
        Ok(Operation::Replace(anchor, pattern, with))
    }
}
