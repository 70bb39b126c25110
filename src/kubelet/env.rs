//! Environment variables of a container.
//!
//! Models `pkg/kubelet/kubelet_pods.go` makeEnvironmentVariables, `pkg/kubelet/envvars` and
//! `third_party/forked/golang/expansion`.

use std::collections::BTreeMap;

use crate::api::pool;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};

use super::reference::Source;

/// Names and values.
pub type Environment = BTreeMap<EcoString, EcoString>;

/// What the runtime sets where the Pod does not.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The environment of a container, or what is missing for it.
pub fn environment(source: Source, container: &Value) -> Result<Environment, String> {
    let mut services = service_variables(source);
    let mut env = Environment::new();
    for from in container.get("envFrom").items() {
        add_all(source, from, &mut env)?;
    }
    for variable in container.get("env").items() {
        let name: EcoString = variable.get("name").str().into();
        if let Some(value) = value_of(source, container, variable, &env, &services)? {
            services.remove(&name);
            env.insert(name, value);
        }
    }
    // Variables of Services give way to all others.
    for (name, value) in services {
        env.entry(name).or_insert(value);
    }
    env.entry("PATH".into()).or_insert_with(|| PATH.into());
    env.entry("HOSTNAME".into()).or_insert_with(|| crate::dns::pod::hostname(source.pod));
    Ok(env)
}

/// Variables in little room: what the Pods of a set have alike is kept once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Packed {
    // `NAME=value` and a null each.
    text: EcoString,
    hostname: Option<EcoString>,
}

const HOSTNAME: &str = "HOSTNAME";

/// Packs variables.
pub fn pack(env: &Environment) -> Packed {
    let mut text = String::new();
    for (name, value) in env.iter().filter(|(name, _)| *name != HOSTNAME) {
        text.extend([name.as_str(), "=", value.as_str(), "\0"]);
    }
    Packed { text: pool::text(&text), hostname: env.get(HOSTNAME).cloned() }
}

/// The variables that were packed.
pub fn unpack(packed: &Packed) -> Environment {
    let pairs = packed.text.split('\0').filter_map(|pair| pair.split_once('='));
    let pairs = pairs.map(|(name, value)| (name.into(), value.into()));
    pairs.chain(packed.hostname.clone().map(|name| (HOSTNAME.into(), name))).collect()
}

fn add_all(source: Source, from: &Value, env: &mut Environment) -> Result<(), String> {
    let prefix = from.get("prefix").str();
    let config = from.get("configMapRef");
    let (found, what, reference) = match config.is_null() {
        false => (source.config_map(config.get("name").str()), "configmap", config),
        true => {
            let secret = from.get("secretRef");
            (source.secret(secret.get("name").str()), "secret", secret)
        }
    };
    let Some(found) = found else {
        return match reference.get("optional").is_true() {
            true => Ok(()),
            false => Err(format!("{what} \"{}\" not found", reference.get("name").str())),
        };
    };
    for (key, bytes) in found {
        let name = format!("{prefix}{key}");
        if !name.contains('=') && !name.is_empty() {
            env.insert(name.into(), String::from_utf8_lossy(&bytes).into_owned().into());
        }
    }
    Ok(())
}

fn value_of(
    source: Source,
    container: &Value,
    variable: &Value,
    env: &Environment,
    services: &Environment,
) -> Result<Option<EcoString>, String> {
    let from = variable.get("valueFrom");
    if from.is_null() {
        let lookup = |name: &str| env.get(name).or_else(|| services.get(name)).cloned();
        return Ok(Some(expand(variable.get("value").str(), lookup)));
    }
    let kinds = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"];
    let [field, resource, config, secret] = kinds.map(|kind| from.get(kind));
    if !field.is_null() {
        return Ok(Some(source.field(field.get("fieldPath").str())));
    }
    if !resource.is_null() {
        return Ok(Some(source.resource(container, resource)));
    }
    let namespace = source.pod.namespace();
    let (found, what, title, reference) = match config.is_null() {
        false => (source.config_map(config.get("name").str()), "configmap", "ConfigMap", config),
        true => (source.secret(secret.get("name").str()), "secret", "Secret", secret),
    };
    let (name, key) = (reference.get("name").str(), reference.get("key").str());
    let optional = reference.get("optional").is_true();
    let Some(found) = found else {
        let missing = format!("{what} \"{name}\" not found");
        return if optional { Ok(None) } else { Err(missing) };
    };
    match found.into_iter().find(|(found, _)| found == key) {
        Some((_, bytes)) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned().into())),
        None if optional => Ok(None),
        None => Err(format!("couldn't find key {key} in {title} {namespace}/{name}")),
    }
}

