//! From text to syntax tree: bash's grammar without extended globs, coprocesses and `select`.
//!
//! Scripts are read line by line as shells do, so that what stands before a syntax error runs.

mod compound;
mod condition;
mod error;
mod parameter;
mod word;

use std::rc::Rc;

use ecow::EcoString;
use imbl::OrdMap;

pub(crate) use compound::is_name;
pub use error::{Problem, SyntaxError};

use super::host::Flavour;
use super::syntax::{Chain, Connector, Item, List, Pipeline};

/// Deeper nesting than this is refused.
const DEPTH_MAX: u32 = 120;
/// Longer scripts than this (in characters) are refused.
const LENGTH_MAX: usize = 512 * 1024;

/// A script as read: the complete lines, and what is wrong after them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parsed {
    /// One list per complete line.
    pub lines: Vec<Rc<List>>,
    /// What stopped the reading.
    pub error: Option<SyntaxError>,
}

/// Reads a whole script.
pub fn parse(text: &str, flavour: Flavour, aliases: &OrdMap<EcoString, EcoString>) -> Parsed {
    let mut parser = Parser::new(text, flavour, aliases);
    let mut lines = Vec::new();
    loop {
        match parser.complete_line() {
            Ok(Some(list)) => lines.push(Rc::new(list)),
            Ok(None) => return Parsed { lines, error: None },
            Err(error) => {
                return Parsed { lines, error: Some(error) };
            }
        }
    }
}

/// Reserved words that cannot begin a command.
const CLOSING: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

pub(super) struct Parser<'a> {
    chars: Vec<char>,
    at: usize,
    flavour: Flavour,
    depth: u32,
    aliases: &'a OrdMap<EcoString, EcoString>,
    /// Aliases being expanded, with the distance of their end from the end of the text.
    expanding: Vec<(EcoString, usize)>,
    /// The newline after which here-documents begin, and where they end.
    documents: Option<(usize, usize)>,
    /// A position whose line number is known.
    known_line: (usize, u32),
}

type Read<T> = Result<T, SyntaxError>;

