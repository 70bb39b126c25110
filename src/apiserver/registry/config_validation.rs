//! What is wrong with ConfigMaps, Secrets, budgets and other small kinds.
//!
//! Models `pkg/apis/core/validation`, `pkg/apis/policy/validation`, `pkg/apis/scheduling/validation`.

use crate::api::object::Object;
use crate::api::status::FieldError;
use crate::api::types::internal;
use crate::api::value::Value;

use super::validation::metadata::IMMUTABLE;
use super::validation::numbers::{at_most_all, count_or_percentage, one_of, within};
use super::validation::{Errors, names, selector};

/// The most bytes that a ConfigMap or Secret holds.
const SIZE_MAX: usize = 1024 * 1024;

/// Complaints about a ConfigMap.
pub fn config_map(errors: &mut Errors, config_map: &Object) {
    let (data, binary) = (config_map.path(&["data"]), config_map.path(&["binaryData"]));
    let mut size = 0;
    for (key, value) in data.entries() {
        let path = format!("data[{key}]");
        names::add(errors, &path, key, names::config_key(key));
        if !binary.get(key).is_null() {
            let why = "duplicate of key present in binaryData";
            errors.push(FieldError::invalid(&path, &key.into(), why));
        }
        size += value.str().len();
    }
    for (key, value) in binary.entries() {
        names::add(errors, &format!("binaryData[{key}]"), key, names::config_key(key));
        size += value.str().len() / 4 * 3;
    }
    if size > SIZE_MAX {
        errors.push(FieldError::too_long("", &format!("may not be more than {SIZE_MAX} bytes")));
    }
}

/// Complaints about a change of a ConfigMap or Secret that is frozen.
pub fn frozen(errors: &mut Errors, object: &Object, existing: &Object, fields: &[&str]) {
    if !existing.path(&["immutable"]).is_true() {
        return;
    }
    let why = "field is immutable when `immutable` is set";
    if !object.path(&["immutable"]).is_true() {
        errors.push(FieldError::forbidden("immutable", why));
    }
    for field in fields {
        if object.path(&[field]) != existing.path(&[field]) {
            errors.push(FieldError::forbidden(field, why));
        }
    }
}

const SERVICE_ACCOUNT_NAME: &str = "kubernetes.io/service-account.name";

/// Complaints about a Secret.
pub fn secret(errors: &mut Errors, secret: &Object) {
    let data = secret.path(&["data"]);
    let mut size = 0;
    for (key, value) in data.entries() {
        names::add(errors, &format!("data[{key}]"), key, names::config_key(key));
        size += value.str().len() / 4 * 3;
    }
    if size > SIZE_MAX {
        let why = format!("may not be more than {SIZE_MAX} bytes");
        errors.push(FieldError::too_long("data", &why));
    }
    if secret.path(&["type"]).str() == "kubernetes.io/service-account-token"
        && secret.annotation(SERVICE_ACCOUNT_NAME).unwrap_or_default().is_empty()
    {
        let path = format!("metadata.annotations[{SERVICE_ACCOUNT_NAME}]");
        errors.push(FieldError::required(&path, ""));
    }
    let required: &[&str] = match secret.path(&["type"]).str() {
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        // Either of the two would do.
        "kubernetes.io/basic-auth"
            if data.get("username").is_null() && data.get("password").is_null() =>
        {
            &["username", "password"]
        }
        _ => &[],
    };
    for key in required {
        let (path, value) = (format!("data[{key}]"), data.get(key));
        if value.is_null() {
            errors.push(FieldError::required(&path, ""));
        } else if key.starts_with(".docker") {
            docker_config(errors, &path, value.str());
        }
    }
}

/// What Go's scanner says to a word that begins like `true`, `false` or `null`.
fn misspelt_literal(text: &str) -> Option<String> {
    let first = text.chars().next()?;
    let literal = ["true", "false", "null"].into_iter().find(|word| word.starts_with(first))?;
    let mut pairs = text.chars().zip(literal.chars());
    let (found, wanted) = pairs.find(|(found, wanted)| found != wanted)?;
    Some(format!("invalid character '{found}' in literal {literal} (expecting '{wanted}')"))
}

