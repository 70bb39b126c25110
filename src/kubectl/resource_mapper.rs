//! From what people type to kinds: `sts`, `StatefulSet`, `statefulsets.v1.apps`.
//!
//! Models `meta.RESTMapper` with `restmapper.NewShortcutExpander` and the builder's `mappingFor`.

use super::discovery;
use super::errors::Failure;
use crate::api::scheme::{Kind, RESOURCES, Resource};

/// The kind that `text` names.
///
/// Models resource.Builder mappingFor in `k8s.io/cli-runtime/pkg/resource/builder.go`.
pub fn kind_for(text: &str) -> Result<Kind, Failure> {
    let (name, group) = text.split_once('.').unwrap_or((text, ""));
    let name_lower = name.to_lowercase();
    let named = |r: &&Resource| {
        r.plural == name_lower || r.singular == name_lower || r.short.contains(&&*name_lower)
    };
    let in_group = |group: &str| RESOURCES.iter().filter(named).find(|r| r.group == group);
    let by_prefix =
        |group: &str| RESOURCES.iter().filter(named).find(|r| r.group.starts_with(group));
    // A version that is not served is overlooked behind a short name, and only there.
    let versioned = group.split_once('.').and_then(|(version, group)| {
        let found = in_group(group)?;
        let short = found.short.contains(&&*name_lower);
        (short || found.version == version).then_some(found)
    });
    let found = match versioned {
        _ if !text.contains('.') => RESOURCES.iter().find(named),
        Some(found) => Some(found),
        None => in_group(group).or_else(|| by_prefix(group)),
    };
    found.map(|resource| resource.kind).ok_or_else(|| unknown(text, name, group))
}

fn unknown(text: &str, name: &str, group: &str) -> Failure {
    let stored = |kind: &str| RESOURCES.iter().any(|resource| resource.name == kind);
    if let Some(resource) = discovery::find(text).filter(|resource| !stored(resource.kind)) {
        let what = format!("objects of kind {}", resource.kind);
        return Failure::not_simulated(&what, "ask the API server for them");
    }
    match group {
        "" => Failure::message(format!("the server doesn't have a resource type {name:?}")),
        group => Failure::message(format!(
            "the server doesn't have a resource type {name:?} in group {group:?}"
        )),
    }
}

/// The kinds behind `all`, in the order of discovery (`restmapper.CategoryExpander`).
pub fn all_category() -> Vec<Kind> {
    RESOURCES.iter().filter(|resource| resource.in_all).map(|resource| resource.kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_spellings_name_one_kind() {
        for text in ["sts", "StatefulSet", "statefulsets.apps", "sts.v1.apps", "sts.v1beta1.apps"] {
            assert_eq!(kind_for(text), Ok(Kind::StatefulSet), "{text}");
        }
        assert!(kind_for("statefulsets.v1beta1.apps").is_err());
        assert_eq!(kind_for("pods.v1."), Ok(Kind::Pod));
        let refused = kind_for("pods.v1").unwrap_err().sentence();
        assert_eq!(refused, "the server doesn't have a resource type \"pods\" in group \"v1\"");
        let refused = kind_for("stateful-sets").unwrap_err().sentence();
        assert_eq!(refused, "the server doesn't have a resource type \"stateful-sets\"");
    }
}
