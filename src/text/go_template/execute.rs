//! Running a template.
//!
//! Models Go's `text/template/exec.go` over decoded JSON. A value that does not exist, Go's
//! invalid `reflect.Value`, is null here.

use super::functions::call;
use super::{Command, Expression, ExpressionKind, GoTemplate, Node, Pipe};
use crate::api::go;
use crate::api::go_fmt;
use crate::api::value::{EcoString, Value};

/// How deep templates may call each other.
const DEPTH_MAX: u32 = 100;

/// Runs the template: what was written, and the error that stopped it.
pub fn execute(
    template: &GoTemplate,
    data: &Value,
    allow_missing_keys: bool,
) -> (String, Option<String>) {
    let mut run = Run {
        template,
        name: template.name.clone(),
        allow_missing_keys,
        out: String::new(),
        variables: vec![("$".into(), data.clone())],
        depth: 0,
    };
    let error = run.list(&template.nodes, data).err();
    (run.out, error)
}

struct Run<'a> {
    template: &'a GoTemplate,
    /// The template that runs, as errors name it.
    name: EcoString,
    allow_missing_keys: bool,
    out: String,
    variables: Vec<(EcoString, Value)>,
    depth: u32,
}

enum Walk {
    On,
    Break,
    Continue,
}

type Result<T> = std::result::Result<T, String>;