fn docker_config(errors: &mut Errors, path: &str, encoded: &str) {
    let bytes = super::config::from_base64(encoded);
    let text = String::from_utf8_lossy(&bytes);
    let trimmed = text.trim_start();
    if serde_json::from_str::<Value>(&text).is_ok() {
        return;
    }
    let why = misspelt_literal(trimmed).unwrap_or_else(|| match trimmed.chars().next() {
        Some(c) if !"{[\"-0123456789tfn".contains(c) => {
            format!("invalid character '{c}' looking for beginning of value")
        }
        _ => "unexpected end of JSON input".to_owned(),
    });
    errors.push(FieldError::invalid_as_written(path, "\"<secret contents redacted>\"", &why));
}

/// Complaints about a change of a Secret.
pub fn secret_immutable(errors: &mut Errors, secret: &Object, existing: &Object) {
    if secret.path(&["type"]) != existing.path(&["type"]) {
        errors.push(FieldError::invalid("type", secret.path(&["type"]), IMMUTABLE));
    }
    frozen(errors, secret, existing, &["data"]);
}

/// Complaints about a disruption budget.
pub fn budget(errors: &mut Errors, budget: &Object) {
    let spec = budget.spec();
    let (least, most) = (spec.get("minAvailable"), spec.get("maxUnavailable"));
    if !least.is_null() && !most.is_null() {
        let why = "minAvailable and maxUnavailable cannot be both set";
        let written = internal::compact("PodDisruptionBudgetSpec", spec);
        errors.push(FieldError::invalid_as_written("spec", written, why));
    }
    for (field, count) in [("minAvailable", least), ("maxUnavailable", most)] {
        let path = format!("spec.{field}");
        count_or_percentage(errors, &path, count);
        at_most_all(errors, &path, count);
    }
    selector::label_selector(errors, "spec.selector", spec.get("selector"));
    let policy = spec.get("unhealthyPodEvictionPolicy");
    if !policy.is_null() {
        let supported = ["AlwaysAllow", "IfHealthyBudget"];
        one_of(errors, "spec.unhealthyPodEvictionPolicy", policy, &supported);
    }
}

/// Complaints about the Pod security labels of a namespace.
///
/// Models `plugin/pkg/admission/podsecurity` on namespaces.
pub fn namespace(errors: &mut Errors, namespace: &Object) {
    for mode in ["enforce", "audit", "warn"] {
        let label = format!("pod-security.kubernetes.io/{mode}");
        let path = format!("metadata.labels[{label}]");
        if let Some(level) = namespace.label(&label) {
            if !matches!(level, "privileged" | "baseline" | "restricted") {
                let why = "must be one of privileged, baseline, restricted";
                errors.push(FieldError::invalid(&path, &level.into(), why));
            }
        }
        let label = format!("{label}-version");
        if let Some(version) = namespace.label(&label) {
            let is_version = version == "latest"
                || version.strip_prefix("v1.").is_some_and(|v| v.parse::<u32>().is_ok());
            if !is_version {
                let path = format!("metadata.labels[{label}]");
                let why = "must be \"latest\" or \"v1.x\"";
                errors.push(FieldError::invalid(&path, &version.into(), why));
            }
        }
    }
}

/// Complaints about a priority class.
pub fn priority_class(errors: &mut Errors, class: &Object) {
    let value = class.path(&["value"]);
    let is_system = class.name().starts_with("system-");
    if is_system && !matches!(class.name(), "system-node-critical" | "system-cluster-critical") {
        let name = class.name();
        let why = format!(
            "priority class names with 'system-' prefix are reserved for system use only. error: \
             {name} is not a known system priority class"
        );
        errors.push(FieldError::forbidden("metadata.name", &why));
    } else if !is_system && value.as_i64().is_some_and(|value| value > 1_000_000_000) {
        let why = "maximum allowed value of a user defined priority is 1000000000";
        errors.push(FieldError::forbidden("value", why));
    }
    let policy = class.path(&["preemptionPolicy"]);
    one_of(errors, "preemptionPolicy", policy, &["Never", "PreemptLowerPriority"]);
}

