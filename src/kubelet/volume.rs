//! Volumes of a Pod: what they are, and what keeps them from being mounted.
//!
//! Models `pkg/volume` and `pkg/kubelet/volumemanager`.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::client::Lister;

/// Why a volume of `pod` cannot be mounted, as the event says it.
pub fn problem(pod: &Object, lister: Lister<'_>) -> Option<String> {
    let namespace = pod.namespace();
    pod.path(&["spec", "volumes"]).items().iter().find_map(|volume| {
        let name = volume.get("name").str();
        let missing = |kind: Kind, what: &str, field: &str, source: &str| {
            let source = volume.get(source);
            let optional = source.get("optional").is_true();
            let wanted = source.get(field).str();
            let absent = !source.is_null() && lister.find(kind, namespace, wanted).is_none();
            (absent && !optional).then(|| {
                let what = format!("{what} \"{wanted}\" not found");
                format!("MountVolume.SetUp failed for volume \"{name}\" : {what}")
            })
        };
        missing(Kind::ConfigMap, "configmap", "name", "configMap")
            .or_else(|| missing(Kind::Secret, "secret", "secretName", "secret"))
    })
}

/// Whether the Pod has volumes that follow changes of objects.
pub fn changes(pod: &Object) -> bool {
    pod.path(&["spec", "volumes"]).items().iter().any(|volume| {
        ["configMap", "secret", "downwardAPI"].iter().any(|kind| !volume.get(kind).is_null())
    })
}
