//! What a gesture on the picture types into the terminal.

use crate::api::object::{Object, ObjectKey};

fn with_namespace(key: &ObjectKey, command: String) -> String {
    match key.namespace.as_str() {
        "" | "default" => command,
        namespace => format!("{command} -n {namespace}"),
    }
}

/// Scales a set.
pub fn scale(set: &ObjectKey, replicas: i64) -> String {
    with_namespace(set, format!("kubectl scale sts {} --replicas={replicas}", set.name))
}

/// Moves a set's partition.
pub fn partition(set: &ObjectKey, partition: i64) -> String {
    let patch = format!(
        r#"{{"spec":{{"updateStrategy":{{"type":"RollingUpdate","rollingUpdate":{{"partition":{partition}}}}}}}}}"#
    );
    with_namespace(set, format!("kubectl patch sts {} -p '{patch}'", set.name))
}

/// Describes a Pod.
pub fn describe(pod: &ObjectKey) -> String {
    with_namespace(pod, format!("kubectl describe pod {}", pod.name))
}

/// Prints a Pod's logs.
pub fn logs(pod: &ObjectKey) -> String {
    with_namespace(pod, format!("kubectl logs {}", pod.name))
}

/// Deletes a Pod.
pub fn delete(pod: &ObjectKey) -> String {
    with_namespace(pod, format!("kubectl delete pod {}", pod.name))
}

/// Opens a shell in a Pod.
pub fn shell(pod: &ObjectKey) -> String {
    let command = format!("kubectl exec -it {}", pod.name);
    format!("{} -- sh", with_namespace(pod, command))
}

/// Makes a Pod's probe fail, if a command in its container can: what the probe looks at goes.
pub fn fail_probe(pod: &Object) -> Option<String> {
    let containers = pod.spec().get("containers").items();
    let file = containers.iter().find_map(|container| {
        let probes = ["readinessProbe", "livenessProbe"].map(|name| container.get(name));
        let served = ["nginx", "httpd"].iter().any(|image| {
            let name = container.get("image").str();
            name.rsplit('/').next().is_some_and(|name| name.split(':').next() == Some(*image))
        });
        probes.into_iter().find_map(|probe| {
            let command = probe.path(&["exec", "command"]).items();
            let words: Vec<&str> = command.iter().map(|word| word.str()).collect();
            match words.as_slice() {
                ["cat", file] | ["test", "-e" | "-f" | "-s", file] | ["ls", file] => {
                    Some((*file).to_string())
                }
                _ => probe_page(probe.path(&["httpGet", "path"]).str(), served),
            }
            .filter(|_| !probe.is_null())
        })
    })?;
    let command = with_namespace(&pod.key(), format!("kubectl exec {}", pod.name()));
    Some(format!("{command} -- mv {file} {file}.away"))
}

// The page that a web server answers the probe with.
fn probe_page(path: &str, served: bool) -> Option<String> {
    let page = match path {
        "/" | "/index.html" => "/index.html",
        path if path.starts_with('/') => path,
        _ => return None,
    };
    served.then(|| format!("/usr/share/nginx/html{page}"))
}
