//! The inside of `[[ ]]`.

use super::super::syntax::{Condition, Kind, Part, Word};
use super::word::{Parts, literal_text};
use super::{Parser, Problem, Read};

impl Parser<'_> {
    pub(super) fn test(&mut self) -> Read<Kind> {
        self.eat("[[");
        let condition = self.condition_or()?;
        self.skip_newlines();
        if self.peek_literal() != "]]" {
            return Err(self.bad_condition());
        }
        self.eat("]]");
        Ok(Kind::Test(condition))
    }

    fn bad_condition(&mut self) -> super::SyntaxError {
        if self.peek().is_none() {
            return self.end_of_file(Some("]]"));
        }
        let word = self.peek_literal();
        self.error(Problem::Condition(ecow::eco_format!(
            "syntax error in conditional expression near `{word}'"
        )))
    }

    fn condition_or(&mut self) -> Read<Condition> {
        self.enter()?;
        let mut left = self.condition_and()?;
        self.skip_newlines();
        while self.eat("||") {
            left = Condition::Or(Box::new(left), Box::new(self.condition_and()?));
            self.skip_newlines();
        }
        self.depth -= 1;
        Ok(left)
    }

    fn condition_and(&mut self) -> Read<Condition> {
        let mut left = self.condition_not()?;
        self.skip_newlines();
        while self.eat("&&") {
            left = Condition::And(Box::new(left), Box::new(self.condition_not()?));
            self.skip_newlines();
        }
        Ok(left)
    }

    fn condition_not(&mut self) -> Read<Condition> {
        self.skip_newlines();
        if self.peek_literal() == "!" {
            self.eat("!");
            return Ok(Condition::Not(Box::new(self.condition_not()?)));
        }
        if self.eat("(") {
            let inside = self.condition_or()?;
            if !self.eat(")") {
                return Err(self.bad_condition());
            }
            return Ok(inside);
        }
        self.condition_primary()
    }

    fn condition_primary(&mut self) -> Read<Condition> {
        if self.peek_literal() == "]]" {
            return Err(self.bad_condition());
        }
        let Some(left) = self.word()? else {
            return Err(self.bad_condition());
        };
        self.skip_blanks();
        let ends = self.looking_at("&&") || self.looking_at("||") || self.peek() == Some(')');
        let next = self.peek_literal();
        if is_unary(&left) && !ends && next != "]]" && !is_binary(&next) {
            let Some(operand) = self.word()? else {
                return Err(self.bad_condition());
            };
            return Ok(Condition::Unary(literal_text(&left.parts), operand));
        }
        if next == "]]" || ends || self.peek() == Some('\n') {
            return Ok(Condition::Word(left));
        }
        let operator = match self.peek() {
            Some(c @ ('<' | '>')) => {
                self.bump();
                c.to_string()
            }
            _ if is_binary(&next) => {
                self.eat(&next);
                next
            }
            _ => return Err(self.bad_condition()),
        };
        self.skip_blanks();
        let right = if operator == "=~" { self.regex_word()? } else { self.word()? };
        let Some(right) = right else {
            return Err(self.bad_condition());
        };
        Ok(Condition::Binary(operator.into(), left, right))
    }

    /// After `=~`: parentheses and bars belong to the word.
    fn regex_word(&mut self) -> Read<Option<Word>> {
        let mut parts = Parts::default();
        let mut depth = 0;
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' if depth == 0 => break,
                '(' => depth += 1,
                ')' if depth == 0 => break,
                ')' => depth -= 1,
                '&' if depth == 0 && self.peek_at(1) == Some('&') => break,
                _ => {
                    self.piece(c, &mut parts)?;
                    continue;
                }
            }
            self.bump();
            parts.literal(c);
        }
        let parts = parts.finish();
        Ok((!parts.is_empty()).then_some(Word { parts, assignment: false }))
    }
}

fn is_unary(word: &Word) -> bool {
    let [Part::Literal(text)] = word.parts.as_slice() else {
        return false;
    };
    let mut chars = text.chars();
    chars.next() == Some('-')
        && chars.next().is_some_and(|c| "abcdefghknoprstuvwxzGLNORS".contains(c))
        && chars.next().is_none()
}

fn is_binary(text: &str) -> bool {
    matches!(
        text,
        "=" | "=="
            | "!="
            | "=~"
            | "-eq"
            | "-ne"
            | "-lt"
            | "-le"
            | "-gt"
            | "-ge"
            | "-nt"
            | "-ot"
            | "-ef"
    )
}
