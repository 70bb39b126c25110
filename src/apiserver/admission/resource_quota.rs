//! How much a namespace may hold.
//!
//! Models `k8s.io/apiserver/pkg/admission/plugin/resourcequota` with the evaluators of
//! `pkg/quota/v1/evaluator/core`. What is used is in the quota's status: admission adds to it, the
//! controller counts anew when something is gone.

use std::collections::BTreeMap;

use crate::api::object::Object;
use crate::api::pod::is_terminal;
use crate::api::quantity::Quantity;
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::value::{Map, Value};
use crate::apiserver::registry::Handler;
use crate::apiserver::request::Actor;
use crate::apiserver::storage::Origin;

/// Amounts by resource.
pub type Usage = BTreeMap<String, Quantity>;

/// What one object uses up.
pub fn usage(object: &Object) -> Usage {
    let mut usage = Usage::new();
    let one = Quantity::from_units(1);
    let resource = object.kind.resource();
    usage.insert(format!("count/{}", resource.qualified_plural()), one);
    match object.kind {
        Kind::Pod => pod_usage(&mut usage, object),
        Kind::PersistentVolumeClaim => claim_usage(&mut usage, object),
        Kind::Service => service_usage(&mut usage, object),
        Kind::ConfigMap | Kind::Secret | Kind::ResourceQuota => {
            usage.insert(resource.plural.into(), one);
        }
        _ => {}
    }
    usage
}

fn pod_usage(usage: &mut Usage, pod: &Object) {
    if is_terminal(pod) {
        return;
    }
    usage.insert("pods".into(), Quantity::from_units(1));
    for (which, plain) in [("requests", true), ("limits", false)] {
        for (name, amount) in pod_sum(pod, which) {
            if plain {
                usage.insert(name.clone(), amount);
            }
            usage.insert(format!("{which}.{name}"), amount);
        }
    }
}

// The containers together, or an init container alone if it asks for more.
fn pod_sum(pod: &Object, which: &str) -> Usage {
    let mut sum = Usage::new();
    for container in pod.spec().get("containers").items() {
        for (name, amount) in container.path(&["resources", which]).entries() {
            let total = sum.entry(name.to_string()).or_insert(Quantity::ZERO);
            *total = match total.is_zero() {
                true => Quantity::of(amount),
                false => *total + Quantity::of(amount),
            };
        }
    }
    for container in pod.spec().get("initContainers").items() {
        for (name, amount) in container.path(&["resources", which]).entries() {
            let total = sum.entry(name.to_string()).or_insert(Quantity::ZERO);
            *total = (*total).max(Quantity::of(amount));
        }
    }
    sum
}

fn claim_usage(usage: &mut Usage, claim: &Object) {
    let one = Quantity::from_units(1);
    let storage = Quantity::of(claim.path(&["spec", "resources", "requests", "storage"]));
    usage.insert("persistentvolumeclaims".into(), one);
    usage.insert("requests.storage".into(), storage);
    let class = claim.spec().get("storageClassName").str();
    if !class.is_empty() {
        let prefix = format!("{class}.storageclass.storage.k8s.io");
        usage.insert(format!("{prefix}/requests.storage"), storage);
        usage.insert(format!("{prefix}/persistentvolumeclaims"), one);
    }
}

fn service_usage(usage: &mut Usage, service: &Object) {
    usage.insert("services".into(), Quantity::from_units(1));
    let ports = Quantity::from_units(service.spec().get("ports").items().len() as i64);
    match service.spec().get("type").str() {
        "NodePort" => {
            usage.insert("services.nodeports".into(), ports);
        }
        "LoadBalancer" => {
            usage.insert("services.nodeports".into(), ports);
            usage.insert("services.loadbalancers".into(), Quantity::from_units(1));
        }
        _ => {}
    }
}

/// Whether a quota is about an object at all (`spec.scopes`).
pub fn is_in_scope(quota: &Object, object: &Object) -> bool {
    let scopes = quota.spec().get("scopes").items();
    let selectors = quota.path(&["spec", "scopeSelector", "matchExpressions"]).items();
    if object.kind != Kind::Pod {
        return scopes.is_empty() && selectors.is_empty();
    }
    scopes.iter().all(|scope| pod_has_scope(object, scope.str(), &Value::Null))
        && selectors.iter().all(|s| pod_has_scope(object, s.get("scopeName").str(), s))
}

fn pod_has_scope(pod: &Object, scope: &str, selector: &Value) -> bool {
    let ends = !pod.spec().get("activeDeadlineSeconds").is_null();
    let best_effort = crate::apiserver::registry::pod::default::qos_class(pod) == "BestEffort";
    let class = pod.spec().get("priorityClassName").str();
    match scope {
        "Terminating" => ends,
        "NotTerminating" => !ends,
        "BestEffort" => best_effort,
        "NotBestEffort" => !best_effort,
        "PriorityClass" => {
            let listed = selector.get("values").items().iter().any(|v| v.str() == class);
            match selector.get("operator").str() {
                "In" => listed,
                "NotIn" => !listed,
                "DoesNotExist" => class.is_empty(),
                _ => !class.is_empty(),
            }
        }
        _ => false,
    }
}

