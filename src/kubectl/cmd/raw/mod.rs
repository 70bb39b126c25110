//! `--raw` of get, create, replace and delete: addresses of the API server.
//!
//! Models `k8s.io/kubectl/pkg/rawhttp`.
//!
//! # Scope
//! - `/version` leaves out commit, build date and compiler.
//! - Fields within spec and status come in the order of their names.

mod discovery;
mod list;
mod log;
mod watch;

use crate::api::go;
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::{Kind, RESOURCES, Resource};
use crate::api::status::{FieldError, Status};
use crate::api::value::{EcoString, Value};
use crate::api::yaml;
use crate::apiserver::request::{Actor, DeleteOptions, Propagation, Request, Verb};
use crate::kubectl::discovery as served;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};

use list::{Query, object_text};
pub use watch::Watch;

/// Where a path leads.
#[derive(Clone, Debug)]
struct Target {
    resource: &'static Resource,
    namespace: EcoString,
    name: EcoString,
    subresource: EcoString,
}

impl Target {
    fn key(&self) -> ObjectKey {
        ObjectKey::new(self.resource.kind, self.namespace.clone(), self.name.clone())
    }
}

/// `get --raw`: prints what a path answers.
pub fn get(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let (path, query, parts) = address(invocation)?;
    let text = match parts.as_slice() {
        [probe @ ("healthz" | "livez" | "readyz"), rest @ ..] => {
            discovery::health(probe, rest, query.has("verbose")).ok_or_else(|| unknown(path))?
        }
        ["version"] => discovery::VERSION.to_string(),
        [] => return Err(unknown(path)),
        ["metrics" | "openapi" | "logs" | "openid", ..] => return Err(unknown(path)),
        ["api"] => discovery::CORE.to_string(),
        ["apis"] => discovery::groups(),
        ["apis", group] => discovery::group(group).ok_or_else(no_such_resource)? + "\n",
        ["api", "v1"] => discovery::version("v1"),
        ["apis", group, version] if served_version(&format!("{group}/{version}")) => {
            discovery::version(&format!("{group}/{version}"))
        }
        _ => {
            let target = parse(&parts).ok_or_else(no_such_resource)??;
            if target.name.is_empty() && query.flag("watch") {
                return watch::start(&target, &query, world);
            }
            if target.resource.kind == Kind::Pod && target.subresource == "log" {
                return log::print(path, &target, &query, world);
            }
            let text = match target.name.is_empty() {
                true => list::list(&target, &query, world)?,
                false => list::get(&target, world)?,
            };
            match query.flag("pretty") {
                true => indented(&text),
                false => text + "\n",
            }
        }
    };
    world.print(&text);
    Ok(Flow::Done(0))
}

/// Compact JSON over several lines, as `json.MarshalIndent` writes it with two blanks.
fn indented(text: &str) -> String {
    let (mut out, mut depth, mut in_string, mut escaped) = (String::new(), 0usize, false, false);
    let mut rest = text.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    while let Some(c) = rest.next() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            out.push(c);
            continue;
        }
        match (c, rest.peek()) {
            ('{', Some('}')) | ('[', Some(']')) => {
                out.push(c);
                out.extend(rest.next());
            }
            ('{' | '[', _) => {
                depth += 1;
                out.push(c);
                line(&mut out, depth);
            }
            ('}' | ']', _) => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            (',', _) => {
                out.push(c);
                line(&mut out, depth);
            }
            (':', _) => out.push_str(": "),
            _ => {
                in_string = c == '"';
                out.push(c);
            }
        }
    }
    out
}

/// `create --raw` and `replace --raw`: sends the file to a path.
pub fn send(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let (path, query, parts) = address(invocation)?;
    let body = body(invocation, world)?.unwrap_or_default();
    let target = parse(&parts).ok_or_else(no_such_resource)??;
    let verb = match invocation.command {
        "replace" if target.name.is_empty() => return Err(unknown(path)),
        "replace" => Verb::Update(body),
        _ => Verb::Create(body),
    };
    let mut key = target.key();
    if let (Verb::Create(body), true) = (&verb, target.name.is_empty()) {
        key.name = body.path(&["metadata", "name"]).str().into();
    }
    let mut request = Request::new(Actor::User, key, verb).on(&target.subresource);
    request.options.dry_run = query.text("dryRun") == "All";
    let response = world.send(&request)?;
    let value = response.value.or(response.object.map(|object| object.value)).unwrap_or_default();
    world.print_line(&object_text(&value));
    Ok(Flow::Done(0))
}

/// `delete --raw`: with the options of the file.
pub fn delete(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let (path, query, parts) = address(invocation)?;
    let body = body(invocation, world)?.unwrap_or_default();
    let target = parse(&parts).ok_or_else(no_such_resource)??;
    if target.name.is_empty() || !target.subresource.is_empty() {
        return Err(unknown(path));
    }
    let dry_run = query.text("dryRun") == "All" || body.get("dryRun").at(0).str() == "All";
    let verb = Verb::Delete(delete_options(&body, &query)?);
    let mut request = Request::new(Actor::User, target.key(), verb);
    request.options.dry_run = dry_run;
    let response = world.send(&request)?;
    let object = response.object.unwrap_or(Object { kind: Kind::Pod, value: Value::Null });
    let text = match object.is_terminating() {
        true => object_text(&object.value),
        false => success(&target, object.uid()),
    };
    world.print_line(&text);
    Ok(Flow::Done(0))
}

