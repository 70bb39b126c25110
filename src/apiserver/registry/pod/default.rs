//! Defaults of Pods and of Pod templates.
//!
//! Models `SetDefaults_Pod`, `SetDefaults_PodSpec`, `SetDefaults_Container` and their siblings in
//! `pkg/apis/core/v1/defaults.go`. Zero values have been taken out before.

use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::value::Value;
use crate::apiserver::registry::defaulting::{absent, each, empty, within};
use crate::apiserver::registry::{config, image};
use crate::value;

/// Fills in what a Pod leaves out.
pub fn default(pod: &mut Object) {
    within(&mut pod.value, "spec", |spec| {
        default_spec(spec);
        absent(spec, "enableServiceLinks", true);
        let host_network = spec.get("hostNetwork").is_true();
        for list in ["containers", "initContainers"] {
            each(spec, list, |container| {
                default_requests(container);
                if host_network {
                    each(container, "ports", |port| {
                        let number = port.get("containerPort").clone();
                        absent(port, "hostPort", number);
                    });
                }
            });
        }
    });
}

/// Fills in what a Pod template leaves out.
pub fn default_template(template: &mut Value) {
    within(template, "spec", default_spec);
}

fn default_spec(spec: &mut Value) {
    empty(spec, "restartPolicy", "Always");
    empty(spec, "dnsPolicy", "ClusterFirst");
    empty(spec, "schedulerName", "default-scheduler");
    absent(spec, "terminationGracePeriodSeconds", 30);
    absent(spec, "securityContext", Value::object());
    default_service_account(spec);
    each(spec, "volumes", default_volume);
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        each(spec, list, default_container);
    }
}

// The old name of the field says the same.
fn default_service_account(spec: &mut Value) {
    let (name, old_name) = (spec.get("serviceAccountName"), spec.get("serviceAccount"));
    if !name.str().is_empty() {
        if name != old_name {
            let name = name.clone();
            spec.set(&["serviceAccount"], name);
        }
    } else if !old_name.str().is_empty() {
        let old_name = old_name.clone();
        spec.set(&["serviceAccountName"], old_name);
    }
}

fn default_container(container: &mut Value) {
    if container.get("imagePullPolicy").str().is_empty() {
        let policy = match image::is_latest(container.get("image").str()) {
            true => "Always",
            false => "IfNotPresent",
        };
        container.set(&["imagePullPolicy"], policy);
    }
    // ContainerStopSignals is alpha: the field is dropped (`dropDisabledFields`).
    if !container.path(&["lifecycle", "stopSignal"]).is_null() {
        container.remove(&["lifecycle", "stopSignal"]);
    }
    empty(container, "terminationMessagePath", "/dev/termination-log");
    empty(container, "terminationMessagePolicy", "File");
    within(container, "resources", round_up_amounts);
    each(container, "ports", |port| empty(port, "protocol", "TCP"));
    each(container, "env", |variable| {
        within(variable, "valueFrom", |source| within(source, "fieldRef", default_field));
    });
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        within(container, probe, default_probe);
    }
    within(container, "lifecycle", |lifecycle| {
        for hook in ["postStart", "preStop"] {
            within(lifecycle, hook, |hook| within(hook, "httpGet", default_http_get));
        }
    });
}

fn default_field(field: &mut Value) {
    empty(field, "apiVersion", "v1");
}

fn default_probe(probe: &mut Value) {
    for (field, number) in [
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ] {
        absent(probe, field, number);
    }
    within(probe, "httpGet", default_http_get);
    within(probe, "grpc", |grpc| absent(grpc, "service", ""));
}

fn default_http_get(action: &mut Value) {
    empty(action, "path", "/");
    empty(action, "scheme", "HTTP");
}

// What is limited and not asked for is asked for, resource by resource.
fn default_requests(container: &mut Value) {
    let limits = container.path(&["resources", "limits"]);
    let requests = container.path(&["resources", "requests"]);
    let missing = limits.entries().filter(|(name, _)| requests.get(name).is_null());
    let missing: Vec<_> = missing.map(|(name, amount)| (name.clone(), amount.clone())).collect();
    for (name, amount) in missing {
        container.set(&["resources", "requests", &name], amount);
    }
}

/// Fills in what a volume leaves out.
pub fn default_volume(volume: &mut Value) {
    let sources = volume.as_object().map_or(0, |map| {
        map.iter().filter(|(key, value)| key.as_str() != "name" && !value.is_null()).count()
    });
    if sources == 0 {
        volume.set(&["emptyDir"], Value::object());
    }
    for source in ["configMap", "secret", "downwardAPI", "projected"] {
        within(volume, source, |source| absent(source, "defaultMode", 420));
    }
    within(volume, "hostPath", |path| absent(path, "type", ""));
    within(volume, "downwardAPI", default_downward_items);
    within(volume, "projected", |projected| each(projected, "sources", default_projection));
    config::default_source(volume);
    within(volume, "ephemeral", |ephemeral| {
        within(ephemeral, "volumeClaimTemplate", |template| {
            within(template, "spec", default_claim_spec);
        });
    });
}

fn default_downward_items(source: &mut Value) {
    each(source, "items", |item| within(item, "fieldRef", default_field));
}

fn default_projection(source: &mut Value) {
    within(source, "downwardAPI", default_downward_items);
    within(source, "serviceAccountToken", |token| absent(token, "expirationSeconds", 3600));
}

/// Fills in what the spec of a claim leaves out.
pub fn default_claim_spec(spec: &mut Value) {
    empty(spec, "volumeMode", "Filesystem");
    within(spec, "resources", round_up_amounts);
}

fn round_up_amounts(resources: &mut Value) {
    within(resources, "limits", config::round_up);
    within(resources, "requests", config::round_up);
}

/// The quality-of-service class of a Pod.
///
/// Models `qos.ComputePodQOS` in `pkg/apis/core/v1/helper/qos`.
pub fn qos_class(pod: &Object) -> &'static str {
    let spec = pod.spec();
    let lists = [spec.get("containers").items(), spec.get("initContainers").items()];
    let amount = |container: &Value, which: &str, resource: &str| {
        Quantity::of(container.path(&["resources", which, resource]))
    };
    let (mut any, mut guaranteed) = (false, true);
    for container in lists.concat() {
        for resource in ["cpu", "memory"] {
            let limit = amount(&container, "limits", resource);
            let request = amount(&container, "requests", resource);
            any |= !limit.is_zero() || !request.is_zero();
            guaranteed &= !limit.is_zero() && limit == request;
        }
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// The status of a new Pod.
pub fn initial_status(pod: &Object) -> Value {
    let mut status = value!({"phase": "Pending", "qosClass": (qos_class(pod))});
    // Models applySchedulingGatedCondition.
    if !pod.spec().get("schedulingGates").items().is_empty() {
        let condition = value!({
            "type": "PodScheduled",
            "status": "False",
            "lastProbeTime": null,
            "lastTransitionTime": null,
            "reason": "SchedulingGated",
            "message": "Scheduling is blocked due to non-empty scheduling gates",
        });
        status.set(&["conditions"], value!([condition]));
    }
    status
}
