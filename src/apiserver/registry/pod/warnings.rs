//! What a client should know about a Pod though it is accepted.
//!
//! Models `pkg/api/pod/warnings.go` and `pkg/api/persistentvolumeclaim/util.go`.

use crate::api::quantity::Quantity;
use crate::api::value::Value;
use crate::apiserver::registry::validation::numbers::quantity_text;

/// Warnings about a Pod template at `path`.
pub fn template(path: &str, template: &Value) -> Vec<String> {
    pod_spec(&format!("{path}.spec"), template.get("spec"))
}

/// Warnings about a Pod spec at `path`.
pub fn pod_spec(path: &str, spec: &Value) -> Vec<String> {
    let mut warnings = Vec::new();
    old_labels(&mut warnings, path, spec);
    for (index, secret) in spec.get("imagePullSecrets").items().iter().enumerate() {
        if secret.get("name").str().is_empty() {
            warnings
                .push(format!("{path}.imagePullSecrets[{index}].name: invalid empty name \"\""));
        }
    }
    for (index, volume) in spec.get("volumes").items().iter().enumerate() {
        old_volume(&mut warnings, &format!("{path}.volumes[{index}]"), volume);
    }
    for list in ["initContainers", "containers"] {
        for (index, container) in spec.get(list).items().iter().enumerate() {
            amounts(&mut warnings, &format!("{path}.{list}[{index}]"), container);
            hidden_variables(&mut warnings, &format!("{path}.{list}[{index}]"), container);
        }
    }
    if spec.get("terminationGracePeriodSeconds").as_i64().is_some_and(|seconds| seconds < 0) {
        warnings.push(format!(
            "{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and \
             will be treated as 1"
        ));
    }
    duplicate_ports(&mut warnings, path, spec);
    warnings
}

const OLD_LABELS: [(&str, &str, &str); 6] = [
    ("beta.kubernetes.io/arch", "v1.14", "kubernetes.io/arch"),
    ("beta.kubernetes.io/instance-type", "v1.17", "node.kubernetes.io/instance-type"),
    ("beta.kubernetes.io/os", "v1.14", "kubernetes.io/os"),
    ("failure-domain.beta.kubernetes.io/region", "v1.17", "topology.kubernetes.io/region"),
    ("failure-domain.beta.kubernetes.io/zone", "v1.17", "topology.kubernetes.io/zone"),
    ("failure-domain.kubernetes.io/zone", "v1.17", "topology.kubernetes.io/zone"),
];

fn old_labels(warnings: &mut Vec<String>, path: &str, spec: &Value) {
    for (key, _) in spec.get("nodeSelector").entries() {
        if let Some((old, since, new)) = OLD_LABELS.iter().find(|(old, ..)| old == key) {
            warnings.push(format!(
                "{path}.nodeSelector[{old}]: deprecated since {since}; use {new:?} instead"
            ));
        }
    }
}

fn old_volume(warnings: &mut Vec<String>, path: &str, volume: &Value) {
    const OLD: [(&str, &str); 4] = [
        ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("gitRepo", "deprecated in v1.11"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ];
    for (source, text) in OLD {
        if !volume.get(source).is_null() {
            warnings.push(format!("{path}.{source}: {text}"));
        }
    }
}

fn amounts(warnings: &mut Vec<String>, path: &str, container: &Value) {
    for resource in ["memory", "ephemeral-storage"] {
        for which in ["limits", "requests"] {
            let amount = container.path(&["resources", which, resource]);
            let path = format!("{path}.resources.{which}[{resource}]");
            fractional(warnings, &path, amount);
        }
    }
}

fn fractional(warnings: &mut Vec<String>, path: &str, amount: &Value) {
    if Quantity::of(amount).milli() % 1000 != 0 {
        let amount = quantity_text(amount);
        warnings.push(format!(
            "{path}: fractional byte value {:?} is invalid, must be an integer",
            amount.str()
        ));
    }
}

/// Warnings about the spec of a claim.
pub fn claim(path: &str, spec: &Value) -> Vec<String> {
    let mut warnings = Vec::new();
    let amount = spec.path(&["resources", "requests", "storage"]);
    fractional(&mut warnings, &format!("{path}.resources.requests[storage]"), amount);
    warnings
}

fn hidden_variables(warnings: &mut Vec<String>, path: &str, container: &Value) {
    let variables = container.get("env").items();
    for (index, variable) in variables.iter().enumerate() {
        let name = variable.get("name");
        if variables.iter().take(index).any(|other| other.get("name") == name) {
            warnings.push(format!(
                "{path}.env[{index}]: hides previous definition of {:?}, which may be dropped \
                 when using apply",
                name.str()
            ));
        }
    }
}

// Models warningsForContainerPorts: within a container and across containers.
fn duplicate_ports(warnings: &mut Vec<String>, path: &str, spec: &Value) {
    let mut seen: Vec<(String, Value)> = Vec::new();
    for (index, container) in spec.get("containers").items().iter().enumerate() {
        for (position, port) in container.get("ports").items().iter().enumerate() {
            let path = format!("{path}.containers[{index}].ports[{position}]");
            let same = |other: &Value| {
                ["containerPort", "protocol"].iter().all(|f| other.get(f) == port.get(f))
                    && ["hostPort", "hostIP"].iter().all(|f| other.get(f) == port.get(f))
            };
            match seen.iter().find(|(_, other)| same(other)) {
                Some((first, _)) => {
                    warnings.push(format!("{path}: duplicate port definition with {first}"));
                }
                None => seen.push((path, port.clone())),
            }
        }
    }
}
