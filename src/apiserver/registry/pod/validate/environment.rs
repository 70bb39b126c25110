//! Environment variables of a container.
//!
//! Models `ValidateEnv`, `ValidateEnvFrom` and the selectors in them.

use crate::api::status::FieldError;
use crate::api::value::Value;
use crate::apiserver::registry::validation::{Errors, names};

const ENV_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

const ENV_RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

// What a field path may name at all, whether or not it is of use here.
const POD_FIELDS: &[&str] = &[
    "metadata.annotations",
    "metadata.labels",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.hostNetwork",
    "status.phase",
    "status.nominatedNodeName",
];

/// Complaints about variables.
pub fn variables(errors: &mut Errors, path: &str, variables: &Value) {
    for (index, variable) in variables.items().iter().enumerate() {
        let path = format!("{path}[{index}]");
        match variable.get("name").str() {
            "" => errors.push(FieldError::required(&format!("{path}.name"), "")),
            name => {
                names::add(errors, &format!("{path}.name"), name, names::environment_name(name))
            }
        }
        value_from(errors, &format!("{path}.valueFrom"), variable);
    }
}

fn value_from(errors: &mut Errors, path: &str, variable: &Value) {
    let source = variable.get("valueFrom");
    if source.is_null() {
        return;
    }
    let present = |field: &str| !source.get(field).is_null();
    let mut count = 0;
    if present("fieldRef") {
        count += 1;
        field(errors, &format!("{path}.fieldRef"), source.get("fieldRef"), ENV_FIELDS);
    }
    if present("resourceFieldRef") {
        count += 1;
        let reference = source.get("resourceFieldRef");
        resource(errors, &format!("{path}.resourceFieldRef"), reference, false);
    }
    for reference in ["configMapKeyRef", "secretKeyRef"] {
        if present(reference) {
            count += 1;
            key(errors, &format!("{path}.{reference}"), source.get(reference));
        }
    }
    count += usize::from(present("fileKeyRef"));
    let mut refuse = |why: &str| errors.push(FieldError::invalid(path, &"".into(), why));
    if count == 0 {
        refuse(
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, \
             `secretKeyRef` or `fileKeyRef`",
        );
    } else if !variable.get("value").str().is_empty() {
        refuse("may not be specified when `value` is not empty");
    } else if count > 1 {
        refuse("may not have more than one field specified at a time");
    }
}

/// A field of the Pod, one of the `supported` ones.
///
/// Models `validateObjectFieldSelector`.
pub fn field(errors: &mut Errors, path: &str, reference: &Value, supported: &[&str]) {
    let field = reference.get("fieldPath").str();
    let path = format!("{path}.fieldPath");
    if field.is_empty() {
        errors.push(FieldError::required(&path, ""));
        return;
    }
    if let Some((base, rest)) = field.split_once("['") {
        let key = rest.strip_suffix("']").unwrap_or(rest);
        match base {
            "metadata.annotations" => {
                names::add(errors, &path, key, names::qualified_name(&key.to_lowercase()));
            }
            "metadata.labels" => names::add(errors, &path, key, names::qualified_name(key)),
            base => {
                let why = "does not support subscript";
                errors.push(FieldError::invalid(&path, &base.into(), why));
            }
        }
        return;
    }
    if supported.contains(&field) {
        return;
    }
    if ENV_FIELDS.contains(&field) || POD_FIELDS.contains(&field) {
        errors.push(FieldError::not_supported(&path, &field.into(), supported));
    } else {
        let why = format!("error converting fieldPath: field label not supported: {field}");
        errors.push(FieldError::invalid(&path, &field.into(), &why));
    }
}

/// A resource of a container; in a volume the container must be named.
///
/// Models `validateContainerResourceFieldSelector`.
pub fn resource(errors: &mut Errors, path: &str, reference: &Value, in_volume: bool) {
    if in_volume && reference.get("containerName").str().is_empty() {
        errors.push(FieldError::required(&format!("{path}.containerName"), ""));
        return;
    }
    let name = reference.get("resource").str();
    let path = format!("{path}.resource");
    let is_huge = ["limits.hugepages-", "requests.hugepages-"].iter().any(|p| name.starts_with(p));
    if name.is_empty() {
        errors.push(FieldError::required(&path, ""));
    } else if !ENV_RESOURCES.contains(&name) && !is_huge {
        errors.push(FieldError::not_supported(&path, &name.into(), ENV_RESOURCES));
    }
}

fn key(errors: &mut Errors, path: &str, reference: &Value) {
    let name = reference.get("name").str();
    if !name.is_empty() {
        names::add(errors, &format!("{path}.name"), name, names::dns_subdomain(name));
    }
    match reference.get("key").str() {
        "" => errors.push(FieldError::required(&format!("{path}.key"), "")),
        key => names::add(errors, &format!("{path}.key"), key, names::config_key(key)),
    }
}

/// Complaints about whole sets of variables.
pub fn sources(errors: &mut Errors, path: &str, sources: &Value) {
    for (index, source) in sources.items().iter().enumerate() {
        let item = format!("{path}[{index}]");
        let prefix = source.get("prefix").str();
        names::add(errors, &format!("{item}.prefix"), prefix, names::environment_name(prefix));
        let mut count = 0;
        for kind in ["configMapRef", "secretRef"] {
            let reference = source.get(kind);
            if reference.is_null() {
                continue;
            }
            count += 1;
            match reference.get("name").str() {
                "" => errors.push(FieldError::required(&format!("{item}.{kind}.name"), "")),
                name => names::add(
                    errors,
                    &format!("{item}.{kind}.name"),
                    name,
                    names::dns_subdomain(name),
                ),
            }
        }
        // Upstream names the list here, not the item.
        let mut refuse = |why: &str| errors.push(FieldError::invalid(path, &"".into(), why));
        match count {
            0 => refuse("must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => refuse("may not have more than one field specified at a time"),
        }
    }
}