/// Complaints about a change of a priority class.
pub fn priority_class_immutable(errors: &mut Errors, class: &Object, existing: &Object) {
    for field in ["value", "preemptionPolicy"] {
        if class.path(&[field]) != existing.path(&[field]) {
            let why = "may not be changed in an update.";
            match field {
                "value" => errors.push(FieldError::forbidden("value", why)),
                _ => errors.push(FieldError::invalid(field, class.path(&[field]), IMMUTABLE)),
            }
        }
    }
}

/// Complaints about a change of a revision's data.
pub fn revision_immutable(errors: &mut Errors, revision: &Object, existing: &Object) {
    if revision.path(&["data"]) != existing.path(&["data"]) {
        errors.push(FieldError::invalid("data", revision.path(&["data"]), IMMUTABLE));
    }
}

/// Complaints about an EndpointSlice.
///
/// Models `ValidateEndpointSlice` in `pkg/apis/discovery/validation`.
pub fn endpoint_slice(errors: &mut Errors, slice: &Object, existing: Option<&Object>) {
    let kind = slice.path(&["addressType"]);
    match kind.str() {
        "" => errors.push(FieldError::required("addressType", "")),
        _ => one_of(errors, "addressType", kind, &["FQDN", "IPv4", "IPv6"]),
    }
    if existing.is_none_or(|existing| existing.path(&["ports"]) != slice.path(&["ports"])) {
        slice_ports(errors, slice.path(&["ports"]).items());
    }
    // What the stored slice has was found valid before.
    let known = existing.filter(|existing| existing.path(&["addressType"]) == kind);
    let known = known.map_or(&Value::Null, |existing| existing.path(&["endpoints"]));
    for (index, endpoint) in slice.path(&["endpoints"]).items().iter().enumerate() {
        if endpoint.is_same(known.at(index)) {
            continue;
        }
        let path = || format!("endpoints[{index}].addresses");
        let addresses = endpoint.get("addresses").items();
        if addresses.is_empty() {
            errors.push(FieldError::required(&path(), "must contain at least 1 address"));
        }
        for (index, address) in addresses.iter().enumerate() {
            let path = || format!("{}[{index}]", path());
            match kind.str() {
                "IPv4" if address.str().parse::<std::net::Ipv4Addr>().is_err() => {
                    let why = "must be a valid IPv4 address";
                    errors.push(FieldError::invalid(&path(), address, why));
                }
                "IPv6" if address.str().parse::<std::net::Ipv6Addr>().is_err() => {
                    let why = "must be a valid IPv6 address";
                    errors.push(FieldError::invalid(&path(), address, why));
                }
                _ => {}
            }
        }
    }
}

// Models validatePorts in pkg/apis/discovery/validation.
fn slice_ports(errors: &mut Errors, ports: &[Value]) {
    for (index, port) in ports.iter().enumerate() {
        let path = format!("ports[{index}]");
        let name = port.get("name").str();
        if !name.is_empty() {
            names::add(errors, &format!("{path}.name"), name, names::dns_label(name));
        }
        if ports.iter().take(index).any(|other| other.get("name").str() == name) {
            errors.push(FieldError::duplicate(&format!("{path}.name"), &name.into()));
        }
        let protocol = port.get("protocol");
        if !protocol.is_null() {
            one_of(errors, &format!("{path}.protocol"), protocol, &["SCTP", "TCP", "UDP"]);
        }
        within(errors, &format!("{path}.port"), port.get("port"), 1, 65_535);
    }
}
