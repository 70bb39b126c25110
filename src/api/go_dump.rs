//! A Pod template as Go prints its struct for hashing.
//!
//! Models `k8s.io/apimachinery/pkg/util/dump` ForHash (spew's `%#v` without methods, map keys
//! sorted) of what decoding from etcd gives: empty lists and maps are nil. The fields in Go's
//! order, with pointers (`*`), embedded structs (`+`), named types (`:`) and foreign JSON names
//! (`=`) stand in the table beside this file.
//!
//! # Scope
//! - A creation time inside a template counts as absent; so does an amount beyond 64 bits.
//! - Volumes of vendors (`iscsi`, `rbd`, ...) are printed as if they were empty.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::OnceLock;

use super::quantity::Quantity;
use super::schema::{self, Field, Struct, Type};
use super::value::Value;

/// How a Go struct lays out a field.
struct Slot {
    name: &'static str,
    json: Option<&'static str>,
    is_pointer: bool,
    is_embedded: bool,
    go_name: Option<&'static str>,
}

/// The struct with this name, with its type before it.
pub fn dump(value: &Value, name: &'static str) -> String {
    let mut out = format!("(v1.{name})");
    if let Some(known) = schema::find(name) {
        write_struct(&mut out, value, name, known);
    }
    out
}

fn layout() -> &'static BTreeMap<&'static str, Vec<Slot>> {
    static LAYOUT: OnceLock<BTreeMap<&'static str, Vec<Slot>>> = OnceLock::new();
    LAYOUT.get_or_init(|| {
        let lines = include_str!("go_layout.txt").lines();
        lines.filter_map(|line| line.split_once(' ')).map(parse_line).collect()
    })
}

fn parse_line((name, fields): (&'static str, &'static str)) -> (&'static str, Vec<Slot>) {
    (name, fields.split(' ').map(parse_slot).collect())
}

fn parse_slot(word: &'static str) -> Slot {
    let (word, go_name) = match word.split_once(':') {
        Some((word, go_name)) => (word, Some(go_name)),
        None => (word, None),
    };
    let (word, json) = match word.split_once('=') {
        Some((word, json)) => (word, Some(json)),
        None => (word, None),
    };
    let is_embedded = word.starts_with('+');
    let is_pointer = word.ends_with('*');
    let name = word.trim_start_matches('+').trim_end_matches('*');
    Slot { name, json, is_pointer, is_embedded, go_name }
}

/// The fields of a struct; those of an embedded one are known by the struct around it.
fn write_struct(out: &mut String, value: &Value, name: &str, known: &Struct) {
    out.push('{');
    for (index, slot) in layout().get(name).into_iter().flatten().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        let _ = write!(out, "{}:", slot.name);
        if slot.is_embedded {
            let _ = write!(out, "(v1.{})", slot.name);
            write_struct(out, value, slot.name, known);
        } else if let Some(field) = field_of(slot, known) {
            write_field(out, value.get(field.name), slot, field);
        }
    }
    out.push('}');
}

fn field_of<'a>(slot: &Slot, known: &'a Struct) -> Option<&'a Field> {
    match slot.json {
        Some(json) => known.field(json),
        None => known.fields.iter().find(|field| field.name.eq_ignore_ascii_case(slot.name)),
    }
}

fn write_field(out: &mut String, value: &Value, slot: &Slot, field: &Field) {
    let go_type = match (slot.go_name, &field.field_type) {
        (Some(name), _) => name.into(),
        (None, Type::IntOrString) => "intstr.IntOrString".into(),
        (None, Type::Time) => "v1.Time".into(),
        (None, _) => field.go_type(),
    };
    let is_nil = slot.is_pointer && value.is_null();
    let star = if slot.is_pointer { "*" } else { "" };
    let _ = write!(out, "({star}{go_type})");
    match is_nil {
        true => out.push_str("<nil>"),
        false => write_value(out, value, &field.field_type),
    }
}

/// A value without its type.
fn write_value(out: &mut String, value: &Value, value_type: &Type) {
    let _ = match value_type {
        Type::String | Type::Bytes | Type::MicroTime | Type::Any => write!(out, "{}", value.str()),
        Type::Bool => write!(out, "{}", value.as_bool().unwrap_or_default()),
        Type::Int32 | Type::Int64 | Type::Double => {
            write!(out, "{}", value.as_i64().unwrap_or_default())
        }
        Type::Time => write!(
            out,
            "{{Time:(time.Time){{wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}}}"
        ),
        Type::Quantity => write!(out, "{}", quantity(value)),
        Type::IntOrString => write!(out, "{}", int_or_string(value)),
        Type::Struct(name) => {
            if let Some(known) = schema::find(name) {
                write_struct(out, value, known.plain_name(), known);
            }
            Ok(())
        }
        Type::List(inner) => {
            write_list(out, value.items(), inner);
            Ok(())
        }
        Type::Map(inner) => {
            write_map(out, value, inner);
            Ok(())
        }
    };
}

