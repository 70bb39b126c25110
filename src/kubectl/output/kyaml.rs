//! `-o kyaml`: YAML in braces.
//!
//! Models `sigs.k8s.io/yaml/kyaml`: every string quoted, a comma after every item, the braces of
//! maps in lists cuddled with the brackets.

use crate::api::go;
use crate::api::value::{Map, Value};

/// A document with its separator.
pub fn write(value: &Value) -> String {
    let mut out = String::from("---\n");
    node(&mut out, value, 0);
    out.push('\n');
    out
}

fn node(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(map) => object(out, map, depth),
        Value::Array(items) => array(out, items, depth),
        Value::String(text) => string(out, text, depth),
        other => out.push_str(&go::json_plain(other)),
    }
}

fn indent(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

fn object(out: &mut String, map: &Map, depth: usize) {
    out.push('{');
    for (name, value) in map.iter() {
        indent(out, depth + 1);
        key(out, name);
        out.push_str(": ");
        node(out, value, depth + 1);
        out.push(',');
    }
    indent(out, depth);
    out.push('}');
}

fn array(out: &mut String, items: &[Value], depth: usize) {
    let nested = |value: &Value| matches!(value, Value::Object(map) if !map.is_empty());
    out.push('[');
    if items.iter().all(nested) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            node(out, item, depth);
        }
        out.push(']');
        return;
    }
    for item in items {
        indent(out, depth + 1);
        node(out, item, depth + 1);
        out.push(',');
    }
    indent(out, depth);
    out.push(']');
}

/// Keys stay bare if nobody can take them for something else.
fn key(out: &mut String, name: &str) {
    let plain = name.chars().enumerate().all(|(index, c)| match index {
        0 => c.is_ascii_alphabetic() || c == '_',
        _ => c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'),
    });
    let ambiguous = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"];
    match plain && !name.is_empty() && !ambiguous.contains(&&*name.to_lowercase()) {
        true => out.push_str(name),
        false => out.push_str(&go::quote(name)),
    }
}

/// Text of several lines is folded behind backslashes, one source line each.
fn string(out: &mut String, text: &str, depth: usize) {
    if !text.trim_end_matches('\n').contains('\n') {
        out.push_str(&go::quote(text));
        return;
    }
    out.push_str("\"\\");
    for line in text.split_inclusive('\n') {
        let quoted = go::quote(line);
        indent(out, depth + 1);
        if line.starts_with(' ') || line.starts_with('\t') {
            out.push('\\');
        } else {
            out.push(' ');
        }
        out.push_str(quoted.trim_start_matches('"').strip_suffix('"').unwrap_or(&quoted));
        out.push('\\');
    }
    indent(out, depth + 1);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn braces_cuddle_in_lists_of_maps() {
        let v = value!({"a": ["x"], "ports": [{"port": 80}, {"port": 81}], "e": {}});
        assert_eq!(
            write(&v),
            "---\n{\n  a: [\n    \"x\",\n  ],\n  e: {},\n  ports: [{\n    port: 80,\n  }, {\n    \
             port: 81,\n  }],\n}\n"
        );
    }
}