/// Replaces `$(NAME)` where the name is known; `$$` is a dollar.
///
/// Models expansion.Expand.
pub fn expand(text: &str, lookup: impl Fn(&str) -> Option<EcoString>) -> EcoString {
    let (mut out, mut rest) = (EcoString::new(), text);
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let name = rest.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        match name.and_then(|(name, after)| lookup(name).map(|value| (value, after))) {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => out.push('$'),
        }
    }
    out.push_str(rest);
    out
}

/// Models pkg/kubelet/envvars/envvars.go FromServices.
fn service_variables(source: Source) -> Environment {
    let mut env = Environment::new();
    let wanted = source.pod.spec().get("enableServiceLinks").as_bool() != Some(false);
    let mut namespaces = vec!["default"];
    if source.pod.namespace() != "default" {
        namespaces.push(source.pod.namespace());
    }
    for namespace in namespaces {
        for service in source.lister.in_namespace(Kind::Service, namespace) {
            let address = service.path(&["spec", "clusterIP"]).str();
            let apiserver = namespace == "default" && service.name() == "kubernetes";
            let linked = wanted && namespace == source.pod.namespace();
            if !matches!(address, "" | "None") && (apiserver || linked) {
                add_service(&mut env, service.name(), address, service.path(&["spec", "ports"]));
            }
        }
    }
    env
}

fn add_service(env: &mut Environment, name: &str, address: &str, ports: &Value) {
    let prefix = name.replace('-', "_").to_ascii_uppercase();
    let mut put = |name: String, value: String| {
        env.insert(name.into(), value.into());
    };
    put(format!("{prefix}_SERVICE_HOST"), address.into());
    for (index, port) in ports.items().iter().enumerate() {
        let number = port.get("port").as_i64().unwrap_or_default();
        let protocol = port.get("protocol").as_str().unwrap_or("TCP");
        let lower = protocol.to_ascii_lowercase();
        let url = format!("{lower}://{address}:{number}");
        if index == 0 {
            put(format!("{prefix}_SERVICE_PORT"), number.to_string());
            put(format!("{prefix}_PORT"), url.clone());
        }
        if let Some(port_name) = port.get("name").as_str().filter(|name| !name.is_empty()) {
            let port_name = port_name.replace('-', "_").to_ascii_uppercase();
            put(format!("{prefix}_SERVICE_PORT_{port_name}"), number.to_string());
        }
        let port = format!("{prefix}_PORT_{number}_{protocol}");
        put(port.clone(), url);
        put(format!("{port}_PROTO"), lower);
        put(format!("{port}_PORT"), number.to_string());
        put(format!("{port}_ADDR"), address.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_are_replaced() {
        let lookup = |name: &str| (name == "A").then(|| EcoString::from("1"));
        assert_eq!(expand("$(A).$(B) $$(A) $x $", lookup), "1.$(B) $(A) $x $");
    }

    #[test]
    fn a_service_has_variables() {
        let mut env = Environment::new();
        let ports = crate::value!([{"name": "web", "port": 80}]);
        add_service(&mut env, "my-app", "10.96.0.7", &ports);
        assert_eq!(env["MY_APP_SERVICE_PORT_WEB"], "80");
        assert_eq!(env["MY_APP_PORT"], "tcp://10.96.0.7:80");
        assert_eq!(env["MY_APP_PORT_80_TCP_ADDR"], "10.96.0.7");
    }
}
