//! Containers and init containers.
//!
//! Models `validateContainers`, `validateInitContainers` and `validateContainerCommon`.

use super::{Volumes, environment, mount, probe, resources, security};
use crate::api::status::FieldError;
use crate::api::value::Value;
use crate::apiserver::registry::validation::numbers::{one_of, port};
use crate::apiserver::registry::validation::{Errors, names};

/// Complaints about the containers.
pub fn containers(errors: &mut Errors, path: &str, spec: &Value, volumes: &Volumes) {
    let path = format!("{path}.containers");
    let grace = spec.get("terminationGracePeriodSeconds").as_i64();
    let containers = spec.get("containers").items();
    if containers.is_empty() {
        errors.push(FieldError::required(&path, ""));
        return;
    }
    for (index, container) in containers.iter().enumerate() {
        let path = format!("{path}[{index}]");
        common(errors, &path, container, volumes);
        let name = container.get("name");
        if containers.iter().take(index).any(|other| other.get("name") == name) {
            errors.push(FieldError::duplicate(&format!("{path}.name"), &name.str().into()));
        }
        probe::hooks_and_probes(errors, &path, container, grace);
        restart_policy(errors, &path, container);
    }
    host_port_conflicts(errors, &path, containers);
}

/// Complaints about the init containers.
pub fn init_containers(errors: &mut Errors, path: &str, spec: &Value, volumes: &Volumes) {
    let path = format!("{path}.initContainers");
    let grace = spec.get("terminationGracePeriodSeconds").as_i64();
    let regular = spec.get("containers").items();
    let containers = spec.get("initContainers").items();
    for (index, container) in containers.iter().enumerate() {
        let path = format!("{path}[{index}]");
        common(errors, &path, container, volumes);
        let name = container.get("name");
        let mut others = regular.iter().chain(containers.iter().take(index));
        if !name.str().is_empty() && others.any(|other| other.get("name") == name) {
            errors.push(FieldError::duplicate(&format!("{path}.name"), name));
        }
        host_port_conflicts(errors, &path, std::slice::from_ref(container));
        if container.get("restartPolicy").str() == "Always" {
            probe::hooks_and_probes(errors, &path, container, grace);
        } else {
            forbid_for_init(errors, &path, container);
        }
        restart_policy(errors, &path, container);
    }
}

fn forbid_for_init(errors: &mut Errors, path: &str, container: &Value) {
    for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
        if !container.get(field).is_null() {
            let why = "may not be set for init containers without restartPolicy=Always";
            errors.push(FieldError::forbidden(&format!("{path}.{field}"), why));
        }
    }
}

fn restart_policy(errors: &mut Errors, path: &str, container: &Value) {
    let policy = container.get("restartPolicy");
    if !policy.is_null() {
        let supported = ["Always", "Never", "OnFailure"];
        one_of(errors, &format!("{path}.restartPolicy"), policy, &supported);
    }
}

fn common(errors: &mut Errors, path: &str, container: &Value, volumes: &Volumes) {
    match container.get("name").str() {
        "" => errors.push(FieldError::required(&format!("{path}.name"), "")),
        name => names::add(errors, &format!("{path}.name"), name, names::dns_label(name)),
    }
    let image = container.get("image");
    if image.str().is_empty() {
        errors.push(FieldError::required(&format!("{path}.image"), ""));
    } else if image.str().trim() != image.str() {
        let why = "must not have leading or trailing whitespace";
        errors.push(FieldError::invalid(&format!("{path}.image"), image, why));
    }
    let policy = container.get("terminationMessagePolicy");
    let supported = ["File", "FallbackToLogsOnError"];
    one_of(errors, &format!("{path}.terminationMessagePolicy"), policy, &supported);
    ports(errors, &format!("{path}.ports"), container.get("ports").items());
    environment::variables(errors, &format!("{path}.env"), container.get("env"));
    environment::sources(errors, &format!("{path}.envFrom"), container.get("envFrom"));
    mount::mounts(errors, path, container, volumes);
    mount::devices(errors, path, container, volumes);
    let policy = container.get("imagePullPolicy");
    let supported = ["Always", "IfNotPresent", "Never"];
    one_of(errors, &format!("{path}.imagePullPolicy"), policy, &supported);
    let amounts = container.get("resources");
    resources::resource_requirements(errors, &format!("{path}.resources"), amounts);
    let context = container.get("securityContext");
    security::container_context(errors, &format!("{path}.securityContext"), context);
}

// Models validateContainerPorts.
fn ports(errors: &mut Errors, path: &str, ports: &[Value]) {
    let mut seen: Vec<&str> = Vec::new();
    for (index, entry) in ports.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let name = entry.get("name").str();
        if !name.is_empty() {
            let sentences = names::port_name(name);
            if sentences.is_empty() && seen.contains(&name) {
                errors.push(FieldError::duplicate(&format!("{path}.name"), &name.into()));
            } else if sentences.is_empty() {
                seen.push(name);
            }
            names::add(errors, &format!("{path}.name"), name, sentences);
        }
        match entry.get("containerPort").as_i64().unwrap_or(0) {
            0 => errors.push(FieldError::required(&format!("{path}.containerPort"), "")),
            _ => port(errors, &format!("{path}.containerPort"), entry.get("containerPort")),
        }
        if entry.get("hostPort").as_i64().unwrap_or(0) != 0 {
            port(errors, &format!("{path}.hostPort"), entry.get("hostPort"));
        }
        let protocol = entry.get("protocol");
        one_of(errors, &format!("{path}.protocol"), protocol, &["SCTP", "TCP", "UDP"]);
    }
}

// Models checkHostPortConflicts: `path` is that of the list, or of the only container.
fn host_port_conflicts(errors: &mut Errors, path: &str, containers: &[Value]) {
    let mut seen: Vec<String> = Vec::new();
    for (index, container) in containers.iter().enumerate() {
        let path = match path.ends_with(']') {
            true => path.to_owned(),
            false => format!("{path}[{index}]"),
        };
        for (index, entry) in container.get("ports").items().iter().enumerate() {
            let number = entry.get("hostPort").as_i64().unwrap_or(0);
            if number == 0 {
                continue;
            }
            let (protocol, address) = (entry.get("protocol").str(), entry.get("hostIP").str());
            let text = format!("{protocol}/{address}/{number}");
            if seen.contains(&text) {
                let path = format!("{path}.ports[{index}].hostPort");
                errors.push(FieldError::duplicate(&path, &text.into()));
            } else {
                seen.push(text);
            }
        }
    }
}
