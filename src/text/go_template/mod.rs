//! Go templates: `{{range .items}}{{.metadata.name}}{{"\n"}}{{end}}`.
//!
//! Models Go's `text/template` and `text/template/parse` over decoded JSON, with the functions
//! that kubectl adds. Leaves out methods, `call` and complex numbers.

mod execute;
mod format;
mod functions;
mod lex;
mod parse;

use crate::api::value::{EcoString, Value};

pub use functions::decode_base64;

/// A template taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GoTemplate {
    name: EcoString,
    source: EcoString,
    nodes: Vec<Node>,
    /// Templates made by `define` and `block`.
    defined: Vec<(EcoString, Vec<Node>)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Node {
    Text(EcoString),
    Action(Pipe),
    If { pipe: Pipe, then: Vec<Node>, otherwise: Vec<Node> },
    With { pipe: Pipe, then: Vec<Node>, otherwise: Vec<Node> },
    Range { pipe: Pipe, body: Vec<Node>, otherwise: Vec<Node> },
    Template { position: u32, name: EcoString, pipe: Option<Pipe> },
    Break,
    Continue,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Pipe {
    position: u32,
    variables: Vec<EcoString>,
    /// `=` instead of `:=`.
    assigns: bool,
    commands: Vec<Command>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Command {
    position: u32,
    arguments: Vec<Expression>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Expression {
    position: u32,
    kind: ExpressionKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum ExpressionKind {
    Dot,
    Nil,
    Constant { text: EcoString, value: Value },
    Field(Vec<EcoString>),
    Variable { name: EcoString, fields: Vec<EcoString> },
    Function(EcoString),
    Pipe(Box<Pipe>),
    Chain { on: Box<Expression>, fields: Vec<EcoString> },
}

impl GoTemplate {
    /// Reads a template; the error is the library's sentence.
    pub fn parse(name: &str, source: &str) -> Result<GoTemplate, String> {
        parse::parse(name, source)
    }

    /// Runs the template: the text that was written, and the error that stopped it.
    pub fn execute(&self, data: &Value, allow_missing_keys: bool) -> (String, Option<String>) {
        execute::execute(self, data, allow_missing_keys)
    }
}

impl std::fmt::Display for Pipe {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        if !self.variables.is_empty() {
            let operator = if self.assigns { "=" } else { ":=" };
            write!(f, "{} {operator} ", self.variables.join(", "))?;
        }
        let commands: Vec<String> = self.commands.iter().map(Command::to_string).collect();
        f.write_str(&commands.join(" | "))
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let words: Vec<String> = self.arguments.iter().map(Expression::to_string).collect();
        f.write_str(&words.join(" "))
    }
}

impl std::fmt::Display for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let dotted = |fields: &[EcoString]| -> String {
            fields.iter().map(|field| format!(".{field}")).collect()
        };
        match &self.kind {
            ExpressionKind::Dot => f.write_str("."),
            ExpressionKind::Nil => f.write_str("nil"),
            ExpressionKind::Constant { text, .. } => f.write_str(text),
            ExpressionKind::Field(fields) => f.write_str(&dotted(fields)),
            ExpressionKind::Variable { name, fields } => write!(f, "{name}{}", dotted(fields)),
            ExpressionKind::Function(name) => f.write_str(name),
            ExpressionKind::Pipe(pipe) => write!(f, "({pipe})"),
            ExpressionKind::Chain { on, fields } => write!(f, "{on}{}", dotted(fields)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    fn sample() -> Value {
        value!({
            "kind": "List",
            "n": 3,
            "labels": {"b/c": "x", "a": "y"},
            "items": [{"name": "p", "ports": [1, 2]}, {"name": "q"}],
            "secret": "bW9uc3Rlcg=="
        })
    }

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let template = GoTemplate::parse("output", template).unwrap();
        assert_eq!(template.execute(&sample(), true), (expected.to_string(), None));
    }

    #[track_caller]
    fn check_error(template: &str, expected: &str) {
        let error = match GoTemplate::parse("output", template) {
            Ok(template) => template.execute(&sample(), false).1.unwrap_or_default(),
            Err(error) => error,
        };
        assert_eq!(error, format!("template: output:{expected}"));
    }

    #[test]
    fn fields_and_functions() {
        check("{{.n}} {{.nope}} {{.nope.deeper}}", "3 <no value> <no value>");
        check("{{.labels}} {{index .labels \"b/c\"}} {{len .items}}", "map[a:y b/c:x] x 2");
        check("{{.secret | base64decode}}", "monster");
        check("{{printf \"%d %v %s|%5s|%-4d|\" .n .n .kind \"ab\" 7}}", "3 3 List|   ab|7   |");
        check("{{if and (gt .n 2) (ne .kind \"x\")}}yes{{else}}no{{end}}", "yes");
        check("{{(index .items 0).name}}", "p");
        check("{{if not .nope}}{{print 1 2 \"a\" 3}}{{end}}", "1 2a3");
    }

    #[test]
    fn loops_variables_and_trimming() {
        check("{{range $i, $c := .items}}{{$i}}={{$c.name}} {{end}}", "0=p 1=q ");
        check("{{range .nope}}x{{else}}none{{end}}", "none");
        check("{{range $k, $v := .labels}}{{$k}}:{{$v}};{{end}}", "a:y;b/c:x;");
        check(
            "{{range .items}}{{if eq .name \"q\"}}{{break}}{{end}}{{.name}}{{else}}none{{end}}",
            "p",
        );
        check("{{- range .items -}}\n  {{ .name }}!\n{{ end -}}\n", "p!\nq!\n");
        check("{{$x := 1}}{{with .labels}}{{.a}}{{$x = 2}}{{end}}{{$x}}{{/* gone */}}", "y2");
        check("{{define \"T\"}}[{{.}}]{{end}}{{template \"T\" .kind}}", "[List]");
    }

    #[test]
    fn errors_name_place_and_expression() {
        let missing = "map has no entry for key \"nope\"";
        check_error(
            "{{.kind}}\n{{.n.x}}",
            "2:4: executing \"output\" at <.n.x>: can't evaluate field x in type interface {}",
        );
        check_error(
            "{{.labels.nope}}",
            &format!("1:9: executing \"output\" at <.labels.nope>: {missing}"),
        );
        check_error(
            "{{index .items 5}}",
            "1:2: executing \"output\" at <index .items 5>: error calling index: index out of \
             range: 5",
        );
        check_error("{{.n", "1: unclosed action");
        check_error("{{range .n}}", "1: unexpected EOF");
        check_error("{{upper .kind}}", "1: function \"upper\" not defined");
        check_error("{{end}}", "1: unexpected {{end}}");
        check_error("{{$x}}", "1: undefined variable \"$x\"");
    }
}
