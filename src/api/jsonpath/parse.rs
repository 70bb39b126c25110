//! Reading a template.
//!
//! Models `k8s.io/client-go/util/jsonpath/parser.go`.

use super::{Bound, Node};

type Result<T> = std::result::Result<T, String>;

/// The parts of a template, each action as a list of its own.
pub fn parse(template: &str) -> Result<Vec<Node>> {
    Parser { input: template.chars().collect(), position: 0 }.text()
}

/// Models jsonpath.parseAction: the nodes of one action, given without its braces.
fn parse_action(text: &str) -> Result<Vec<Node>> {
    match parse(&format!("{{{text}}}"))?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

struct Parser {
    input: Vec<char>,
    position: usize,
}

fn is_terminator(c: Option<char>) -> bool {
    matches!(c, None | Some('\r' | '\n' | ' ' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}'))
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.input.get(self.position).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.position += usize::from(c.is_some());
        c
    }

    fn starts_with(&self, prefix: &str) -> bool {
        let rest = self.input.get(self.position..).unwrap_or_default();
        prefix.chars().enumerate().all(|(index, c)| rest.get(index) == Some(&c))
    }

    fn slice(&self, start: usize, end: usize) -> String {
        self.input.get(start..end).unwrap_or_default().iter().collect()
    }

    fn text(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        let mut text = String::new();
        while let Some(c) = self.next() {
            if c != '{' {
                text.push(c);
                continue;
            }
            if !text.is_empty() {
                nodes.push(Node::Text(std::mem::take(&mut text).into()));
            }
            nodes.push(Node::List(self.action()?));
        }
        if !text.is_empty() {
            nodes.push(Node::Text(text.into()));
        }
        Ok(nodes)
    }

    /// Models Parser.parseInsideAction, up to and with the closing brace.
    fn action(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            if self.starts_with("}") {
                self.position += 1;
                return Ok(nodes);
            } else if self.starts_with("[?(") {
                self.position += 3;
                nodes.push(self.filter()?);
            } else if self.starts_with("..") {
                self.recursive(&mut nodes)?;
            } else {
                self.part(&mut nodes)?;
            }
        }
    }

    fn part(&mut self, nodes: &mut Vec<Node>) -> Result<()> {
        match self.next() {
            None | Some('\r' | '\n') => return Err("unclosed action".into()),
            Some(' ' | '@' | '$') => {}
            Some('[') => self.array(nodes)?,
            Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
            Some('.') => nodes.push(self.field()),
            Some(c) if c == '+' || c == '-' || c.is_ascii_digit() => {
                self.position -= 1;
                nodes.push(self.number()?);
            }
            Some(c) if is_alphanumeric(c) => {
                self.position -= 1;
                nodes.push(self.identifier());
            }
            Some(c) => {
                let text = format!("unrecognized character in action: U+{:04X} '{c}'", c as u32);
                return Err(text);
            }
        }
        Ok(())
    }

    fn recursive(&mut self, nodes: &mut Vec<Node>) -> Result<()> {
        if nodes.last() == Some(&Node::Recursive) {
            return Err("invalid multiple recursive descent".into());
        }
        self.position += 2;
        nodes.push(Node::Recursive);
        if self.peek().is_some_and(is_alphanumeric) {
            nodes.push(self.field());
        }
        Ok(())
    }

    fn identifier(&mut self) -> Node {
        let start = self.position;
        while !is_terminator(self.peek()) {
            self.position += 1;
        }
        match self.slice(start, self.position).as_str() {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            name => Node::Identifier(name.into()),
        }
    }

    fn number(&mut self) -> Result<Node> {
        let start = self.position;
        if matches!(self.peek(), Some('+' | '-')) {
            self.position += 1;
        }
        while self.peek().is_some_and(|c| c == '.' || c.is_ascii_digit()) {
            self.position += 1;
        }
        let text = self.slice(start, self.position);
        if let Ok(int) = text.parse() {
            return Ok(Node::Int(int));
        }
        text.parse().map(Node::Float).map_err(|_| format!("cannot parse number {text}"))
    }

    fn field(&mut self) -> Node {
        let start = self.position;
        while !is_terminator(self.peek()) {
            if self.next() == Some('\\') {
                self.next();
            }
        }
        match self.slice(start, self.position).as_str() {
            "*" => Node::Wildcard,
            name => Node::Field(name.replace('\\', "").into()),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Node> {
        let start = self.position - 1;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".into()),
                Some(c) if c == quote && self.input.get(self.position - 2) != Some(&'\\') => break,
                Some(_) => {}
            }
        }
        let inner = self.slice(start + 1, self.position - 1);
        match unquote(&inner) {
            Some(text) => Ok(Node::Text(text.into())),
            None => {
                let text = self.slice(start, self.position);
                Err(format!("unquote string {text} error invalid syntax"))
            }
        }
    }

    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<()> {
        let start = self.position;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated array".into()),
                Some(']') => break,
                Some(_) => {}
            }
        }
        let text = self.slice(start, self.position - 1);
        let parts: Vec<&str> = text.split(',').collect();
        if parts.len() > 1 {
            let union =
                parts.iter().map(|part| parse_action(&format!("[{}]", part.trim_matches(' '))));
            nodes.push(Node::Union(union.collect::<Result<_>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        if let Some(key) = key.filter(|key| !key.contains('\'')) {
            nodes.extend(parse_action(&format!(".{key}"))?);
            return Ok(());
        }
        nodes.push(Node::Slice(bounds(&text)?));
        Ok(())
    }

    fn filter(&mut self) -> Result<Node> {
        let start = self.position;
        let (mut begun, mut ended, mut pair) = (false, false, '"');
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".into()),
                Some(c @ ('"' | '\'')) if !begun => (begun, pair) = (true, c),
                Some(c @ ('"' | '\'')) => {
                    let escaped = self.input.get(self.position - 2) == Some(&'\\');
                    ended |= c == pair && !escaped;
                }
                Some(')') if begun == ended => break,
                Some(_) => {}
            }
        }
        let text = self.slice(start, self.position - 1);
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".into());
        }
        let is_operator = |c: char| matches!(c, '!' | '<' | '>' | '=');
        let (left, operator, right) = match text.find(is_operator) {
            Some(at) if at > 0 => {
                let rest = &text[at..];
                let length = rest.find(|c| !is_operator(c)).unwrap_or(rest.len());
                (&text[..at], &rest[..length], &rest[length..])
            }
            _ => (text.as_str(), "", ""),
        };
        if right.is_empty() {
            let (left, operator) = (parse_action(&text)?, "exists".into());
            return Ok(Node::Filter { left, operator, right: Vec::new() });
        }
        let (left, right) = (parse_action(left)?, parse_action(right)?);
        Ok(Node::Filter { left, operator: operator.into(), right })
    }
}

