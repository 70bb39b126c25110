//! The kubeconfig file: clusters, users, contexts.
//!
//! Models `k8s.io/client-go/tools/clientcmd`. One cluster stands behind every context; what a
//! context changes here is the namespace. Leaves out merging several files.

use super::errors::Failure;
use super::files::FileError;
use super::invocation::Invocation;
use super::process::World;
use crate::api::value::{EcoString, Value};
use crate::text::duration;
use crate::value;

/// Whether the command reads the kubeconfig to reach a cluster.
pub fn is_needed(command: &str) -> bool {
    let first = command.split(' ').next().unwrap_or_default();
    !matches!(first, "" | "help" | "options" | "config" | "completion" | "plugin" | "kustomize")
}

/// Where the kubeconfig is: `--kubeconfig`, `$KUBECONFIG` or in the home directory.
pub fn path(invocation: &Invocation) -> String {
    let from_environment = |name: &str| invocation.environment.get(name).map(EcoString::as_str);
    if !invocation.text("kubeconfig").is_empty() {
        return invocation.text("kubeconfig").into();
    }
    match from_environment("KUBECONFIG") {
        Some(path) if !path.is_empty() => path.into(),
        _ => format!("{}/.kube/config", from_environment("HOME").unwrap_or("/root")),
    }
}

/// The kubeconfig. A learner's home has one from the start, so an absent default file reads as
/// [`initial`].
pub fn load(invocation: &Invocation, world: &World<'_>) -> Result<Value, Failure> {
    let path = path(invocation);
    match world.files.read(&path) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            serde_yaml::from_str(&text).map_err(|error| {
                Failure::message(format!("error loading config file \"{path}\": {error}"))
            })
        }
        Err(error) if !invocation.text("kubeconfig").is_empty() => {
            let what = if error == FileError::NotFound { "stat" } else { "open" };
            Err(Failure::message(format!("{what} {path}: {error}")))
        }
        Err(_) => Ok(initial()),
    }
}

/// Writes the kubeconfig back, in order of names.
pub fn save(invocation: &Invocation, world: &mut World<'_>, config: &Value) -> Result<(), Failure> {
    let (path, mut config) = (path(invocation), config.clone());
    for (list, inner, required) in WRITTEN_EMPTY {
        let items = config.path_mut(&[list]).items_mut();
        items.sort_by(|a, b| a.get("name").str().cmp(b.get("name").str()));
        items.iter_mut().for_each(|item| tidy(item.path_mut(&[inner]), required));
    }
    let text = crate::api::yaml::write(&config);
    let written = world.files.write(&path, text.as_bytes());
    written.map_err(|error| Failure::message(format!("open {path}: {error}")))
}

/// The fields of entries that are written even if they are empty (`clientcmd/api/v1`).
const WRITTEN_EMPTY: [(&str, &str, &[&str]); 3] = [
    ("clusters", "cluster", &["server"]),
    ("contexts", "context", &["cluster", "user"]),
    ("users", "user", &[]),
];

fn tidy(entry: &mut Value, required: &[&str]) {
    let is_empty = |value: &Value| value.as_str() == Some("") || value.as_bool() == Some(false);
    entry.object_mut().retain(|_, value| !is_empty(value));
    for field in required.iter().filter(|field| entry.get(field).is_null()).collect::<Vec<_>>() {
        entry.set(&[field], "");
    }
}

/// The kubeconfig of the cluster's administrator.
pub fn initial() -> Value {
    value!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "kubernetes-admin@kubernetes",
        "clusters": [{
            "name": "kubernetes",
            "cluster": {
                "certificate-authority-data": "DATA",
                "server": "https://192.168.49.10:6443"
            }
        }],
        "contexts": [{
            "name": "kubernetes-admin@kubernetes",
            "context": {"cluster": "kubernetes", "user": "kubernetes-admin"}
        }],
        "users": [{
            "name": "kubernetes-admin",
            "user": {"client-certificate-data": "DATA", "client-key-data": "DATA"}
        }]
    })
}

/// The entry called `name` of `contexts`, `clusters` or `users`.
pub fn entry<'a>(config: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    config.get(list).items().iter().find(|entry| entry.get("name").str() == name)
}

/// The context in force: `--context`, else the current one.
pub fn context_name(invocation: &Invocation, config: &Value) -> EcoString {
    match invocation.text("context") {
        "" => config.get("current-context").str().into(),
        name => name.into(),
    }
}

/// Refuses flags and contexts with which no cluster can be reached.
pub fn check_flags(invocation: &Invocation, world: &World<'_>) -> Result<(), Failure> {
    let config = load(invocation, world)?;
    let timeout = invocation.text("request-timeout");
    if timeout.parse::<u64>().is_err() && duration::parse(timeout).is_none() {
        return Err(Failure::message(
            "Invalid timeout value. Timeout must be a single integer in seconds, or an integer \
             followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
        ));
    }
    let wrong = |what: &str, name: &str| {
        let text =
            format!("Error in configuration: {what} was not found for specified {what}: {name}\n");
        Err(Failure::Verbatim(text.into(), 1))
    };
    let name = invocation.text("context");
    if !name.is_empty() && entry(&config, "contexts", name).is_none() {
        let text = format!(
            "Error in configuration: context was not found for specified context: {name}\n"
        );
        return Err(Failure::Verbatim(text.into(), 1));
    }
    let cluster = invocation.text("cluster");
    if !cluster.is_empty() && entry(&config, "clusters", cluster).is_none() {
        return wrong("cluster", cluster);
    }
    if context_name(invocation, &config).is_empty() {
        return Err(Failure::not_simulated(
            "kubectl without a current context",
            "try http://localhost:8080 and be refused",
        ));
    }
    Ok(())
}

/// The namespace of the context in force, `default` if it names none.
pub fn namespace(invocation: &Invocation, world: &World<'_>) -> EcoString {
    let config = load(invocation, world).unwrap_or_default();
    let name = context_name(invocation, &config);
    let context = entry(&config, "contexts", &name).unwrap_or(&Value::Null);
    match context.path(&["context", "namespace"]).str() {
        "" => "default".into(),
        namespace => namespace.into(),
    }
}
