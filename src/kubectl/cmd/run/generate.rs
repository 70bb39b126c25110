//! A Pod from flags.
//!
//! Models `BasicPod.Generate` of `k8s.io/kubectl/pkg/generate/versioned/run.go`.

use crate::api::patch::merge;
use crate::api::value::{EcoString, Value};
use crate::api::yaml;
use crate::apiserver::registry::validation::names::environment_name;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::value;

/// The Pod.
pub(super) fn pod(invocation: &Invocation) -> Result<Value, Failure> {
    let name = invocation.args.first().cloned().unwrap_or_default();
    let mut pod = value!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": (name.clone()), "labels": (labels(invocation, &name)?)},
        "spec": {
            "containers": [(container(invocation, &name)?)],
            "dnsPolicy": "ClusterFirst",
            "restartPolicy": (invocation.text("restart")),
        }
    });
    for annotation in invocation.list("annotations") {
        let pair = annotation.split_once('=');
        let (key, text) =
            pair.ok_or_else(|| Failure::message(format!("invalid annotation: {annotation}")))?;
        pod.set(&["metadata", "annotations", key], text);
    }
    override_with(invocation, pod)
}

fn labels(invocation: &Invocation, name: &str) -> Result<Value, Failure> {
    let mut labels = Value::object();
    let text = invocation.text("labels");
    if text.is_empty() {
        labels.set(&["run"], name);
        return Ok(labels);
    }
    for part in text.split(',') {
        let pair = part.split_once('=').filter(|(key, _)| !key.is_empty());
        let (key, label) =
            pair.ok_or_else(|| Failure::message(format!("unexpected label spec: {part}")))?;
        labels.set(&[key], label);
    }
    Ok(labels)
}

fn container(invocation: &Invocation, name: &EcoString) -> Result<Value, Failure> {
    let image = invocation.text("image");
    let mut container = value!({"name": (name.clone()), "image": image});
    let words: Vec<Value> = invocation.args.iter().skip(1).map(Value::from).collect();
    if !words.is_empty() {
        let field = if invocation.is_true("command") { "command" } else { "args" };
        container.set(&[field], words);
    }
    let variables = invocation.list("env");
    if !variables.is_empty() {
        let variables =
            variables.iter().map(|text| variable(text)).collect::<Result<Vec<_>, _>>()?;
        container.set(&["env"], variables);
    }
    let pull = invocation.text("image-pull-policy");
    if !pull.is_empty() {
        container.set(&["imagePullPolicy"], pull);
    }
    let port = invocation.text("port");
    if !port.is_empty() {
        let number = port.parse::<i64>().map_err(|_| {
            let port = crate::api::go::quote(port);
            Failure::message(format!("strconv.Atoi: parsing {port}: invalid syntax"))
        })?;
        container.set(&["ports"], vec![value!({ "containerPort": number })]);
    }
    if invocation.is_true("stdin") {
        container.set(&["stdin"], true);
        container.set(&["stdinOnce"], !invocation.is_true("leave-stdin-open"));
    }
    if invocation.is_true("tty") {
        container.set(&["tty"], true);
    }
    if invocation.is_true("privileged") {
        container.set(&["securityContext", "privileged"], true);
    }
    Ok(container)
}

fn variable(text: &str) -> Result<Value, Failure> {
    let wrong = || Failure::message(format!("invalid env: {text}"));
    let (name, content) = text.split_once('=').ok_or_else(wrong)?;
    if !environment_name(name).is_empty() {
        return Err(wrong());
    }
    Ok(value!({"name": name, "value": content}))
}

/// `--overrides`: a patch of the generated Pod.
fn override_with(invocation: &Invocation, pod: Value) -> Result<Value, Failure> {
    let text = invocation.text("overrides");
    if text.is_empty() {
        return Ok(pod);
    }
    let wrong = |why: String| Failure::message(why);
    let patch = yaml::read(text).map_err(|why| wrong(why.to_string()))?;
    let patched = match invocation.text("override-type") {
        "merge" => merge::apply(&pod, &patch),
        "strategic" => {
            crate::api::patch::apply_strategic(crate::api::scheme::Kind::Pod, &pod, &patch)
        }
        "json" => crate::api::patch::json::apply(&pod, &patch),
        other => {
            return Err(Failure::message(format!(
                "invalid override type: {other:?}; must be one of json, merge, strategic"
            )));
        }
    };
    patched.map_err(|why| wrong(why.to_string()))
}

/// The Service of `--expose`.
pub(super) fn service(pod: &Value) -> Value {
    let port = pod.path(&["spec", "containers"]).at(0).path(&["ports"]).at(0).get("containerPort");
    let name = pod.path(&["metadata", "name"]);
    value!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {
            "ports": [{"port": port, "protocol": "TCP", "targetPort": port}],
            "selector": (pod.path(&["metadata", "labels"]))
        }
    })
}
