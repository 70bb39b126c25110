//! Values as the server holds them: Go's field names in Go's order, absent fields as null.
//!
//! Models `json.Marshal` of the internal types in `pkg/apis`, which is how invalid values of
//! struct types are shown.

use super::{Field, Scalar, Shape, find};
use crate::api::go;
use crate::api::value::Value;

/// A value of the struct `name` in one line.
pub fn compact(name: &str, value: &Value) -> String {
    write_value(name, value, None)
}

/// A value of the struct `name` over several lines, indented by single blanks.
pub fn indented(name: &str, value: &Value) -> String {
    write_value(name, value, Some(0))
}

/// A list of structs in one line.
pub fn compact_list(name: &'static str, value: &Value) -> String {
    let field = list_of(name);
    let mut writer = Writer { out: String::new(), depth: None };
    writer.field_value(&field, value);
    writer.out
}

fn list_of(name: &'static str) -> Field {
    let (shape, scalar) = (Shape::List, Scalar::Struct(name));
    Field::unnamed(shape, scalar)
}

fn write_value(name: &str, value: &Value, depth: Option<usize>) -> String {
    let mut writer = Writer { out: String::new(), depth };
    writer.structure(name, value);
    writer.out
}

struct Writer {
    out: String,
    // The depth of the present line, if there are lines.
    depth: Option<usize>,
}

impl Writer {
    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.depth = self.depth.map(|depth| depth + 1);
    }

    fn close(&mut self, bracket: char, is_empty: bool) {
        self.depth = self.depth.map(|depth| depth.saturating_sub(1));
        if !is_empty {
            self.new_line();
        }
        self.out.push(bracket);
    }

    fn new_line(&mut self) {
        if let Some(depth) = self.depth {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', depth));
        }
    }

    fn key(&mut self, key: &str, is_first: bool) {
        if !is_first {
            self.out.push(',');
        }
        self.new_line();
        self.out.push_str(&go::json(&key.into()));
        self.out.push_str(if self.depth.is_some() { ": " } else { ":" });
    }

    fn structure(&mut self, name: &str, value: &Value) {
        let Some(found) = find(name) else {
            return self.plain(value);
        };
        if found.wire {
            return self.wire(name, value);
        }
        self.open('{');
        let mut is_first = true;
        for field in &found.fields {
            if field.json == "metadata" {
                self.metadata(value.get("metadata"), &mut is_first);
                continue;
            }
            self.key(&field.go, is_first);
            is_first = false;
            self.field_value(field, value.get(field.json));
        }
        self.close('}', is_first);
    }

    // ObjectMeta is embedded and keeps its JSON names and tags.
    fn metadata(&mut self, metadata: &Value, is_first: &mut bool) {
        let fields = find("ObjectMeta").map_or(&[][..], |found| &found.fields);
        for field in fields {
            let value = metadata.get(field.json);
            if !value.is_null() {
                self.key(field.json, *is_first);
                *is_first = false;
                self.wire_field(field, value);
            }
        }
    }

    fn wire(&mut self, name: &str, value: &Value) {
        let Some(found) = find(name).filter(|_| value.as_object().is_some()) else {
            return self.plain(value);
        };
        self.open('{');
        let mut is_first = true;
        for field in &found.fields {
            let value = value.get(field.json);
            if value.is_null() && !field.always {
                continue;
            }
            self.key(field.json, is_first);
            is_first = false;
            self.wire_field(field, value);
        }
        self.close('}', is_first);
    }

    fn wire_field(&mut self, field: &Field, value: &Value) {
        match (value, field.shape, field.scalar) {
            (Value::Null, ..) => self.zero(field),
            (_, Shape::List, Scalar::Struct(_)) => self.field_value(field, value),
            (_, _, Scalar::Struct(name)) => self.wire(name, value),
            _ => self.plain(value),
        }
    }

    fn field_value(&mut self, field: &Field, value: &Value) {
        let is_struct = matches!(field.scalar, Scalar::Struct(_));
        if value.is_null() && !(is_struct && field.shape == Shape::Plain) {
            return self.zero(field);
        }
        match (field.shape, field.scalar) {
            (Shape::List, Scalar::Struct(name)) => {
                self.open('[');
                for (index, item) in value.items().iter().enumerate() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    self.new_line();
                    self.structure(name, item);
                }
                self.close(']', value.items().is_empty());
            }
            (_, Scalar::Struct(name)) => self.structure(name, value),
            _ => self.plain(value),
        }
    }

    fn zero(&mut self, field: &Field) {
        let is_plain = matches!(field.shape, Shape::Plain | Shape::Optional);
        let text = match field.scalar {
            _ if !is_plain => "null",
            Scalar::String => "\"\"",
            Scalar::Int32 | Scalar::Int64 | Scalar::IntOrString => "0",
            Scalar::Bool => "false",
            Scalar::Quantity => "\"0\"",
            _ => "null",
        };
        self.out.push_str(text);
    }

    fn plain(&mut self, value: &Value) {
        match value {
            Value::Object(map) => {
                self.open('{');
                for (index, (key, value)) in map.iter().enumerate() {
                    self.key(key, index == 0);
                    self.plain(value);
                }
                self.close('}', map.is_empty());
            }
            Value::Array(items) => {
                self.open('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    self.new_line();
                    self.plain(item);
                }
                self.close(']', items.is_empty());
            }
            scalar => self.out.push_str(&go::json(scalar)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn structs_are_written_with_their_go_names() {
        let port = value!({"port": 80, "protocol": "TCP"});
        let expected = r#"{"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}"#;
        assert_eq!(compact("ServicePort", &port), expected);
        let strategy = value!({"type": "Rolling"});
        let expected = r#"{"Type":"Rolling","RollingUpdate":null}"#;
        assert_eq!(compact("StatefulSetUpdateStrategy", &strategy), expected);
        let budget = value!({"minAvailable": 1, "selector": {"matchLabels": {"app": "nginx"}}});
        let expected = r#"{"MinAvailable":1,"Selector":{"matchLabels":{"app":"nginx"}},"MaxUnavailable":null,"UnhealthyPodEvictionPolicy":null}"#;
        assert_eq!(compact("PodDisruptionBudgetSpec", &budget), expected);
    }

    #[test]
    fn lines_are_indented_by_single_blanks() {
        let resources = value!({"requests": {"cpu": "1"}});
        let expected = "{\n \"Limits\": null,\n \"Requests\": {\n  \"cpu\": \"1\"\n },\n \
                        \"Claims\": null\n}";
        assert_eq!(indented("ResourceRequirements", &resources), expected);
    }
}
