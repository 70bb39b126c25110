//! The kinds of the API: names, groups, short names, categories, subresources.
//!
//! Models `k8s.io/apimachinery/pkg/api/meta` (RESTMapper) and the discovery documents of a v1.37
//! cluster for the kinds that are stored here.

/// A kind that the API server stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Kind {
    ConfigMap,
    Endpoints,
    Event,
    LimitRange,
    Namespace,
    Node,
    PersistentVolumeClaim,
    PersistentVolume,
    Pod,
    ResourceQuota,
    Secret,
    ServiceAccount,
    Service,
    ControllerRevision,
    DaemonSet,
    Deployment,
    ReplicaSet,
    StatefulSet,
    HorizontalPodAutoscaler,
    CronJob,
    Job,
    Lease,
    EndpointSlice,
    PodDisruptionBudget,
    PriorityClass,
    StorageClass,
}

/// What the API calls a kind, and where it lives.
#[derive(Debug)]
pub struct Resource {
    /// The kind.
    pub kind: Kind,
    /// Kind as written in manifests: `StatefulSet`.
    pub name: &'static str,
    /// API group, "" for the core group.
    pub group: &'static str,
    /// Version served and stored.
    pub version: &'static str,
    /// `statefulsets`
    pub plural: &'static str,
    /// `statefulset`
    pub singular: &'static str,
    /// `sts`
    pub short: &'static [&'static str],
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// Whether `kubectl get all` lists it.
    pub in_all: bool,
    /// Subresources, for example `status`, `scale`.
    pub subresources: &'static [&'static str],
    /// Whether `metadata.generation` counts changes of the spec.
    pub has_generation: bool,
}

impl Resource {
    /// `apps/v1`, `v1`
    pub fn api_version(&self) -> String {
        match self.group {
            "" => self.version.into(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// `statefulsets.apps`, `pods`: how errors name the resource.
    pub fn qualified_plural(&self) -> String {
        qualified(self.plural, self.group)
    }

    /// `statefulset.apps`, `pod`: how kubectl names objects.
    pub fn qualified_singular(&self) -> String {
        qualified(self.singular, self.group)
    }

    /// `StatefulSet.apps`, `Pod`: how invalid objects are named.
    pub fn qualified_kind(&self) -> String {
        qualified(self.name, self.group)
    }
}

fn qualified(name: &str, group: &str) -> String {
    match group {
        "" => name.into(),
        group => format!("{name}.{group}"),
    }
}

macro_rules! kinds {
    ($($kind:ident $group:literal $version:literal $plural:literal [$($short:literal)*]
       $scope:ident $all:ident [$($sub:literal)*] $generation:ident;)*) => {
        /// Every stored kind, in the order of `kubectl api-resources` (group, then plural).
        pub static RESOURCES: &[Resource] = &[$(Resource {
            kind: Kind::$kind,
            name: stringify!($kind),
            group: $group,
            version: $version,
            plural: $plural,
            singular: singular($plural),
            short: &[$($short),*],
            namespaced: kinds!(@flag $scope),
            in_all: kinds!(@flag $all),
            subresources: &[$($sub),*],
            has_generation: kinds!(@flag $generation),
        }),*];
    };
    (@flag namespaced) => { true };
    (@flag cluster) => { false };
    (@flag all) => { true };
    (@flag own) => { false };
    (@flag counts) => { true };
    (@flag fixed) => { false };
}

kinds! {
    ConfigMap "" "v1" "configmaps" ["cm"] namespaced own [] fixed;
    Endpoints "" "v1" "endpoints" ["ep"] namespaced own [] fixed;
    Event "" "v1" "events" ["ev"] namespaced own [] fixed;
    LimitRange "" "v1" "limitranges" ["limits"] namespaced own [] fixed;
    Namespace "" "v1" "namespaces" ["ns"] cluster own ["status" "finalize"] fixed;
    Node "" "v1" "nodes" ["no"] cluster own ["status" "proxy"] fixed;
    PersistentVolumeClaim "" "v1" "persistentvolumeclaims" ["pvc"] namespaced own ["status"] fixed;
    PersistentVolume "" "v1" "persistentvolumes" ["pv"] cluster own ["status"] fixed;
    Pod "" "v1" "pods" ["po"] namespaced all
        ["status" "binding" "eviction" "exec" "log" "resize" "ephemeralcontainers"] counts;
    ResourceQuota "" "v1" "resourcequotas" ["quota"] namespaced own ["status"] fixed;
    Secret "" "v1" "secrets" [] namespaced own [] fixed;
    ServiceAccount "" "v1" "serviceaccounts" ["sa"] namespaced own ["token"] fixed;
    Service "" "v1" "services" ["svc"] namespaced all ["status" "proxy"] fixed;
    ControllerRevision "apps" "v1" "controllerrevisions" [] namespaced own [] fixed;
    DaemonSet "apps" "v1" "daemonsets" ["ds"] namespaced all ["status"] counts;
    Deployment "apps" "v1" "deployments" ["deploy"] namespaced all ["status" "scale"] counts;
    ReplicaSet "apps" "v1" "replicasets" ["rs"] namespaced all ["status" "scale"] counts;
    StatefulSet "apps" "v1" "statefulsets" ["sts"] namespaced all ["status" "scale"] counts;
    HorizontalPodAutoscaler "autoscaling" "v2" "horizontalpodautoscalers" ["hpa"]
        namespaced all ["status"] fixed;
    CronJob "batch" "v1" "cronjobs" ["cj"] namespaced all ["status"] counts;
    Job "batch" "v1" "jobs" [] namespaced all ["status"] counts;
    Lease "coordination.k8s.io" "v1" "leases" [] namespaced own [] fixed;
    EndpointSlice "discovery.k8s.io" "v1" "endpointslices" [] namespaced own [] counts;
    PodDisruptionBudget "policy" "v1" "poddisruptionbudgets" ["pdb"]
        namespaced own ["status"] counts;
    PriorityClass "scheduling.k8s.io" "v1" "priorityclasses" ["pc"] cluster own [] counts;
    StorageClass "storage.k8s.io" "v1" "storageclasses" ["sc"] cluster own [] fixed;
}

const fn singular(plural: &'static str) -> &'static str {
    let bytes = plural.as_bytes();
    let cut = match bytes {
        b"endpoints" => 0,
        [.., b's', b's', b'e', b's'] => 2,
        _ => 1,
    };
    plural.split_at(bytes.len() - cut).0
}

impl Kind {
    /// Its row in the table.
    pub fn resource(self) -> &'static Resource {
        RESOURCES.iter().find(|resource| resource.kind == self).expect("every kind has a row")
    }

    /// `StatefulSet`
    pub fn name(self) -> &'static str {
        self.resource().name
    }

    /// The kind that a manifest's `apiVersion` and `kind` name, if it is stored here.
    pub fn of_manifest(api_version: &str, kind: &str) -> Option<Kind> {
        RESOURCES.iter().find(|r| r.name == kind && r.api_version() == api_version).map(|r| r.kind)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singulars_are_those_of_discovery() {
        let names: Vec<_> = RESOURCES.iter().map(|r| r.singular).collect();
        for name in ["endpoints", "storageclass", "pod", "endpointslice", "priorityclass"] {
            assert!(names.contains(&name), "{name} in {names:?}");
        }
    }
}