/// Models the slice operator of Parser.parseArray.
fn bounds(text: &str) -> Result<[Bound; 3]> {
    let text = if text == "*" { ":" } else { text };
    let invalid = || format!("invalid array index {text}");
    let parts: Vec<&str> = text.split(':').collect();
    let is_number = |part: &&str| {
        let digits = part.strip_prefix('-').unwrap_or(part);
        digits.chars().all(|c| c.is_ascii_digit())
    };
    if parts.len() > 3 || !parts.iter().all(is_number) {
        return Err(invalid());
    }
    let mut bounds = [Bound::default(); 3];
    for (index, bound) in bounds.iter_mut().enumerate() {
        if let Some(part) = parts.get(index).filter(|part| !part.is_empty()) {
            bound.value =
                part.parse().map_err(|_| format!("array index {part} is not a number"))?;
            bound.known = true;
        }
    }
    if parts.len() == 1 {
        bounds[1] = Bound { value: bounds[0].value + 1, known: true, derived: true };
    }
    Ok(bounds)
}

/// Models jsonpath.UnquoteExtend: Go escapes in either kind of quotes.
fn unquote(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            c @ ('\\' | '"' | '\'') => c,
            'x' => hex(&mut chars, 2)?,
            'u' => hex(&mut chars, 4)?,
            'U' => hex(&mut chars, 8)?,
            _ => return None,
        });
    }
    Some(out)
}

fn hex(chars: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let text: String = chars.by_ref().take(digits).collect();
    if text.chars().count() < digits {
        return None;
    }
    char::from_u32(u32::from_str_radix(&text, 16).ok()?)
}
