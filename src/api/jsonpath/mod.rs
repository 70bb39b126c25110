//! Kubernetes' dialect of JSONPath: `{.items[*].metadata.name}{"\n"}`.
//!
//! Models `k8s.io/client-go/util/jsonpath`, with its error texts.

mod evaluate;
mod parse;

use super::go;
use super::value::{EcoString, Value};

pub use evaluate::Options;

/// A template taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JsonPath {
    nodes: Vec<Node>,
}

/// A part of a template (`jsonpath.Node`).
#[derive(Clone, Debug, PartialEq)]
enum Node {
    List(Vec<Node>),
    Text(EcoString),
    Field(EcoString),
    Identifier(EcoString),
    Slice([Bound; 3]),
    Filter { left: Vec<Node>, operator: EcoString, right: Vec<Node> },
    Int(i64),
    Float(f64),
    Bool(bool),
    Wildcard,
    Recursive,
    Union(Vec<Vec<Node>>),
}

impl Eq for Node {}

impl std::hash::Hash for Node {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // Good enough for a set of templates: equal nodes print alike.
        format!("{self:?}").hash(state);
    }
}

/// One of start, end and step of `[start:end:step]` (`jsonpath.ParamsEntry`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bound {
    value: i64,
    known: bool,
    derived: bool,
}

impl JsonPath {
    /// Reads a template; the error is the library's sentence.
    pub fn parse(template: &str) -> Result<JsonPath, String> {
        Ok(JsonPath { nodes: parse::parse(template)? })
    }

    /// What each part of the template finds in `data` (`FindResults`).
    pub fn find(&self, data: &Value, options: Options) -> Result<Vec<Vec<Value>>, String> {
        evaluate::find(&self.nodes, data, options)
    }

    /// The text that the template makes of `data` (`Execute`).
    pub fn execute(&self, data: &Value, options: Options) -> Result<String, String> {
        let found = self.find(data, options)?;
        Ok(found.iter().map(|results| print(results)).collect())
    }

    /// The results as indented JSON, a list for each part (`EnableJSONOutput`).
    pub fn execute_as_json(&self, data: &Value, options: Options) -> Result<String, String> {
        let found = self.find(data, options)?;
        let lists = found.iter().map(|results| {
            let list: Value = results.iter().collect();
            go::json_indented(&list, "    ") + "\n"
        });
        Ok(lists.collect())
    }
}

/// Models jsonpath.PrintResults: values with a blank between them.
fn print(results: &[Value]) -> String {
    let texts: Vec<String> = results.iter().map(text).collect();
    texts.join(" ")
}

/// One value as JSONPath prints it: text bare, maps and lists as JSON.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::String(s) => s.to_string(),
        other => go::json(other),
    }
}

/// Models get.RelaxedJSONPathExpression: `spec.x`, `.spec.x`, `{spec.x}` and `{.spec.x}` mean
/// the same.
pub fn relaxed(expression: &str) -> Result<String, String> {
    if expression.is_empty() {
        return Ok(String::new());
    }
    let inner = match expression.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').unwrap_or("{"),
        None => expression,
    };
    let field = inner.strip_prefix('.').filter(|rest| !rest.is_empty()).unwrap_or(inner);
    match field.is_empty() || field.contains(['{', '}']) {
        true => Err("unexpected path string, expected a 'name1.name2' or '.name1.name2' or \
                     '{name1.name2}' or '{.name1.name2}'"
            .into()),
        false => Ok(format!("{{.{field}}}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    fn sample() -> Value {
        value!({
            "kind": "List",
            "items": [
                {"name": "a", "labels": {"app.kubernetes.io/x": "1"}, "ports": [80, 8080]},
                {"name": "b", "labels": {}, "ports": []}
            ],
            "n": 2
        })
    }

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let path = JsonPath::parse(template).unwrap();
        let text = path.execute(&sample(), Options::default());
        assert_eq!(text.as_deref(), Ok(expected), "{template}");
    }

    #[track_caller]
    fn check_parse_error(template: &str, expected: &str) {
        assert_eq!(JsonPath::parse(template).unwrap_err(), expected);
    }

    #[test]
    fn paths_ranges_and_filters() {
        check("{.kind}/{.n}", "List/2");
        check(".kind", ".kind");
        check("{.items[*].name}", "a b");
        check("{.items[0].ports}", "[80,8080]");
        check("{.items[-1:].name}{.items[0,1].name}", "ba b");
        check("{.items[0].labels.app\\.kubernetes\\.io/x}", "1");
        check("{.items[0].labels['app\\.kubernetes\\.io/x']}", "1");
        check(
            "{range .items[*]}{.name}:{range .ports[*]}{@},{end}{\"\\n\"}{end}",
            "a:80,8080,\nb:\n",
        );
        check("{.items[?(@.name==\"b\")].name}", "b");
        check("{.items[0].ports[?(@>80)]}", "8080");
        check("{..name}", "a b");
        check("{.nope}{.items[*].nope}", "");
        check("{range .items[*]}{.name}", "ab");
    }

    #[test]
    fn broken_templates() {
        check_parse_error("{.spec", "unclosed action");
        check_parse_error("{.a[?(@.b=~\"c\")]}", "unrecognized character in action: U+007E '~'");
        check_parse_error("{.a[", "unterminated array");
        let path = JsonPath::parse("{.items[7].name}").unwrap();
        let error = path.execute(&sample(), Options::default()).unwrap_err();
        assert_eq!(error, "array index out of bounds: index 7, length 2");
        let strict = Options { allow_missing_keys: false };
        let error = JsonPath::parse("{.x}").unwrap().execute(&sample(), strict).unwrap_err();
        assert_eq!(error, "x is not found");
    }

    #[test]
    fn relaxed_paths() {
        for path in ["a.b", ".a.b", "{a.b}", "{.a.b}"] {
            assert_eq!(relaxed(path).as_deref(), Ok("{.a.b}"));
        }
        assert!(relaxed("{.a").is_err());
    }
}
