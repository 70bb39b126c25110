//! Containers of Pods and of templates.
//!
//! Models describeContainers and what it calls, of describe.go.

use super::Writer;
use super::writer::{bool_word, join, long_time, or, resources, scalar};
use crate::api::go;
use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::value::Value;

/// Writes a list of containers. `pod` is there if they run, and gives values to their
/// environment; a template indents one blank more.
pub fn describe_containers(
    label: &str,
    containers: &Value,
    statuses: Option<&Value>,
    pod: Option<&Object>,
    w: &mut Writer,
) {
    let space = if pod.is_some() { "" } else { "  " };
    if containers.items().is_empty() {
        return w.line(0, &format!("{space}{label}: <none>"));
    }
    w.line(0, &format!("{space}{label}:"));
    for container in containers.items() {
        let name = container.get("name").str();
        let has_name = |status: &&Value| status.get("name").str() == name;
        let status = statuses.and_then(|statuses| statuses.items().iter().find(has_name));
        let indent = if pod.is_some() { "" } else { " " };
        w.line(1, &format!("{indent}{name}:"));
        basic_information(container, status, w);
        command(container, w);
        if let Some(status) = status {
            state(status, w);
        }
        describe_resources(container.get("resources"), w);
        probes(container, w);
        environment_from(container, w);
        environment(container, pod, w);
        mounts(container, w);
    }
}

fn basic_information(container: &Value, status: Option<&Value>, w: &mut Writer) {
    if let Some(status) = status {
        w.field(2, "Container ID", status.get("containerID").str());
    }
    w.field(2, "Image", container.get("image").str());
    if let Some(status) = status {
        w.field(2, "Image ID", status.get("imageID").str());
    }
    for (one, several, number) in
        [("Port", "Ports", "containerPort"), ("Host Port", "Host Ports", "hostPort")]
    {
        let ports: Vec<String> = container
            .get("ports")
            .items()
            .iter()
            .map(|port| {
                let name = match port.get("name").str() {
                    "" => String::new(),
                    name => format!(" ({name})"),
                };
                let number = port.get(number).as_i64().unwrap_or(0);
                format!("{number}/{}{name}", port.get("protocol").str())
            })
            .collect();
        let title = if ports.len() > 1 { several } else { one };
        w.field(2, title, or(&ports.join(", "), "<none>"));
    }
}

fn command(container: &Value, w: &mut Writer) {
    for (title, field) in [("Command", "command"), ("Args", "args")] {
        let words = container.get(field).items();
        if !words.is_empty() {
            w.line(2, &format!("{title}:"));
        }
        for line in words.iter().flat_map(|word| word.str().split('\n')) {
            w.line(3, line);
        }
    }
}

fn state(status: &Value, w: &mut Writer) {
    one_state("State", status.get("state"), w);
    let last = status.get("lastState");
    if !last.get("terminated").is_null() {
        one_state("Last State", last, w);
    }
    w.field(2, "Ready", bool_word(status.get("ready").is_true()));
    w.field(2, "Restart Count", &scalar(status.get("restartCount")));
}

/// Models describeStatus.
fn one_state(title: &str, state: &Value, w: &mut Writer) {
    let (running, terminated) = (state.get("running"), state.get("terminated"));
    if !running.is_null() {
        w.field(2, title, "Running");
        w.field(3, "Started", &long_time(running.get("startedAt")));
    } else if !terminated.is_null() && state.get("waiting").is_null() {
        w.field(2, title, "Terminated");
        w.field_if(3, "Reason", terminated.get("reason").str());
        w.field_if(3, "Message", terminated.get("message").str());
        w.field(3, "Exit Code", &scalar(terminated.get("exitCode")));
        if terminated.get("signal").as_i64().unwrap_or(0) > 0 {
            w.field(3, "Signal", &scalar(terminated.get("signal")));
        }
        w.field(3, "Started", &long_time(terminated.get("startedAt")));
        w.field(3, "Finished", &long_time(terminated.get("finishedAt")));
    } else {
        w.field(2, title, "Waiting");
        w.field_if(3, "Reason", state.path(&["waiting", "reason"]).str());
    }
}

fn describe_resources(requirements: &Value, w: &mut Writer) {
    for (title, field) in [("Limits", "limits"), ("Requests", "requests")] {
        let list = resources(requirements.get(field));
        if !list.is_empty() {
            w.line(2, &format!("{title}:"));
        }
        for (name, quantity) in list {
            w.field(3, &name, &quantity);
        }
    }
}

fn probes(container: &Value, w: &mut Writer) {
    let probes = [
        ("Liveness", "livenessProbe"),
        ("Readiness", "readinessProbe"),
        ("Startup", "startupProbe"),
    ];
    for (title, field) in probes {
        let probe = container.get(field);
        if !probe.is_null() {
            w.field(2, title, &describe_probe(probe));
        }
    }
}

/// Models DescribeProbe.
fn describe_probe(probe: &Value) -> String {
    let number = |field: &str| probe.get(field).as_i64().unwrap_or(0);
    let attributes = format!(
        "delay={}s timeout={}s period={}s successThreshold={} failureThreshold={}",
        number("initialDelaySeconds"),
        number("timeoutSeconds"),
        number("periodSeconds"),
        number("successThreshold"),
        number("failureThreshold")
    );
    let (exec, http) = (probe.get("exec"), probe.get("httpGet"));
    let (tcp, grpc) = (probe.get("tcpSocket"), probe.get("grpc"));
    let action = if !exec.is_null() {
        format!("exec [{}]", join(exec.get("command"), " "))
    } else if !http.is_null() {
        let scheme = http.get("scheme").str().to_lowercase();
        let (host, path) = (http.get("host").str(), http.get("path").str());
        let slash = if path.starts_with('/') || path.is_empty() { "" } else { "/" };
        format!("http-get {scheme}://{host}:{}{slash}{path}", scalar(http.get("port")))
    } else if !tcp.is_null() {
        format!("tcp-socket {}:{}", tcp.get("host").str(), scalar(tcp.get("port")))
    } else if !grpc.is_null() {
        format!("grpc <pod>:{} {}", scalar(grpc.get("port")), grpc.get("service").str())
    } else {
        "unknown".into()
    };
    format!("{action} {attributes}")
}

