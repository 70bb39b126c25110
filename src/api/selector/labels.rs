//! Label selectors as text: `app=nginx,tier in (a, b),!canary`.
//!
//! Models `k8s.io/apimachinery/pkg/labels` (`Parse`, `Requirement.Matches`).

use crate::api::content::{label_value_errors, qualified_name_errors};
use crate::api::go;
use crate::api::value::{EcoString, Map, Value};

/// How a requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `key in (a, b)`
    In,
    /// `key notin (a, b)`
    NotIn,
    /// `key=a`
    Equals,
    /// `key==a`
    DoubleEquals,
    /// `key!=a`
    NotEquals,
    /// `key`
    Exists,
    /// `!key`
    DoesNotExist,
    /// `key>1`
    GreaterThan,
    /// `key<1`
    LessThan,
}

/// One requirement on a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label's key.
    pub key: EcoString,
    /// What is asked of it.
    pub operator: Operator,
    /// What it is compared with, sorted.
    pub values: Vec<EcoString>,
}

/// All requirements have to hold; none selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    /// The requirements, sorted by key.
    pub requirements: Vec<Requirement>,
}

impl LabelSelector {
    /// Reads a selector, or says what is wrong with it as the server does.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { tokens: tokenize(text), position: 0 };
        let mut requirements = parser.parse()?;
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(LabelSelector { requirements })
    }

    /// Whether it selects these labels.
    pub fn matches(&self, labels: Option<&Map>) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    /// Whether it holds for these labels.
    pub fn matches(&self, labels: Option<&Map>) -> bool {
        let found = labels.and_then(|labels| labels.get(&self.key)).map(Value::str);
        let is_listed = found.is_some_and(|found| self.values.iter().any(|v| v == found));
        let numbers = || Some((found?.parse().ok()?, self.values.first()?.parse().ok()?));
        match self.operator {
            Operator::In | Operator::Equals | Operator::DoubleEquals => is_listed,
            Operator::NotIn | Operator::NotEquals => !is_listed,
            Operator::Exists => found.is_some(),
            Operator::DoesNotExist => found.is_none(),
            Operator::GreaterThan => numbers().is_some_and(|(a, b): (i64, i64)| a > b),
            Operator::LessThan => numbers().is_some_and(|(a, b): (i64, i64)| a < b),
        }
    }

    /// Models `NewRequirement`.
    fn new(key: &str, operator: Operator, mut values: Vec<EcoString>) -> Result<Self, String> {
        let mut errors = Vec::new();
        let complaints = qualified_name_errors(key);
        if !complaints.is_empty() {
            errors.push(invalid("key", key, &complaints.join("; ")));
        }
        values.sort();
        values.dedup();
        if matches!(operator, Operator::GreaterThan | Operator::LessThan) {
            for (i, value) in values.iter().enumerate() {
                if value.parse::<i64>().is_err() {
                    let detail = "for 'Gt', 'Lt' operators, the value must be an integer";
                    errors.push(invalid(&format!("values[{i}]"), value, detail));
                }
            }
        }
        for (i, value) in values.iter().enumerate() {
            let complaints = label_value_errors(value);
            if !complaints.is_empty() {
                let path = format!("values[{i}][{key}]");
                errors.push(invalid(&path, value, &complaints.join("; ")));
            }
        }
        match errors.is_empty() {
            true => Ok(Requirement { key: key.into(), operator, values }),
            false => Err(go::aggregate(&errors)),
        }
    }
}

fn invalid(path: &str, value: &str, detail: &str) -> String {
    format!("{path}: Invalid value: {}: {detail}", go::quote(value))
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let key = &self.key;
        let values = self.values.join(",");
        match self.operator {
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
            Operator::Equals => write!(f, "{key}={values}"),
            Operator::DoubleEquals => write!(f, "{key}=={values}"),
            Operator::NotEquals => write!(f, "{key}!={values}"),
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::GreaterThan => write!(f, "{key}>{values}"),
            Operator::LessThan => write!(f, "{key}<{values}"),
        }
    }
}

impl std::fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let parts: Vec<String> = self.requirements.iter().map(Requirement::to_string).collect();
        f.write_str(&parts.join(","))
    }
}

