//! `-o custom-columns`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/get/customcolumn.go`.

use crate::api::go_fmt;
use crate::api::jsonpath::{JsonPath, Options, relaxed};
use crate::api::value::{EcoString, Value};
use crate::kubectl::errors::Failure;
use crate::kubectl::process::World;
use crate::text::tabwriter::TabWriter;

/// Columns of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomColumns {
    columns: Vec<(EcoString, JsonPath)>,
    header: bool,
    writer: TabWriter,
}

impl CustomColumns {
    /// Reads `NAME:.metadata.name,...`.
    pub fn parse(text: &str, no_headers: bool) -> Result<Self, Failure> {
        if text.is_empty() {
            return Err(Failure::message(
                "custom-columns format specified but no custom columns given",
            ));
        }
        let mut columns = Vec::new();
        for part in text.split(',') {
            let (header, path) = part.split_once(':').ok_or_else(|| {
                Failure::message(format!(
                    "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
                ))
            })?;
            columns.push((header.into(), column(path)?));
        }
        Ok(CustomColumns { columns, header: !no_headers, writer: TabWriter::table() })
    }

    /// Reads a file with a line of headers and a line of paths.
    pub fn read(path: &str, no_headers: bool, world: &World<'_>) -> Result<Self, Failure> {
        if path.is_empty() {
            return Err(Failure::message(
                "custom-columns format specified but no custom columns given",
            ));
        }
        let bytes = world.files.read(path).map_err(|error| {
            Failure::message(format!("error reading template {path}, open {path}: {error}"))
        })?;
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.lines();
        let mut words = |what: &str| {
            let missing = format!(
                "invalid template, missing {what} line. Expected format is one line of space \
                 separated headers, one line of space separated column specs."
            );
            let line = lines.next().ok_or_else(|| Failure::message(missing))?;
            let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
            Ok::<_, Failure>(words)
        };
        let (headers, paths) = (words("header")?, words("spec")?);
        if headers.len() != paths.len() {
            return Err(Failure::message(format!(
                "number of headers ({}) and field specifications ({}) don't match",
                headers.len(),
                paths.len()
            )));
        }
        let columns = headers
            .iter()
            .zip(&paths)
            .map(|(header, path)| Ok((EcoString::from(header), column(path)?)))
            .collect::<Result<_, Failure>>()?;
        Ok(CustomColumns { columns, header: !no_headers, writer: TabWriter::table() })
    }

    /// Prints an object or the objects of a list; the header comes once.
    pub fn print(&mut self, value: &Value, world: &mut World<'_>) -> Result<(), Failure> {
        if std::mem::take(&mut self.header) {
            let headers: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
            self.writer.push(&(headers.join("\t") + "\n"));
        }
        match super::is_list(value) {
            true => {
                for item in value.get("items").items() {
                    self.row(item)?;
                }
            }
            false => self.row(value)?,
        }
        let text = self.writer.flush();
        world.print(&text);
        Ok(())
    }

    fn row(&mut self, value: &Value) -> Result<(), Failure> {
        let mut cells = Vec::new();
        for (_, path) in &self.columns {
            let found = path.find(value, Options::default()).map_err(Failure::message)?;
            let mut texts: Vec<String> = found.iter().flatten().map(go_fmt::plain).collect();
            if found.first().is_none_or(Vec::is_empty) {
                texts.insert(0, "<none>".into());
            }
            cells.push(texts.join(","));
        }
        self.writer.push(&(cells.join("\t") + "\n"));
        Ok(())
    }
}

fn column(path: &str) -> Result<JsonPath, Failure> {
    let template = relaxed(path).map_err(Failure::message)?;
    JsonPath::parse(&template).map_err(Failure::message)
}