fn write_list(out: &mut String, items: &[Value], inner: &Type) {
    if items.is_empty() {
        out.push_str("<nil>");
        return;
    }
    for (index, item) in items.iter().enumerate() {
        out.push(if index == 0 { '[' } else { ' ' });
        write_value(out, item, inner);
    }
    out.push(']');
}

fn write_map(out: &mut String, value: &Value, inner: &Type) {
    let mut separator = "map[";
    for (key, value) in value.entries() {
        let _ = write!(out, "{separator}{key}:");
        write_value(out, value, inner);
        separator = " ";
    }
    out.push_str(if separator == " " { "]" } else { "<nil>" });
}

fn quantity(value: &Value) -> String {
    let text = value.str();
    let memory = Quantity::memory(text).unwrap_or_default();
    format!(
        "{{i:(resource.int64Amount){{value:(int64){} scale:(resource.Scale){}}} \
         d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} s:(string){} Format:(resource.Format){}}}",
        memory.value, memory.scale, memory.text, memory.format
    )
}

fn int_or_string(value: &Value) -> String {
    let (kind, number) = match value {
        Value::String(_) => (1, 0),
        other => (0, other.as_i64().unwrap_or_default()),
    };
    let text = value.str();
    format!("{{Type:(intstr.Type){kind} IntVal:(int32){number} StrVal:(string){text}}}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::{self, Shape};

    #[test]
    fn every_field_of_the_layout_is_known() {
        for (name, slots) in layout() {
            let Some(known) = schema::find(name) else { continue };
            for slot in slots.iter().filter(|slot| !slot.is_embedded) {
                assert!(field_of(slot, known).is_some(), "{name}.{}", slot.name);
            }
            let embedded = slots.iter().filter(|slot| slot.is_embedded);
            let more = embedded.filter_map(|slot| layout().get(slot.name)).flatten();
            let listed = slots.iter().filter(|slot| !slot.is_embedded).chain(more).count();
            assert_eq!(listed, known.fields.len(), "{name} has other fields in the schema");
        }
    }

    /// The slots of a struct with those of the structs embedded in it.
    fn flattened(slots: &'static [Slot]) -> Vec<&'static Slot> {
        let inner = |slot: &'static Slot| match layout().get(slot.name).filter(|_| slot.is_embedded)
        {
            Some(embedded) => embedded.iter().collect(),
            None => vec![slot],
        };
        slots.iter().flat_map(inner).collect()
    }

    #[test]
    fn the_layout_is_that_of_the_types() {
        for (name, slots) in layout() {
            let Some(known) = types::find(name) else { continue };
            let slots = flattened(slots).into_iter();
            let laid_out: Vec<_> =
                slots.map(|s| (s.json.unwrap_or(s.name), s.is_pointer)).collect();
            let fields = known.fields.iter().enumerate().map(|(index, field)| {
                let is_pointer = matches!(field.shape, Shape::Pointer | Shape::Optional);
                let is_json = laid_out.get(index).is_some_and(|(name, _)| *name == field.json);
                (if is_json { field.json } else { field.go.as_str() }, is_pointer)
            });
            assert_eq!(laid_out, fields.collect::<Vec<_>>(), "{name}");
        }
    }

    #[test]
    fn amounts_have_their_insides() {
        let text = dump(
            &crate::value!({"requests": {"cpu": "100m", "memory": "64Mi"}}),
            "ResourceRequirements",
        );
        assert_eq!(
            text,
            "(v1.ResourceRequirements){Limits:(v1.ResourceList)<nil> \
             Requests:(v1.ResourceList)map[cpu:{i:(resource.int64Amount){value:(int64)100 \
             scale:(resource.Scale)-3} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} \
             s:(string)100m Format:(resource.Format)DecimalSI} memory:{i:(resource.int64Amount)\
             {value:(int64)67108864 scale:(resource.Scale)0} d:(resource.infDecAmount)\
             {Dec:(*inf.Dec)<nil>} s:(string) Format:(resource.Format)BinarySI}] \
             Claims:([]v1.ResourceClaim)<nil>}"
        );
    }
}
