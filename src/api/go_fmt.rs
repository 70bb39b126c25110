//! Values as Go's `fmt` prints them.
//!
//! Models the verbs `%v` and `%#v` for decoded JSON (`map[string]interface{}` and its parts).

use crate::api::go::{float_g, quote};
use crate::api::value::Value;

/// `%v`: `map[a:1 b:[x y]]`, `<nil>`, `true`.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Float(f) => float_g(*f),
        Value::String(s) => s.to_string(),
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(plain).collect();
            format!("[{}]", parts.join(" "))
        }
        Value::Object(map) => {
            let parts: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}:{}", plain(value))).collect();
            format!("map[{}]", parts.join(" "))
        }
    }
}

/// `%#v`: `map[string]interface {}{"a":1, "b":[]interface {}{"x"}}`.
pub fn syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::String(s) => quote(s),
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(syntax).collect();
            format!("[]interface {{}}{{{}}}", parts.join(", "))
        }
        Value::Object(map) => {
            let parts: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}:{}", quote(key), syntax(value)))
                .collect();
            format!("map[string]interface {{}}{{{}}}", parts.join(", "))
        }
        other => plain(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn both_forms() {
        let v = value!({"b": [1, "x"], "a": {"c": null}});
        assert_eq!(plain(&v), "map[a:map[c:<nil>] b:[1 x]]");
        assert_eq!(
            syntax(&v),
            "map[string]interface {}{\"a\":map[string]interface {}{\"c\":interface {}(nil)}, \
             \"b\":[]interface {}{1, \"x\"}}"
        );
    }
}