/// Refuses what would be too much, and writes down what the rest uses up.
///
/// `old` is what the object used before an update.
pub fn admit(handler: &mut Handler, object: &Object, old: Option<&Object>) -> Result<(), Status> {
    if !object.kind.resource().namespaced || object.kind == Kind::Event {
        return Ok(());
    }
    let namespace = object.namespace();
    let quotas: Vec<Object> =
        handler.storage.list(Kind::ResourceQuota, Some(namespace)).cloned().collect();
    let mut charged = Vec::new();
    for quota in quotas.into_iter().filter(|quota| is_in_scope(quota, object)) {
        if let Some(quota) = charge(&quota, object, old)? {
            charged.push(quota);
        }
    }
    if handler.request.options.dry_run {
        return Ok(());
    }
    let origin = Origin { actor: Actor::System, now: handler.now, subresource: "status".into() };
    for quota in charged {
        handler.storage.put(&origin, quota);
    }
    Ok(())
}

// The quota with the object's use added, if that changes it.
fn charge(quota: &Object, object: &Object, old: Option<&Object>) -> Result<Option<Object>, Status> {
    let hard = quota.path(&["status", "hard"]);
    let refuse = |why: String| {
        Err(Status::forbidden(&object.kind.resource().qualified_plural(), object.name(), &why))
    };
    let missing = missing_amounts(quota, object, old);
    if !missing.is_empty() {
        return refuse(format!("failed quota: {}: must specify {missing}", quota.name()));
    }
    let before = old.map(usage).unwrap_or_default();
    let (mut over, mut charged) = (Vec::new(), quota.clone());
    for (name, amount) in usage(object) {
        let limit = hard.get(&name);
        let added = match before.get(&name) {
            Some(before) => amount - *before,
            None => amount,
        };
        if limit.is_null() || added.is_zero() {
            continue;
        }
        let used = Quantity::of(quota.path(&["status", "used", &name]));
        let total = if used.is_zero() { added } else { used + added };
        if !added.is_negative() && total > Quantity::of(limit) {
            over.push((name, added, used, Quantity::of(limit)));
        } else {
            charged.set(&["status", "used", &name], total.to_string());
        }
    }
    if over.is_empty() {
        return Ok((&charged != quota).then_some(charged));
    }
    let list = |pick: fn(&(String, Quantity, Quantity, Quantity)) -> Quantity| {
        let parts: Vec<String> =
            over.iter().map(|row| format!("{}={}", row.0, pick(row))).collect();
        parts.join(",")
    };
    let (requested, used, limited) = (list(|r| r.1), list(|r| r.2), list(|r| r.3));
    refuse(format!(
        "exceeded quota: {}, requested: {requested}, used: {used}, limited: {limited}",
        quota.name()
    ))
}

// A quota on CPU or memory wants every container to say what it needs.
fn missing_amounts(quota: &Object, pod: &Object, old: Option<&Object>) -> String {
    if pod.kind != Kind::Pod || old.is_some() {
        return String::new();
    }
    let mut parts = Vec::new();
    for (name, _) in quota.path(&["status", "hard"]).entries() {
        let (which, resource) = match name.split_once('.') {
            Some(pair) => pair,
            None => ("requests", name.as_str()),
        };
        let is_compute = matches!(resource, "cpu" | "memory");
        if !is_compute || !matches!(which, "requests" | "limits") {
            continue;
        }
        let lists = ["initContainers", "containers"].map(|list| pod.spec().get(list).items());
        let lacking = lists
            .concat()
            .iter()
            .filter(|c| c.path(&["resources", which, resource]).is_null())
            .map(|c| c.get("name").str().to_owned())
            .collect::<Vec<String>>();
        if !lacking.is_empty() {
            parts.push(format!("{name} for: {}", lacking.join(",")));
        }
    }
    parts.join("; ")
}

/// A quota's status counted anew over the objects of its namespace.
pub fn recount<'a>(quota: &Object, objects: impl Iterator<Item = &'a Object>) -> Value {
    let hard = quota.path(&["spec", "hard"]);
    let mut used: BTreeMap<String, Quantity> =
        hard.entries().map(|(name, _)| (name.to_string(), Quantity::ZERO)).collect();
    for object in objects.filter(|object| is_in_scope(quota, object)) {
        for (name, amount) in usage(object) {
            if let Some(total) = used.get_mut(&name) {
                *total = if total.is_zero() { amount } else { *total + amount };
            }
        }
    }
    let used: Map = used.into_iter().map(|(name, amount)| (name, amount.to_string())).collect();
    crate::value!({"hard": (hard), "used": (Value::from(used))})
}
