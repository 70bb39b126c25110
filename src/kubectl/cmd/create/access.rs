//! `kubectl create role`, `clusterrole`, `rolebinding` and `clusterrolebinding`.
//!
//! Models `create_role.go`, `create_clusterrole.go`, `create_rolebinding.go` and
//! `create_clusterrolebinding.go`. Such objects are not stored here: they are only printed.

use std::collections::BTreeMap;

use super::generator::{name, named, require, show};
use crate::api::value::{EcoString, Value};
use crate::kubectl::command::Flag;
use crate::kubectl::discovery;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Outcome, World};
use crate::value;

const GROUP: &str = "rbac.authorization.k8s.io";
const VERSION: &str = "rbac.authorization.k8s.io/v1";
const RESOURCE_VERBS: &[&str] = &[
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];
const ADDRESS_VERBS: &[&str] = &["*", "get", "post", "put", "delete", "patch", "head", "options"];
/// Verbs that only some resources have.
const SPECIAL_VERBS: &[(&str, &[(&str, &str)])] = &[
    ("use", &[("policy", "podsecuritypolicies"), ("extensions", "podsecuritypolicies")]),
    ("bind", &[(GROUP, "roles"), (GROUP, "clusterroles")]),
    ("escalate", &[(GROUP, "roles"), (GROUP, "clusterroles")]),
    (
        "impersonate",
        &[
            ("", "users"),
            ("", "serviceaccounts"),
            ("", "groups"),
            ("authentication.k8s.io", "userextras"),
        ],
    ),
];

pub(super) static ROLE_FLAGS: &[Flag] =
    &[Flag::slice("resource"), Flag::array("resource-name"), Flag::slice("verb")];
pub(super) static CLUSTER_ROLE_FLAGS: &[Flag] = &[
    Flag::slice("aggregation-rule"),
    Flag::slice("non-resource-url"),
    Flag::slice("resource"),
    Flag::array("resource-name"),
    Flag::slice("verb"),
];
// `--user` is a flag of all commands; here it may be given several times.
pub(super) static BINDING_FLAGS: &[Flag] = &[
    Flag::text("clusterrole"),
    Flag::array("group"),
    Flag::text("role"),
    Flag::array("serviceaccount"),
];
pub(super) static CLUSTER_BINDING_FLAGS: &[Flag] =
    &[Flag::text("clusterrole"), Flag::array("group"), Flag::array("serviceaccount")];

/// A resource of `--resource`: its group, its name, and a subresource.
struct Asked {
    group: EcoString,
    name: EcoString,
    sub: EcoString,
    is_known: bool,
}

pub(super) fn role(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let (verbs, resources) = (verbs(invocation), resources(invocation));
    if verbs.is_empty() {
        return Err(Failure::message("at least one verb must be specified"));
    }
    if resources.is_empty() {
        warn_about(&verbs, world);
        return Err(Failure::message("at least one resource must be specified"));
    }
    warn_about(&verbs, world);
    check_resources(&resources, &verbs)?;
    let mut value = object("Role", &name);
    value.set(&["rules"], rules(invocation, &verbs, &resources, &[]));
    show(invocation, value, true, world)
}

pub(super) fn cluster_role(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let (verbs, resources) = (verbs(invocation), resources(invocation));
    let addresses = without_repeats(&invocation.list("non-resource-url"));
    let mut value = object("ClusterRole", &name);
    if invocation.is_set("aggregation-rule") {
        let names = invocation.list("resource-name");
        let is_more = [addresses.is_empty(), verbs.is_empty(), resources.is_empty()];
        if is_more.contains(&false) || !names.is_empty() {
            return Err(Failure::message(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or \
                 resourceNames",
            ));
        }
        value.set(&["aggregationRule", "clusterRoleSelectors"], vec![aggregated(invocation)?]);
        value.set(&["rules"], Value::Null);
        return show(invocation, value, false, world);
    }
    if verbs.is_empty() {
        return Err(Failure::message("at least one verb must be specified"));
    }
    if resources.is_empty() && addresses.is_empty() {
        return Err(Failure::message("one of resource or nonResourceURL must be specified"));
    }
    if !resources.is_empty() {
        warn_about(&verbs, world);
        check_resources(&resources, &verbs)?;
    }
    check_addresses(&addresses, &verbs)?;
    value.set(&["rules"], rules(invocation, &verbs, &resources, &addresses));
    show(invocation, value, false, world)
}

