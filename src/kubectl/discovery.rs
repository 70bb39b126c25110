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
    /// Verbs if they are not all.
    pub verbs: Option<&'static str>,
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

    /// Its verbs.
    pub fn verbs(&self) -> &'static str {
        self.verbs.unwrap_or(ALL_VERBS)
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

macro_rules! resources {
    ($($version:literal: $($name:ident $short:literal $scope:ident $kind:ident
       [$($verbs:literal)?] $categories:literal;)*)*) => {
        /// Everything, by group, then by name.
        pub static API_RESOURCES: &[ApiResource] = &[$($(ApiResource {
            name: stringify!($name),
            short_names: $short,
            api_version: $version,
            namespaced: resources!(@scope $scope),
            kind: stringify!($kind),
            verbs: resources!(@verbs $($verbs)?),
            categories: $categories,
        },)*)*];
    };
    (@scope yes) => { true };
    (@scope no) => { false };
    (@verbs) => { None };
    (@verbs $verbs:literal) => { Some($verbs) };
}

resources! {
    "v1":
    bindings "" yes Binding ["create"] "";
    componentstatuses "cs" no ComponentStatus ["get,list"] "";
    configmaps "cm" yes ConfigMap [] "";
    endpoints "ep" yes Endpoints [] "";
    events "ev" yes Event [] "";
    limitranges "limits" yes LimitRange [] "";
    namespaces "ns" no Namespace ["create,delete,get,list,patch,update,watch"] "";
    nodes "no" no Node [] "";
    persistentvolumeclaims "pvc" yes PersistentVolumeClaim [] "";
    persistentvolumes "pv" no PersistentVolume [] "";
    pods "po" yes Pod [] "all";
    podtemplates "" yes PodTemplate [] "";
    replicationcontrollers "rc" yes ReplicationController [] "all";
    resourcequotas "quota" yes ResourceQuota [] "";
    secrets "" yes Secret [] "";
    serviceaccounts "sa" yes ServiceAccount [] "";
    services "svc" yes Service [] "all";
    "admissionregistration.k8s.io/v1":
    mutatingadmissionpolicies "" no MutatingAdmissionPolicy [] "api-extensions";
    mutatingadmissionpolicybindings "" no MutatingAdmissionPolicyBinding [] "api-extensions";
    mutatingwebhookconfigurations "" no MutatingWebhookConfiguration [] "api-extensions";
    validatingadmissionpolicies "" no ValidatingAdmissionPolicy [] "api-extensions";
    validatingadmissionpolicybindings "" no ValidatingAdmissionPolicyBinding [] "api-extensions";
    validatingwebhookconfigurations "" no ValidatingWebhookConfiguration [] "api-extensions";
    "apiextensions.k8s.io/v1":
    customresourcedefinitions "crd,crds" no CustomResourceDefinition [] "api-extensions";
    "apiregistration.k8s.io/v1":
    apiservices "" no APIService [] "api-extensions";
    "apps/v1":
    controllerrevisions "" yes ControllerRevision [] "";
    daemonsets "ds" yes DaemonSet [] "all";
    deployments "deploy" yes Deployment [] "all";
    replicasets "rs" yes ReplicaSet [] "all";
    statefulsets "sts" yes StatefulSet [] "all";
    "authentication.k8s.io/v1":
    selfsubjectreviews "" no SelfSubjectReview ["create"] "";
    tokenreviews "" no TokenReview ["create"] "";
    "authorization.k8s.io/v1":
    localsubjectaccessreviews "" yes LocalSubjectAccessReview ["create"] "";
    selfsubjectaccessreviews "" no SelfSubjectAccessReview ["create"] "";
    selfsubjectrulesreviews "" no SelfSubjectRulesReview ["create"] "";
    subjectaccessreviews "" no SubjectAccessReview ["create"] "";
    "autoscaling/v2":
    horizontalpodautoscalers "hpa" yes HorizontalPodAutoscaler [] "all";
    "batch/v1":
    cronjobs "cj" yes CronJob [] "all";
    jobs "" yes Job [] "all";
    "certificates.k8s.io/v1":
    certificatesigningrequests "csr" no CertificateSigningRequest [] "";
    "coordination.k8s.io/v1":
    leases "" yes Lease [] "";
    "discovery.k8s.io/v1":
    endpointslices "" yes EndpointSlice [] "";
    "events.k8s.io/v1":
    events "ev" yes Event [] "";
    "flowcontrol.apiserver.k8s.io/v1":
    flowschemas "" no FlowSchema [] "";
    prioritylevelconfigurations "" no PriorityLevelConfiguration [] "";
    "networking.k8s.io/v1":
    ingressclasses "" no IngressClass [] "";
    ingresses "ing" yes Ingress [] "";
    ipaddresses "ip" no IPAddress [] "";
    networkpolicies "netpol" yes NetworkPolicy [] "";
    servicecidrs "" no ServiceCIDR [] "";
    "node.k8s.io/v1":
    runtimeclasses "" no RuntimeClass [] "";
    "policy/v1":
    poddisruptionbudgets "pdb" yes PodDisruptionBudget [] "";
    "rbac.authorization.k8s.io/v1":
    clusterrolebindings "" no ClusterRoleBinding [] "";
    clusterroles "" no ClusterRole [] "";
    rolebindings "" yes RoleBinding [] "";
    roles "" yes Role [] "";
    "resource.k8s.io/v1":
    deviceclasses "" no DeviceClass [] "";
    resourceclaims "" yes ResourceClaim [] "";
    resourceclaimtemplates "" yes ResourceClaimTemplate [] "";
    resourceslices "" no ResourceSlice [] "";
    "scheduling.k8s.io/v1":
    priorityclasses "pc" no PriorityClass [] "";
    "storage.k8s.io/v1":
    csidrivers "" no CSIDriver [] "";
    csinodes "" no CSINode [] "";
    csistoragecapacities "" yes CSIStorageCapacity [] "";
    storageclasses "sc" no StorageClass [] "";
    volumeattachments "" no VolumeAttachment [] "";
    volumeattributesclasses "vac" no VolumeAttributesClass [] "";
    "storagemigration.k8s.io/v1":
    storageversionmigrations "" no StorageVersionMigration [] "";
}

/// The served versions that no kind above prefers.
pub static OTHER_VERSIONS: &[&str] = &["autoscaling/v1"];

/// Every served version, sorted.
pub fn versions() -> Vec<&'static str> {
    let mut all: Vec<&str> = API_RESOURCES.iter().map(|r| r.api_version).collect();
    all.extend(OTHER_VERSIONS);
    all.sort_unstable();
    all.dedup();
    all
}

/// The resource that a plural, singular or short name, perhaps with a group, means.
pub fn find(text: &str) -> Option<&'static ApiResource> {
    let lower = text.to_lowercase();
    let (name, group) = lower.split_once('.').unwrap_or((&lower, ""));
    API_RESOURCES.iter().find(|r| {
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
        for resource in RESOURCES {
            let found = API_RESOURCES
                .iter()
                .find(|r| r.name == resource.plural && r.api_version == resource.api_version());
            let found = found.unwrap_or_else(|| panic!("{} is missing", resource.plural));
            assert_eq!(found.kind, resource.name);
            assert_eq!(found.namespaced, resource.namespaced);
            assert_eq!(found.short_names, resource.short.join(","));
        }
    }
}
