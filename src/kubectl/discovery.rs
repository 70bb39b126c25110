//! What the API server says it serves.
//!
//! Models the discovery documents of a v1.37 cluster with default feature gates: also kinds that
//! are not stored here, so that lists of kinds are complete and refusals honest.

/// One resource of discovery (`metav1.APIResource`).
#[derive(Clone, Copy, Debug)]
pub struct ApiResource {
    /// `statefulsets`
    pub name: &'static str,
    /// `sts`, several joined by commas.
    pub short_names: &'static str,
    /// `apps/v1`
    pub api_version: &'static str,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// `StatefulSet`
    pub kind: &'static str,
    /// Its verbs, joined by commas.
    pub verbs: &'static str,
    /// `all`, `api-extensions`
    pub categories: &'static str,
}

/// The verbs of an ordinary resource.
pub const ALL_VERBS: &str = "create,delete,deletecollection,get,list,patch,update,watch";

impl ApiResource {
    /// Its group, "" for the core group.
    pub fn group(&self) -> &'static str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// `statefulsets.apps`
    pub fn qualified_name(&self) -> String {
        match self.group() {
            "" => self.name.into(),
            group => format!("{}.{group}", self.name),
        }
    }

    /// The singular name.
    pub fn singular(&self) -> String {
        self.kind.to_lowercase()
    }
}

/// Every resource, by group, then by name.
///
/// A line of the table is a group version, or a resource: name, short names, whether it is in a
/// namespace, kind, verbs (`*` for all), categories. Subresources have a `/` in their names, and
/// perhaps a group version before their kind.
fn table() -> Vec<ApiResource> {
    let (mut version, mut rows) = ("", Vec::new());
    for line in include_str!("discovery.txt").lines() {
        let optional = |text: &'static str| if text == "-" { "" } else { text };
        match *line.split(' ').collect::<Vec<_>>().as_slice() {
            [name, short_names, scope, kind, verbs, categories] => rows.push(ApiResource {
                name,
                short_names: optional(short_names),
                api_version: version,
                namespaced: scope == "yes",
                kind,
                verbs: if verbs == "*" { ALL_VERBS } else { verbs },
                categories: optional(categories),
            }),
            _ => version = line,
        }
    }
    rows
}

/// Every resource without subresources, by group, then by name.
pub fn resources() -> Vec<ApiResource> {
    table().into_iter().filter(|resource| !resource.name.contains('/')).collect()
}

/// The resources of one group version with their subresources, by name.
pub fn resources_of(api_version: &str) -> Vec<ApiResource> {
    // The older version of autoscaling serves the kind of the newer.
    let wanted = if api_version == "autoscaling/v1" { "autoscaling/v2" } else { api_version };
    let mut rows: Vec<ApiResource> =
        table().into_iter().filter(|resource| resource.api_version == wanted).collect();
    rows.sort_by_key(|resource| resource.name);
    rows
}

/// The served versions that no kind above prefers.
pub static OTHER_VERSIONS: &[&str] = &["autoscaling/v1"];

/// Every served version, sorted.
pub fn versions() -> Vec<&'static str> {
    let mut all: Vec<&str> = resources().iter().map(|r| r.api_version).collect();
    all.extend(OTHER_VERSIONS);
    all.sort_unstable();
    all.dedup();
    all
}

/// The resource that a plural, singular or short name, perhaps with a group, means.
pub fn find(text: &str) -> Option<ApiResource> {
    let lower = text.to_lowercase();
    let (name, group) = lower.split_once('.').unwrap_or((&lower, ""));
    resources().into_iter().find(|r| {
        let named = r.name == name
            || r.singular() == name
            || r.short_names.split(',').any(|short| !short.is_empty() && short == name);
        named
            && (group.is_empty()
                || r.group() == group
                || group.ends_with(&format!(".{}", r.group())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::RESOURCES;

    #[test]
    fn every_stored_kind_is_served() {
        let served = resources();
        for resource in RESOURCES {
            let found = served
                .iter()
                .find(|r| r.name == resource.plural && r.api_version == resource.api_version());
            let found = found.unwrap_or_else(|| panic!("{} is missing", resource.plural));
            assert_eq!(found.kind, resource.name);
            assert_eq!(found.namespaced, resource.namespaced);
            assert_eq!(found.short_names, resource.short.join(","));
        }
    }
}