impl Run<'_> {
    /// Models state.errorf: place and expression before the sentence.
    fn error(&self, position: u32, expression: &str, text: &str) -> String {
        let source = &self.template.source;
        let before = source.get(..position as usize).unwrap_or(source);
        let line = 1 + before.matches('\n').count();
        let column = before.rfind('\n').map_or(before.len(), |end| before.len() - end - 1);
        let (outer, name) = (&self.template.name, go::quote(&self.name));
        format!("template: {outer}:{line}:{column}: executing {name} at <{expression}>: {text}")
    }

    fn list(&mut self, nodes: &[Node], dot: &Value) -> Result<Walk> {
        for node in nodes {
            match self.node(node, dot)? {
                Walk::On => {}
                other => return Ok(other),
            }
        }
        Ok(Walk::On)
    }

    fn node(&mut self, node: &Node, dot: &Value) -> Result<Walk> {
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Action(pipe) => {
                let value = self.pipe(pipe, dot)?;
                if pipe.variables.is_empty() {
                    self.print(&value);
                }
            }
            Node::If { pipe, then, otherwise } => {
                return self.branch(pipe, dot, false, (then, otherwise));
            }
            Node::With { pipe, then, otherwise } => {
                return self.branch(pipe, dot, true, (then, otherwise));
            }
            Node::Range { pipe, body, otherwise } => {
                return self.range(pipe, dot, body, otherwise);
            }
            Node::Template { position, name, pipe } => {
                self.call_template(*position, name, pipe.as_ref(), dot)?;
            }
            Node::Break => return Ok(Walk::Break),
            Node::Continue => return Ok(Walk::Continue),
        }
        Ok(Walk::On)
    }

    fn print(&mut self, value: &Value) {
        match value {
            Value::Null => self.out.push_str("<no value>"),
            value => self.out.push_str(&go_fmt::plain(value)),
        }
    }

    fn branch(
        &mut self,
        pipe: &Pipe,
        dot: &Value,
        sets_dot: bool,
        (then, otherwise): (&[Node], &[Node]),
    ) -> Result<Walk> {
        let scope = self.variables.len();
        let value = self.pipe(pipe, dot)?;
        let walk = match is_true(&value) {
            true => self.list(then, if sets_dot { &value } else { dot }),
            false => self.list(otherwise, dot),
        };
        self.variables.truncate(scope);
        walk
    }

    fn range(
        &mut self,
        pipe: &Pipe,
        dot: &Value,
        body: &[Node],
        otherwise: &[Node],
    ) -> Result<Walk> {
        let scope = self.variables.len();
        let over = self.pipe(&Pipe { variables: Vec::new(), ..pipe.clone() }, dot)?;
        let items: Vec<(Value, Value)> = match &over {
            Value::Null => Vec::new(),
            Value::Array(items) => {
                items.iter().enumerate().map(|(i, item)| (i.into(), item.clone())).collect()
            }
            Value::Object(map) => {
                map.iter().map(|(key, value)| (key.into(), value.clone())).collect()
            }
            Value::Int(count) => (0..*count.min(&10_000)).map(|i| (i.into(), i.into())).collect(),
            other => {
                let text = format!("range can't iterate over {}", go_fmt::plain(other));
                return Err(self.error(pipe.position, &pipe.to_string(), &text));
            }
        };
        if items.is_empty() {
            return self.list(otherwise, dot);
        }
        for (key, item) in items {
            match pipe.variables.as_slice() {
                [value] => self.assign(pipe, value, item.clone()),
                [index, value] => {
                    self.assign(pipe, index, key);
                    self.assign(pipe, value, item.clone());
                }
                _ => {}
            }
            let walk = self.list(body, &item)?;
            self.variables.truncate(scope);
            if matches!(walk, Walk::Break) {
                break;
            }
        }
        Ok(Walk::On)
    }

    fn call_template(
        &mut self,
        position: u32,
        name: &EcoString,
        pipe: Option<&Pipe>,
        dot: &Value,
    ) -> Result<()> {
        let template = self.template;
        let found = template.defined.iter().rev().find(|(defined, _)| defined == name);
        let Some((_, nodes)) = found else {
            let text = format!("template {} not defined", go::quote(name));
            let expression = format!("{{{{template {}}}}}", go::quote(name));
            return Err(self.error(position, &expression, &text));
        };
        let value = match pipe {
            Some(pipe) => self.pipe(pipe, dot)?,
            None => Value::Null,
        };
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let text = format!("exceeded maximum template depth ({DEPTH_MAX})");
            return Err(self.error(position, name, &text));
        }
        let outer = std::mem::replace(&mut self.variables, vec![("$".into(), value.clone())]);
        let outer_name = std::mem::replace(&mut self.name, name.clone());
        self.list(nodes, &value)?;
        (self.variables, self.name) = (outer, outer_name);
        self.depth -= 1;
        Ok(())
    }

    fn assign(&mut self, pipe: &Pipe, name: &EcoString, value: Value) {
        let known = self.variables.iter_mut().rev().find(|(known, _)| known == name);
        match known {
            Some((_, place)) if pipe.assigns => *place = value,
            _ => self.variables.push((name.clone(), value)),
        }
    }

    fn pipe(&mut self, pipe: &Pipe, dot: &Value) -> Result<Value> {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(command, dot, last)?);
        }
        let value = last.unwrap_or_default();
        for name in &pipe.variables {
            self.assign(pipe, name, value.clone());
        }
        Ok(value)
    }

    fn command(&mut self, command: &Command, dot: &Value, last: Option<Value>) -> Result<Value> {
        let Some((first, rest)) = command.arguments.split_first() else {
            return Ok(Value::Null);
        };
        let ExpressionKind::Function(name) = &first.kind else {
            if !rest.is_empty() || last.is_some() {
                return Err(self.no_function(first));
            }
            return self.expression(first, dot);
        };
        if let Some(value) = self.short_circuit(name, rest, dot, &last)? {
            return Ok(value);
        }
        let mut arguments = Vec::new();
        for expression in rest {
            arguments.push(self.expression(expression, dot)?);
        }
        arguments.extend(last);
        call(name, &arguments)
            .map_err(|text| self.error(command.position, &command.to_string(), &text))
    }

    fn no_function(&self, expression: &Expression) -> String {
        let text = match &expression.kind {
            ExpressionKind::Field(_)
            | ExpressionKind::Variable { .. }
            | ExpressionKind::Chain { .. } => {
                let name = expression.to_string();
                let last = name.rsplit('.').next().unwrap_or_default();
                format!("{last} is not a method but has arguments")
            }
            _ => format!("can't give argument to non-function {expression}"),
        };
        self.error(expression.position, &expression.to_string(), &text)
    }

    /// `and` and `or` do not look at what cannot matter.
    fn short_circuit(
        &mut self,
        name: &str,
        arguments: &[Expression],
        dot: &Value,
        last: &Option<Value>,
    ) -> Result<Option<Value>> {
        let stops_at = match name {
            "and" => false,
            "or" => true,
            _ => return Ok(None),
        };
        let mut value = None;
        for argument in arguments {
            let next = self.expression(argument, dot)?;
            if is_true(&next) == stops_at {
                return Ok(Some(next));
            }
            value = Some(next);
        }
        Ok(last.clone().or(value))
    }

    fn expression(&mut self, expression: &Expression, dot: &Value) -> Result<Value> {
        match &expression.kind {
            ExpressionKind::Dot => Ok(dot.clone()),
            ExpressionKind::Nil => Ok(Value::Null),
            ExpressionKind::Constant { value, .. } => Ok(value.clone()),
            ExpressionKind::Field(fields) => self.fields(expression, dot.clone(), fields),
            ExpressionKind::Variable { name, fields } => {
                let found = self.variables.iter().rev().find(|(known, _)| known == name);
                let value = found.map(|(_, value)| value.clone()).unwrap_or_default();
                self.fields(expression, value, fields)
            }
            ExpressionKind::Pipe(pipe) => self.pipe(pipe, dot),
            ExpressionKind::Chain { on, fields } => {
                let value = self.expression(on, dot)?;
                self.fields(expression, value, fields)
            }
            ExpressionKind::Function(name) => {
                call(name, &[]).map_err(|text| self.error(expression.position, name, &text))
            }
        }
    }

    /// Models state.evalField for a chain of names.
    fn fields(&self, at: &Expression, mut value: Value, fields: &[EcoString]) -> Result<Value> {
        for name in fields {
            value = match &value {
                Value::Object(map) => match map.get(name) {
                    Some(found) => found.clone(),
                    None if self.allow_missing_keys => Value::Null,
                    None => {
                        let text = format!("map has no entry for key {}", go::quote(name));
                        return Err(self.error(at.position, &at.to_string(), &text));
                    }
                },
                Value::Null if self.allow_missing_keys => Value::Null,
                Value::Null => {
                    let text = format!("nil data; no entry for key {}", go::quote(name));
                    return Err(self.error(at.position, &at.to_string(), &text));
                }
                _ => {
                    let text = format!("can't evaluate field {name} in type interface {{}}");
                    return Err(self.error(at.position, &at.to_string(), &text));
                }
            };
        }
        Ok(value)
    }
}

/// Models template.IsTrue.
pub fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Int(i) => *i != 0,
        Value::Float(f) => *f != 0.0,
        Value::String(s) => !s.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}