/// The kinds of words in a selector; `In` and `NotIn` are identifiers where values stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    ClosedPar,
    Comma,
    DoesNotExist,
    DoubleEquals,
    Equals,
    GreaterThan,
    Identifier,
    In,
    LessThan,
    NotEquals,
    NotIn,
    OpenPar,
    EndOfString,
    Error,
}

fn symbol(text: &str) -> Option<Token> {
    Some(match text {
        ")" => Token::ClosedPar,
        "," => Token::Comma,
        "!" => Token::DoesNotExist,
        "==" => Token::DoubleEquals,
        "=" => Token::Equals,
        ">" => Token::GreaterThan,
        "in" => Token::In,
        "<" => Token::LessThan,
        "!=" => Token::NotEquals,
        "notin" => Token::NotIn,
        "(" => Token::OpenPar,
        _ => return None,
    })
}

fn is_symbol(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn tokenize(text: &str) -> Vec<(Token, String)> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let Some(first) = rest.chars().next() else {
            tokens.push((Token::EndOfString, String::new()));
            return tokens;
        };
        let is_blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
        let length = if is_symbol(first) {
            symbol_length(rest)
        } else {
            rest.find(|c| is_symbol(c) || is_blank(c)).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(length);
        rest = after;
        let token = match symbol(word) {
            Some(token) => token,
            None if is_symbol(first) => Token::Error,
            None => Token::Identifier,
        };
        tokens.push((token, word.into()));
    }
}

/// The longest symbol at the start.
fn symbol_length(text: &str) -> usize {
    match text.get(..2) {
        Some("==" | "!=") => 2,
        _ => 1,
    }
}

struct Parser {
    tokens: Vec<(Token, String)>,
    position: usize,
}

impl Parser {
    fn at(&self, position: usize) -> (Token, &str) {
        self.tokens.get(position).map_or((Token::EndOfString, ""), |(t, s)| (*t, s))
    }

    /// The next word where a key or a value stands.
    fn lookahead(&self) -> (Token, String) {
        let (token, text) = self.at(self.position);
        let token =
            if matches!(token, Token::In | Token::NotIn) { Token::Identifier } else { token };
        (token, text.into())
    }

    fn consume(&mut self) -> (Token, String) {
        let word = self.lookahead();
        self.position += 1;
        word
    }

    fn parse(&mut self) -> Result<Vec<Requirement>, String> {
        let mut requirements = Vec::new();
        loop {
            let (token, text) = self.lookahead();
            match token {
                Token::Identifier | Token::DoesNotExist => {
                    let requirement = self.parse_requirement();
                    let wrap = |error| format!("unable to parse requirement: {error}");
                    requirements.push(requirement.map_err(wrap)?);
                    let (token, text) = self.consume();
                    match token {
                        Token::EndOfString => return Ok(requirements),
                        Token::Comma => self.expect_key_after_comma()?,
                        _ => {
                            return Err(found(&text, "',' or 'end of string'"));
                        }
                    }
                }
                Token::EndOfString => return Ok(requirements),
                _ => return Err(found(&text, "!, identifier, or 'end of string'")),
            }
        }
    }

    fn expect_key_after_comma(&self) -> Result<(), String> {
        match self.lookahead() {
            (Token::Identifier | Token::DoesNotExist, _) => Ok(()),
            (_, text) => Err(found(&text, "identifier after ','")),
        }
    }

    fn parse_requirement(&mut self) -> Result<Requirement, String> {
        let (mut token, mut key) = self.consume();
        let is_negated = token == Token::DoesNotExist;
        if is_negated {
            (token, key) = self.consume();
        }
        if token != Token::Identifier {
            return Err(found(&key, "identifier"));
        }
        let complaints = qualified_name_errors(&key);
        if !complaints.is_empty() {
            return Err(invalid("<nil>", &key, &complaints.join("; ")));
        }
        let is_end = matches!(self.lookahead().0, Token::EndOfString | Token::Comma);
        if is_negated || is_end {
            let operator = if is_negated { Operator::DoesNotExist } else { Operator::Exists };
            return Requirement::new(&key, operator, Vec::new());
        }
        let operator = self.parse_operator()?;
        let values = match operator {
            Operator::In | Operator::NotIn => self.parse_values()?,
            _ => vec![self.parse_exact_value()?],
        };
        Requirement::new(&key, operator, values)
    }

