//! What the API server tells of itself: health, version, discovery.
//!
//! Models `k8s.io/apiserver/pkg/server/healthz` and `pkg/endpoints/discovery`.

use crate::apiserver::registry::config::base64;
use crate::kubectl::discovery::{ApiResource, resources_of, versions};
use crate::text::digest::sha256;

/// `/version`, as far as it does not depend on the build.
pub(super) const VERSION: &str = "{\n  \"major\": \"1\",\n  \"minor\": \"37\",\n  \
     \"emulationMajor\": \"1\",\n  \"emulationMinor\": \"37\",\n  \
     \"minCompatibilityMajor\": \"1\",\n  \"minCompatibilityMinor\": \"36\",\n  \
     \"gitVersion\": \"v1.37.0\",\n  \"gitTreeState\": \"clean\",\n  \
     \"compiler\": \"gc\",\n  \"platform\": \"linux/amd64\"\n}";

/// `/api`
pub(super) const CORE: &str = "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],\
     \"serverAddressByClientCIDRs\":[{\"clientCIDR\":\"0.0.0.0/0\",\
     \"serverAddress\":\"192.168.49.10:6443\"}]}\n";

/// A health endpoint, or one of its checks; `None` for checks that are not known here.
pub(super) fn health(probe: &str, checks: &[&str], verbose: bool) -> Option<String> {
    match checks {
        [] if !verbose => Some("ok".into()),
        [] => {
            let lines: String =
                include_str!("checks.txt").lines().map(|c| format!("[+]{c} ok\n")).collect();
            Some(format!("{lines}{probe} check passed\n"))
        }
        ["ping" | "etcd" | "log"] if !verbose => Some("ok".into()),
        _ => None,
    }
}

/// `/apis/GROUP` (`metav1.APIGroup`).
pub(super) fn group(group: &str) -> Option<String> {
    let body = group_body(group)?;
    Some(format!("{{\"kind\":\"APIGroup\",\"apiVersion\":\"v1\",{body}}}"))
}

fn group_body(group: &str) -> Option<String> {
    let mut found: Vec<&str> = versions()
        .into_iter()
        .filter(|version| version.split_once('/').is_some_and(|(name, _)| name == group))
        .collect();
    // The newest version is listed first.
    found.reverse();
    let entry = |version: &&str| {
        let short = version.split_once('/').map_or("", |(_, version)| version);
        format!("{{\"groupVersion\":\"{version}\",\"version\":\"{short}\"}}")
    };
    let entries: Vec<String> = found.iter().map(entry).collect();
    let preferred = entries.first()?;
    Some(format!(
        "\"name\":\"{group}\",\"versions\":[{}],\"preferredVersion\":{preferred}",
        entries.join(",")
    ))
}

/// The groups in the order in which the server installs them.
const ORDER: [&str; 18] = [
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
];

/// `/apis` (`metav1.APIGroupList`).
pub(super) fn groups() -> String {
    let mut names: Vec<&str> = ORDER.to_vec();
    for (name, _) in versions().iter().filter_map(|version| version.split_once('/')) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let bodies: Vec<String> =
        names.into_iter().filter_map(group_body).map(|body| format!("{{{body}}}")).collect();
    format!(
        "{{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[{}]}}\n",
        bodies.join(",")
    )
}

/// `/apis/GROUP/VERSION` (`metav1.APIResourceList`).
pub(super) fn version(api_version: &str) -> String {
    let resources: Vec<String> = resources_of(api_version).iter().map(resource).collect();
    let own = if api_version == "v1" { "" } else { "\"apiVersion\":\"v1\"," };
    format!(
        "{{\"kind\":\"APIResourceList\",{own}\"groupVersion\":\"{api_version}\",\"resources\":[{}]}}\n",
        resources.join(",")
    )
}

fn resource(resource: &ApiResource) -> String {
    let strings = |list: &str| {
        let quoted: Vec<String> = list.split(',').map(|text| format!("\"{text}\"")).collect();
        quoted.join(",")
    };
    let is_part = resource.name.contains('/');
    let singular = if is_part { String::new() } else { resource.singular() };
    let mut text = format!(
        "{{\"name\":\"{}\",\"singularName\":\"{singular}\",\"namespaced\":{},",
        resource.name, resource.namespaced
    );
    let kind = match resource.kind.rsplit_once('/') {
        Some((version, kind)) => {
            let (group, version) = version.split_once('/').unwrap_or(("", version));
            text.push_str(&format!("\"group\":\"{group}\",\"version\":\"{version}\","));
            kind
        }
        None => resource.kind,
    };
    text.push_str(&format!("\"kind\":\"{kind}\",\"verbs\":[{}]", strings(resource.verbs)));
    for (field, list) in [("shortNames", resource.short_names), ("categories", resource.categories)]
    {
        if !list.is_empty() {
            text.push_str(&format!(",\"{field}\":[{}]", strings(list)));
        }
    }
    if !is_part && resource.verbs.contains("create,delete") {
        text.push_str(&format!(",\"storageVersionHash\":\"{}\"", storage_hash(resource)));
    }
    text + "}"
}

/// Models discovery.StorageVersionHash. Events are stored as the core group has them.
fn storage_hash(resource: &ApiResource) -> String {
    let (group, version) = match (resource.kind, resource.api_version.split_once('/')) {
        ("Event", _) => ("", "v1"),
        (_, Some(parts)) => parts,
        (_, None) => ("", resource.api_version),
    };
    let digest = sha256(format!("{group}/{version}/{}", resource.kind).as_bytes());
    base64(digest.get(..8).unwrap_or_default())
}
