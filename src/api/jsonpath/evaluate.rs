//! Running a template over a tree.
//!
//! Models `k8s.io/client-go/util/jsonpath/jsonpath.go`.

use std::cmp::Ordering;

use super::{Bound, Node};
use crate::api::value::{Map, Value};

type Result<T> = std::result::Result<T, String>;

/// How strict a template is run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether an absent field finds nothing instead of failing.
    pub allow_missing_keys: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { allow_missing_keys: true }
    }
}

/// What each part of the template finds.
pub fn find(nodes: &[Node], data: &Value, options: Options) -> Result<Vec<Vec<Value>>> {
    let mut run = Run { options, begin: 0, inside: 0, end: 0, last_end: 0 };
    run.find(nodes, 0, data)
}

struct Run {
    options: Options,
    begin: u32,
    inside: u32,
    end: u32,
    /// Where the last `{end}` stands.
    last_end: usize,
}

impl Run {
    /// Models JSONPath.FindResults for the nodes from `start` on.
    fn find(&mut self, nodes: &[Node], start: usize, data: &Value) -> Result<Vec<Vec<Value>>> {
        let mut full = Vec::new();
        let mut index = start;
        while let Some(node) = nodes.get(index) {
            let results = self.walk(vec![data.clone()], node)?;
            if self.end > 0 && self.end <= self.inside {
                self.end -= 1;
                self.last_end = index;
                break;
            }
            if self.begin > 0 {
                self.begin -= 1;
                self.inside += 1;
                self.last_end = nodes.len();
                match results.is_empty() {
                    true => drop(self.find(nodes, index + 1, &Value::Null)?),
                    false => {
                        for value in &results {
                            full.extend(self.find(nodes, index + 1, value)?);
                        }
                    }
                }
                self.inside -= 1;
                // An unclosed range reaches to the end; upstream then runs its nodes once more
                // outside it, where paths of an item find nothing.
                index = if self.last_end < nodes.len() { self.last_end } else { index };
                index += 1;
                continue;
            }
            full.push(results);
            index += 1;
        }
        Ok(full)
    }

    fn walk(&mut self, input: Vec<Value>, node: &Node) -> Result<Vec<Value>> {
        match node {
            Node::List(nodes) => self.list(input, nodes),
            Node::Text(text) => Ok(vec![Value::String(text.clone())]),
            Node::Int(int) => Ok(vec![Value::Int(*int)]),
            Node::Float(float) => Ok(vec![Value::Float(*float)]),
            Node::Bool(bool) => Ok(vec![Value::Bool(*bool)]),
            Node::Field(name) => self.field(&input, name),
            Node::Slice(bounds) => slices(&input, bounds),
            Node::Filter { left, operator, right } => self.filter(&input, left, operator, right),
            Node::Wildcard => Ok(input.iter().flat_map(children).collect()),
            Node::Recursive => Ok(recursive(&input)),
            Node::Union(lists) => {
                let mut results = Vec::new();
                for list in lists {
                    results.extend(self.list(input.clone(), list)?);
                }
                Ok(results)
            }
            Node::Identifier(name) => self.identifier(input, name),
        }
    }

    fn list(&mut self, input: Vec<Value>, nodes: &[Node]) -> Result<Vec<Value>> {
        nodes.iter().try_fold(input, |current, node| self.walk(current, node))
    }

    fn identifier(&mut self, input: Vec<Value>, name: &str) -> Result<Vec<Value>> {
        match name {
            "range" => {
                self.begin += 1;
                Ok(input)
            }
            "end" if self.inside > 0 => {
                self.end += 1;
                Ok(Vec::new())
            }
            "end" => Err("not in range, nothing to end".into()),
            name => Err(format!("unrecognized identifier {name}")),
        }
    }

    fn field(&mut self, input: &[Value], name: &str) -> Result<Vec<Value>> {
        let found: Vec<Value> =
            input.iter().filter_map(|value| value.as_object()?.get(name)).cloned().collect();
        match found.is_empty() && !input.is_empty() && !self.options.allow_missing_keys {
            true => Err(format!("{name} is not found")),
            false => Ok(found),
        }
    }

    /// Models JSONPath.evalFilter.
    fn filter(
        &mut self,
        input: &[Value],
        left: &[Node],
        operator: &str,
        right: &[Node],
    ) -> Result<Vec<Value>> {
        let mut results = Vec::new();
        for value in input {
            let Some(items) = value.as_array() else {
                let text = crate::api::go_fmt::plain(value);
                return Err(format!("{text} is not array or slice and cannot be filtered"));
            };
            for item in items {
                if self.passes(item, left, operator, right)? {
                    results.push(item.clone());
                }
            }
        }
        Ok(results)
    }