impl<'a> Parser<'a> {
    pub(super) fn new(
        text: &str,
        flavour: Flavour,
        aliases: &'a OrdMap<EcoString, EcoString>,
    ) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            flavour,
            depth: 0,
            aliases,
            expanding: Vec::new(),
            documents: None,
            known_line: (0, 1),
        }
    }

    /// A parser for text inside this script.
    fn inner(&self, text: &str) -> Self {
        let mut inner = Self::new(text, self.flavour, self.aliases);
        inner.depth = self.depth + 1;
        inner
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn bump(&mut self) -> Option<char> {
        let found = self.peek()?;
        match self.documents {
            Some((newline, resume)) if newline == self.at => {
                self.at = resume;
                self.documents = None;
            }
            _ => self.at += 1,
        }
        Some(found)
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, wanted)| self.peek_at(index) == Some(wanted))
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.looking_at(text);
        if found {
            for _ in text.chars() {
                self.bump();
            }
        }
        found
    }

    fn line(&mut self) -> u32 {
        let (mut at, mut line) = self.known_line;
        if at > self.at {
            (at, line) = (0, 1);
        }
        let passed = self.chars.get(at..self.at.min(self.chars.len())).unwrap_or(&[]);
        line += passed.iter().filter(|c| **c == '\n').count() as u32;
        self.known_line = (self.at, line);
        line
    }

    fn slice(&self, from: usize, to: usize) -> String {
        self.chars.get(from..to).unwrap_or(&[]).iter().collect()
    }

    fn enter(&mut self) -> Read<()> {
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err(self.error(Problem::TooDeep)) } else { Ok(()) }
    }

    /// Blanks, escaped newlines and comments.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => {
                    self.bump();
                }
                Some('\\') if self.peek_at(1) == Some('\n') => {
                    self.bump();
                    self.bump();
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }

    fn skip_newlines(&mut self) {
        self.skip_blanks();
        while self.peek() == Some('\n') {
            self.bump();
            self.skip_blanks();
        }
    }

    /// The literal word here, without moving: empty if there is none.
    fn peek_literal(&self) -> String {
        let mut word = String::new();
        let mut at = self.at;
        while let Some(c) = self.chars.get(at).copied() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\\' | '\'' | '"' | '$' | '`' => return String::new(),
                _ => word.push(c),
            }
            at += 1;
        }
        word
    }

    fn at_stop(&self, stops: &[&str]) -> bool {
        let word = self.peek_literal();
        stops.iter().any(|stop| match *stop {
            ")" | ";;" => self.looking_at(stop),
            ";&" => self.looking_at(";&") || self.looking_at(";;&"),
            stop => word == stop,
        })
    }

    /// One line of the script with everything that belongs to it; none at the end.
    fn complete_line(&mut self) -> Read<Option<List>> {
        if self.chars.len() > LENGTH_MAX {
            return Err(self.error(Problem::TooLong));
        }
        self.skip_newlines();
        if self.peek().is_none() {
            return Ok(None);
        }
        let mut list = List::default();
        loop {
            list.items.push(self.item(&[])?);
            self.skip_blanks();
            match self.peek() {
                None => break,
                Some('\n') => {
                    self.bump();
                    break;
                }
                Some(_) => {}
            }
        }
        Ok(Some(list))
    }

    /// A list inside a compound command, up to but without one of the stops.
    fn compound_list(&mut self, stops: &[&'static str]) -> Read<Rc<List>> {
        self.enter()?;
        let mut list = List::default();
        loop {
            self.skip_newlines();
            if self.at_stop(stops) {
                break;
            }
            if self.peek().is_none() {
                return Err(self.end_of_file(stops.first().copied()));
            }
            list.items.push(self.item(stops)?);
        }
        self.depth -= 1;
        Ok(Rc::new(list))
    }

    /// As [`Self::compound_list`], and at least one command.
    fn nonempty_list(&mut self, stops: &[&'static str]) -> Read<Rc<List>> {
        let list = self.compound_list(stops)?;
        if list.items.is_empty() { Err(self.unexpected(None)) } else { Ok(list) }
    }

    fn item(&mut self, stops: &[&'static str]) -> Read<Item> {
        let start = self.at;
        let chain = Rc::new(self.chain(stops.first().copied())?);
        let text: EcoString = self.slice(start, self.at).trim().into();
        self.skip_blanks();
        let mut background = false;
        match self.peek() {
            Some(';') if !matches!(self.peek_at(1), Some(';' | '&')) => {
                self.bump();
            }
            Some('&') if self.peek_at(1) != Some('&') => {
                self.bump();
                background = true;
            }
            None | Some('\n') => {}
            Some(')') if stops.contains(&")") => {}
            Some(';') if stops.contains(&";;") => {}
            Some(_) => return Err(self.unexpected(stops.first().copied())),
        }
        Ok(Item { chain, background, text })
    }

    fn chain(&mut self, expecting: Option<&'static str>) -> Read<Chain> {
        let mut pipelines = vec![(Connector::And, Rc::new(self.pipeline(expecting)?))];
        loop {
            self.skip_blanks();
            let connector = if self.eat("&&") {
                Connector::And
            } else if self.eat("||") {
                Connector::Or
            } else {
                return Ok(Chain { pipelines });
            };
            self.skip_newlines();
            pipelines.push((connector, Rc::new(self.pipeline(None)?)));
        }
    }

    fn pipeline(&mut self, expecting: Option<&'static str>) -> Read<Pipeline> {
        self.skip_blanks();
        let mut pipeline = Pipeline { negated: false, timed: None, commands: Vec::new() };
        loop {
            self.expand_alias();
            match self.peek_literal().as_str() {
                "!" => pipeline.negated = !pipeline.negated,
                "time" if self.flavour == Flavour::Gnu => pipeline.timed = Some(false),
                "-p" if pipeline.timed.is_some() => pipeline.timed = Some(true),
                _ => break,
            }
            while self.peek().is_some_and(|c| !c.is_whitespace() && c != ';') {
                self.bump();
            }
            self.skip_blanks();
            let ends = matches!(self.peek(), None | Some('\n' | ';' | '&' | '|' | ')'));
            if ends && pipeline.timed.is_some() {
                return Ok(pipeline);
            }
        }
        loop {
            let mut command = self.command(expecting)?;
            self.skip_blanks();
            if self.looking_at("||") || self.peek() != Some('|') {
                pipeline.commands.push(Rc::new(command));
                return Ok(pipeline);
            }
            self.bump();
            if self.eat("&") {
                command.redirections.push(word::stderr_to_stdout());
            }
            pipeline.commands.push(Rc::new(command));
            self.skip_newlines();
        }
    }

    /// Replaces an alias at the place of a command name by its text.
    fn expand_alias(&mut self) {
        for _ in 0..16 {
            let end = self.chars.len();
            let at = self.at;
            self.expanding.retain(|(_, rest)| end.saturating_sub(*rest) > at);
            let word = self.peek_literal();
            let Some(value) = self.aliases.get(word.as_str()) else {
                return;
            };
            if self.expanding.iter().any(|(name, _)| *name == word) {
                return;
            }
            let length = word.chars().count();
            let text: Vec<char> = value.chars().collect();
            let grown = text.len();
            self.chars.splice(at..at + length, text);
            if let Some((newline, resume)) = &mut self.documents
                && *newline >= at + length
            {
                *newline = *newline + grown - length;
                *resume = *resume + grown - length;
            }
            self.expanding.push((word.into(), self.chars.len() - at - grown));
        }
    }
}
