//! `kubectl config set` and `unset`.
//!
//! Models `set.go`, `unset.go` and `navigation_step_parser.go`: a path of names with dots, in
//! which the name of a cluster, context or user reaches to the next word that is a field.

use crate::api::value::{EcoString, Value};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::kubeconfig::{entry, load, save};
use crate::kubectl::process::{Flow, Outcome, World};
use crate::value;

/// The lists of a kubeconfig, what an entry of each holds, and the fields of that.
const LISTS: &[(&str, &str, &[&str])] = &[
    (
        "clusters",
        "cluster",
        &[
            "server",
            "tls-server-name",
            "insecure-skip-tls-verify",
            "certificate-authority",
            "certificate-authority-data",
            "proxy-url",
            "disable-compression",
        ],
    ),
    ("contexts", "context", &["cluster", "user", "namespace"]),
    (
        "users",
        "user",
        &[
            "client-certificate",
            "client-certificate-data",
            "client-key",
            "client-key-data",
            "token",
            "tokenFile",
            "username",
            "password",
        ],
    ),
];

const FLAGS: &[&str] = &["insecure-skip-tls-verify", "disable-compression"];

/// What a path names.
enum Place {
    CurrentContext,
    Entry { list: &'static str, name: EcoString },
    Field { list: &'static str, inner: &'static str, name: EcoString, field: &'static str },
}

fn locate(property: &str) -> Result<Place, Failure> {
    let parts: Vec<&str> = property.split('.').collect();
    let (first, rest) = match parts.split_first() {
        Some((first, rest)) => (*first, rest),
        None => ("", &[][..]),
    };
    if first == "current-context" && rest.is_empty() {
        return Ok(Place::CurrentContext);
    }
    let known = LISTS.iter().find(|(list, ..)| *list == first).filter(|_| !rest.is_empty());
    let Some((list, inner, fields)) = known else {
        let real = "say whether there is such a property";
        return Err(Failure::not_simulated(&format!("the property {property}"), real));
    };
    let at = rest.iter().skip(1).position(|part| fields.contains(part)).map(|index| index + 1);
    let name = rest.get(..at.unwrap_or(rest.len())).unwrap_or(rest).join(".").into();
    let field = at.and_then(|at| rest.get(at)).and_then(|part| fields.iter().find(|f| *f == part));
    Ok(match field {
        Some(field) => Place::Field { list, inner, name, field },
        None => Place::Entry { list, name },
    })
}

/// Models setOptions.run.
pub(super) fn set(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let [property, text] = invocation.args.as_slice() else {
        return Err(unexpected(invocation));
    };
    let mut config = load(invocation, world)?;
    match locate(property)? {
        Place::CurrentContext => config.set(&["current-context"], text),
        Place::Entry { .. } => {
            let real = "say that a whole entry has no single value";
            return Err(Failure::not_simulated(&format!("config set {property}"), real));
        }
        Place::Field { list, inner, name, field } => {
            let value = match FLAGS.contains(&field) {
                false => Value::from(text),
                true => Value::Bool(parse_flag(text)?),
            };
            let is_new = entry(&config, list, &name).is_none();
            let items = config.path_mut(&[list]).array_mut();
            if is_new {
                items.push(value!({"name": (name.clone())}));
            }
            for item in items.iter_mut().filter(|item| item.get("name").str() == name) {
                item.set(&[inner, field], value.clone());
            }
        }
    }
    save(invocation, world, &config)?;
    world.print_line(&format!("Property {:?} set.", property.as_str()));
    Ok(Flow::Done(0))
}

fn parse_flag(text: &str) -> Result<bool, Failure> {
    crate::kubectl::args::parse_bool(text).ok_or_else(|| {
        let quoted = crate::api::go::quote(text);
        Failure::message(format!("strconv.ParseBool: parsing {quoted}: invalid syntax"))
    })
}

/// Models unsetOptions.run.
pub(super) fn unset(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let [property] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
    let mut config = load(invocation, world)?;
    let missing = |name: &str| Failure::message(format!("current map key `{name}` is invalid"));
    match locate(property)? {
        Place::CurrentContext => config.set(&["current-context"], ""),
        Place::Entry { list, name } => {
            if entry(&config, list, &name).is_none() {
                return Err(missing(&name));
            }
            let items = config.path_mut(&[list]).array_mut();
            items.retain(|item| item.get("name").str() != name);
        }
        Place::Field { list, inner, name, field } => {
            if entry(&config, list, &name).is_none() {
                return Err(missing(&name));
            }
            for item in config.path_mut(&[list]).array_mut() {
                if item.get("name").str() == name {
                    item.remove(&[inner, field]);
                }
            }
        }
    }
    save(invocation, world, &config)?;
    world.print_line(&format!("Property {:?} unset.", property.as_str()));
    Ok(Flow::Done(0))
}

fn unexpected(invocation: &Invocation) -> Failure {
    let words: Vec<&str> = invocation.args.iter().map(EcoString::as_str).collect();
    invocation.usage(&format!("Unexpected args: [{}]", words.join(" ")))
}
