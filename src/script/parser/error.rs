//! What a shell says about a script it cannot read.

use ecow::{EcoString, eco_format};

use super::{Flavour, Parser};

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// A token nobody waits for.
    Unexpected {
        /// As written; `newline` for the end of a line.
        token: EcoString,
        /// It was an ordinary word.
        word: bool,
        /// What should stand there.
        expecting: Option<&'static str>,
    },
    /// The text ends inside a compound command.
    EndOfFile(Option<&'static str>),
    /// A quote or bracket is never closed.
    Unterminated(char),
    /// A here-document is never closed.
    HereDocument(EcoString),
    /// `for 1a in`.
    LoopVariable(EcoString),
    /// Inside `[[ ]]`.
    Condition(EcoString),
    /// Nested too deep for this shell.
    TooDeep,
    /// Too long for this shell.
    TooLong,
    /// Real shells know it, this one does not.
    NotSimulated(EcoString),
}

/// A script that cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SyntaxError {
    /// What is wrong.
    pub problem: Problem,
    /// The line, from 1.
    pub line: u32,
    /// The text of that line.
    pub source: EcoString,
}

impl SyntaxError {
    /// Whether more text could make it right.
    pub fn needs_more(&self) -> bool {
        matches!(
            self.problem,
            Problem::EndOfFile(_) | Problem::Unterminated(_) | Problem::HereDocument(_)
        )
    }

    /// The lines bash prints after its name, or busybox sh after its.
    pub fn lines(&self, flavour: Flavour, interactive: bool) -> Vec<EcoString> {
        match flavour {
            Flavour::Gnu => self.bash(interactive),
            Flavour::Busybox => vec![self.ash()],
        }
    }

    fn bash(&self, interactive: bool) -> Vec<EcoString> {
        let mut lines = vec![match &self.problem {
            Problem::Unexpected { token, .. } => {
                eco_format!("syntax error near unexpected token `{token}'")
            }
            Problem::EndOfFile(_) => "syntax error: unexpected end of file".into(),
            Problem::Unterminated(close) => {
                eco_format!("unexpected EOF while looking for matching `{close}'")
            }
            Problem::HereDocument(end) => {
                eco_format!("warning: here-document delimited by end-of-file (wanted `{end}')")
            }
            Problem::LoopVariable(name) => eco_format!("`{name}': not a valid identifier"),
            Problem::Condition(text) => text.clone(),
            Problem::TooDeep => "syntax error: nested too deep to be simulated here".into(),
            Problem::TooLong => "syntax error: too long to be simulated here".into(),
            Problem::NotSimulated(what) => eco_format!("{what} is not simulated here"),
        }];
        if matches!(self.problem, Problem::Unexpected { .. }) && !interactive {
            lines.push(eco_format!("`{}'", self.source));
        }
        lines
    }

    fn ash(&self) -> EcoString {
        let expecting = |what: &Option<&'static str>| {
            what.map_or_else(EcoString::new, |what| eco_format!(" (expecting \"{what}\")"))
        };
        let text = match &self.problem {
            Problem::Unexpected { token, expecting: what, word } => {
                let shown = match token.as_str() {
                    "newline" => "newline".into(),
                    "<" | ">" | ">>" | "<<" => "redirection".into(),
                    _ if *word => "word".into(),
                    token => eco_format!("\"{token}\""),
                };
                eco_format!("unexpected {shown}{}", expecting(what))
            }
            Problem::EndOfFile(what) => eco_format!("unexpected end of file{}", expecting(what)),
            Problem::Unterminated(')') => "unexpected end of file (expecting \")\")".into(),
            Problem::Unterminated('}') => "missing '}'".into(),
            Problem::Unterminated('`') => "EOF in backquote substitution".into(),
            Problem::Unterminated(_) => "unterminated quoted string".into(),
            Problem::HereDocument(_) => "unexpected end of file".into(),
            Problem::LoopVariable(_) => "bad for loop variable".into(),
            Problem::Condition(text) => text.clone(),
            Problem::TooDeep => "nested too deep to be simulated here".into(),
            Problem::TooLong => "too long to be simulated here".into(),
            Problem::NotSimulated(what) => eco_format!("{what} is not simulated here"),
        };
        eco_format!("syntax error: {text}")
    }
}

impl Parser<'_> {
    pub(super) fn error(&mut self, problem: Problem) -> SyntaxError {
        let line = self.line();
        let source = self.source_line(line);
        SyntaxError { problem, line, source }
    }

    fn source_line(&self, line: u32) -> EcoString {
        let text: String = self.chars.iter().collect();
        text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("").into()
    }

    pub(super) fn end_of_file(&mut self, expecting: Option<&'static str>) -> SyntaxError {
        let mut error = self.error(Problem::EndOfFile(expecting));
        // bash counts the line after the last newline it adds itself.
        if self.chars.last() != Some(&'\n') {
            error.line += 1;
        }
        error
    }

    /// As [`Self::unexpected`]; the end of the text counts as the end of a line.
    pub(super) fn unexpected_in_line(&mut self, expecting: Option<&'static str>) -> SyntaxError {
        if self.peek().is_none() && self.flavour == Flavour::Gnu {
            let problem = Problem::Unexpected { token: "newline".into(), word: false, expecting };
            return self.error(problem);
        }
        self.unexpected(expecting)
    }

    /// The token here is not what is needed.
    pub(super) fn unexpected(&mut self, expecting: Option<&'static str>) -> SyntaxError {
        self.skip_blanks();
        if self.peek().is_none() {
            return self.end_of_file(expecting);
        }
        let (token, word) = self.token();
        self.error(Problem::Unexpected { token, word, expecting })
    }

    /// The text of the token here.
    fn token(&mut self) -> (EcoString, bool) {
        if self.peek() == Some('\n') {
            return ("newline".into(), false);
        }
        const OPERATORS: [&str; 18] = [
            ";;&", ";;", ";&", "&&", "||", "&>>", "&>", "<<<", "<<", ">>", "<&", ">&", "|&", ";",
            "&", "|", "(", ")",
        ];
        for operator in OPERATORS.iter().chain(&["<", ">"]) {
            if self.looking_at(operator) {
                return ((*operator).into(), false);
            }
        }
        let literal = self.peek_literal();
        if super::CLOSING.contains(&literal.as_str()) {
            return (literal.into(), false);
        }
        let start = self.at;
        let end = match self.word() {
            Ok(_) => self.at,
            Err(_) => self.chars.len(),
        };
        self.at = start;
        (self.slice(start, end).into(), true)
    }
}
