//! JSON into the structs of the API, with the complaints of Go's decoders.
//!
//! Models `sigs.k8s.io/json` (`encoding/json`, strict and sensitive to case) and, for objects
//! that a patch made, `runtime.DefaultUnstructuredConverter`. Nulls count as absent, quantities
//! become canonical, unknown fields are dropped and named.

use super::{Field, Struct, Type};
use crate::api::quantity::Quantity;
use crate::api::value::{EcoString, Value};
use crate::api::{go, scheme::Kind};

/// What came out of decoding.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The object, sharing with the original what did not change.
    pub value: Value,
    /// Paths of the fields that the struct does not have, as `spec.ports[0].prot`.
    pub unknown: Vec<EcoString>,
}

/// Decodes JSON text's value into an object of `kind` as `encoding/json` does.
pub fn decode(kind: Kind, value: &Value) -> Result<Decoded, String> {
    run(kind, value, &Value::Null, Words::Json)
}

/// The same where whole fields may be shared with `known`, which was decoded before: they are not
/// looked into.
pub fn decode_beside(kind: Kind, value: &Value, known: &Value) -> Result<Decoded, String> {
    run(kind, value, known, Words::Json)
}

/// Brings a decoded map into an object of `kind` as `FromUnstructured` does.
pub fn convert(kind: Kind, value: &Value) -> Result<Decoded, String> {
    convert_beside(kind, value, &Value::Null)
}

/// The same where whole fields may be shared with `known`, which was decoded before.
pub fn convert_beside(kind: Kind, value: &Value, known: &Value) -> Result<Decoded, String> {
    run(kind, value, known, Words::Unstructured)
}

/// What is wrong with an object's metadata, as kubectl finds before it asks the server.
pub fn metadata_error(value: &Value) -> Option<String> {
    let found = super::find("ObjectMeta")?;
    let metadata = value.get("metadata");
    if !matches!(metadata, Value::Null | Value::Object(_)) {
        return Some(format!(
            "json: cannot unmarshal {} into Go struct field metadataOnlyObject.metadata of type \
             v1.ObjectMeta",
            go::json_type(metadata)
        ));
    }
    let mut decoder = Decoder::new(Words::Json);
    decoder.fields.push("metadata".into());
    decoder.structure(found, metadata, &Value::Null).err().or(decoder.saved)
}

fn run(kind: Kind, value: &Value, known: &Value, words: Words) -> Result<Decoded, String> {
    let Some(found) = super::of_kind(kind) else {
        return Ok(Decoded { value: value.clone(), unknown: Vec::new() });
    };
    let mut decoder = Decoder::new(words);
    let changed = match value {
        Value::Object(_) => decoder.structure(found, value, known)?,
        Value::Null => Some(Value::object()),
        other if words == Words::Json => {
            let (type_name, found) = (found.go_name(), go::json_type(other));
            return Err(format!(
                "json: cannot unmarshal {found} into Go value of type {type_name}"
            ));
        }
        other => return Err(format!("cannot restore struct from: {}", go_kind(other))),
    };
    if let Some(error) = decoder.saved {
        return Err(error);
    }
    let mut unknown = decoder.unknown;
    if words == Words::Unstructured {
        unknown.sort();
    }
    Ok(Decoded { value: changed.unwrap_or_else(|| value.clone()), unknown })
}

/// Whose complaints to make.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    Json,
    Unstructured,
}

/// How an inner value came out: `None` if it stays as it is.
type Changed = Option<Value>;

struct Decoder {
    words: Words,
    /// Go's name of the struct at hand.
    owner: String,
    /// Names of the fields on the way, for complaints.
    fields: Vec<EcoString>,
    /// The way with indexes, for unknown fields.
    path: String,
    /// The first wrong type; decoding goes on, since other errors go first.
    saved: Option<String>,
    unknown: Vec<EcoString>,
}

impl Decoder {
    fn new(words: Words) -> Self {
        Decoder {
            words,
            owner: String::new(),
            fields: Vec::new(),
            path: String::new(),
            saved: None,
            unknown: Vec::new(),
        }
    }

