//! A file as kubectl reads it: documents of YAML or a stream of JSON.
//!
//! Models `k8s.io/apimachinery/pkg/util/yaml` (`YAMLOrJSONDecoder`, `YAMLReader`).

use super::{Error, Mark, Parsed, Tree, parse};
use crate::api::value::Value;

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Lines of the file before its first line.
    pub first_line: usize,
    /// Its content; null for an empty document.
    pub value: Value,
    /// Its nodes, places counted from its first line; `None` for JSON.
    pub tree: Option<Tree>,
}

/// Why reading a file stopped; what stands before is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamError {
    /// What kubectl prints after `error parsing FILE: `.
    pub message: String,
    /// Where in the file, for the editor.
    pub mark: Mark,
}

impl std::fmt::Display for StreamError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// The documents of a file in order, and the error at which reading stopped. Empty documents and
/// those with nothing but comments come out as null.
pub fn documents(text: &str) -> (Vec<Document>, Option<StreamError>) {
    let mut found = Vec::new();
    let mut rest = text;
    if text.trim_start().starts_with('{') {
        match json_documents(text, &mut found) {
            JsonEnd::AtEnd => return (found, None),
            JsonEnd::Cut => return (found, Some(cut(text))),
            JsonEnd::NotJson(offset) => rest = text.get(offset..).unwrap_or_default(),
        }
    }
    let first_line = text.len().checked_sub(rest.len()).map_or(0, |n| lines(&text[..n]));
    let error = yaml_documents(rest, first_line, &mut found).err();
    (found, error)
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

fn cut(text: &str) -> StreamError {
    let line = text.lines().count().saturating_sub(1);
    let column = text.lines().last().unwrap_or_default().chars().count();
    let mark = Mark { index: text.chars().count(), line, column };
    StreamError { message: "unexpected EOF".into(), mark }
}

enum JsonEnd {
    AtEnd,
    Cut,
    /// From this byte on it has to be YAML.
    NotJson(usize),
}

fn json_documents(text: &str, found: &mut Vec<Document>) -> JsonEnd {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    loop {
        let start = stream.byte_offset();
        match stream.next() {
            None => return JsonEnd::AtEnd,
            Some(Ok(value)) => {
                let before = text.get(start..).unwrap_or_default();
                let blank = before.len() - before.trim_start().len();
                let first_line = lines(text.get(..start + blank).unwrap_or_default());
                found.push(Document { first_line, value, tree: None });
            }
            Some(Err(error)) if error.is_eof() => return JsonEnd::Cut,
            Some(Err(_)) => {
                let rest = text.get(start..).unwrap_or_default();
                return JsonEnd::NotJson(text.len() - rest.trim_start().len());
            }
        }
    }
}

/// Cuts at lines that begin with `---`, as `YAMLReader.Read` does.
fn yaml_documents(
    text: &str,
    first_line: usize,
    found: &mut Vec<Document>,
) -> Result<(), StreamError> {
    let mut chunk = String::new();
    let mut chunk_line = first_line;
    for (line_number, line) in text.lines().enumerate() {
        if is_separator(line) && !chunk.is_empty() {
            found.push(yaml_document(&chunk, chunk_line)?);
            chunk.clear();
            chunk_line = first_line + line_number + 1;
            continue;
        }
        // A separator before anything else stays, and counts as a line.
        chunk.push_str(line);
        chunk.push('\n');
    }
    if !chunk.is_empty() {
        found.push(yaml_document(&chunk, chunk_line)?);
    }
    Ok(())
}

fn is_separator(line: &str) -> bool {
    line.strip_prefix("---").map(str::trim).is_some_and(|r| r.is_empty() || r.starts_with('#'))
}

fn yaml_document(text: &str, first_line: usize) -> Result<Document, StreamError> {
    match parse(text) {
        Ok(Parsed { value, tree }) => Ok(Document { first_line, value, tree: Some(tree) }),
        Err(Error { message, mut mark }) => {
            mark.line += first_line;
            Err(StreamError { message: format!("error converting YAML to JSON: {message}"), mark })
        }
    }
}