    fn parse_operator(&mut self) -> Result<Operator, String> {
        let (token, text) = self.at(self.position);
        let operator = match token {
            Token::In => Operator::In,
            Token::NotIn => Operator::NotIn,
            Token::Equals => Operator::Equals,
            Token::DoubleEquals => Operator::DoubleEquals,
            Token::NotEquals => Operator::NotEquals,
            Token::GreaterThan => Operator::GreaterThan,
            Token::LessThan => Operator::LessThan,
            _ => return Err(found(text, "in, notin, =, ==, !=, gt, lt")),
        };
        self.position += 1;
        Ok(operator)
    }

    fn parse_values(&mut self) -> Result<Vec<EcoString>, String> {
        let (token, text) = self.consume();
        if token != Token::OpenPar {
            return Err(format!("found '{text}' expected: '('"));
        }
        let (token, text) = self.lookahead();
        match token {
            Token::Identifier | Token::Comma => {
                let values = self.parse_identifiers()?;
                match self.consume() {
                    (Token::ClosedPar, _) => Ok(values),
                    // Upstream shows the first word of the list here.
                    _ => Err(found(&text, "')'")),
                }
            }
            Token::ClosedPar => {
                self.consume();
                Ok(vec!["".into()])
            }
            _ => Err(found(&text, "',', ')' or identifier")),
        }
    }

    fn parse_identifiers(&mut self) -> Result<Vec<EcoString>, String> {
        let mut values: Vec<EcoString> = Vec::new();
        loop {
            let (token, text) = self.consume();
            match token {
                Token::Identifier => {
                    values.push(text.into());
                    match self.lookahead() {
                        (Token::Comma, _) => continue,
                        (Token::ClosedPar, _) => return Ok(values),
                        (_, text) => return Err(found(&text, "',' or ')'")),
                    }
                }
                Token::Comma => {
                    if values.is_empty() {
                        values.push("".into());
                    }
                    match self.lookahead().0 {
                        Token::ClosedPar => {
                            values.push("".into());
                            return Ok(values);
                        }
                        Token::Comma => {
                            self.consume();
                            values.push("".into());
                        }
                        _ => {}
                    }
                }
                _ => return Err(found(&text, "',', or identifier")),
            }
        }
    }

    fn parse_exact_value(&mut self) -> Result<EcoString, String> {
        match self.lookahead() {
            (Token::EndOfString | Token::Comma, _) => Ok("".into()),
            (Token::Identifier, text) => {
                self.consume();
                Ok(text.into())
            }
            (_, text) => Err(found(&text, "identifier")),
        }
    }
}

fn found(text: &str, expected: &str) -> String {
    format!("found '{text}', expected: {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_error(text: &str, error: &str) {
        assert_eq!(LabelSelector::parse(text).map(|s| s.to_string()), Err(error.into()), "{text}");
    }

    #[test]
    fn selectors_select() {
        let labels: Map = [("app", "web"), ("tier", "3")].into_iter().collect();
        let selects = |text: &str| LabelSelector::parse(text).map(|s| s.matches(Some(&labels)));
        for text in [
            "",
            "app",
            "app=web",
            "app==web",
            "app in (db, web)",
            "app!=db",
            "zone!=a",
            "!zone",
            "zone notin (a)",
            "tier>2,tier<4",
            " app = web , tier in (3)",
        ] {
            assert_eq!(selects(text), Ok(true), "{text}");
        }
        for text in ["!app", "app=db", "app=", "tier>3", "app notin (web)", "zone"] {
            assert_eq!(selects(text), Ok(false), "{text}");
        }
    }

    #[test]
    fn errors_are_the_servers() {
        let operators = "in, notin, =, ==, !=, gt, lt";
        check_error("app=nginx=1", "found '=', expected: ',' or 'end of string'");
        let wrap = |text: &str| format!("unable to parse requirement: {text}");
        check_error("app in nginx", &wrap("found 'nginx' expected: '('"));
        check_error("bad key=1", &wrap(&format!("found 'key', expected: {operators}")));
        check_error("app,", "found '', expected: identifier after ','");
        check_error("=a", "found '=', expected: !, identifier, or 'end of string'");
        check_error("app in (a b)", &wrap("found 'b', expected: ',' or ')'"));
        let error = LabelSelector::parse("a=b@c").expect_err("no value");
        assert!(
            error.starts_with(
                "unable to parse requirement: values[0][a]: Invalid value: \"b@c\": a valid label"
            ),
            "{error}"
        );
    }
}
