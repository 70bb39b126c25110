//! `kubectl explain`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/explain` and its template `plaintext.tmpl`.

pub mod enums;

use crate::api::schema::descriptions::{self, Descriptions};
use crate::api::schema::{self, Field, Struct, Type};
use crate::api::scheme::Kind;
use crate::kubectl::command::{Command, Flag};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_mapper::kind_for;

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new("explain", &[FLAGS], run)];

static FLAGS: &[Flag] = &[
    Flag::text("api-version"),
    Flag::int("max-depth", "0"),
    Flag::text("output").default("plaintext"),
    Flag::bool("recursive"),
];

/// Columns of a description, without its indentation.
const WIDTH: usize = 76;

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let path = match invocation.args.as_slice() {
        [] => {
            return Err(Failure::message(
                "You must specify the type of resource to explain. Use \"kubectl api-resources\" \
                 for a complete list of supported resources.",
            ));
        }
        [path] => path,
        _ => return Err(Failure::message("We accept only this format: explain RESOURCE")),
    };
    if invocation.text("output") != "plaintext" {
        return Err(Failure::not_simulated("kubectl explain --output", "use another template"));
    }
    let mut parts = path.split('.');
    let name = parts.next().unwrap_or_default();
    let kind = kind_for(name).map_err(without_prefix)?;
    check_version(invocation, kind)?;
    let texts = descriptions::installed().ok_or_else(|| {
        Failure::not_simulated("the fields' documentation is not loaded yet", "print it")
    })?;
    let fields: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let depth = match (invocation.is_true("recursive"), invocation.int("max-depth")) {
        (false, _) => None,
        (true, limit @ 1..) => Some(limit as usize),
        (true, _) => Some(usize::MAX),
    };
    explain(kind, &fields, depth, texts, world)
}

/// This command prints the mapper's sentence alone.
fn without_prefix(failure: Failure) -> Failure {
    match failure {
        Failure::Message(text) => Failure::Verbatim(text, 1),
        other => other,
    }
}

fn check_version(invocation: &Invocation, kind: Kind) -> Result<(), Failure> {
    let (wanted, resource) = (invocation.text("api-version"), kind.resource());
    if wanted.is_empty() || wanted == resource.api_version() {
        return Ok(());
    }
    let plural = resource.plural;
    let version = match wanted.contains('/') {
        true => wanted.to_string(),
        false => format!("/{wanted}"),
    };
    Err(Failure::message(format!("couldn't find resource for \"{version}, Resource={plural}\"")))
}

fn explain(
    kind: Kind,
    path: &[&str],
    depth: Option<usize>,
    texts: Descriptions<'_>,
    world: &mut World<'_>,
) -> Outcome {
    let resource = kind.resource();
    if !resource.group.is_empty() {
        world.print_line(&format!("GROUP:      {}", resource.group));
    }
    world.print_line(&format!("KIND:       {}", resource.name));
    world.print_line(&format!("VERSION:    {}\n", resource.version));
    let Some(top) = schema::of_kind(kind) else {
        return Err(Failure::not_simulated("the fields of this kind", "print them"));
    };
    let mut page = Page { texts, depth, out: String::new() };
    page.subject(top, path)?;
    world.print(&page.out);
    Ok(Flow::Done(0))
}

struct Page<'a> {
    texts: Descriptions<'a>,
    /// How deep a tree of fields goes; `None` for one level with descriptions.
    depth: Option<usize>,
    out: String,
}