    fn structure(
        &mut self,
        found: &'static Struct,
        value: &Value,
        known: &Value,
    ) -> Result<Changed, String> {
        let mut changed: Changed = None;
        let outer = std::mem::replace(&mut self.owner, found.plain_name().into());
        let is_new = |(key, inner): &(&EcoString, &Value)| !inner.is_same(known.get(key));
        for (key, inner) in value.entries().filter(is_new) {
            let length = self.path.len();
            self.path.push_str(if length == 0 { "" } else { "." });
            self.path.push_str(key);
            let new = match found.field(key) {
                None => {
                    self.unknown.push(self.path.as_str().into());
                    Some(Value::Null)
                }
                Some(field) => {
                    self.fields.push(key.clone());
                    let new = self.field(field, inner)?;
                    self.fields.pop();
                    new
                }
            };
            self.path.truncate(length);
            if let Some(new) = new {
                replace(changed.get_or_insert_with(|| value.clone()), key, new);
            }
        }
        self.owner = outer;
        Ok(changed)
    }

    /// A field; null means that it is to be taken out.
    fn field(&mut self, field: &'static Field, value: &Value) -> Result<Changed, String> {
        if value.is_null() {
            return Ok(Some(Value::Null));
        }
        match &field.field_type {
            Type::List(inner) => self.list(field, inner, value),
            Type::Map(inner) => self.map(field, inner, value),
            plain => self.single(plain, &|| field.go_type(), value),
        }
    }

    fn list(
        &mut self,
        field: &'static Field,
        inner: &'static Type,
        value: &Value,
    ) -> Result<Changed, String> {
        let Value::Array(items) = value else {
            return self.mismatch(&field.go_type(), "slice", value);
        };
        let mut changed: Changed = None;
        let length = self.path.len();
        for (index, item) in items.iter().enumerate() {
            self.path.push_str(&format!("[{index}]"));
            let new = match item {
                Value::Null => Some(zero(inner)),
                item => self.single(inner, &|| field.inner_go_type(), item)?,
            };
            self.path.truncate(length);
            if let Some(new) = new {
                let list = changed.get_or_insert_with(|| value.clone()).items_mut();
                if let Some(place) = list.get_mut(index) {
                    *place = new;
                }
            }
        }
        Ok(changed)
    }

    fn map(
        &mut self,
        field: &'static Field,
        inner: &'static Type,
        value: &Value,
    ) -> Result<Changed, String> {
        let Value::Object(entries) = value else {
            return self.mismatch(&field.go_type(), "map", value);
        };
        let mut changed: Changed = None;
        for (key, item) in entries.iter() {
            let new = match item {
                Value::Null => Some(zero(inner)),
                item => self.single(inner, &|| field.inner_go_type(), item)?,
            };
            if let Some(new) = new {
                changed.get_or_insert_with(|| value.clone()).object_mut().insert(key.clone(), new);
            }
        }
        Ok(changed)
    }

    fn single(
        &mut self,
        field_type: &'static Type,
        go_type: &dyn Fn() -> String,
        value: &Value,
    ) -> Result<Changed, String> {
        match (field_type, value) {
            (Type::Any, _)
            | (Type::String, Value::String(_))
            | (Type::Bool, Value::Bool(_))
            | (Type::Double, Value::Float(_) | Value::Int(_))
            | (Type::Int64, Value::Int(_))
            | (Type::IntOrString, Value::String(_)) => Ok(None),
            (Type::Struct(name), Value::Object(_)) => match super::find(name) {
                Some(found) => self.structure(found, value, &Value::Null),
                None => Ok(None),
            },
            (Type::Int32 | Type::Int64, Value::Int(_) | Value::Float(_)) => {
                self.integer(field_type, go_type, value)
            }
            (Type::IntOrString, _) => self.int_or_string(value),
            (Type::Quantity, _) => {
                let stored = Quantity::stored_json(value)?;
                let is_same = value.as_str() == Some(stored.as_str());
                Ok((!is_same).then(|| stored.into()))
            }
            (Type::Time | Type::MicroTime, _) => self.time(field_type, value),
            (Type::Bytes, Value::String(text)) => self.bytes(text),
            (Type::List(inner), Value::Array(items)) => {
                // Lists of lists: only their items are looked at.
                for item in items.iter() {
                    self.single(inner, &|| inner.go_type(), item)?;
                }
                Ok(None)
            }
            (Type::Map(inner), Value::Object(entries)) => {
                for (_, item) in entries.iter() {
                    self.single(inner, &|| inner.go_type(), item)?;
                }
                Ok(None)
            }
            _ => self.mismatch(&go_type(), kind_of_type(field_type), value),
        }
    }

