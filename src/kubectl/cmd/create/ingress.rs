//! `kubectl create ingress`.
//!
//! Models `create_ingress.go`. Such objects are not stored here: they are only printed.

use super::generator::{name, named, show};
use crate::api::value::{EcoString, Value};
use crate::kubectl::command::Flag;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Outcome, World};
use crate::value;

pub(super) static FLAGS: &[Flag] = &[
    Flag::array("annotation"),
    Flag::text("class"),
    Flag::text("default-backend"),
    Flag::array("rule"),
];

/// `host/path=service:port[,tls[=secret]]`
struct Rule<'a> {
    host: &'a str,
    path: &'a str,
    service: &'a str,
    port: &'a str,
    /// The secret, "" for none, if the host is to have TLS.
    tls: Option<&'a str>,
}

impl<'a> Rule<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let is_word = |text: &str, more: &str| {
            text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || more.contains(c))
        };
        let (place, target) = text.split_once('=')?;
        let slash = place.find('/')?;
        let (host, path) = place.split_at(slash);
        let (backend, tls) = match target.split_once(',') {
            Some((backend, tls)) => (backend, Some(tls.strip_prefix("tls")?)),
            None => (target, None),
        };
        let (service, port) = backend.split_once(':')?;
        let tls = tls.map(|secret| secret.strip_prefix('=').unwrap_or(secret));
        let is_named = |text: &str| !text.is_empty() && is_word(text, "-");
        let is_right = is_word(host, "*-.")
            && !path.contains([',', '\n'])
            && is_named(service)
            && is_named(port)
            && tls.is_none_or(|secret| is_word(secret, "-"));
        is_right.then_some(Rule { host, path, service, port, tls })
    }

    /// A path that ends with `*` stands for all below it.
    fn path(&self) -> Value {
        let (path, kind) = match self.path.strip_suffix('*') {
            Some(path) => (path, "Prefix"),
            None => (self.path, "Exact"),
        };
        let backend = backend(self.service, self.port);
        value!({"backend": backend, "path": path, "pathType": kind})
    }
}

fn backend(service: &str, port: &str) -> Value {
    let port = match port.parse::<i32>() {
        Ok(0) => Value::object(),
        Ok(number) => value!({"number": (i64::from(number))}),
        Err(_) => value!({"name": port}),
    };
    value!({"service": {"name": service, "port": port}})
}

pub(super) fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let rules = invocation.list("rule");
    let rules = check(invocation, &rules)?;
    let mut value = named(&name);
    value.set(&["apiVersion"], "networking.k8s.io/v1");
    value.set(&["kind"], "Ingress");
    for annotation in invocation.list("annotation") {
        let (key, text) = annotation.split_once('=').unwrap_or((&annotation, ""));
        value.set(&["metadata", "annotations", key], text);
    }
    value.set(&["spec"], spec(invocation, &rules));
    value.set(&["status", "loadBalancer"], Value::object());
    show(invocation, value, true, world)
}

/// Models CreateIngressOptions.Validate.
fn check<'a>(invocation: &Invocation, texts: &'a [EcoString]) -> Result<Vec<Rule<'a>>, Failure> {
    let default = invocation.text("default-backend");
    if default.is_empty() && texts.is_empty() {
        return Err(Failure::message(
            "not enough information provided: every ingress has to either specify a \
             default-backend (which catches all traffic) or a list of rules (which catch specific \
             paths)",
        ));
    }
    let mut rules = Vec::new();
    for text in texts {
        rules.push(Rule::parse(text).ok_or_else(|| {
            Failure::message(format!(
                "rule {text} is invalid and should be in format \
                 host/path=svcname:svcport[,tls[=secret]]"
            ))
        })?);
    }
    if let Some(wrong) = invocation.list("annotation").iter().find(|text| !text.contains('=')) {
        let text = format!("annotation {wrong} is invalid and should be in format key=[value]");
        return Err(Failure::message(text));
    }
    if !default.is_empty() && default.split(':').count() != 2 {
        let text = "default-backend should be in format servicename:serviceport";
        return Err(Failure::message(text));
    }
    Ok(rules)
}

fn spec(invocation: &Invocation, rules: &[Rule<'_>]) -> Value {
    let mut spec = Value::object();
    if !invocation.text("class").is_empty() {
        spec.set(&["ingressClassName"], invocation.text("class"));
    }
    if let Some((service, port)) = invocation.text("default-backend").split_once(':') {
        spec.set(&["defaultBackend"], backend(service, port));
    }
    let (hosts, certificates) = (of_hosts(rules), certificates(rules));
    if !hosts.is_empty() {
        spec.set(&["rules"], hosts);
    }
    if !certificates.is_empty() {
        spec.set(&["tls"], certificates);
    }
    spec
}

/// Models buildIngressRules: paths of one host stand together.
fn of_hosts(rules: &[Rule<'_>]) -> Vec<Value> {
    let mut hosts: Vec<Value> = Vec::new();
    for rule in rules {
        let place = hosts.iter().position(|known| known.get("host").str() == rule.host);
        let place = place.unwrap_or_else(|| {
            hosts.push(Value::object());
            hosts.len() - 1
        });
        let Some(of_host) = hosts.get_mut(place) else { continue };
        if !rule.host.is_empty() {
            of_host.set(&["host"], rule.host);
        }
        of_host.path_mut(&["http", "paths"]).array_mut().push(rule.path());
    }
    hosts
}

/// Models buildTLSRules: a host has one certificate, and hosts may share it.
fn certificates(rules: &[Rule<'_>]) -> Vec<Value> {
    let (mut found, mut seen): (Vec<Value>, Vec<EcoString>) = (Vec::new(), Vec::new());
    for rule in rules {
        let Some(secret) = rule.tls.filter(|_| !seen.iter().any(|host| host == rule.host)) else {
            continue;
        };
        seen.push(rule.host.into());
        if let Some(known) = found.iter_mut().find(|known| known.get("secretName").str() == secret)
        {
            known.path_mut(&["hosts"]).array_mut().push(rule.host.into());
            continue;
        }
        let mut new = Value::object();
        if !rule.host.is_empty() {
            new.path_mut(&["hosts"]).array_mut().push(rule.host.into());
        }
        if !secret.is_empty() {
            new.set(&["secretName"], secret);
        }
        if !rule.host.is_empty() || !secret.is_empty() {
            found.push(new);
        }
    }
    found
}