impl Page<'_> {
    /// Follows the path and writes what it leads to.
    fn subject(&mut self, top: &'static Struct, path: &[&str]) -> Result<(), Failure> {
        let (mut owner, mut field) = (top, None);
        let mut inside = Some(top);
        for name in path {
            let missing = || Failure::message(format!("field {name:?} does not exist"));
            let current = inside.ok_or_else(missing)?;
            let found = current.field(name).ok_or_else(missing)?;
            (owner, field) = (current, Some(found));
            inside = struct_of(&found.field_type);
        }
        if let Some(field) = field {
            self.field_heading(owner, field);
        }
        self.out.push_str("DESCRIPTION:\n");
        let mut texts = Vec::new();
        if let Some(field) = field {
            texts.extend(self.field_text(owner, field));
        }
        if let Some(inside) = inside.filter(|inside| is_reference(field, inside)) {
            texts.extend(self.texts.find(inside.name, None));
        }
        if texts.is_empty() {
            texts.push("<no description>".into());
        }
        self.paragraph(&texts.join("\n"), 4);
        self.out.push_str("    \n");
        if let Some(inside) = inside {
            self.out.push_str("FIELDS:\n");
            match self.depth {
                Some(_) => self.tree(inside, 1, &mut Vec::new()),
                None => self.fields(inside),
            }
        }
        self.out.push('\n');
        Ok(())
    }

    fn field_heading(&mut self, owner: &Struct, field: &Field) {
        let heading = format!("FIELD: {} <{}>", field.name, type_name(field));
        self.out.push_str(&heading);
        self.out.push('\n');
        match enums::values(owner.plain_name(), field.name) {
            Some(values) => {
                self.out.push_str("ENUM:\n");
                values.iter().for_each(|(value, _)| self.out.push_str(&format!("    {value}\n")));
            }
            None => self.out.push('\n'),
        }
        self.out.push('\n');
    }

    /// A field's description; what its values mean follows.
    fn field_text(&self, owner: &Struct, field: &Field) -> Option<String> {
        let mut text = self.texts.find(owner.name, Some(field.name))?;
        if let Some(values) = enums::values(owner.plain_name(), field.name) {
            text.push_str("\n\nPossible enum values:");
            for (value, meaning) in values {
                let meaning = if meaning.is_empty() { "".into() } else { format!(" {meaning}") };
                text.push_str(&format!("\n - `\"{value}\"`{meaning}"));
            }
        }
        Some(text)
    }

    fn fields(&mut self, inside: &Struct) {
        for field in &inside.fields {
            self.line(inside, field, 1);
            let text = self.field_text(inside, field).unwrap_or_else(|| "<no description>".into());
            self.paragraph(&text, 4);
            self.out.push('\n');
        }
    }

    fn line(&mut self, inside: &Struct, field: &Field, level: usize) {
        let indent = "  ".repeat(level);
        let (name, kind) = (field.name, type_name(field));
        self.out.push_str(&format!("{indent}{name}\t<{kind}>{}\n", required(field)));
        if let Some(values) = enums::values(inside.plain_name(), field.name) {
            let names: Vec<&str> = values.iter().map(|(value, _)| *value).collect();
            self.out.push_str(&format!("{indent}enum: {}\n", names.join(", ")));
        }
    }

    /// All fields below, without a word; a type within itself is not opened again.
    fn tree(&mut self, inside: &'static Struct, level: usize, open: &mut Vec<&'static str>) {
        open.push(inside.name);
        for field in &inside.fields {
            self.line(inside, field, level);
            if let Some(inner) = struct_of(&field.field_type)
                && !open.contains(&inner.name)
                && self.depth.is_none_or(|depth| level < depth)
            {
                self.tree(inner, level + 1, open);
            }
        }
        open.pop();
    }

    fn paragraph(&mut self, text: &str, indent: usize) {
        for line in text.split('\n').flat_map(wrap) {
            self.out.push_str(&" ".repeat(indent));
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }
}

/// Whether the type's own description follows the field's: lists and maps do not show theirs.
fn is_reference(field: Option<&Field>, _inside: &Struct) -> bool {
    field.is_none_or(|field| matches!(field.field_type, Type::Struct(_) | Type::List(_)))
}

fn struct_of(field_type: &Type) -> Option<&'static Struct> {
    match field_type {
        Type::Struct(name) => schema::find(name),
        Type::List(inner) | Type::Map(inner) => struct_of(inner),
        _ => None,
    }
}

fn required(field: &Field) -> &'static str {
    // The table calls metadata required; the OpenAPI document does not.
    if field.is_required && field.name != "metadata" { " -required-" } else { "" }
}

/// The type as the OpenAPI document names it.
pub fn type_name(field: &Field) -> String {
    name_of(&field.field_type)
}

fn name_of(field_type: &Type) -> String {
    match field_type {
        Type::String | Type::Bytes | Type::Time | Type::MicroTime => "string".into(),
        Type::Bool => "boolean".into(),
        Type::Int32 | Type::Int64 => "integer".into(),
        Type::Double => "number".into(),
        Type::Quantity => "Quantity".into(),
        Type::IntOrString => "IntOrString".into(),
        Type::Any => "Object".into(),
        Type::Struct(name) => name.split('@').next().unwrap_or(name).into(),
        Type::List(inner) => format!("[]{}", name_of(inner)),
        Type::Map(inner) => format!("map[string]{}", name_of(inner)),
    }
}

/// Breaks a line at blanks; its indentation stays with its first piece.
fn wrap(line: &str) -> Vec<String> {
    let blanks = line.len() - line.trim_start().len();
    let mut pieces = vec![" ".repeat(blanks)];
    let mut empty = true;
    for word in line.split_whitespace() {
        let Some(last) = pieces.last_mut() else { break };
        let length = last.chars().count() + word.chars().count() + usize::from(!empty);
        if !empty && length > WIDTH {
            pieces.push(word.into());
            continue;
        }
        if !empty {
            last.push(' ');
        }
        last.push_str(word);
        empty = false;
    }
    pieces
}