fn environment_from(container: &Value, w: &mut Writer) {
    let sources = container.get("envFrom").items();
    if !sources.is_empty() {
        w.line(2, "Environment Variables from:");
    }
    for source in sources {
        let (reference, from) = match source.get("configMapRef") {
            Value::Null => (source.get("secretRef"), "Secret"),
            reference => (reference, "ConfigMap"),
        };
        let prefix = match source.get("prefix").str() {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        let name = reference.get("name").str();
        let optional = reference.get("optional").is_true();
        w.line(3, &format!("{name}\t{from}{prefix}\tOptional: {optional}"));
    }
}

fn environment(container: &Value, pod: Option<&Object>, w: &mut Writer) {
    let variables = container.get("env").items();
    w.line(2, if variables.is_empty() { "Environment:\t<none>" } else { "Environment:" });
    for variable in variables {
        let name = variable.get("name").str();
        let source = variable.get("valueFrom");
        if source.is_null() {
            let mut lines = variable.get("value").str().split('\n');
            w.field(3, name, lines.next().unwrap_or_default());
            for line in lines {
                w.line(3, &format!("\t{line}"));
            }
            continue;
        }
        w.field(3, name, &value_from(source, container, pod));
    }
}

fn value_from(source: &Value, container: &Value, pod: Option<&Object>) -> String {
    let (field, resource) = (source.get("fieldRef"), source.get("resourceFieldRef"));
    let (secret, map) = (source.get("secretKeyRef"), source.get("configMapKeyRef"));
    let key = |reference: &Value| {
        let text = |name: &str| reference.get(name).str().to_string();
        (text("key"), text("name"), reference.get("optional").is_true())
    };
    if !field.is_null() {
        let path = field.get("fieldPath").str();
        let value = pod.map(|pod| field_value(pod, path)).unwrap_or_default();
        format!("{value} ({}:{path})", field.get("apiVersion").str())
    } else if !resource.is_null() {
        let name = resource.get("resource").str();
        format!("{} ({name})", resource_value(resource, container))
    } else if !secret.is_null() {
        let (key, name, optional) = key(secret);
        format!("<set to the key '{key}' in secret '{name}'>\tOptional: {optional}")
    } else {
        let (key, name, optional) = key(map);
        format!("<set to the key '{key}' of config map '{name}'>\tOptional: {optional}")
    }
}

/// Models fieldpath.ExtractFieldPathAsString for what describe resolves (EnvValueRetriever).
fn field_value(pod: &Object, path: &str) -> String {
    match path {
        "metadata.name" => pod.name().into(),
        "metadata.namespace" => pod.namespace().into(),
        // kubectl's scheme converts no other path; they stay empty.
        _ => String::new(),
    }
}

/// Models resource.ExtractContainerResourceValue.
fn resource_value(reference: &Value, container: &Value) -> String {
    let name = reference.get("resource").str();
    let Some((list, resource)) = name.split_once('.') else {
        return String::new();
    };
    let quantity = Quantity::of(container.path(&["resources", list, resource]));
    let divisor = match reference.get("divisor").str() {
        "" | "0" => Quantity::from_units(1),
        divisor => Quantity::parse(divisor).unwrap_or_else(|| Quantity::from_units(1)),
    };
    let (amount, unit) = (quantity.milli().max(0), divisor.milli().max(1));
    match amount.div_ceil_of(unit) {
        0 if matches!(name, "limits.cpu" | "limits.memory") => "node allocatable".into(),
        value => value.to_string(),
    }
}

/// Division that rounds up, for numbers that are not negative.
trait DivCeil {
    fn div_ceil_of(self, divisor: i64) -> i64;
}

impl DivCeil for i64 {
    fn div_ceil_of(self, divisor: i64) -> i64 {
        (self / divisor) + i64::from(self % divisor != 0)
    }
}

fn mounts(container: &Value, w: &mut Writer) {
    let mut mounts: Vec<&Value> = container.get("volumeMounts").items().iter().collect();
    w.line(2, if mounts.is_empty() { "Mounts:\t<none>" } else { "Mounts:" });
    mounts.sort_by_key(|mount| mount.get("mountPath").str());
    for mount in mounts {
        let mut flags = vec![if mount.get("readOnly").is_true() { "ro" } else { "rw" }.to_string()];
        if !mount.get("subPath").str().is_empty() {
            flags.push(format!("path={}", go::quote(mount.get("subPath").str())));
        }
        let (path, name) = (mount.get("mountPath").str(), mount.get("name").str());
        w.line(3, &format!("{path} from {name} ({})", flags.join(",")));
    }
    let mut devices: Vec<&Value> = container.get("volumeDevices").items().iter().collect();
    if !devices.is_empty() {
        let none = container.get("volumeMounts").items().is_empty();
        w.line(2, if none { "Devices:\t<none>" } else { "Devices:" });
    }
    devices.sort_by_key(|device| device.get("devicePath").str());
    for device in devices {
        let (path, name) = (device.get("devicePath").str(), device.get("name").str());
        w.line(3, &format!("{path} from {name}"));
    }
}
