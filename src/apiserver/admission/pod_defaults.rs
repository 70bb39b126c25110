//! What every Pod is given: service account, token volume, tolerations, priority.
//!
//! Models `plugin/pkg/admission/{serviceaccount,defaulttolerationseconds,priority}`.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::value::Value;
use crate::apiserver::registry::Handler;
use crate::apiserver::registry::defaulting::{absent, each};
use crate::value;

/// Where containers find their token.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

thread_local! {
    // Shared by all Pods, as they are the same in each.
    static TOLERATIONS: Value = value!([
        {"effect": "NoExecute", "key": "node.kubernetes.io/not-ready",
         "operator": "Exists", "tolerationSeconds": 300},
        {"effect": "NoExecute", "key": "node.kubernetes.io/unreachable",
         "operator": "Exists", "tolerationSeconds": 300},
    ]);
    static TOKEN_SOURCE: Value = value!({
        "defaultMode": 420,
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {
                "items": [{"key": "ca.crt", "path": "ca.crt"}],
                "name": "kube-root-ca.crt",
            }},
            {"downwardAPI": {"items": [{
                "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                "path": "namespace",
            }]}},
        ],
    });
}

/// Changes a new Pod.
pub fn admit(handler: &mut Handler, pod: &mut Object) -> Result<(), Status> {
    admit_service_account(handler, pod)?;
    admit_priority(handler, pod)?;
    add_tolerations(pod);
    refuse_runtime_class(pod)
}

/// Changes a changed Pod: priority is kept, missing tolerations come back.
pub fn admit_update(pod: &mut Object, existing: &Object) {
    for field in ["priority", "preemptionPolicy"] {
        let old = existing.spec().get(field);
        if pod.spec().get(field).is_null() && !old.is_null() {
            pod.set(&["spec", field], old);
        }
    }
    if pod.spec() != existing.spec() {
        add_tolerations(pod);
    }
}

// There are no RuntimeClasses here; models plugin/pkg/admission/runtimeclass.
fn refuse_runtime_class(pod: &Object) -> Result<(), Status> {
    match pod.spec().get("runtimeClassName").as_str() {
        None | Some("") => Ok(()),
        Some(name) => {
            let why = format!("pod rejected: RuntimeClass {name:?} not found");
            Err(forbidden(pod, &why))
        }
    }
}

fn forbidden(pod: &Object, why: &str) -> Status {
    let name = match pod.name() {
        "" => pod.metadata().get("generateName").str(),
        name => name,
    };
    Status::forbidden("pods", name, why)
}

fn admit_service_account(handler: &mut Handler, pod: &mut Object) -> Result<(), Status> {
    if pod.spec().get("serviceAccountName").str().is_empty() {
        pod.set(&["spec", "serviceAccountName"], "default");
    }
    let name = pod.spec().get("serviceAccountName").str().to_owned();
    let key = ObjectKey::new(Kind::ServiceAccount, pod.namespace(), name.as_str());
    let Some(account) = handler.storage.get(&key) else {
        let why = format!(
            "error looking up service account {}/{name}: serviceaccount {name:?} not found",
            pod.namespace()
        );
        return Err(forbidden(pod, &why));
    };
    let wanted = match pod.spec().get("automountServiceAccountToken").as_bool() {
        Some(wanted) => wanted,
        None => account.path(&["automountServiceAccountToken"]).as_bool() != Some(false),
    };
    pod.set(&["spec", "serviceAccount"], name);
    if wanted {
        mount_token(handler, pod);
    }
    Ok(())
}

// Models serviceaccount.Plugin.mountServiceAccountToken.
fn mount_token(handler: &mut Handler, pod: &mut Object) {
    let volumes = pod.spec().get("volumes").items();
    let old = volumes.iter().find(|v| v.get("name").str().starts_with("kube-api-access-"));
    let (name, is_new) = match old {
        Some(volume) => (volume.get("name").str().to_owned(), false),
        None => (format!("kube-api-access-{}", handler.choice.suffix(5)), true),
    };
    let mount = value!({"mountPath": TOKEN_PATH, "name": (name.as_str()), "readOnly": true});
    let mut used = false;
    let spec = pod.value.path_mut(&["spec"]);
    for list in ["initContainers", "containers"] {
        each(spec, list, |container| {
            let mounts = container.get("volumeMounts").items();
            if !mounts.iter().any(|m| m.get("mountPath").str() == TOKEN_PATH) {
                container.path_mut(&["volumeMounts"]).array_mut().push(mount.clone());
                used = true;
            }
        });
    }
    if used && is_new {
        let projected = TOKEN_SOURCE.with(Value::clone);
        let volume = value!({"name": (name), "projected": (projected)});
        spec.path_mut(&["volumes"]).array_mut().push(volume);
    }
}

fn admit_priority(handler: &Handler, pod: &mut Object) -> Result<(), Status> {
    let class = pod.spec().get("priorityClassName").str().to_owned();
    let found = match class.as_str() {
        "" => default_class(handler),
        name => {
            let key = ObjectKey::new(Kind::PriorityClass, "", name);
            let Some(found) = handler.storage.get(&key).cloned() else {
                let why = format!("no PriorityClass with name {name} was found");
                return Err(forbidden(pod, &why));
            };
            Some(found)
        }
    };
    let field = |name: &str| found.as_ref().map(|class| class.path(&[name]).clone());
    let value = field("value").and_then(|v| v.as_i64()).unwrap_or(0);
    let policy = field("preemptionPolicy").unwrap_or_default();
    if let (true, Some(found)) = (class.is_empty(), &found) {
        pod.set(&["spec", "priorityClassName"], found.name());
    }
    let given = pod.spec().get("priority");
    if given.as_i64().is_some_and(|given| given != value) {
        let why = format!(
            "the integer value of priority ({}) must not be provided in pod spec; priority \
             admission controller computed {value} from the given PriorityClass name",
            given.as_i64().unwrap_or(0)
        );
        return Err(forbidden(pod, &why));
    }
    pod.set(&["spec", "priority"], value);
    let policy = match policy.str() {
        "" => "PreemptLowerPriority",
        policy => policy,
    };
    absent(pod.value.path_mut(&["spec"]), "preemptionPolicy", policy);
    Ok(())
}

fn default_class(handler: &Handler) -> Option<Object> {
    let classes = handler.storage.list(Kind::PriorityClass, None);
    let defaults = classes.filter(|class| class.path(&["globalDefault"]).is_true());
    defaults.min_by_key(|class| class.path(&["value"]).as_i64()).cloned()
}

/// Adds the two tolerations that give a Pod five minutes on a lost node.
pub fn add_tolerations(pod: &mut Object) {
    let own = pod.spec().get("tolerations");
    let defaults = TOLERATIONS.with(Value::clone);
    if own.items().is_empty() {
        pod.set(&["spec", "tolerations"], defaults);
        return;
    }
    let tolerates = |own: &Value, wanted: &Value| {
        own.items().iter().any(|t| {
            let key = t.get("key").str();
            let effect = t.get("effect").str();
            (key.is_empty() || key == wanted.get("key").str())
                && (effect.is_empty() || effect == "NoExecute")
        })
    };
    let missing = defaults.items().iter().filter(|wanted| !tolerates(own, wanted));
    let missing: Vec<Value> = missing.cloned().collect();
    if !missing.is_empty() {
        pod.value.path_mut(&["spec", "tolerations"]).array_mut().extend(missing);
    }
}
