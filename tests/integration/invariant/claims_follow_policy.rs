//! Claims exist and are owned as the retention policy says (upstream's checkClaimInvarients).

use statefulset_playground::api::object::Object;
use statefulset_playground::api::pod::is_running_and_ready;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::client::Lister;

use super::sometimes::met;

/// The claims of every ready Pod, whose ordinal is wanted, are owned by the set or by nobody.
#[track_caller]
pub fn check(lister: Lister, set: &Object) {
    let policy = set.spec().get("persistentVolumeClaimRetentionPolicy");
    let deletes = |field| policy.get(field).str() == "Delete";
    let (start, replicas) = super::range(set);
    for (ordinal, pod) in super::pods(lister, set) {
        let condemned = !(start..start + replicas).contains(&ordinal);
        // A surplus Pod goes after its claims have got their owner, so they have it to its end.
        if !is_running_and_ready(pod) || (pod.is_terminating() && !condemned) {
            continue;
        }
        for template in set.spec().get("volumeClaimTemplates").items() {
            let template = template.path(&["metadata", "name"]).str();
            let name = format!("{template}-{}-{ordinal}", set.name());
            let claim = lister.find(Kind::PersistentVolumeClaim, set.namespace(), &name);
            let Some(claim) = claim else { panic!("{name} is missing") };
            let owned_by = |uid: &str| claim.owner_references().any(|r| r.uid() == uid);
            let by_pod = condemned && deletes("whenScaled");
            assert_eq!(owned_by(pod.uid()), by_pod, "{name} and its Pod");
            met("a claim of a Pod", owned_by(pod.uid()));
            met("a claim of the set", owned_by(set.uid()));
            met("a claim of nobody", claim.owner_references().next().is_none());
            assert_eq!(owned_by(set.uid()), deletes("whenDeleted") && !by_pod, "{name} and set");
        }
    }
}