fn object(kind: &str, name: &str) -> Value {
    let mut value = named(name);
    value.set(&["apiVersion"], VERSION);
    value.set(&["kind"], kind);
    value
}

fn aggregated(invocation: &Invocation) -> Result<Value, Failure> {
    let mut labels = Value::object();
    for pair in invocation.list("aggregation-rule") {
        let Some((key, label)) = pair.split_once('=') else {
            let text = format!(
                "invalid argument {pair:?} for \"--aggregation-rule\" flag: malformed pair, expect \
                 string=string"
            );
            return Err(Failure::message(text));
        };
        labels.set(&["matchLabels", key.trim()], label.trim());
    }
    Ok(labels)
}

fn without_repeats(words: &[EcoString]) -> Vec<EcoString> {
    let mut found: Vec<EcoString> = Vec::new();
    for word in words {
        if !found.contains(word) {
            found.push(word.clone());
        }
    }
    found
}

fn verbs(invocation: &Invocation) -> Vec<EcoString> {
    let verbs = invocation.list("verb");
    match verbs.iter().any(|verb| verb == "*") {
        true => vec!["*".into()],
        false => without_repeats(&verbs),
    }
}

fn resources(invocation: &Invocation) -> Vec<Asked> {
    let mut found = Vec::new();
    for text in invocation.list("resource") {
        if text == "*" {
            return vec![asked(&text)];
        }
        found.push(asked(&text));
    }
    found
}

fn asked(text: &str) -> Asked {
    let (resource, sub) = text.split_once('/').unwrap_or((text, ""));
    let (name, group) = resource.split_once('.').unwrap_or((resource, ""));
    let known = discovery::find(resource);
    let (group, name, is_known) = match known {
        Some(known) => (known.group().into(), known.name.into(), true),
        None => (group.into(), name.into(), false),
    };
    Asked { group, name, sub: sub.into(), is_known }
}

fn warn_about(verbs: &[EcoString], world: &mut World<'_>) {
    for verb in verbs.iter().filter(|verb| !RESOURCE_VERBS.contains(&verb.as_str())) {
        world.complain(&format!("Warning: '{verb}' is not a standard resource verb"));
    }
}

/// Models CreateRoleOptions.validateResource.
fn check_resources(resources: &[Asked], verbs: &[EcoString]) -> Result<(), Failure> {
    for Asked { group, name, is_known, .. } in resources {
        if name.is_empty() {
            let text = "resource must be specified if apiGroup/subresource specified";
            return Err(Failure::message(text));
        }
        if name == "*" {
            return Ok(());
        }
        let mut is_known = *is_known;
        for verb in verbs {
            let Some((_, pairs)) = SPECIAL_VERBS.iter().find(|(special, _)| special == verb) else {
                continue;
            };
            if !pairs.contains(&(group.as_str(), name.as_str())) {
                return Err(Failure::message(format!(
                    "can not perform '{verb}' on '{name}' in group '{group}'"
                )));
            }
            is_known = true;
        }
        if !is_known {
            let text = match group.as_str() {
                "" => format!("the server doesn't have a resource type {name:?}"),
                group => {
                    format!("the server doesn't have a resource type {name:?} in group {group:?}")
                }
            };
            return Err(Failure::message(text));
        }
    }
    Ok(())
}

