//! From words to a tree.
//!
//! Models Go's `text/template/parse/parse.go`.

use super::lex::{Token, TokenKind, lex};
use super::{Command, Expression, ExpressionKind, GoTemplate, Node, Pipe, functions};
use crate::api::go;
use crate::api::value::{EcoString, Value};

type Result<T> = std::result::Result<T, String>;

/// Reads a template.
pub fn parse(name: &str, source: &str) -> Result<GoTemplate> {
    let mut parser = Parser {
        name,
        source,
        tokens: lex(source),
        next: 0,
        variables: vec!["$".into()],
        range_depth: 0,
        defined: Vec::new(),
    };
    let (nodes, end) = parser.list()?;
    match end {
        ListEnd::Source => {}
        ListEnd::End => return Err(parser.error("unexpected {{end}}")),
        ListEnd::Else => return Err(parser.error("unexpected {{else}}")),
    }
    let defined = parser.defined;
    Ok(GoTemplate { name: name.into(), source: source.into(), nodes, defined })
}

struct Parser<'a> {
    name: &'a str,
    source: &'a str,
    tokens: Vec<Token>,
    next: usize,
    variables: Vec<EcoString>,
    range_depth: u32,
    defined: Vec<(EcoString, Vec<Node>)>,
}

enum ListEnd {
    Source,
    End,
    Else,
}

/// Which control structure is being read.
#[derive(Clone, Copy, PartialEq)]
enum Control {
    If,
    With,
    Range,
}

