//! What Pods of a namespace may ask of their node.
//!
//! Models `k8s.io/pod-security-admission` at the levels baseline and restricted; of the checks
//! those about AppArmor, SELinux, sysctls, procMount and Windows are left out.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::value::Value;
use crate::apiserver::registry::Handler;

/// Refuses a Pod that violates the enforced level; warns about Pods and templates.
pub fn validate(handler: &mut Handler, object: &Object) -> Result<(), Status> {
    let Some(spec) = pod_spec(object) else {
        return Ok(());
    };
    let key = ObjectKey::new(Kind::Namespace, "", object.namespace());
    let Some(namespace) = handler.storage.get(&key) else {
        return Ok(());
    };
    let level = |mode: &str| {
        let label = format!("pod-security.kubernetes.io/{mode}");
        let version = namespace.label(&format!("{label}-version")).unwrap_or("latest");
        let level = namespace.label(&label)?;
        Some((level.to_owned(), format!("{level}:{version}")))
    };
    let (enforced, warned) = (level("enforce"), level("warn"));
    if let (Kind::Pod, Some((level, shown))) = (object.kind, &enforced) {
        let violations = violations(level, spec);
        if !violations.is_empty() {
            let why = format!("violates PodSecurity {shown:?}: {}", violations.join(", "));
            return Err(Status::forbidden("pods", object.name(), &why));
        }
    }
    if let Some((level, shown)) = warned {
        let violations = violations(&level, spec);
        if !violations.is_empty() {
            let list = violations.join(", ");
            handler.warn(format!("would violate PodSecurity {shown:?}: {list}"));
        }
    }
    Ok(())
}

fn pod_spec(object: &Object) -> Option<&Value> {
    match object.kind {
        Kind::Pod => Some(object.spec()),
        Kind::StatefulSet | Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet | Kind::Job => {
            Some(object.path(&["spec", "template", "spec"]))
        }
        Kind::CronJob => Some(object.path(&["spec", "jobTemplate", "spec", "template", "spec"])),
        _ => None,
    }
}

fn violations(level: &str, spec: &Value) -> Vec<String> {
    let checks: &[fn(&Value) -> Option<String>] = match level {
        "restricted" => &[
            host_namespaces,
            privileged,
            host_path,
            host_ports,
            escalation,
            all_capabilities,
            volume_types,
            non_root,
            root_user,
            seccomp,
        ],
        "baseline" => &[host_namespaces, privileged, capabilities, host_path, host_ports],
        _ => &[],
    };
    checks.iter().filter_map(|check| check(spec)).collect()
}

fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    lists.into_iter().flat_map(|list| spec.get(list).items())
}

// Names the containers for which `is_bad` holds: `container "a"`, `containers "a", "b"`.
fn offenders(spec: &Value, is_bad: impl Fn(&Value) -> bool) -> Option<String> {
    let bad = containers(spec).filter(|container| is_bad(container));
    let names: Vec<String> = bad.map(|c| format!("{:?}", c.get("name").str())).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("container {}", names.join(", "))),
        _ => Some(format!("containers {}", names.join(", "))),
    }
}

fn host_namespaces(spec: &Value) -> Option<String> {
    let used = ["hostNetwork", "hostPID", "hostIPC"];
    let used: Vec<String> =
        used.into_iter().filter(|f| spec.get(f).is_true()).map(|f| format!("{f}=true")).collect();
    (!used.is_empty()).then(|| format!("host namespaces ({})", used.join(", ")))
}

fn privileged(spec: &Value) -> Option<String> {
    let who = offenders(spec, |c| c.path(&["securityContext", "privileged"]).is_true())?;
    Some(format!("privileged ({who} must not set securityContext.privileged=true)"))
}

const BASELINE_CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn added(container: &Value) -> impl Iterator<Item = &str> {
    container.path(&["securityContext", "capabilities", "add"]).items().iter().map(Value::str)
}

fn capabilities(spec: &Value) -> Option<String> {
    let is_bad = |capability: &str| !BASELINE_CAPABILITIES.contains(&capability);
    let who = offenders(spec, |container| added(container).any(is_bad))?;
    let mut bad: Vec<String> =
        containers(spec).flat_map(added).filter(|c| is_bad(c)).map(|c| format!("{c:?}")).collect();
    bad.sort();
    bad.dedup();
    let list = bad.join(", ");
    Some(format!(
        "non-default capabilities ({who} must not include {list} in \
         securityContext.capabilities.add)"
    ))
}

fn host_path(spec: &Value) -> Option<String> {
    let volumes = spec.get("volumes").items().iter();
    let bad = volumes.filter(|volume| !volume.get("hostPath").is_null());
    let names: Vec<String> = bad.map(|v| format!("{:?}", v.get("name").str())).collect();
    let noun = if names.len() == 1 { "volume" } else { "volumes" };
    (!names.is_empty()).then(|| format!("hostPath volumes ({noun} {})", names.join(", ")))
}

