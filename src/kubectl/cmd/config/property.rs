//! `kubectl config set` and `unset`.
//!
//! Models `set.go`, `unset.go` and `navigation_step_parser.go`: a path of names with dots, in
//! which the name of a cluster, context or user reaches to the next word that is a field.

use super::field::{Form, LISTS, List};
use super::{entry_mut, help_error};
use crate::api::value::{EcoString, Value};
use crate::apiserver::registry::config::base64;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::kubeconfig::{entry, load, save};
use crate::kubectl::process::{Flow, Outcome, World};
use crate::text::go_template::decode_base64;

/// Properties of the whole file that are not modelled.
const OTHERS: &[&str] = &["kind", "apiVersion", "preferences", "extensions"];

/// What a path names.
enum Place {
    CurrentContext,
    List(&'static List),
    Entry(&'static List, EcoString),
    Field { list: &'static List, name: EcoString, field: (&'static str, Form) },
}

/// Models newNavigationSteps.
fn locate(property: &str) -> Result<Place, Failure> {
    let unparsed =
        || Failure::message(format!("unable to parse one or more field values of {property}"));
    let (first, rest) = match property.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (property, None),
    };
    if first == "current-context" {
        return rest.map_or(Ok(Place::CurrentContext), |_| Err(unparsed()));
    }
    if OTHERS.contains(&first) {
        let real = "look at it";
        return Err(Failure::not_simulated(&format!("the property {property}"), real));
    }
    let Some(list) = LISTS.into_iter().find(|list| list.name == first) else {
        let text = format!("unable to parse {property} after [] at api.Config");
        return Err(Failure::message(text));
    };
    let Some(rest) = rest else { return Ok(Place::List(list)) };
    let parts: Vec<&str> = rest.split('.').collect();
    let found = parts.iter().skip(1).position(|part| list.field(part).is_some());
    let at = found.map_or(parts.len(), |index| index + 1);
    let name = parts.get(..at).unwrap_or_default().join(".").into();
    let Some(field) = parts.get(at).and_then(|part| list.field(part)) else {
        return Ok(Place::Entry(list, name));
    };
    match (field.1, parts.len() - at) {
        (Form::Other, _) => {
            let what = format!("the property {property}");
            Err(Failure::not_simulated(&what, "look into it"))
        }
        (_, 1) => Ok(Place::Field { list, name, field }),
        _ => Err(unparsed()),
    }
}

/// Models setOptions.run.
pub(super) fn set(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let [property, text] = invocation.args.as_slice() else {
        return Err(unexpected(invocation));
    };
    if text.is_empty() {
        return Err(Failure::message("you cannot use set to unset a property"));
    }
    check_named(property)?;
    let mut config = load(invocation, world)?;
    match locate(property)? {
        Place::CurrentContext => config.set(&["current-context"], text),
        Place::List(_) | Place::Entry(..) => {
            let real = "say that a whole entry has no single value";
            return Err(Failure::not_simulated(&format!("config set {property}"), real));
        }
        Place::Field { list, name, field: (field, form) } => {
            let value = parse(form, text, invocation.is_true("set-raw-bytes"))?;
            entry_mut(&mut config, list, &name).set(&[field], value);
        }
    }
    save(invocation, world, &config)?;
    world.print_line(&format!("Property {:?} set.", property.as_str()));
    Ok(Flow::Done(0))
}

/// Models the scalars of modifyConfig.
fn parse(form: Form, text: &EcoString, is_raw: bool) -> Result<Value, Failure> {
    match form {
        Form::Text | Form::Other => Ok(text.into()),
        Form::Switch => parse_switch(text).map(Value::Bool),
        Form::Bytes if is_raw => Ok(base64(text.as_bytes()).into()),
        Form::Bytes => match decode_base64(text) {
            Ok(bytes) => Ok(base64(&bytes).into()),
            Err(at) => Err(Failure::message(format!(
                "error decoding input value: illegal base64 data at input byte {at}"
            ))),
        },
    }
}

fn parse_switch(text: &str) -> Result<bool, Failure> {
    crate::kubectl::args::parse_bool(text).ok_or_else(|| {
        let quoted = crate::api::go::quote(text);
        Failure::message(format!("strconv.ParseBool: parsing {quoted}: invalid syntax"))
    })
}

/// Models unsetOptions.run.
pub(super) fn unset(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let [property] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
    check_named(property)?;
    let mut config = load(invocation, world)?;
    match locate(property)? {
        Place::CurrentContext => config.set(&["current-context"], ""),
        Place::List(list) => config.path_mut(&[list.name]).array_mut().clear(),
        Place::Entry(list, name) => {
            let mut items = config.path_mut(&[list.name]).array_mut();
            items.retain(|item| item.get("name").str() != name);
        }
        Place::Field { list, name, field: (field, _) } => {
            if entry(&config, list.name, &name).is_none() {
                let text = format!("current map key `{name}` is invalid");
                return Err(Failure::message(text));
            }
            entry_mut(&mut config, list, &name).remove(&[field]);
        }
    }
    save(invocation, world, &config)?;
    world.print_line(&format!("Property {:?} unset.", property.as_str()));
    Ok(Flow::Done(0))
}

fn check_named(property: &str) -> Result<(), Failure> {
    match property.is_empty() {
        true => Err(Failure::message("you must specify a property")),
        false => Ok(()),
    }
}

fn unexpected(invocation: &Invocation) -> Failure {
    help_error(invocation, &format!("Unexpected args: [{}]", invocation.args.join(" ")))
}
