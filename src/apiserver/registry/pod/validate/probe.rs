//! Probes and lifecycle hooks.
//!
//! Models `validateProbe`, `validateHandler` and `validateLifecycle`.

use crate::api::status::FieldError;
use crate::api::value::Value;
use crate::apiserver::registry::validation::numbers::{not_negative, one_of, port, port_or_name};
use crate::apiserver::registry::validation::{Errors, names};

/// Complaints about the hooks and the three probes of a container; `grace` is what its Pod is given
/// to end.
pub fn hooks_and_probes(errors: &mut Errors, path: &str, container: &Value, grace: Option<i64>) {
    for hook in ["postStart", "preStop"] {
        let action = container.path(&["lifecycle", hook]);
        if !action.is_null() {
            let path = format!("{path}.lifecycle.{hook}");
            handler(errors, &path, action);
            sleep(errors, &format!("{path}.sleep.seconds"), action, grace);
        }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let probe = container.get(name);
        if !probe.is_null() {
            check_probe(errors, &format!("{path}.{name}"), name, probe);
        }
    }
}

fn check_probe(errors: &mut Errors, path: &str, name: &str, probe: &Value) {
    handler(errors, path, probe);
    for field in [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ] {
        not_negative(errors, &format!("{path}.{field}"), probe.get(field));
    }
    let grace = probe.get("terminationGracePeriodSeconds");
    let grace_path = format!("{path}.terminationGracePeriodSeconds");
    if grace.as_i64().is_some_and(|seconds| seconds <= 0) {
        errors.push(FieldError::invalid(&grace_path, grace, "must be greater than 0"));
    }
    if name == "readinessProbe" {
        if !grace.is_null() {
            let why = "must not be set for readinessProbes";
            errors.push(FieldError::invalid(&grace_path, grace, why));
        }
    } else if probe.get("successThreshold").as_i64() != Some(1) {
        let path = format!("{path}.successThreshold");
        errors.push(FieldError::invalid(&path, probe.get("successThreshold"), "must be 1"));
    }
}

fn handler(errors: &mut Errors, path: &str, handler: &Value) {
    let mut count = 0;
    for kind in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
        let action = handler.get(kind);
        if action.is_null() {
            continue;
        }
        let path = format!("{path}.{kind}");
        if count > 0 {
            let why = "may not specify more than 1 handler type";
            errors.push(FieldError::forbidden(&path, why));
            continue;
        }
        count += 1;
        match kind {
            "exec" => {
                if action.get("command").items().is_empty() {
                    errors.push(FieldError::required(&format!("{path}.command"), ""));
                }
            }
            "httpGet" => http_get(errors, &path, action),
            "tcpSocket" => port_or_name(errors, &format!("{path}.port"), action.get("port")),
            "grpc" => port(errors, &format!("{path}.port"), action.get("port")),
            // The length of a sleep is looked at beside the Pod's grace period.
            _ => {}
        }
    }
    if count == 0 {
        errors.push(FieldError::required(path, "must specify a handler type"));
    }
}

// Models validateSleepAction.
fn sleep(errors: &mut Errors, path: &str, action: &Value, grace: Option<i64>) {
    let seconds = action.path(&["sleep", "seconds"]);
    let Some(grace) = grace else { return };
    if seconds.as_i64().is_some_and(|seconds| seconds < 0 || seconds > grace) {
        let why =
            format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
        errors.push(FieldError::invalid(path, seconds, &why));
    }
}

fn http_get(errors: &mut Errors, path: &str, action: &Value) {
    if action.get("path").str().is_empty() {
        errors.push(FieldError::required(&format!("{path}.path"), ""));
    }
    port_or_name(errors, &format!("{path}.port"), action.get("port"));
    one_of(errors, &format!("{path}.scheme"), action.get("scheme"), &["HTTP", "HTTPS"]);
    for header in action.get("httpHeaders").items() {
        let name = header.get("name").str();
        names::add(errors, &format!("{path}.httpHeaders"), name, names::header_name(name));
    }
}