    fn passes(
        &mut self,
        item: &Value,
        left: &[Node],
        operator: &str,
        right: &[Node],
    ) -> Result<bool> {
        let lefts = self.list(vec![item.clone()], left);
        if operator == "exists" {
            return Ok(lefts.is_ok_and(|lefts| !lefts.is_empty()));
        }
        let lefts = lefts?;
        let Some(left) = only(&lefts)? else {
            return Ok(false);
        };
        let rights = self.list(vec![item.clone()], right)?;
        let Some(right) = only(&rights)? else {
            return Ok(false);
        };
        compare(left, operator, right)
    }
}

fn only(values: &[Value]) -> Result<Option<&Value>> {
    match values {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        _ => Err("can only compare one element at a time".into()),
    }
}

/// Models template.Equal and template.Less of `k8s.io/client-go/third_party/forked/golang`.
fn compare(left: &Value, operator: &str, right: &Value) -> Result<bool> {
    let ordering = match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        (Value::String(a), Value::String(b)) => a.as_str().cmp(b.as_str()),
        (Value::Bool(a), Value::Bool(b)) if matches!(operator, "==" | "!=") => a.cmp(b),
        (Value::Bool(_), Value::Bool(_)) => return Err("invalid type for comparison".into()),
        (Value::Array(_) | Value::Object(_) | Value::Null, _)
        | (_, Value::Array(_) | Value::Object(_) | Value::Null) => {
            return Err("invalid type for comparison".into());
        }
        _ => return Err("incompatible types for comparison".into()),
    };
    match operator {
        "==" => Ok(ordering.is_eq()),
        "!=" => Ok(ordering.is_ne()),
        "<" => Ok(ordering.is_lt()),
        "<=" => Ok(ordering.is_le()),
        ">" => Ok(ordering.is_gt()),
        ">=" => Ok(ordering.is_ge()),
        _ => Err(format!("unrecognized filter operator {operator}")),
    }
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.to_vec(),
        Value::Object(map) => in_declared_order(map).into_iter().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The values of a map. Go walks small maps about as they were filled, which is the order in
/// which the server's structs declare their fields: init containers before containers.
fn in_declared_order(map: &Map) -> Vec<&Value> {
    const DECLARED: [&str; 14] = [
        "volumes",
        "initContainers",
        "containers",
        "ephemeralContainers",
        "initContainerStatuses",
        "containerStatuses",
        "ports",
        "envFrom",
        "env",
        "resources",
        "volumeMounts",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
    ];
    let rank = |name: &str| DECLARED.iter().position(|declared| *declared == name);
    let mut entries: Vec<(Option<usize>, &Value)> =
        map.iter().map(|(name, value)| (rank(name), value)).collect();
    let mut declared: Vec<(Option<usize>, &Value)> =
        entries.iter().filter(|(rank, _)| rank.is_some()).copied().collect();
    declared.sort_by_key(|(rank, _)| *rank);
    let mut next = declared.into_iter();
    for entry in entries.iter_mut().filter(|(rank, _)| rank.is_some()) {
        *entry = next.next().unwrap_or(*entry);
    }
    entries.into_iter().map(|(_, value)| value).collect()
}

/// Every map and list below the input, itself included.
fn recursive(input: &[Value]) -> Vec<Value> {
    let mut found = Vec::new();
    for value in input {
        let children = children(value);
        if !children.is_empty() {
            found.push(value.clone());
            found.extend(recursive(&children));
        }
    }
    found
}

/// Models JSONPath.evalArray.
fn slices(input: &[Value], bounds: &[Bound; 3]) -> Result<Vec<Value>> {
    let mut results = Vec::new();
    for value in input {
        let items = match value {
            Value::Null => continue,
            Value::Array(items) => items,
            Value::Object(_) => return Err("map[string]interface {} is not array or slice".into()),
            Value::String(_) => return Err("string is not array or slice".into()),
            Value::Bool(_) => return Err("bool is not array or slice".into()),
            Value::Int(_) => return Err("int64 is not array or slice".into()),
            Value::Float(_) => return Err("float64 is not array or slice".into()),
        };
        let length = items.len() as i64;
        let mut start = if bounds[0].known { bounds[0].value } else { 0 };
        let mut end = if bounds[1].known { bounds[1].value } else { length };
        if start < 0 {
            start += length;
        }
        if end < 0 || (end == 0 && bounds[1].derived) {
            end += length;
        }
        if start == end {
            return Ok(results);
        }
        let out = |index: i64| format!("array index out of bounds: index {index}, length {length}");
        if start >= length || start < 0 {
            return Err(out(start));
        }
        if end > length || end < 0 {
            return Err(out(end - 1));
        }
        if start > end {
            return Err(format!("starting index {start} is greater than ending index {end}"));
        }
        let step = if bounds[2].known { bounds[2].value } else { 1 };
        if step <= 0 {
            return Err("step must be > 0".into());
        }
        let chosen = items.iter().take(end as usize).skip(start as usize);
        results.extend(chosen.step_by(step as usize).cloned());
    }
    Ok(results)
}
