//! Nodes to JSON: go-yaml's `decode.go` into `interface{}`, then `sigs.k8s.io/yaml`'s way from
//! maps with any keys to JSON.

use super::node::{NodeKind, Tree};
use super::resolve::{Scalar, resolve};
use super::{Error, Mark};
use crate::api::go;
use crate::api::value::{EcoString, Map, Value};

/// The content of a document; an empty one is null.
pub(super) fn to_value(tree: &Tree) -> Result<Value, Error> {
    let Some(root) = tree.root else { return Ok(Value::Null) };
    let mut decoder = Decoder { tree, open_aliases: Vec::new(), decoded: 0, by_alias: 0 };
    decoder.decode(root)
}

struct Decoder<'a> {
    tree: &'a Tree,
    open_aliases: Vec<usize>,
    decoded: usize,
    by_alias: usize,
}

/// The share of nodes that may come from aliases, which falls as documents grow.
fn alias_ratio_max(decoded: usize) -> f64 {
    let (low, high) = (400_000.0, 4_000_000.0);
    let position = ((decoded as f64 - low) / (high - low)).clamp(0.0, 1.0);
    0.99 - 0.89 * position
}

impl Decoder<'_> {
    fn error<T>(&self, node: usize, message: impl Into<String>) -> Result<T, Error> {
        let mark = self.tree.nodes.get(node).map_or(Mark::default(), |n| n.span.start);
        Err(Error { message: message.into(), mark })
    }

    fn decode(&mut self, index: usize) -> Result<Value, Error> {
        self.count(index)?;
        let Some(node) = self.tree.nodes.get(index) else { return Ok(Value::Null) };
        match &node.kind {
            NodeKind::Scalar { value, .. } => match self.scalar(index)? {
                Scalar::Float(f) if !f.is_finite() => {
                    self.error(index, format!("json: unsupported value: {}", infinite(f)))
                }
                scalar => Ok(scalar.into_value(value)),
            },
            NodeKind::Sequence(items) => {
                let items: Result<Vec<Value>, Error> =
                    items.iter().map(|item| self.decode(*item)).collect();
                Ok(items?.into())
            }
            NodeKind::Mapping(pairs) => {
                let mut map = Map::new();
                self.mapping(pairs, &mut map)?;
                Ok(map.into())
            }
            NodeKind::Alias { anchor, target } => {
                self.within_alias(index, anchor, *target, |d| d.decode(*target))
            }
        }
    }

    fn count(&mut self, index: usize) -> Result<(), Error> {
        self.decoded += 1;
        self.by_alias += usize::from(!self.open_aliases.is_empty());
        let share = self.by_alias as f64 / self.decoded as f64;
        let is_excessive = self.by_alias > 100 && self.decoded > 1000;
        if is_excessive && share > alias_ratio_max(self.decoded) {
            return self.error(index, "yaml: document contains excessive aliasing");
        }
        Ok(())
    }

    fn within_alias<T>(
        &mut self,
        index: usize,
        anchor: &str,
        target: usize,
        inner: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // An alias inside the node it names is met again while that node is being expanded.
        if self.open_aliases.contains(&index) {
            let message = format!("yaml: anchor '{anchor}' value contains itself");
            return self.error(target, message);
        }
        self.open_aliases.push(index);
        let result = inner(self);
        self.open_aliases.pop();
        result
    }

    fn scalar(&self, index: usize) -> Result<Scalar, Error> {
        let Some(node) = self.tree.nodes.get(index) else { return Ok(Scalar::Null) };
        let NodeKind::Scalar { value, implicit } = &node.kind else { return Ok(Scalar::Null) };
        if node.tag.is_empty() && !implicit {
            return Ok(Scalar::String(value.clone()));
        }
        if node.tag == "tag:yaml.org,2002:binary" {
            return match decode_base64(value) {
                Some(text) => Ok(Scalar::String(text)),
                None => self.error(index, "yaml: !!binary value contains invalid base64 data"),
            };
        }
        resolve(&node.tag, value).or_else(|message| self.error(index, message))
    }

    fn mapping(&mut self, pairs: &[(usize, usize)], map: &mut Map) -> Result<(), Error> {
        for (key, value) in pairs {
            if self.is_merge(*key) {
                self.merge(*value, map)?;
                continue;
            }
            let name = self.key(*key, *value)?;
            let value = self.decode(*value)?;
            map.insert(name, value);
        }
        Ok(())
    }

    fn is_merge(&self, key: usize) -> bool {
        let Some(node) = self.tree.nodes.get(key) else { return false };
        match &node.kind {
            NodeKind::Scalar { value, implicit } => {
                value == "<<" && (*implicit || node.tag == "tag:yaml.org,2002:merge")
            }
            _ => false,
        }
    }

    /// Puts the fields of the maps that a `<<` names into `map`, where it stands.
    fn merge(&mut self, index: usize, map: &mut Map) -> Result<(), Error> {
        let wanted = "yaml: map merge requires map or sequence of maps as the value";
        match self.tree.nodes.get(index).map(|node| &node.kind) {
            Some(NodeKind::Mapping(pairs)) => self.mapping(pairs, map),
            Some(NodeKind::Alias { anchor, target }) => {
                let NodeKind::Mapping(pairs) = &self.tree.nodes[*target].kind else {
                    return self.error(index, wanted);
                };
                self.within_alias(index, anchor, *target, |d| d.mapping(pairs, map))
            }
            Some(NodeKind::Sequence(items)) => {
                // The first map wins, so it is written last.
                for item in items.iter().rev() {
                    match &self.tree.nodes[*item].kind {
                        NodeKind::Mapping(_) => self.merge(*item, map)?,
                        NodeKind::Alias { target, .. }
                            if matches!(self.tree.nodes[*target].kind, NodeKind::Mapping(_)) =>
                        {
                            self.merge(*item, map)?
                        }
                        _ => return self.error(*item, wanted),
                    }
                }
                Ok(())
            }
            _ => self.error(index, wanted),
        }
    }

    /// A key as text: JSON has no other keys.
    fn key(&mut self, index: usize, value: usize) -> Result<EcoString, Error> {
        let mut target = index;
        if let Some(NodeKind::Alias { target: t, .. }) = self.tree.nodes.get(index).map(|n| &n.kind)
        {
            target = *t;
        }
        let node = self.tree.nodes.get(target).map(|n| &n.kind);
        let Some(NodeKind::Scalar { value: written, .. }) = node else {
            let shown = go_syntax(&self.decode(index)?);
            return self.error(index, format!("yaml: invalid map key: {shown}"));
        };
        Ok(match self.scalar(target)? {
            Scalar::String(text) => text.into(),
            Scalar::Timestamp => written.into(),
            Scalar::Int(i) => i.to_string().into(),
            Scalar::Bool(b) => b.to_string().into(),
            Scalar::Float(f) if f.is_nan() => ".nan".into(),
            Scalar::Float(f) if f == f64::INFINITY => ".inf".into(),
            Scalar::Float(f) if f == f64::NEG_INFINITY => "-.inf".into(),
            Scalar::Float(f) => go_float32(f).into(),
            Scalar::Uint(u) => {
                let shown = go_syntax(&self.decode(value)?);
                let message =
                    format!("unsupported map key of type: uint64, key: {u:#x}, value: {shown}");
                return self.error(index, message);
            }
            Scalar::Null => {
                let shown = go_syntax(&self.decode(value)?);
                let message =
                    format!("unsupported map key of type: %!s(<nil>), key: <nil>, value: {shown}");
                return self.error(index, message);
            }
        })
    }
}

