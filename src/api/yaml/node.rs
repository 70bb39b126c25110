//! The nodes of a document and the way from a field's path to its place in the text.

use super::Mark;

/// From where to where something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Its first character.
    pub start: Mark,
    /// The character after its last one.
    pub end: Mark,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum NodeKind {
    /// Text; plain text without a tag is resolved to numbers, booleans and so on.
    Scalar {
        value: String,
        implicit: bool,
    },
    Sequence(Vec<usize>),
    /// Keys and values in turn, as written.
    Mapping(Vec<(usize, usize)>),
    /// Another node by its anchor.
    Alias {
        anchor: String,
        target: usize,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub kind: NodeKind,
    pub tag: String,
    pub span: Span,
}

/// The nodes of one document.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Option<usize>,
}

/// Where a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its key, if it is a field of a map.
    pub key: Option<Span>,
    /// Its value.
    pub value: Span,
    /// Whether the whole path was found; otherwise this is the nearest parent that exists.
    pub is_exact: bool,
}

impl Tree {
    /// The place of the field at `path`, written as in the server's complaints:
    /// `spec.template.spec.containers[0].image`, `metadata.labels[app]`.
    pub fn place(&self, path: &str) -> Option<Place> {
        let mut node = self.root?;
        let mut place = Place { key: None, value: self.span(node), is_exact: true };
        let mut rest = path;
        while !rest.is_empty() {
            let Some((key, child, left)) = self.step(node, rest) else {
                return Some(Place { is_exact: false, ..place });
            };
            let key = key.map(|key| self.span(key));
            place = Place { key, value: self.span(child), is_exact: true };
            (node, rest) = (child, left);
        }
        Some(place)
    }

    /// The path of the innermost field around the character at `index`, outermost first.
    pub fn path_at(&self, index: usize) -> Vec<String> {
        let mut path = Vec::new();
        let mut node = self.root;
        while let Some(current) = node {
            node = None;
            match &self.nodes[current].kind {
                NodeKind::Mapping(pairs) => {
                    let at = pairs.iter().rfind(|(k, _)| self.span(*k).start.index <= index);
                    if let Some((key, value)) = at {
                        path.push(self.text(*key).unwrap_or_default().to_string());
                        node = Some(*value).filter(|v| self.span(*v).start.index <= index);
                    }
                }
                NodeKind::Sequence(items) => {
                    let at = items.iter().rposition(|i| self.span(*i).start.index <= index);
                    if let Some(position) = at {
                        path.push(position.to_string());
                        node = items.get(position).copied();
                    }
                }
                NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
            }
        }
        path
    }

    fn span(&self, node: usize) -> Span {
        self.nodes.get(node).map(|n| n.span).unwrap_or_default()
    }

    fn text(&self, node: usize) -> Option<&str> {
        match &self.nodes.get(node)?.kind {
            NodeKind::Scalar { value, .. } => Some(value),
            NodeKind::Alias { target, .. } if *target != node => self.text(*target),
            _ => None,
        }
    }

    /// One step along `path`: key node, value node and what is left of the path.
    fn step<'p>(&self, node: usize, path: &'p str) -> Option<(Option<usize>, usize, &'p str)> {
        match &self.nodes.get(node)?.kind {
            NodeKind::Alias { target, .. } => self.step(*target, path),
            NodeKind::Sequence(items) => {
                let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
                Some((None, *items.get(index.parse::<usize>().ok()?)?, rest))
            }
            NodeKind::Mapping(pairs) => {
                let candidates = pairs.iter().rev().filter_map(|(key, value)| {
                    let rest = after_key(path, self.text(*key)?)?;
                    Some((Some(*key), *value, rest))
                });
                // A key may have dots in it: the longest one that fits is meant.
                candidates.min_by_key(|(_, _, rest)| rest.len())
            }
            NodeKind::Scalar { .. } => None,
        }
    }
}

fn after_key<'p>(path: &'p str, key: &str) -> Option<&'p str> {
    if let Some(rest) = path.strip_prefix('[').and_then(|p| p.strip_prefix(key)) {
        return rest.strip_prefix(']');
    }
    let rest = path.strip_prefix('.').unwrap_or(path).strip_prefix(key)?;
    (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
}