    fn integer(
        &mut self,
        field_type: &Type,
        go_type: &dyn Fn() -> String,
        value: &Value,
    ) -> Result<Changed, String> {
        let whole = value.as_i64();
        if self.words == Words::Unstructured {
            return match whole {
                Some(number) if *field_type == Type::Int32 => {
                    // Go's conversion cuts the upper half off.
                    Ok((number as i32 as i64 != number).then(|| Value::Int(number as i32 as i64)))
                }
                Some(_) => Ok(None),
                None => Err(format!("cannot convert float64 to {}", go_type())),
            };
        }
        let fits = |number: &i64| *field_type == Type::Int64 || i32::try_from(*number).is_ok();
        match whole.filter(fits) {
            Some(number) => Ok((*value != Value::Int(number)).then_some(Value::Int(number))),
            None => self.save(&format!("number {}", go::json(value)), &go_type()),
        }
    }

    fn int_or_string(&mut self, value: &Value) -> Result<Changed, String> {
        let number = value.as_i64().filter(|number| i32::try_from(*number).is_ok());
        if let (Some(number), Value::Int(_) | Value::Float(_)) = (number, value) {
            return Ok((*value != Value::Int(number)).then_some(Value::Int(number)));
        }
        let found = match value {
            Value::Int(_) | Value::Float(_) => format!("number {}", go::json(value)),
            other => go::json_type(other).into(),
        };
        // Types that decode themselves fail at once.
        Err(self.unmarshal_error(&found, "int32"))
    }

    fn time(&mut self, field_type: &Type, value: &Value) -> Result<Changed, String> {
        let Some(text) = value.as_str() else {
            return Err(self.unmarshal_error(go::json_type(value), "string"));
        };
        let stored = super::go_time::parse(text, *field_type == Type::MicroTime)?;
        Ok((stored != text).then(|| stored.into()))
    }

    fn bytes(&mut self, text: &str) -> Result<Changed, String> {
        match base64_error(text) {
            Some(at) => {
                let error = format!("illegal base64 data at input byte {at}");
                self.saved.get_or_insert(error);
                Ok(None)
            }
            None => Ok(None),
        }
    }

    fn unmarshal_error(&self, found: &str, go_type: &str) -> String {
        if self.words == Words::Unstructured {
            return format!("json: cannot unmarshal {found} into Go value of type {go_type}");
        }
        let (owner, fields) = (&self.owner, self.fields.join("."));
        format!(
            "json: cannot unmarshal {found} into Go struct field {owner}.{fields} of type {go_type}"
        )
    }

    /// A wrong type: `encoding/json` remembers the first and goes on.
    fn save(&mut self, found: &str, go_type: &str) -> Result<Changed, String> {
        let error = self.unmarshal_error(found, go_type);
        self.saved.get_or_insert(error);
        Ok(None)
    }

    fn mismatch(&mut self, go_type: &str, kind: &str, value: &Value) -> Result<Changed, String> {
        if self.words == Words::Json {
            return self.save(go::json_type(value), go_type);
        }
        let found = go_kind(value);
        Err(match (kind, value) {
            ("struct", _) => format!("cannot restore struct from: {found}"),
            ("map" | "slice", _) => format!("cannot restore {kind} from {found}"),
            ("string", Value::Int(_)) => format!("cannot convert {found} to {go_type}"),
            _ => format!("unrecognized type: {kind}"),
        })
    }
}

fn replace(object: &mut Value, key: &str, new: Value) {
    if new.is_null() {
        object.remove(&[key]);
    } else {
        object.set(&[key], new);
    }
}

/// What null stands for in a list or a map.
fn zero(inner: &Type) -> Value {
    match inner {
        Type::String | Type::Bytes => "".into(),
        Type::Bool => false.into(),
        Type::Int32 | Type::Int64 | Type::IntOrString => 0.into(),
        Type::Double => 0.into(),
        Type::Quantity => "0".into(),
        Type::Struct(_) => Value::object(),
        Type::Time | Type::MicroTime | Type::Any | Type::List(_) | Type::Map(_) => Value::Null,
    }
}

