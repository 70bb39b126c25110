//! Printing objects as `-o` asks for.
//!
//! Models `k8s.io/cli-runtime/pkg/printers` and `genericclioptions.PrintFlags`.

use super::errors::Failure;
use super::invocation::Invocation;
use super::process::World;
use crate::api::go;
use crate::api::object::Object;
use crate::api::value::{EcoString, Value};

/// How an object is printed, tables aside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Printer {
    /// The sentence `statefulset.apps/web created`, or only the name if there is no verb.
    Name {
        /// The last words: `created`, `scaled (dry run)`; empty for `-o name`.
        operation: EcoString,
    },
    /// `-o json`
    Json,
    /// `-o yaml`
    Yaml,
    /// `-o kyaml`
    Kyaml,
}

/// The formats of the verbs that write, as error texts list them.
const ALLOWED: &str = "go-template,go-template-file,json,jsonpath,jsonpath-as-json,\
                       jsonpath-file,kyaml,name,template,templatefile,yaml";

impl Printer {
    /// The printer that the flags of a writing verb ask for; `operation` is the verb's word.
    ///
    /// Models genericclioptions PrintFlags.ToPrinter.
    pub fn of(invocation: &Invocation, operation: &str) -> Result<Printer, Failure> {
        match invocation.text("output") {
            "" => Ok(Printer::Name { operation: operation.into() }),
            "name" => Ok(Printer::Name { operation: "".into() }),
            "json" => Ok(Printer::Json),
            "yaml" => Ok(Printer::Yaml),
            "kyaml" => Ok(Printer::Kyaml),
            other => Err(Failure::message(format!(
                "unable to match a printer suitable for the output format {other:?}, allowed \
                 formats are: {ALLOWED}"
            ))),
        }
    }

    /// Prints one object. `first` tells whether it is the first of this command.
    pub fn print(
        &self,
        object: &Object,
        first: bool,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        match self {
            Printer::Name { operation } => {
                let line = format!("{} {operation}", name(object));
                world.print_line(line.trim_end());
            }
            Printer::Json => {
                let text = go::json_indented(&without_managed_fields(&object.value), "    ");
                world.print_line(&text);
            }
            Printer::Yaml | Printer::Kyaml => {
                let _ = first;
                return Err(Failure::not_simulated("-o yaml", "print the object as YAML"));
            }
        }
        Ok(())
    }
}

/// `statefulset.apps/web`
pub fn name(object: &Object) -> String {
    format!("{}/{}", object.kind.resource().qualified_singular(), object.name())
}

/// The object without `metadata.managedFields`, which is shown only on demand.
pub fn without_managed_fields(value: &Value) -> Value {
    let mut value = value.clone();
    value.remove(&["metadata", "managedFields"]);
    value
}