impl Parser<'_> {
    fn error(&self, text: &str) -> String {
        let position = match self.tokens.get(self.next.saturating_sub(1)) {
            Some(token) => token.position as usize,
            None => self.source.len(),
        };
        let before = self.source.get(..position).unwrap_or(self.source);
        format!("template: {}:{}: {text}", self.name, 1 + before.matches('\n').count())
    }

    fn peek(&self) -> Token {
        let end = Token { position: self.source.len() as u32, kind: TokenKind::End };
        self.tokens.get(self.next).cloned().unwrap_or(end)
    }

    fn take(&mut self) -> Token {
        let token = self.peek();
        self.next += 1;
        token
    }

    fn peek_word(&mut self) -> Token {
        while self.peek().kind == TokenKind::Space {
            self.next += 1;
        }
        self.peek()
    }

    fn take_word(&mut self) -> Token {
        self.peek_word();
        self.take()
    }

    fn unexpected(&self, token: &Token, context: &str) -> String {
        match &token.kind {
            TokenKind::Error(text) => self.error(text),
            TokenKind::End => self.error(&format!("unexpected EOF in {context}")),
            kind => self.error(&format!("unexpected {} in {context}", shown(kind))),
        }
    }

    /// Nodes up to an `{{end}}` or `{{else}}`.
    fn list(&mut self) -> Result<(Vec<Node>, ListEnd)> {
        let mut nodes = Vec::new();
        loop {
            let token = self.take();
            match token.kind {
                TokenKind::Text(text) => nodes.push(Node::Text(text)),
                TokenKind::End => return Ok((nodes, ListEnd::Source)),
                TokenKind::LeftDelimiter => {
                    let word = self.peek_word();
                    let keyword = match &word.kind {
                        TokenKind::Identifier(name) => name.clone(),
                        _ => EcoString::new(),
                    };
                    match keyword.as_str() {
                        "end" => {
                            self.take();
                            self.right_delimiter("end")?;
                            return Ok((nodes, ListEnd::End));
                        }
                        "else" => {
                            self.take();
                            return Ok((nodes, ListEnd::Else));
                        }
                        "define" => self.define()?,
                        _ => nodes.push(self.action()?),
                    }
                }
                _ => return Err(self.unexpected(&token, "input")),
            }
        }
    }

    fn right_delimiter(&mut self, context: &str) -> Result<()> {
        let token = self.take_word();
        match token.kind {
            TokenKind::RightDelimiter => Ok(()),
            _ => Err(self.unexpected(&token, context)),
        }
    }

    fn action(&mut self) -> Result<Node> {
        let token = self.peek_word();
        if let TokenKind::Identifier(name) = &token.kind {
            let control = match name.as_str() {
                "if" => Some(Control::If),
                "with" => Some(Control::With),
                "range" => Some(Control::Range),
                _ => None,
            };
            if let Some(control) = control {
                self.take();
                return self.control(control);
            }
            match name.as_str() {
                "template" => return self.template(),
                "block" => return self.block(),
                "break" | "continue" => return self.loop_control(name == "break"),
                _ => {}
            }
        }
        Ok(Node::Action(self.pipeline("command", &TokenKind::RightDelimiter)?))
    }

    fn loop_control(&mut self, breaks: bool) -> Result<Node> {
        self.take();
        let word = if breaks { "break" } else { "continue" };
        self.right_delimiter(&format!("{{{{{word}}}}}"))?;
        if self.range_depth == 0 {
            return Err(self.error(&format!("{{{{{word}}}}} outside {{{{range}}}}")));
        }
        Ok(if breaks { Node::Break } else { Node::Continue })
    }

    /// Models parseControl: the pipe, the list, an `else` with perhaps another `if` in it.
    fn control(&mut self, control: Control) -> Result<Node> {
        let scope = self.variables.len();
        let context = match control {
            Control::If => "if",
            Control::With => "with",
            Control::Range => "range",
        };
        let pipe = self.pipeline(context, &TokenKind::RightDelimiter)?;
        self.range_depth += u32::from(control == Control::Range);
        let (then, end) = self.list()?;
        self.range_depth -= u32::from(control == Control::Range);
        let otherwise = match end {
            ListEnd::Source => return Err(self.error("unexpected EOF")),
            ListEnd::End => Vec::new(),
            ListEnd::Else => self.otherwise(control)?,
        };
        self.variables.truncate(scope);
        Ok(match control {
            Control::If => Node::If { pipe, then, otherwise },
            Control::With => Node::With { pipe, then, otherwise },
            Control::Range => Node::Range { pipe, body: then, otherwise },
        })
    }

    fn otherwise(&mut self, control: Control) -> Result<Vec<Node>> {
        let word = self.peek_word();
        if let TokenKind::Identifier(name) = &word.kind {
            let nested = match (control, name.as_str()) {
                (Control::If, "if") => Some(Control::If),
                (Control::With, "with") => Some(Control::With),
                _ => None,
            };
            if let Some(nested) = nested {
                self.take();
                return Ok(vec![self.control(nested)?]);
            }
        }
        self.right_delimiter("else")?;
        let (nodes, end) = self.list()?;
        match end {
            ListEnd::End => Ok(nodes),
            ListEnd::Source => Err(self.error("unexpected EOF")),
            ListEnd::Else => Err(self.error("expected end; found {{else}}")),
        }
    }

    fn quoted_name(&mut self, context: &str) -> Result<EcoString> {
        let token = self.take_word();
        match &token.kind {
            TokenKind::String(text) => {
                unquote(text).map(EcoString::from).ok_or_else(|| self.error("invalid syntax"))
            }
            _ => Err(self.unexpected(&token, context)),
        }
    }

    fn template(&mut self) -> Result<Node> {
        let position = self.take().position;
        let name = self.quoted_name("template clause")?;
        let pipe = match self.peek_word().kind {
            TokenKind::RightDelimiter => {
                self.take();
                None
            }
            _ => Some(self.pipeline("template clause", &TokenKind::RightDelimiter)?),
        };
        Ok(Node::Template { position, name, pipe })
    }

    fn define(&mut self) -> Result<()> {
        self.take();
        let name = self.quoted_name("define clause")?;
        self.right_delimiter("define clause")?;
        self.definition(name)
    }

    fn definition(&mut self, name: EcoString) -> Result<()> {
        let outer = std::mem::replace(&mut self.variables, vec!["$".into()]);
        let (nodes, end) = self.list()?;
        self.variables = outer;
        if !matches!(end, ListEnd::End) {
            return Err(self.error("unexpected EOF"));
        }
        self.defined.push((name, nodes));
        Ok(())
    }

    fn block(&mut self) -> Result<Node> {
        let position = self.take().position;
        let name = self.quoted_name("block clause")?;
        let pipe = Some(self.pipeline("block clause", &TokenKind::RightDelimiter)?);
        self.definition(name.clone())?;
        Ok(Node::Template { position, name, pipe })
    }

    /// Models Tree.pipeline, up to and with `end`.
    fn pipeline(&mut self, context: &str, end: &TokenKind) -> Result<Pipe> {
        let mut pipe = Pipe { position: self.peek_word().position, ..Pipe::default() };
        self.declarations(context, &mut pipe)?;
        loop {
            let token = self.peek_word();
            match &token.kind {
                kind if kind == end => {
                    self.take();
                    break;
                }
                TokenKind::Pipe => {
                    return Err(self.error(&format!("missing value for {context}")));
                }
                _ => pipe.commands.push(self.command(context, end)?),
            }
        }
        if pipe.commands.is_empty() {
            return Err(self.error(&format!("missing value for {context}")));
        }
        for command in pipe.commands.iter().skip(1) {
            if let Some(Expression { kind: ExpressionKind::Constant { text, .. }, .. }) =
                command.arguments.first()
            {
                let text = format!("non executable command in pipeline stage 2: {text}");
                return Err(self.error(&text));
            }
        }
        Ok(pipe)
    }

    /// `$x :=`, `$i, $x :=` and `$x =` at the start of a pipeline.
    fn declarations(&mut self, context: &str, pipe: &mut Pipe) -> Result<()> {
        let start = self.next;
        let mut names = Vec::new();
        while let TokenKind::Variable(name) = self.peek_word().kind {
            self.take();
            names.push(name);
            match self.peek_word().kind {
                kind @ (TokenKind::Declare | TokenKind::Assign) => {
                    self.take();
                    pipe.assigns = kind == TokenKind::Assign;
                    if !pipe.assigns {
                        self.variables.extend(names.iter().cloned());
                    }
                    pipe.variables = names;
                    return Ok(());
                }
                TokenKind::Comma if context == "range" && names.len() < 2 => {
                    self.take();
                }
                _ => break,
            }
        }
        self.next = start;
        Ok(())
    }

    fn command(&mut self, context: &str, end: &TokenKind) -> Result<Command> {
        let mut command = Command { position: self.peek_word().position, arguments: Vec::new() };
        loop {
            let token = self.peek_word();
            if token.kind == *end {
                break;
            }
            if token.kind == TokenKind::Pipe {
                self.take();
                let next = self.peek_word();
                if next.kind == *end {
                    return Err(self.error(&format!("missing value for {context}")));
                }
                break;
            }
            match self.operand()? {
                Some(operand) => command.arguments.push(operand),
                None => {
                    self.take();
                    return Err(self.unexpected(&token, "operand"));
                }
            }
            let after = self.peek();
            let separated = matches!(
                after.kind,
                TokenKind::Space | TokenKind::Pipe | TokenKind::RightDelimiter
            ) || after.kind == *end;
            if !separated {
                self.take();
                return Err(self.unexpected(&after, "operand"));
            }
        }
        match command.arguments.is_empty() {
            true => Err(self.error("empty command")),
            false => Ok(command),
        }
    }

    /// A term with the fields behind it.
    fn operand(&mut self) -> Result<Option<Expression>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        let position = self.peek().position;
        let mut fields = Vec::new();
        while let TokenKind::Field(name) = self.peek().kind {
            self.take();
            fields.push(name);
        }
        if fields.is_empty() {
            return Ok(Some(term));
        }
        let kind = match term.kind {
            ExpressionKind::Field(mut first) => {
                first.extend(fields);
                ExpressionKind::Field(first)
            }
            ExpressionKind::Variable { name, fields: mut first } => {
                first.extend(fields);
                ExpressionKind::Variable { name, fields: first }
            }
            ExpressionKind::Constant { .. } | ExpressionKind::Nil | ExpressionKind::Dot => {
                return Err(self.error(&format!("unexpected . after term {:?}", term.to_string())));
            }
            _ => ExpressionKind::Chain { on: Box::new(term), fields },
        };
        Ok(Some(Expression { position, kind }))
    }

    fn term(&mut self) -> Result<Option<Expression>> {
        let token = self.peek_word();
        let kind = match &token.kind {
            TokenKind::Dot => ExpressionKind::Dot,
            TokenKind::Field(name) => ExpressionKind::Field(vec![name.clone()]),
            TokenKind::Variable(name) => {
                if !self.variables.contains(name) {
                    self.take();
                    return Err(self.error(&format!("undefined variable {}", go::quote(name))));
                }
                ExpressionKind::Variable { name: name.clone(), fields: Vec::new() }
            }
            TokenKind::Identifier(name) => self.identifier(name)?,
            TokenKind::Number(text) => ExpressionKind::Constant {
                value: number(text).ok_or_else(|| {
                    self.error(&format!("bad number syntax: {}", go::quote(text)))
                })?,
                text: text.clone(),
            },
            TokenKind::String(text) => ExpressionKind::Constant {
                value: unquote(text).ok_or_else(|| self.error("invalid syntax"))?.into(),
                text: text.clone(),
            },
            TokenKind::Character(text) => {
                let inner = text.trim_matches('\'');
                let code = inner.chars().next().map_or(0, |c| c as i64);
                ExpressionKind::Constant { value: Value::Int(code), text: text.clone() }
            }
            TokenKind::LeftParenthesis => {
                self.take();
                let pipe = self.pipeline("parenthesized pipeline", &TokenKind::RightParenthesis)?;
                let kind = ExpressionKind::Pipe(Box::new(pipe));
                return Ok(Some(Expression { position: token.position, kind }));
            }
            _ => return Ok(None),
        };
        self.take();
        Ok(Some(Expression { position: token.position, kind }))
    }

    fn identifier(&mut self, name: &EcoString) -> Result<ExpressionKind> {
        let constant = |value: bool| ExpressionKind::Constant {
            text: name.clone(),
            value: Value::Bool(value),
        };
        match name.as_str() {
            "true" => Ok(constant(true)),
            "false" => Ok(constant(false)),
            "nil" => Ok(ExpressionKind::Nil),
            name if functions::is_known(name) => Ok(ExpressionKind::Function(name.into())),
            name => {
                self.next += 1;
                Err(self.error(&format!("function {} not defined", go::quote(name))))
            }
        }
    }
}