fn infinite(f: f64) -> &'static str {
    match f {
        f if f.is_nan() => "NaN",
        f if f > 0.0 => "+Inf",
        _ => "-Inf",
    }
}

/// A float as `strconv.FormatFloat(f, 'g', -1, 32)` writes it.
fn go_float32(f: f64) -> String {
    let f = f as f32;
    let size = f.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) {
        let text = format!("{f:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(rest) => ('-', rest),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{f}")
}

/// A value as Go's `%#v` prints what go-yaml makes of it.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Float(f) => go::float(*f),
        Value::String(s) => go::quote(s),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(k, v)| format!("{}:{}", go::quote(k), go_syntax(v))).collect();
            format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
        }
    }
}

/// Standard base64 with padding; line breaks are skipped as Go does.
fn decode_base64(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut count, mut padding) = (0u32, 0, 0);
    for c in text.chars().filter(|c| !matches!(c, '\n' | '\r')) {
        let digit = match c {
            'A'..='Z' => c as u32 - 'A' as u32,
            'a'..='z' => c as u32 - 'a' as u32 + 26,
            '0'..='9' => c as u32 - '0' as u32 + 52,
            '+' => 62,
            '/' => 63,
            '=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = (bits << 6) | digit;
        count += 1;
        if count % 4 == 0 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    match (count % 4, padding) {
        (0, 0) => {}
        (2, 2) => bytes.push((bits >> 4) as u8),
        (3, 1) => bytes.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