/// `reflect.Kind` of a type.
fn kind_of_type(field_type: &Type) -> &'static str {
    match field_type {
        Type::String | Type::Time | Type::MicroTime => "string",
        Type::Bool => "bool",
        Type::Int32 | Type::IntOrString => "int32",
        Type::Int64 => "int64",
        Type::Double => "float64",
        Type::Bytes | Type::List(_) => "slice",
        Type::Map(_) => "map",
        Type::Quantity | Type::Any | Type::Struct(_) => "struct",
    }
}

/// `reflect.Kind` of a decoded JSON value.
fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "invalid",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
    }
}

/// The byte at which Go's base64 decoder stops, if it does.
fn base64_error(text: &str) -> Option<usize> {
    let mut digits = 0usize;
    let mut bytes = text.bytes().enumerate().filter(|(_, b)| !matches!(b, b'\n' | b'\r'));
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => digits += 1,
            b'=' => {
                let missing = match digits % 4 {
                    2 => 1,
                    3 => 0,
                    _ => return Some(at),
                };
                for _ in 0..missing {
                    match bytes.next() {
                        Some((_, b'=')) => {}
                        Some((at, _)) => return Some(at),
                        None => return Some(text.len()),
                    }
                }
                return bytes.next().map(|(at, _)| at);
            }
            _ => return Some(at),
        }
    }
    match digits % 4 {
        0 => None,
        rest => Some(text.len() - rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::yaml;

    #[track_caller]
    fn check_error(kind: Kind, text: &str, json: &str, converted: &str) {
        let value = yaml::read(text).expect("a test's YAML");
        let errors = [decode(kind, &value), convert(kind, &value)]
            .map(|result| result.map(|decoded| decoded.unknown).expect_err(text));
        assert_eq!(errors[0], format!("json: cannot unmarshal {json}"), "{text}");
        assert_eq!(errors[1], converted, "{text}");
    }

    #[track_caller]
    fn check(kind: Kind, text: &str, expected: &str, unknown: &[&str]) {
        let (value, expected) = (yaml::read(text).expect("YAML"), yaml::read(expected));
        let decoded = decode(kind, &value).expect(text);
        assert_eq!(Ok(decoded.value), expected, "{text}");
        assert_eq!(decoded.unknown, unknown, "{text}");
    }

    #[test]
    fn wrong_types_are_named_as_go_does() {
        let set = Kind::StatefulSet;
        let spec = "into Go struct field StatefulSetSpec.spec";
        check_error(
            set,
            "spec: {replicas: '3'}",
            &format!("string {spec}.replicas of type int32"),
            "unrecognized type: int32",
        );
        check_error(
            set,
            "spec: {replicas: 3.5}",
            &format!("number 3.5 {spec}.replicas of type int32"),
            "cannot convert float64 to int32",
        );
        check_error(
            set,
            "spec: {serviceName: 8}",
            &format!("number {spec}.serviceName of type string"),
            "cannot convert int64 to string",
        );
        check_error(
            set,
            "spec: {selector: a}",
            &format!("string {spec}.selector of type v1.LabelSelector"),
            "cannot restore struct from: string",
        );
        check_error(
            set,
            "spec: {volumeClaimTemplates: {a: b}}",
            &format!("object {spec}.volumeClaimTemplates of type []v1.PersistentVolumeClaim"),
            "cannot restore slice from map",
        );
        check_error(
            set,
            "spec: {selector: {matchLabels: {a: 1}}}",
            "number into Go struct field LabelSelector.spec.selector.matchLabels of type string",
            "cannot convert int64 to string",
        );
        check_error(
            set,
            "spec: {template: {spec: {containers: [{name: a, env: [{name: A, value: yes}], command: x}]}}}",
            "string into Go struct field Container.spec.template.spec.containers.command of type []string",
            "cannot restore slice from string",
        );
        check_error(
            Kind::Pod,
            "spec: {containers: [{env: [{name: yes}], imagePullPolicy: 5}]}",
            "bool into Go struct field EnvVar.spec.containers.env.name of type string",
            "unrecognized type: string",
        );
        check_error(
            Kind::Pod,
            "spec: {containers: [{imagePullPolicy: 5}]}",
            "number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy",
            "cannot convert int64 to v1.PullPolicy",
        );
        check_error(
            Kind::Pod,
            "spec: {volumes: [{emptyDir: []}]}",
            "array into Go struct field Volume.spec.volumes.emptyDir of type v1.EmptyDirVolumeSource",
            "cannot restore struct from: slice",
        );
        check_error(
            Kind::Service,
            "spec: {ports: [{targetPort: 80.5}]}",
            "number 80.5 into Go struct field ServicePort.spec.ports.targetPort of type int32",
            "json: cannot unmarshal number 80.5 into Go value of type int32",
        );
        check_error(
            Kind::ConfigMap,
            "data: {v: 1}",
            "number into Go struct field ConfigMap.data of type string",
            "cannot convert int64 to string",
        );
        check_error(
            Kind::ConfigMap,
            "[]",
            "array into Go value of type v1.ConfigMap",
            "cannot restore struct from: slice",
        );
    }

    #[test]
    fn overflow_is_an_error_of_json_only() {
        let value = yaml::read("spec: {replicas: 2147483648}").expect("YAML");
        assert_eq!(
            decode(Kind::StatefulSet, &value).map(|d| d.unknown),
            Err("json: cannot unmarshal number 2147483648 into Go struct field \
                 StatefulSetSpec.spec.replicas of type int32"
                .into())
        );
        let converted = convert(Kind::StatefulSet, &value).map(|d| d.value);
        assert_eq!(converted, yaml::read("spec: {replicas: -2147483648}").map_err(|e| e.message));
    }

    #[test]
    fn a_bad_quantity_goes_before_an_earlier_wrong_type() {
        let value = yaml::read("spec: {accessModes: x, capacity: {storage: 1GB}}").expect("YAML");
        let error = decode(Kind::PersistentVolume, &value).map(|d| d.unknown).expect_err("bad");
        assert!(error.starts_with("quantities must match"), "{error}");
    }

    #[test]
    fn what_is_decoded_is_clean() {
        check(
            Kind::StatefulSet,
            "{apiVersion: apps/v1, spec: {replicas: 3.0, replica: 1, template: {labels: {}, spec: {volumes: null, containers: [{ports: [{containerPort: 80, x: y}]}]}}}, statuses: {}}",
            "{apiVersion: apps/v1, spec: {replicas: 3, template: {spec: {containers: [{ports: [{containerPort: 80}]}]}}}}",
            &[
                "spec.replica",
                "spec.template.labels",
                "spec.template.spec.containers[0].ports[0].x",
                "statuses",
            ],
        );
        check(Kind::ConfigMap, "data: {v: null}", "data: {v: ''}", &[]);
        check(
            Kind::PersistentVolume,
            "spec: {capacity: {storage: 1024Mi, a: 1.5, b: null}}",
            "spec: {capacity: {storage: 1Gi, a: 1500m, b: '0'}}",
            &[],
        );
        check(Kind::ControllerRevision, "data: {x: {y: null}}", "data: {x: {y: null}}", &[]);
    }

    #[test]
    fn what_is_clean_is_shared() {
        let value = yaml::read("spec: {replicas: 3, template: {spec: {containers: [{name: a}]}}}");
        let value = value.expect("YAML");
        let decoded = decode(Kind::StatefulSet, &value).expect("it is good");
        assert!(decoded.value.is_same(&value));
    }

    #[test]
    fn base64_is_checked() {
        for good in ["", "aGVsbG8=", "aGVsbG8h", "YQ==", "YQ=\n="] {
            assert_eq!(base64_error(good), None, "{good}");
        }
        assert_eq!(base64_error("plain text"), Some(5));
        assert_eq!(base64_error("abc"), Some(0));
        assert_eq!(base64_error("YQ="), Some(3));
    }

    #[test]
    fn metadata_is_checked_by_kubectl() {
        let error = |text: &str| metadata_error(&yaml::read(text).expect("YAML"));
        assert_eq!(
            error("metadata: {name: 7}").as_deref(),
            Some(
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string"
            )
        );
        assert_eq!(
            error("metadata: name:colon").as_deref(),
            Some(
                "json: cannot unmarshal string into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta"
            )
        );
        assert_eq!(error("metadata: {name: a, lables: {}}"), None);
    }
}
