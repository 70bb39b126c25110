//! Defaults and bounds of what containers, Pods and claims ask for.
//!
//! Models `plugin/pkg/admission/limitranger`.

use crate::api::go;
use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::value::Value;
use crate::apiserver::registry::Handler;

/// Fills in what the containers of a Pod leave out.
pub fn admit(handler: &Handler, object: &mut Object) {
    if object.kind != Kind::Pod {
        return;
    }
    for range in ranges(handler, object) {
        fill(object, &range);
    }
}

fn ranges(handler: &Handler, object: &Object) -> Vec<Object> {
    let namespace = object.namespace();
    handler.storage.list(Kind::LimitRange, Some(namespace)).cloned().collect()
}

fn items<'a>(range: &'a Object, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let items = range.path(&["spec", "limits"]).items().iter();
    items.filter(move |item| item.get("type").str() == kind)
}

// Models mergePodResourceRequirements.
fn fill(pod: &mut Object, range: &Object) {
    let mut notes = Vec::new();
    for (list, noun) in [("initContainers", "init container"), ("containers", "container")] {
        for index in 0..pod.spec().get(list).items().len() {
            let mut container = pod.spec().get(list).at(index).clone();
            for item in items(range, "Container") {
                let name = container.get("name").str().to_owned();
                let set = merge(&mut container, "requests", item.get("defaultRequest"));
                note(&mut notes, &set, "request", noun, &name);
                let set = merge(&mut container, "limits", item.get("default"));
                note(&mut notes, &set, "limit", noun, &name);
            }
            if &container != pod.spec().get(list).at(index) {
                let list = pod.value.path_mut(&["spec", list]).items_mut();
                if let Some(place) = list.get_mut(index) {
                    *place = container;
                }
            }
        }
    }
    if !notes.is_empty() {
        let text = format!("LimitRanger plugin set: {}", notes.join("; "));
        pod.set(&["metadata", "annotations", "kubernetes.io/limit-ranger"], text);
    }
}

fn merge(container: &mut Value, which: &str, defaults: &Value) -> Vec<String> {
    let own = container.path(&["resources", which]);
    let missing = defaults.entries().filter(|(name, _)| own.get(name).is_null());
    let missing: Vec<_> = missing.map(|(name, amount)| (name.clone(), amount.clone())).collect();
    for (name, amount) in &missing {
        container.set(&["resources", which, name], amount);
    }
    missing.into_iter().map(|(name, _)| name.to_string()).collect()
}

fn note(notes: &mut Vec<String>, set: &[String], which: &str, noun: &str, name: &str) {
    if !set.is_empty() {
        notes.push(format!("{} {which} for {noun} {name}", set.join(", ")));
    }
}

/// Refuses what is out of bounds.
pub fn validate(handler: &Handler, object: &Object) -> Result<(), Status> {
    if !matches!(object.kind, Kind::Pod | Kind::PersistentVolumeClaim) {
        return Ok(());
    }
    for range in ranges(handler, object) {
        let mut complaints = Vec::new();
        match object.kind {
            Kind::Pod => check_pod(&mut complaints, object, &range),
            _ => check_claim(&mut complaints, object, &range),
        }
        if complaints.is_empty() {
            continue;
        }
        let why = go::aggregate(&complaints);
        let resource = object.kind.resource().qualified_plural();
        return Err(Status::forbidden(&resource, object.name(), &why));
    }
    Ok(())
}

fn check_pod(complaints: &mut Vec<String>, pod: &Object, range: &Object) {
    for item in items(range, "Container") {
        for list in ["containers", "initContainers"] {
            for container in pod.spec().get(list).items() {
                check(complaints, "Container", item, container.get("resources"));
            }
        }
    }
    for item in items(range, "Pod") {
        check(complaints, "Pod", item, &sum(pod));
    }
}

fn check_claim(complaints: &mut Vec<String>, claim: &Object, range: &Object) {
    for item in items(range, "PersistentVolumeClaim") {
        let requests = claim.path(&["spec", "resources", "requests"]);
        for (name, least) in item.get("min").entries() {
            below(complaints, "PersistentVolumeClaim", name, least, requests.get(name), None);
        }
        for (name, most) in item.get("max").entries() {
            let amount = requests.get(name);
            let head = maximum("PersistentVolumeClaim", name, most);
            if amount.is_null() {
                complaints.push(format!("{head}.  No request is specified"));
            } else if Quantity::of(amount) > Quantity::of(most) {
                complaints.push(format!("{head}, but request is {}", Quantity::of(amount)));
            }
        }
    }
}

fn maximum(noun: &str, name: &str, most: &Value) -> String {
    format!("maximum {name} usage per {noun} is {}", Quantity::of(most))
}

fn check(complaints: &mut Vec<String>, noun: &str, item: &Value, resources: &Value) {
    let (requests, limits) = (resources.get("requests"), resources.get("limits"));
    for (name, least) in item.get("min").entries() {
        below(complaints, noun, name, least, requests.get(name), Some(limits.get(name)));
    }
    for (name, most) in item.get("max").entries() {
        let (request, limit) = (requests.get(name), limits.get(name));
        let head = maximum(noun, name, most);
        let most = Quantity::of(most);
        if limit.is_null() {
            complaints.push(format!("{head}.  No limit is specified"));
        } else if Quantity::of(limit) > most {
            complaints.push(format!("{head}, but limit is {}", Quantity::of(limit)));
        } else if Quantity::of(request) > most {
            complaints.push(format!("{head}, but request is {}", Quantity::of(request)));
        }
    }
    for (name, most) in item.get("maxLimitRequestRatio").entries() {
        ratio(complaints, noun, name, most, requests.get(name), limits.get(name));
    }
}

// Models minConstraint.
fn below(
    complaints: &mut Vec<String>,
    noun: &str,
    name: &str,
    least: &Value,
    request: &Value,
    limit: Option<&Value>,
) {
    let head = format!("minimum {name} usage per {noun} is {}", Quantity::of(least));
    let least = Quantity::of(least);
    let limit = limit.filter(|limit| !limit.is_null() && Quantity::of(limit) < least);
    if request.is_null() {
        complaints.push(format!("{head}.  No request is specified"));
    } else if Quantity::of(request) < least {
        complaints.push(format!("{head}, but request is {}", Quantity::of(request)));
    } else if let Some(limit) = limit {
        complaints.push(format!("{head}, but limit is {}", Quantity::of(limit)));
    }
}

fn ratio(
    complaints: &mut Vec<String>,
    noun: &str,
    name: &str,
    most: &Value,
    request: &Value,
    limit: &Value,
) {
    let head = format!("{name} max limit to request ratio per {noun} is {}", Quantity::of(most));
    let (request, limit) = (Quantity::of(request).milli(), Quantity::of(limit).milli());
    if request == 0 {
        complaints.push(format!("{head}, but no request is specified or request is 0"));
    } else if limit == 0 {
        complaints.push(format!("{head}, but no limit is specified or limit is 0"));
    } else {
        let observed = limit as f64 / request as f64;
        if observed * 1000.0 > Quantity::of(most).milli() as f64 {
            complaints.push(format!("{head}, but provided ratio is {observed:.6}"));
        }
    }
}

// What all containers of a Pod ask for together.
fn sum(pod: &Object) -> Value {
    let mut sum = Value::object();
    for which in ["requests", "limits"] {
        for container in pod.spec().get("containers").items() {
            for (name, amount) in container.path(&["resources", which]).entries() {
                let total = Quantity::of(sum.path(&[which, name])) + Quantity::of(amount);
                sum.set(&[which, name], total.to_string());
            }
        }
    }
    sum
}
