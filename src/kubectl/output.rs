//! Printing objects as `-o` asks for, tables aside.
//!
//! Models `k8s.io/cli-runtime/pkg/printers` and `genericclioptions.PrintFlags`.

mod custom_columns;
mod kyaml;
mod template;

use super::errors::Failure;
use super::invocation::Invocation;
use super::process::World;
use crate::api::go;
use crate::api::object::Object;
use crate::api::value::{EcoString, Value};
use crate::api::yaml;

pub use custom_columns::CustomColumns;
use template::Template;

/// How objects are printed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Printer {
    format: Format,
    show_managed_fields: bool,
    /// How many objects it has printed.
    count: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Format {
    Name { operation: EcoString },
    Json,
    Yaml,
    Kyaml,
    Template(Template),
    CustomColumns(CustomColumns),
}

/// The formats of the verbs that write, as error texts list them.
const ALLOWED: &[&str] = &[
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "kyaml",
    "name",
    "template",
    "templatefile",
    "yaml",
];

/// The formats that only `get` has besides.
const ALLOWED_GET: &[&str] = &["custom-columns", "custom-columns-file", "wide"];

impl Printer {
    /// The printer that the flags of a writing verb ask for; `operation` is the verb's word.
    ///
    /// Models genericclioptions PrintFlags.ToPrinter.
    pub fn of(
        invocation: &Invocation,
        operation: &str,
        world: &World<'_>,
    ) -> Result<Printer, Failure> {
        let format = match (invocation.text("output"), invocation.text("template")) {
            ("", "") => Format::Name { operation: operation.into() },
            ("", _) => format(invocation, "go-template", world)?,
            (output, _) => format(invocation, output, world)?,
        };
        let show_managed_fields = invocation.is_true("show-managed-fields");
        match format {
            Format::CustomColumns(_) => Err(no_printer(invocation.text("output"), false)),
            format => Ok(Printer { format, show_managed_fields, count: 0 }),
        }
    }

    /// The printer of commands that print an object in any case, by default as `default`.
    pub fn with_default(
        invocation: &Invocation,
        default: &str,
        world: &World<'_>,
    ) -> Result<Printer, Failure> {
        let output = match (invocation.text("output"), invocation.text("template")) {
            ("", "") => default,
            ("", _) => "go-template",
            (output, _) => output,
        };
        let format = format(invocation, output, world)?;
        Ok(Printer { format, show_managed_fields: true, count: 0 })
    }

    /// The printer of `get` for formats that are no table.
    pub fn of_get(invocation: &Invocation, world: &World<'_>) -> Result<Printer, Failure> {
        let output = match invocation.text("output") {
            "" => "go-template",
            output => output,
        };
        let format = format(invocation, output, world)?;
        let show_managed_fields = invocation.is_true("show-managed-fields");
        Ok(Printer { format, show_managed_fields, count: 0 })
    }

    /// Prints one object or list.
    pub fn print(&mut self, value: &Value, world: &mut World<'_>) -> Result<(), Failure> {
        self.count += 1;
        let shown = match self.show_managed_fields {
            true => value.clone(),
            false => without_managed_fields(value),
        };
        match &mut self.format {
            Format::Name { operation } => print_names(value, operation, world),
            Format::Json => world.print_line(&go::json_indented(&shown, "    ")),
            Format::Yaml => {
                if self.count > 1 {
                    world.print_line("---");
                }
                world.print(&yaml::write(&shown));
            }
            Format::Kyaml => world.print(&kyaml::write(&shown)),
            Format::Template(template) => template.print(value, world)?,
            Format::CustomColumns(columns) => columns.print(value, world)?,
        }
        Ok(())
    }

    /// Prints an object that is stored.
    pub fn print_object(&mut self, object: &Object, world: &mut World<'_>) -> Result<(), Failure> {
        self.print(&object.value, world)
    }
}

fn format(invocation: &Invocation, output: &str, world: &World<'_>) -> Result<Format, Failure> {
    let (name, argument) = match output.split_once('=') {
        Some((name, argument)) => (name, argument),
        None => (output, ""),
    };
    Ok(match name {
        "name" if name == output => Format::Name { operation: "".into() },
        "json" if name == output => Format::Json,
        "yaml" if name == output => Format::Yaml,
        "kyaml" if name == output => Format::Kyaml,
        "custom-columns" => {
            Format::CustomColumns(CustomColumns::parse(argument, invocation.is_true("no-headers"))?)
        }
        "custom-columns-file" => Format::CustomColumns(CustomColumns::read(
            argument,
            invocation.is_true("no-headers"),
            world,
        )?),
        _ => match Template::of(invocation, name, argument, world)? {
            Some(template) => Format::Template(template),
            None => return Err(no_printer(output, invocation.command == "get")),
        },
    })
}

fn no_printer(output: &str, get: bool) -> Failure {
    let mut allowed: Vec<&str> = ALLOWED.to_vec();
    if get {
        allowed.extend(ALLOWED_GET);
    }
    allowed.sort_unstable();
    Failure::message(format!(
        "unable to match a printer suitable for the output format {output:?}, allowed formats \
         are: {}",
        allowed.join(",")
    ))
}

/// Models printers.NamePrinter: `statefulset.apps/web created`, one line for each of a list.
fn print_names(value: &Value, operation: &str, world: &mut World<'_>) {
    if is_list(value) {
        for item in value.get("items").items() {
            print_names(item, operation, world);
        }
        return;
    }
    // A watch event stands for its object.
    let object = match value.get("object") {
        object if value.get("kind").is_null() && !object.is_null() => object,
        _ => value,
    };
    let line = format!("{} {operation}", name_of(object));
    world.print_line(line.trim_end());
}

/// Whether it is a list of objects.
fn is_list(value: &Value) -> bool {
    value.get("kind").str().ends_with("List") && value.get("items").as_array().is_some()
}

/// `statefulset.apps/web`
pub fn name(object: &Object) -> String {
    name_of(&object.value)
}

/// `statefulset.apps/web`, from apiVersion, kind and name.
pub fn name_of(value: &Value) -> String {
    let kind = value.get("kind").str().to_lowercase();
    let name = match value.path(&["metadata", "name"]).str() {
        "" => "<unknown>",
        name => name,
    };
    match value.get("apiVersion").str().split_once('/') {
        Some((group, _)) => format!("{kind}.{group}/{name}"),
        None => format!("{kind}/{name}"),
    }
}

/// The object, or the objects of a list, without `metadata.managedFields`, which are shown only
/// on demand (`OmitManagedFieldsPrinter`).
pub fn without_managed_fields(value: &Value) -> Value {
    let mut value = value.clone();
    value.remove(&["metadata", "managedFields"]);
    if is_list(&value) {
        let items: Value = value.get("items").items().iter().map(without_managed_fields).collect();
        value.set(&["items"], items);
    }
    value
}

/// Several objects as one `v1.List` (the end of `GetOptions.printGeneric`).
pub fn list_of(items: Vec<Value>) -> Value {
    crate::value!({
        "apiVersion": "v1",
        "kind": "List",
        "metadata": {"resourceVersion": ""},
        "items": (items)
    })
}
