//! YAML as kubectl reads and writes it.
//!
//! Models `sigs.k8s.io/yaml` over go-yaml v2 (a port of libyaml) and the document splitting of
//! `k8s.io/apimachinery/pkg/util/yaml`: YAML 1.1 scalars, merge keys, the parser's own words and
//! line numbers in errors. The scanner and the parser are our own because those words and lines
//! follow from the order in which libyaml looks at things; beside that they keep the place of
//! every node for the editor.
//!
//! # Scope
//! - Nesting deeper than 1000 levels is refused; go-yaml stops at 10000.

mod decode;
mod emitter;
mod node;
mod parser;
mod resolve;
mod scalar;
mod scanner;
mod stream;

pub use emitter::write;
pub use node::{Place, Span, Tree};
pub use stream::{Document, StreamError, documents};

use super::value::Value;

/// A place in a text, counted from 0; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Characters before it.
    pub index: usize,
    /// Lines before its line.
    pub line: usize,
    /// Characters before it in its line.
    pub column: usize,
}

/// What is wrong with a text, as go-yaml says it: `yaml: line 7: did not find expected key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// go-yaml's words, with its idea of the line.
    pub message: String,
    /// Where it is, for the editor.
    pub mark: Mark,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// One document of YAML: its content and where everything stands.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The content as JSON.
    pub value: Value,
    /// The nodes with their places.
    pub tree: Tree,
}

/// Reads the first document of `text`, as `sigs.k8s.io/yaml.Unmarshal` does.
pub fn parse(text: &str) -> Result<Parsed, Error> {
    let tree = parser::parse(text)?;
    let value = decode::to_value(&tree)?;
    Ok(Parsed { value, tree })
}

/// The content of the first document of `text`.
pub fn read(text: &str) -> Result<Value, Error> {
    parse(text).map(|parsed| parsed.value)
}

#[cfg(test)]
mod tests;