/// The answer of a deletion after which nothing is left (`metav1.Status`).
fn success(target: &Target, uid: &str) -> String {
    let group = match target.resource.group {
        "" => String::new(),
        group => format!("\"group\":\"{group}\","),
    };
    format!(
        "{{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{{}},\"status\":\"Success\",\
         \"details\":{{\"name\":\"{}\",{group}\"kind\":\"{}\",\"uid\":\"{uid}\"}}}}",
        target.name, target.resource.plural
    )
}

/// Models ValidateDeleteOptions.
fn delete_options(body: &Value, query: &Query) -> Result<DeleteOptions, Failure> {
    let policy = match body.get("propagationPolicy").str() {
        "" => query.text("propagationPolicy"),
        policy => policy,
    };
    let orphans = body.get("orphanDependents");
    let mut errors = Vec::new();
    let path = "propagationPolicy";
    if !policy.is_empty() && !orphans.is_null() {
        let why = "orphanDependents and deletionPropagation cannot be both set";
        errors.push(FieldError::invalid(path, &policy.into(), why));
    }
    let propagation = match (policy, orphans) {
        ("Orphan", _) | ("", Value::Bool(true)) => Some(Propagation::Orphan),
        ("Foreground", _) => Some(Propagation::Foreground),
        ("Background", _) | ("", Value::Bool(false)) => Some(Propagation::Background),
        ("", _) => None,
        _ => {
            let known = ["Foreground", "Background", "Orphan", "nil"];
            errors.push(FieldError::not_supported(path, &policy.into(), &known));
            None
        }
    };
    if !errors.is_empty() {
        return Err(Status::invalid("DeleteOptions", "", errors).into());
    }
    let text = |field: &str| match body.path(&["preconditions", field]) {
        Value::Null => None,
        value => Some(EcoString::from(value.str())),
    };
    let grace = body.get("gracePeriodSeconds").as_i64();
    Ok(DeleteOptions {
        grace_period_seconds: grace.or_else(|| query.text("gracePeriodSeconds").parse().ok()),
        propagation,
        uid: text("uid"),
        resource_version: text("resourceVersion"),
    })
}

type Address<'a> = (&'a str, Query, Vec<&'a str>);

/// The path of the command line, its query, its parts.
fn address(invocation: &Invocation) -> Result<Address<'_>, Failure> {
    let raw = invocation.text("raw");
    if !raw.starts_with('/') {
        let quoted = go::quote(raw);
        return Err(Failure::message(format!(
            "--raw must be a valid URL path: parse {quoted}: invalid URI for request"
        )));
    }
    let (path, query) = raw.split_once('?').unwrap_or((raw, ""));
    let parts = path.split('/').filter(|part| !part.is_empty()).collect();
    Ok((path, Query::parse(query), parts))
}

/// The one file of `-f`.
fn body(invocation: &Invocation, world: &mut World<'_>) -> Result<Option<Value>, Failure> {
    let files = invocation.list("filename");
    let text = match files.as_slice() {
        [] => return Ok(None),
        [file] if file == "-" => {
            String::from_utf8_lossy(&std::mem::take(&mut world.stdin.bytes)).into_owned()
        }
        [file] => {
            let bytes = world.files.read(file);
            let bytes = bytes.map_err(|why| Failure::message(format!("open {file}: {why}")))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => return Err(Failure::message("--raw can only use a single local file or stdin")),
    };
    yaml::read(&text).map(Some).map_err(|why| Failure::message(why.to_string()))
}

fn unknown(path: &str) -> Failure {
    Failure::not_simulated(&format!("the path {path}"), "print the server's answer")
}

fn no_such_resource() -> Failure {
    Status::new(404, "NotFound", "the server could not find the requested resource").into()
}

fn served_version(api_version: &str) -> bool {
    served::versions().contains(&api_version)
}

/// Subresources behind which there is no object.
const STREAMS: &[&str] = &["attach", "exec", "portforward", "proxy"];

/// What a path names: nothing the server serves (`None`), something that is not simulated, or a
/// stored resource.
fn parse(parts: &[&str]) -> Option<Result<Target, Failure>> {
    let (group, version, rest) = match parts {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    let api_version = if group.is_empty() { version.into() } else { format!("{group}/{version}") };
    if !served_version(&api_version) {
        return None;
    }
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..]
            if !rest.is_empty() && !matches!(rest, ["status" | "finalize"]) =>
        {
            (*namespace, rest)
        }
        rest => ("", rest),
    };
    let (plural, rest) = rest.split_first()?;
    let stored = RESOURCES.iter().find(|r| r.api_version() == api_version && r.plural == *plural);
    let Some(resource) = stored else {
        let is_served =
            served::resources().iter().any(|r| r.api_version == api_version && r.name == *plural);
        return is_served.then(|| Err(unknown(&format!("/{}", parts.join("/")))));
    };
    let part = |index: usize| EcoString::from(rest.get(index).copied().unwrap_or_default());
    if rest.get(1).is_some_and(|part| STREAMS.contains(part)) {
        return Some(Err(unknown(&format!("/{}", parts.join("/")))));
    }
    (rest.len() <= 2).then(|| {
        Ok(Target { resource, namespace: namespace.into(), name: part(0), subresource: part(1) })
    })
}
