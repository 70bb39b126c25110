//! Laying rows out.
//!
//! Models `k8s.io/cli-runtime/pkg/printers/tableprinter.go`.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::printers::storage;
use crate::kubectl::printers::{
    Column, PLAIN, SCALE, TableDefinition, definition, format_labels, label_cell, label_heading,
};
use crate::text::tabwriter::TabWriter;

/// What stands in a table besides the kind's own columns (`printers.PrintOptions`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TableOptions {
    /// No line with the names of the columns.
    pub no_headers: bool,
    /// The columns of `-o wide`.
    pub wide: bool,
    /// A column NAMESPACE.
    pub with_namespace: bool,
    /// Names with their kind before them.
    pub with_kind: bool,
    /// A column LABELS.
    pub show_labels: bool,
    /// A column for each of these labels.
    pub label_columns: Vec<EcoString>,
    /// A column EVENT.
    pub with_event: bool,
    /// Rows are those of a scale subresource.
    pub scale: bool,
    /// Rows are made on this side, which knows no kind's columns (`--server-print=false`).
    pub plain: bool,
    /// Objects were asked for by name.
    pub named: bool,
}

impl TableOptions {
    /// What the flags of `get` ask for.
    pub fn of(invocation: &Invocation, kind: Kind) -> Self {
        TableOptions {
            no_headers: invocation.is_true("no-headers"),
            wide: invocation.text("output") == "wide",
            with_namespace: invocation.is_true("all-namespaces") && kind.resource().namespaced,
            with_kind: invocation.is_true("show-kind"),
            show_labels: invocation.is_true("show-labels"),
            label_columns: invocation.list("label-columns"),
            with_event: invocation.is_true("output-watch-events"),
            scale: invocation.text("subresource") == "scale",
            plain: !invocation.is_true("server-print"),
            named: invocation.args.len() > 1 || invocation.args.iter().any(|a| a.contains('/')),
        }
    }
}

/// A table that is printed piece by piece, with widths that only grow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TablePrinter {
    options: TableOptions,
    writer: TabWriter,
    has_header: bool,
}

impl TablePrinter {
    /// An empty table.
    pub fn new(options: TableOptions) -> Self {
        let has_header = options.no_headers;
        TablePrinter { options, writer: TabWriter::table(), has_header }
    }

    /// Adds rows, before the first of them the header.
    pub fn add(&mut self, kind: Kind, event: Option<&str>, objects: &[Object], now: Time) {
        let definition = match &self.options {
            options if options.plain => PLAIN,
            options if options.scale => SCALE,
            _ => definition(kind),
        };
        if objects.is_empty() {
            return;
        }
        if !std::mem::replace(&mut self.has_header, true) {
            let line = self.header(&definition).join("\t").to_uppercase();
            self.writer.push(&(line + "\n"));
        }
        let default = match kind {
            Kind::StorageClass if !self.options.named && !self.options.plain => {
                storage::default_class(objects)
            }
            _ => None,
        };
        for object in objects {
            let mut cells = self.cells(kind, &definition, event, object, now);
            if default == Some(object.name()) {
                mark_default(&mut cells, object.name());
            }
            let cells: Vec<String> = cells.iter().map(|cell| one_line(cell)).collect();
            self.writer.push(&(cells.join("\t") + "\n"));
        }
    }

    /// The text of what was added.
    pub fn flush(&mut self) -> String {
        self.writer.flush()
    }

    fn is_shown(&self, column: &Column) -> bool {
        self.options.wide || !column.wide
    }

    fn header(&self, definition: &TableDefinition) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        if self.options.with_event {
            names.push("Event".into());
        }
        if self.options.with_namespace {
            names.push("Namespace".into());
        }
        let shown = definition.columns.iter().filter(|column| self.is_shown(column));
        names.extend(shown.map(|column| column.name.into()));
        names.extend(self.options.label_columns.iter().map(|label| label_heading(label)));
        if self.options.show_labels {
            names.push("Labels".into());
        }
        names
    }

    fn cells(
        &self,
        kind: Kind,
        definition: &TableDefinition,
        event: Option<&str>,
        object: &Object,
        now: Time,
    ) -> Vec<String> {
        let mut cells = Vec::new();
        if self.options.with_event {
            cells.push(event.unwrap_or_default().into());
        }
        if self.options.with_namespace {
            cells.push(object.namespace().into());
        }
        let row = (definition.row)(object, now);
        for (column, cell) in definition.columns.iter().zip(row) {
            if !self.is_shown(column) {
                continue;
            }
            let prefixed = self.options.with_kind && column.name == "Name";
            cells.push(match prefixed {
                true => format!("{}/{cell}", kind.resource().qualified_singular()),
                false => cell,
            });
        }
        cells.extend(self.options.label_columns.iter().map(|label| label_cell(object, label)));
        if self.options.show_labels {
            cells.push(format_labels(object.labels()));
        }
        cells
    }
}

fn mark_default(cells: &mut [String], name: &str) {
    if let Some(cell) = cells.iter_mut().find(|cell| cell.ends_with(name)) {
        cell.push_str(" (default)");
    }
}

/// A cell ends at its first line break.
fn one_line(cell: &str) -> String {
    match cell.find(['\n', '\r', '\u{c}']) {
        Some(end) => cell.get(..end).unwrap_or_default().to_string() + "...",
        None => cell.into(),
    }
}