fn check_addresses(addresses: &[EcoString], verbs: &[EcoString]) -> Result<(), Failure> {
    if addresses.is_empty() {
        return Ok(());
    }
    if let Some(verb) = verbs.iter().find(|verb| !ADDRESS_VERBS.contains(&verb.as_str())) {
        return Err(Failure::message(format!("invalid verb: '{verb}' for nonResourceURL")));
    }
    for address in addresses.iter().filter(|address| *address != "*") {
        if !address.starts_with('/') {
            return Err(Failure::message("nonResourceURL should start with /"));
        }
        if address.find('*').is_some_and(|at| at + 1 < address.len()) {
            return Err(Failure::message(
                "nonResourceURL only supports wildcard matches when '*' is at the end",
            ));
        }
    }
    Ok(())
}

/// One rule for each group.
///
/// Models generateResourcePolicyRules.
fn rules(
    invocation: &Invocation,
    verbs: &[EcoString],
    resources: &[Asked],
    addresses: &[EcoString],
) -> Vec<Value> {
    let mut groups: BTreeMap<&str, Vec<EcoString>> = BTreeMap::new();
    for Asked { group, name, sub, .. } in resources {
        let full = if sub.is_empty() { name.clone() } else { format!("{name}/{sub}").into() };
        let of_group = groups.entry(group).or_default();
        if !of_group.contains(&full) {
            of_group.push(full);
        }
    }
    let names = without_repeats(&invocation.list("resource-name"));
    let mut rules = Vec::new();
    for (group, resources) in groups {
        let mut rule = value!({"apiGroups": [group], "resources": (list(&resources))});
        if !names.is_empty() {
            rule.set(&["resourceNames"], list(&names));
        }
        rule.set(&["verbs"], list(verbs));
        rules.push(rule);
    }
    if !addresses.is_empty() {
        rules.push(value!({"nonResourceURLs": (list(addresses)), "verbs": (list(verbs))}));
    }
    rules
}

fn list(words: &[EcoString]) -> Vec<Value> {
    words.iter().map(Value::from).collect()
}

pub(super) fn role_binding(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let (role, cluster_role) = (invocation.text("role"), invocation.text("clusterrole"));
    if role.is_empty() == cluster_role.is_empty() {
        return Err(Failure::message("exactly one of clusterrole or role must be specified"));
    }
    let role = if role.is_empty() { ("ClusterRole", cluster_role) } else { ("Role", role) };
    let value = binding(invocation, object("RoleBinding", &name), role)?;
    show(invocation, value, true, world)
}

pub(super) fn cluster_role_binding(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    require(invocation, &["clusterrole"])?;
    let name = name(invocation)?;
    let role = ("ClusterRole", invocation.text("clusterrole"));
    let value = binding(invocation, object("ClusterRoleBinding", &name), role)?;
    show(invocation, value, false, world)
}

fn binding(
    invocation: &Invocation,
    mut value: Value,
    (kind, role): (&str, &str),
) -> Result<Value, Failure> {
    value.set(&["roleRef"], value!({"apiGroup": GROUP, "kind": kind, "name": role}));
    let mut subjects = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        for name in invocation.list(flag) {
            subjects.push(value!({"apiGroup": GROUP, "kind": kind, "name": name}));
        }
    }
    for account in invocation.list("serviceaccount") {
        let parts: Vec<&str> = account.split(':').collect();
        let [namespace, name] = parts.as_slice() else { return Err(no_account()) };
        if namespace.is_empty() || name.is_empty() {
            return Err(no_account());
        }
        let (namespace, name) = (*namespace, *name);
        subjects.push(value!({
            "kind": "ServiceAccount", "name": name, "namespace": namespace,
        }));
    }
    if !subjects.is_empty() {
        value.set(&["subjects"], subjects);
    }
    Ok(value)
}

fn no_account() -> Failure {
    Failure::message("serviceaccount must be <namespace>:<name>")
}