fn number(text: &str) -> Option<Value> {
    if let Ok(int) = text.parse::<i64>() {
        return Some(Value::Int(int));
    }
    let digits = text.to_ascii_lowercase();
    if let Some(hex) = digits.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().map(Value::Int);
    }
    text.parse::<f64>().ok().map(Value::Float)
}

/// Models strconv.Unquote for `"..."` and raw strings.
fn unquote(text: &str) -> Option<String> {
    if let Some(raw) = text.strip_prefix('`') {
        return Some(raw.strip_suffix('`')?.replace('\r', ""));
    }
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut chars = inner.chars();
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
            c @ ('\\' | '"') => c,
            c @ ('x' | 'u' | 'U') => {
                let length = match c {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let digits: String = chars.by_ref().take(length).collect();
                char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(out)
}

/// A word as error texts show it.
fn shown(kind: &TokenKind) -> String {
    match kind {
        TokenKind::RightDelimiter => "\"}}\"".into(),
        TokenKind::LeftDelimiter => "\"{{\"".into(),
        TokenKind::Identifier(name) if functions::is_keyword(name) => format!("<{name}>"),
        TokenKind::Identifier(text)
        | TokenKind::Variable(text)
        | TokenKind::Number(text)
        | TokenKind::String(text)
        | TokenKind::Character(text)
        | TokenKind::Text(text) => go::quote(text),
        TokenKind::Field(name) => go::quote(&format!(".{name}")),
        TokenKind::Dot => "<.>".into(),
        TokenKind::Space => "\" \"".into(),
        TokenKind::Assign => "\"=\"".into(),
        TokenKind::Declare => "\":=\"".into(),
        TokenKind::Pipe => "\"|\"".into(),
        TokenKind::Comma => "\",\"".into(),
        TokenKind::LeftParenthesis => "\"(\"".into(),
        TokenKind::RightParenthesis => "\")\"".into(),
        TokenKind::Error(text) => text.clone(),
        TokenKind::End => "EOF".into(),
    }
}