fn host_ports(spec: &Value) -> Option<String> {
    let number = |port: &Value| port.get("hostPort").as_i64().filter(|number| *number != 0);
    let who = offenders(spec, |c| c.get("ports").items().iter().any(|p| number(p).is_some()))?;
    let mut used: Vec<String> = containers(spec)
        .flat_map(|c| c.get("ports").items())
        .filter_map(number)
        .map(|number| number.to_string())
        .collect();
    used.sort();
    used.dedup();
    let noun = if used.len() == 1 { "hostPort" } else { "hostPorts" };
    let verb = if who.starts_with("containers") { "use" } else { "uses" };
    Some(format!("hostPort ({who} {verb} {noun} {})", used.join(", ")))
}

fn escalation(spec: &Value) -> Option<String> {
    let who = offenders(spec, |c| {
        c.path(&["securityContext", "allowPrivilegeEscalation"]).as_bool() != Some(false)
    })?;
    Some(format!(
        "allowPrivilegeEscalation != false ({who} must set \
         securityContext.allowPrivilegeEscalation=false)"
    ))
}

fn all_capabilities(spec: &Value) -> Option<String> {
    let dropped = |c: &Value| {
        let list = c.path(&["securityContext", "capabilities", "drop"]).items();
        list.iter().any(|capability| capability.str() == "ALL")
    };
    let is_bad = |capability: &str| capability != "NET_BIND_SERVICE";
    let keeps = offenders(spec, |c| !dropped(c));
    let adds = offenders(spec, |c| added(c).any(is_bad));
    let mut parts = Vec::new();
    if let Some(who) = keeps {
        parts.push(format!("{who} must set securityContext.capabilities.drop=[\"ALL\"]"));
    }
    if let Some(who) = adds {
        let mut bad: Vec<String> = containers(spec)
            .flat_map(added)
            .filter(|c| is_bad(c))
            .map(|c| format!("{c:?}"))
            .collect();
        bad.sort();
        bad.dedup();
        let list = bad.join(", ");
        parts.push(format!("{who} must not include {list} in securityContext.capabilities.add"));
    }
    (!parts.is_empty()).then(|| format!("unrestricted capabilities ({})", parts.join("; ")))
}

fn volume_types(spec: &Value) -> Option<String> {
    const ALLOWED: &[&str] = &[
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];
    let source = |volume: &Value| {
        let mut fields = volume.entries().filter(|(key, value)| *key != "name" && !value.is_null());
        fields.next().map(|(key, _)| key.to_string())
    };
    let bad = spec.get("volumes").items().iter().filter_map(|volume| {
        let source = source(volume)?;
        (!ALLOWED.contains(&source.as_str())).then(|| (volume.get("name").str(), source))
    });
    let bad: Vec<(&str, String)> = bad.collect();
    let names: Vec<String> = bad.iter().map(|(name, _)| format!("{name:?}")).collect();
    let mut kinds: Vec<String> = bad.iter().map(|(_, kind)| format!("{kind:?}")).collect();
    kinds.sort();
    kinds.dedup();
    let noun = if names.len() == 1 { "volume" } else { "volumes" };
    let verb = if names.len() == 1 { "uses" } else { "use" };
    let types = if kinds.len() == 1 { "restricted volume type" } else { "restricted volume types" };
    (!bad.is_empty()).then(|| {
        format!(
            "restricted volume types ({noun} {} {verb} {types} {})",
            names.join(", "),
            kinds.join(", ")
        )
    })
}

fn non_root(spec: &Value) -> Option<String> {
    let own = spec.path(&["securityContext", "runAsNonRoot"]).as_bool();
    let who = offenders(spec, |c| {
        let inner = c.path(&["securityContext", "runAsNonRoot"]).as_bool();
        inner.or(own) != Some(true)
    })?;
    if own == Some(false) {
        let why = "pod must not set securityContext.runAsNonRoot=false";
        return Some(format!("runAsNonRoot != true ({why})"));
    }
    Some(format!("runAsNonRoot != true (pod or {who} must set securityContext.runAsNonRoot=true)"))
}

fn root_user(spec: &Value) -> Option<String> {
    let is_root = |context: &Value| context.get("runAsUser").as_i64() == Some(0);
    let mut who = Vec::new();
    if is_root(spec.get("securityContext")) {
        who.push("pod".to_owned());
    }
    who.extend(offenders(spec, |c| is_root(c.get("securityContext"))));
    let list = who.join(" and ");
    (!who.is_empty()).then(|| format!("runAsUser=0 ({list} must not set runAsUser=0)"))
}

fn seccomp(spec: &Value) -> Option<String> {
    let kind = |value: &Value| {
        value.path(&["securityContext", "seccompProfile", "type"]).as_str().map(str::to_owned)
    };
    let own = kind(spec);
    let is_good = |kind: Option<String>| {
        kind.is_some_and(|kind| matches!(kind.as_str(), "RuntimeDefault" | "Localhost"))
    };
    let who = offenders(spec, |c| !is_good(kind(c).or_else(|| own.clone())))?;
    Some(format!(
        "seccompProfile (pod or {who} must set securityContext.seccompProfile.type to \
         \"RuntimeDefault\" or \"Localhost\")"
    ))
}
