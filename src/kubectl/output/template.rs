//! `-o jsonpath`, `-o go-template` and their siblings.
//!
//! Models `printers.JSONPathPrinter`, `printers.GoTemplatePrinter` and their flags.

use crate::api::go;
use crate::api::go_fmt;
use crate::api::jsonpath::{JsonPath, Options};
use crate::api::value::{EcoString, Value};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::World;
use crate::text::go_template::GoTemplate;

/// A template with what it was made from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    text: EcoString,
    language: Language,
    allow_missing_keys: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Language {
    JsonPath(JsonPath),
    JsonPathAsJson(JsonPath),
    Go(GoTemplate),
}

impl Template {
    /// The template of `-o NAME=ARGUMENT`, if the name is that of a template format.
    pub fn of(
        invocation: &Invocation,
        name: &str,
        argument: &str,
        world: &World<'_>,
    ) -> Result<Option<Template>, Failure> {
        let names = [
            "jsonpath",
            "jsonpath-as-json",
            "jsonpath-file",
            "go-template",
            "go-template-file",
            "template",
            "templatefile",
        ];
        if !names.contains(&name) {
            return Ok(None);
        }
        let argument = if argument.is_empty() { invocation.text("template") } else { argument };
        if argument.is_empty() {
            return Err(Failure::message("template format specified but no template given"));
        }
        let text = match name.ends_with("file") {
            true => read(argument, world)?,
            false => argument.into(),
        };
        let parse_path = || {
            JsonPath::parse(&text).map_err(|error| {
                Failure::message(format!("error parsing jsonpath {text}, {error}"))
            })
        };
        let language = match name {
            "jsonpath-as-json" => Language::JsonPathAsJson(parse_path()?),
            "jsonpath" | "jsonpath-file" => Language::JsonPath(parse_path()?),
            _ => Language::Go(GoTemplate::parse("output", &text).map_err(|error| {
                Failure::message(format!("error parsing template {text}, {error}"))
            })?),
        };
        let allow_missing_keys = invocation.is_true("allow-missing-template-keys");
        Ok(Some(Template { text, language, allow_missing_keys }))
    }

    /// Prints what the template makes of an object.
    pub fn print(&self, value: &Value, world: &mut World<'_>) -> Result<(), Failure> {
        let options = Options { allow_missing_keys: self.allow_missing_keys };
        let text = match &self.language {
            Language::JsonPath(path) => path.execute(value, options),
            Language::JsonPathAsJson(path) => path.execute_as_json(value, options),
            Language::Go(template) => return self.print_go(template, value, world),
        };
        let text = text.map_err(|error| self.jsonpath_failure(&error, value))?;
        world.print(&text);
        Ok(())
    }

    fn jsonpath_failure(&self, error: &str, value: &Value) -> Failure {
        let template = &self.text;
        Failure::Verbatim(
            format!(
                "error: error executing jsonpath {}: Error executing template: {error}. Printing \
                 more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\
                 \tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
                go::quote(template),
                go_fmt::syntax(value)
            )
            .into(),
            1,
        )
    }

    /// Models GoTemplatePrinter.PrintObj: on an error everything is dumped to standard output.
    fn print_go(
        &self,
        template: &GoTemplate,
        value: &Value,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let (text, error) = template.execute(value, self.allow_missing_keys);
        world.print(&text);
        let Some(error) = error else {
            return Ok(());
        };
        let source = &self.text;
        world.print(&format!(
            "Error executing template: {error}. Printing more information for debugging the \
             template:\n\ttemplate was:\n\t\t{source}\n\traw data was:\n\t\t{}\n\tobject given to \
             template engine was:\n\t\t{}\n\n",
            go::json(value),
            go_fmt::plain(value)
        ));
        Err(Failure::message(format!("error executing template {}: {error}", go::quote(source))))
    }
}

fn read(path: &str, world: &World<'_>) -> Result<EcoString, Failure> {
    let bytes = world.files.read(path).map_err(|error| {
        Failure::message(format!("error reading --template {path}, open {path}: {error}"))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}
