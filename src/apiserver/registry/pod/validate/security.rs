//! Security contexts of Pods and containers.
//!
//! Models `validatePodSpecSecurityContext` and `ValidateSecurityContext`.

use crate::api::status::FieldError;
use crate::api::types::internal;
use crate::api::value::Value;
use crate::apiserver::registry::validation::Errors;
use crate::apiserver::registry::validation::numbers::{id, one_of};

/// Complaints about the context of a container.
pub fn container_context(errors: &mut Errors, path: &str, context: &Value) {
    if context.is_null() {
        return;
    }
    for field in ["runAsUser", "runAsGroup"] {
        id(errors, &format!("{path}.{field}"), context.get(field));
    }
    if !context.get("procMount").is_null() {
        let supported = ["Default", "Unmasked"];
        one_of(errors, &format!("{path}.procMount"), context.get("procMount"), &supported);
    }
    profile(errors, &format!("{path}.seccompProfile"), context.get("seccompProfile"));
    if context.get("allowPrivilegeEscalation").as_bool() != Some(false) {
        return;
    }
    let mut refuse = |what: &str| {
        let why = format!("cannot set `allowPrivilegeEscalation` to false and {what}");
        let value = internal::compact("SecurityContext", context);
        errors.push(FieldError::invalid_as_written(path, value, &why));
    };
    if context.get("privileged").is_true() {
        refuse("`privileged` to true");
    }
    let added = context.path(&["capabilities", "add"]).items();
    if added.iter().any(|capability| matches!(capability.str(), "CAP_SYS_ADMIN")) {
        refuse("`capabilities.Add` CAP_SYS_ADMIN");
    }
}

fn profile(errors: &mut Errors, path: &str, profile: &Value) {
    if profile.is_null() {
        return;
    }
    let supported = ["Localhost", "RuntimeDefault", "Unconfined"];
    let local = profile.get("localhostProfile").str();
    match profile.get("type").str() {
        "" => errors.push(FieldError::required(
            &format!("{path}.type"),
            "type is required when seccompProfile is set",
        )),
        "Localhost" if local.is_empty() => {
            let why = "must be set when seccomp type is Localhost";
            errors.push(FieldError::required(&format!("{path}.localhostProfile"), why));
        }
        "Localhost" => {}
        kind => {
            if !local.is_empty() {
                let why = "can only be set when seccomp type is Localhost";
                let path = format!("{path}.localhostProfile");
                errors.push(FieldError::invalid(&path, profile.get("localhostProfile"), why));
            }
            if !supported.contains(&kind) {
                one_of(errors, &format!("{path}.type"), profile.get("type"), &supported);
            }
        }
    }
}

/// Complaints about the context of a Pod and what its host network demands.
pub fn pod_context(errors: &mut Errors, path: &str, spec: &Value) {
    if spec.get("hostNetwork").is_true() {
        for list in ["containers", "initContainers"] {
            host_ports(errors, &format!("{path}.{list}"), spec.get(list).items());
        }
    }
    let (path, context) = (format!("{path}.securityContext"), spec.get("securityContext"));
    for field in ["fsGroup", "runAsUser", "runAsGroup"] {
        id(errors, &format!("{path}.{field}"), context.get(field));
    }
    for (index, group) in context.get("supplementalGroups").items().iter().enumerate() {
        id(errors, &format!("{path}.supplementalGroups[{index}]"), group);
    }
    if !context.get("fsGroupChangePolicy").is_null() {
        let supported = ["Always", "OnRootMismatch"];
        let policy = context.get("fsGroupChangePolicy");
        one_of(errors, &format!("{path}.fsGroupChangePolicy"), policy, &supported);
    }
    profile(errors, &format!("{path}.seccompProfile"), context.get("seccompProfile"));
    sysctls(errors, &format!("{path}.sysctls"), context.get("sysctls").items());
}

// Models validateSysctls.
fn sysctls(errors: &mut Errors, path: &str, sysctls: &[Value]) {
    for (index, sysctl) in sysctls.iter().enumerate() {
        let (path, name) = (format!("{path}[{index}].name"), sysctl.get("name"));
        if name.str().is_empty() {
            errors.push(FieldError::required(&path, ""));
        } else if !is_sysctl(name.str()) {
            let why = "must have at most 253 characters and match regex \
                       ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
            errors.push(FieldError::invalid(&path, name, why));
        } else if sysctls.iter().take(index).any(|other| other.get("name") == name) {
            errors.push(FieldError::duplicate(&path, name));
        }
    }
}

fn is_sysctl(name: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_segment = |segment: &str| {
        segment.starts_with(is_end)
            && segment.ends_with(is_end)
            && segment.chars().all(|c| is_end(c) || c == '-' || c == '_')
    };
    name.len() <= 253 && name.split(['.', '/']).all(is_segment)
}

fn host_ports(errors: &mut Errors, path: &str, containers: &[Value]) {
    for (index, container) in containers.iter().enumerate() {
        for (position, port) in container.get("ports").items().iter().enumerate() {
            let host = port.get("hostPort");
            if host.as_i64().unwrap_or(0) != port.get("containerPort").as_i64().unwrap_or(0)
                && !host.is_null()
            {
                let path = format!("{path}[{index}].ports[{position}].hostPort");
                let why = "must match `containerPort` when `hostNetwork` is true";
                errors.push(FieldError::invalid(&path, host, why));
            }
        }
    }
}
