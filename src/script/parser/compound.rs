//! Commands: simple ones, `if`, loops, `case`, functions, groups.

use std::rc::Rc;

use ecow::EcoString;

use super::super::syntax::{
    Arm, ArmEnd, AssignedValue, Assignment, Chain, Command, Connector, Item, Kind, List, Part,
    Pipeline, Simple, Word,
};
use super::{CLOSING, Flavour, Parser, Problem, Read};

/// Commands whose arguments may be assignments that are not split.
const DECLARATIONS: [&str; 5] = ["export", "readonly", "local", "declare", "typeset"];

impl Parser<'_> {
    pub(super) fn command(&mut self, expecting: Option<&'static str>) -> Read<Command> {
        self.skip_blanks();
        self.expand_alias();
        self.enter()?;
        let line = self.line();
        let kind = self.kind(expecting)?;
        let mut redirections = Vec::new();
        let kind = match kind {
            Some(kind) => kind,
            None => self.simple(&mut redirections, expecting)?,
        };
        if !matches!(kind, Kind::Simple(_) | Kind::Function(..)) {
            loop {
                self.skip_blanks();
                match self.redirection()? {
                    Some(redirection) => redirections.push(redirection),
                    None => break,
                }
            }
        }
        self.depth -= 1;
        Ok(Command { line, kind, redirections })
    }

    /// A compound command; none if a simple one stands here.
    fn kind(&mut self, expecting: Option<&'static str>) -> Read<Option<Kind>> {
        if self.looking_at("((")
            && self.flavour == Flavour::Gnu
            && let Some(inside) = self.arithmetic_text(2)
        {
            return Ok(Some(Kind::Arithmetic(self.arithmetic_word(&inside)?)));
        }
        if self.peek() == Some('(') {
            self.bump();
            let list = self.nonempty_list(&[")"])?;
            self.bump();
            return Ok(Some(Kind::Subshell(list)));
        }
        let word = self.peek_literal();
        let kind = match word.as_str() {
            "{" => self.group()?,
            "if" => self.if_command()?,
            "while" | "until" => self.while_command(word == "until")?,
            "for" => self.for_command()?,
            "case" => self.case_command()?,
            "[[" => self.test()?,
            "function" => {
                self.eat("function");
                self.skip_blanks();
                let name = self.peek_literal();
                self.eat(&name);
                self.skip_blanks();
                if self.eat("(") {
                    self.skip_blanks();
                    self.eat(")");
                }
                self.function(name)?
            }
            "select" | "coproc" if self.flavour == Flavour::Gnu => {
                return Err(self.error(Problem::NotSimulated(word.into())));
            }
            closing if CLOSING.contains(&closing) => return Err(self.unexpected(expecting)),
            _ => return self.function_or_simple(word),
        };
        Ok(Some(kind))
    }

    fn function_or_simple(&mut self, name: String) -> Read<Option<Kind>> {
        let start = self.at;
        if name.is_empty() || name.contains('=') || !self.eat(&name) {
            self.at = start;
            return Ok(None);
        }
        self.skip_blanks();
        if self.eat("(") {
            self.skip_blanks();
            if self.eat(")") {
                return self.function(name).map(Some);
            }
            return Err(self.unexpected(None));
        }
        self.at = start;
        Ok(None)
    }

    fn function(&mut self, name: String) -> Read<Kind> {
        self.skip_newlines();
        let body = self.command(None)?;
        Ok(Kind::Function(name.into(), Rc::new(body)))
    }

    fn keyword(&mut self, word: &'static str) -> Read<()> {
        self.skip_newlines();
        if self.peek_literal() == word {
            self.eat(word);
            Ok(())
        } else {
            Err(self.unexpected(Some(word)))
        }
    }

    fn group(&mut self) -> Read<Kind> {
        self.eat("{");
        let list = self.nonempty_list(&["}"])?;
        self.eat("}");
        Ok(Kind::Group(list))
    }

    fn if_command(&mut self) -> Read<Kind> {
        self.eat("if");
        let mut branches = Vec::new();
        let mut otherwise = None;
        loop {
            let condition = self.nonempty_list(&["then"])?;
            self.eat("then");
            let body = self.nonempty_list(&["fi", "elif", "else"])?;
            branches.push((condition, body));
            if self.eat("elif") {
                continue;
            }
            if self.eat("else") {
                otherwise = Some(self.nonempty_list(&["fi"])?);
            }
            self.eat("fi");
            return Ok(Kind::If(branches, otherwise));
        }
    }

    fn while_command(&mut self, until: bool) -> Read<Kind> {
        self.eat(if until { "until" } else { "while" });
        let condition = self.nonempty_list(&["do"])?;
        let body = self.do_group()?;
        Ok(Kind::While(until, condition, body))
    }

    fn do_group(&mut self) -> Read<Rc<List>> {
        self.keyword("do")?;
        let body = self.nonempty_list(&["done"])?;
        self.eat("done");
        Ok(body)
    }

    fn for_command(&mut self) -> Read<Kind> {
        self.eat("for");
        self.skip_blanks();
        if self.looking_at("((") && self.flavour == Flavour::Gnu {
            return self.arithmetic_for();
        }
        let name = self.peek_literal();
        if !is_name(&name) {
            if name.is_empty() && self.flavour == Flavour::Gnu {
                return Err(self.unexpected_in_line(None));
            }
            return Err(self.error(Problem::LoopVariable(name.into())));
        }
        self.eat(&name);
        self.skip_newlines();
        let mut words = None;
        if self.peek_literal() == "in" {
            self.eat("in");
            let mut found = Vec::new();
            self.skip_blanks();
            while let Some(word) = self.word()? {
                found.push(word);
                self.skip_blanks();
            }
            words = Some(found);
            if !matches!(self.peek(), Some(';' | '\n')) {
                return Err(self.unexpected(Some("do")));
            }
        }
        if self.peek() == Some(';') {
            self.bump();
        }
        let body = self.for_body()?;
        Ok(Kind::For(name.into(), words, body))
    }

    /// `do ... done` or, in bash, `{ ... }`.
    fn for_body(&mut self) -> Read<Rc<List>> {
        self.skip_newlines();
        if self.peek_literal() == "{" && self.flavour == Flavour::Gnu {
            self.eat("{");
            let body = self.nonempty_list(&["}"])?;
            self.eat("}");
            return Ok(body);
        }
        self.do_group()
    }

    fn arithmetic_for(&mut self) -> Read<Kind> {
        let Some(inside) = self.arithmetic_text(2) else {
            return Err(self.error(Problem::Unterminated(')')));
        };
        let parts: Vec<&str> = inside.split(';').collect();
        let [start, test, step] = parts.as_slice() else {
            return Err(self.unexpected(None));
        };
        let words = [
            self.arithmetic_word(start)?,
            self.arithmetic_word(test)?,
            self.arithmetic_word(step)?,
        ];
        self.skip_blanks();
        if self.peek() == Some(';') {
            self.bump();
        }
        let body = self.for_body()?;
        Ok(Kind::ArithmeticFor(Box::new(words), body))
    }

    fn case_command(&mut self) -> Read<Kind> {
        self.eat("case");
        self.skip_blanks();
        let Some(subject) = self.word()? else {
            return Err(self.unexpected_in_line(None));
        };
        self.keyword_in()?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines();
            if self.peek_literal() == "esac" {
                self.eat("esac");
                return Ok(Kind::Case(subject, arms));
            }
            if self.peek().is_none() {
                return Err(self.end_of_file(Some(")")));
            }
            arms.push(self.arm()?);
        }
    }

    fn keyword_in(&mut self) -> Read<()> {
        self.skip_newlines();
        if self.peek_literal() == "in" {
            self.eat("in");
            return Ok(());
        }
        Err(self.unexpected(Some("in")))
    }

    fn arm(&mut self) -> Read<Arm> {
        self.eat("(");
        let mut patterns = Vec::new();
        loop {
            self.skip_blanks();
            let Some(pattern) = self.word()? else {
                return Err(self.unexpected(Some(")")));
            };
            patterns.push(pattern);
            self.skip_blanks();
            if self.eat("|") {
                continue;
            }
            if self.eat(")") {
                break;
            }
            return Err(self.unexpected_in_line(Some(")")));
        }
        let body = self.compound_list(&[";;", ";&", "esac"])?;
        let end = if self.eat(";;&") {
            ArmEnd::TryNext
        } else if self.eat(";&") {
            ArmEnd::FallThrough
        } else {
            self.eat(";;");
            ArmEnd::Stop
        };
        Ok(Arm { patterns, body, end })
    }

    fn simple(
        &mut self,
        redirections: &mut Vec<super::super::syntax::Redirection>,
        expecting: Option<&'static str>,
    ) -> Read<Kind> {
        let mut simple = Simple::default();
        let mut declares = false;
        let mut arrays = Simple::default();
        loop {
            self.skip_blanks();
            if let Some(redirection) = self.redirection()? {
                redirections.push(redirection);
                continue;
            }
            if simple.words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                simple.assignments.push(assignment);
                continue;
            }
            if declares && let Some(array) = self.declared_array()? {
                let parts = vec![Part::Literal(array.name.clone())];
                simple.words.push(Word { parts, assignment: false });
                arrays.assignments.push(array);
                continue;
            }
            let literal = self.peek_literal();
            let assigns = declares && name_before_equals(&literal_prefix(self)).is_some();
            let Some(mut word) = self.word()? else { break };
            if simple.words.is_empty() {
                declares = DECLARATIONS.contains(&literal.as_str());
            }
            word.assignment = assigns;
            simple.words.push(word);
        }
        let nothing = simple.words.is_empty() && simple.assignments.is_empty();
        if nothing && redirections.is_empty() {
            return Err(self.unexpected(expecting));
        }
        if arrays.assignments.is_empty() {
            return Ok(Kind::Simple(simple));
        }
        Ok(self.two_commands(simple, arrays))
    }

    /// `declare -A m=(...)`: the declaration, then the assignment.
    fn two_commands(&mut self, first: Simple, second: Simple) -> Kind {
        let line = self.line();
        let item = |simple: Simple| {
            let kind = Kind::Simple(simple);
            let command = Rc::new(Command { line, kind, redirections: Vec::new() });
            let pipeline = Pipeline { negated: false, timed: None, commands: vec![command] };
            let chain = Chain { pipelines: vec![(Connector::And, Rc::new(pipeline))] };
            Item { chain: Rc::new(chain), background: false, text: EcoString::new() }
        };
        Kind::Group(Rc::new(List { items: vec![item(first), item(second)] }))
    }

    /// `name=(words)` after `declare` and the like.
    fn declared_array(&mut self) -> Read<Option<Assignment>> {
        let start = self.at;
        let name = literal_prefix(self);
        let open = self.chars.get(start + name.chars().count());
        if self.flavour != Flavour::Gnu || !name.ends_with('=') || open != Some(&'(') {
            return Ok(None);
        }
        self.assignment()
    }

    /// `name=value`, `name+=value`, `name[index]=value` or `name=(words)`.
    fn assignment(&mut self) -> Read<Option<Assignment>> {
        let start = self.at;
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if c == '_' || c.is_ascii_alphabetic() || (!name.is_empty() && c.is_ascii_digit()) {
                name.push(c);
                self.bump();
            } else {
                break;
            }
        }
        if name.is_empty() {
            return Ok(None);
        }
        let mut index = None;
        if self.peek() == Some('[') && self.flavour == Flavour::Gnu {
            self.bump();
            index = Some(self.operand(&[']'], false)?);
            if !self.eat("]") {
                self.at = start;
                return Ok(None);
            }
        }
        let append = self.looking_at("+=");
        if !self.eat("+=") && !self.eat("=") {
            self.at = start;
            return Ok(None);
        }
        let value = if self.peek() == Some('(') && self.flavour == Flavour::Gnu {
            self.bump();
            AssignedValue::Array(self.array()?)
        } else {
            AssignedValue::Word(self.word()?.unwrap_or_default())
        };
        Ok(Some(Assignment { name: name.into(), index, append, value }))
    }

    fn array(&mut self) -> Read<Vec<(Option<Word>, Word)>> {
        let mut words = Vec::new();
        loop {
            self.skip_newlines();
            if self.eat(")") {
                return Ok(words);
            }
            let start = self.at;
            let mut key = None;
            if self.eat("[") {
                key = Some(self.operand(&[']'], false)?);
                if !self.eat("]=") {
                    (self.at, key) = (start, None);
                }
            }
            match self.word()? {
                Some(word) => words.push((key, word)),
                None if key.is_some() => words.push((key, Word::default())),
                None if self.peek().is_none() => {
                    return Err(self.error(Problem::Unterminated(')')));
                }
                None => return Err(self.unexpected(None)),
            }
        }
    }
}

/// The text up to the first character that cannot belong to a plain assignment's name.
fn literal_prefix(parser: &Parser<'_>) -> String {
    let rest = parser.chars.get(parser.at..).unwrap_or(&[]);
    let stop = |c: &&char| **c == '_' || c.is_ascii_alphanumeric() || matches!(c, '=' | '+');
    rest.iter().take_while(stop).collect()
}

/// The name in `name=...`.
fn name_before_equals(text: &str) -> Option<EcoString> {
    let (name, _) = text.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    is_name(name).then(|| name.into())
}

/// Whether a text can name a variable.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c == '_' || c.is_ascii_alphabetic())
        && text.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}
