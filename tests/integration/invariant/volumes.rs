//! A volume is bound to one claim and back; none is bound twice; what a rule does not free is
//! never given away.

use std::collections::BTreeMap;

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::simulation::cluster::Cluster;

use super::sometimes::met;

/// Panics if the volumes contradict each other.
#[track_caller]
pub fn check(cluster: &Cluster) {
    let lister = cluster.lister();
    let mut holders: BTreeMap<&str, &str> = BTreeMap::new();
    for claim in lister.all(Kind::PersistentVolumeClaim) {
        if claim.status().get("phase").str() != "Bound" {
            continue;
        }
        let name = claim.spec().get("volumeName").str();
        if let Some(other) = holders.insert(name, claim.name()) {
            panic!("{name} is bound to {other} and to {}", claim.name());
        }
        let Some(volume) = lister.find(Kind::PersistentVolume, "", name) else { continue };
        let holder = volume.path(&["spec", "claimRef", "uid"]).str();
        met("a claim with its volume", true);
        assert_eq!(holder, claim.uid(), "{} is bound to {name}, but not back", claim.name());
    }
    let mut claimed: BTreeMap<&str, &str> = BTreeMap::new();
    for volume in lister.all(Kind::PersistentVolume) {
        let claim = volume.path(&["spec", "claimRef", "uid"]).str();
        if volume.status().get("phase").str() == "Bound"
            && let Some(other) = claimed.insert(claim, volume.name())
        {
            panic!("{other} and {} are bound to one claim", volume.name());
        }
        let is_kept = volume.spec().get("persistentVolumeReclaimPolicy").str() == "Retain";
        let claim = volume.path(&["spec", "claimRef", "uid"]).str();
        let phase = volume.status().get("phase").str();
        met("a volume kept after its claim", is_kept && phase == "Released");
        assert!(
            !(is_kept && phase == "Available" && !claim.is_empty())
                || lister.all(Kind::PersistentVolumeClaim).any(|c| c.uid() == claim),
            "{} is retained for a claim that is gone, and yet free",
            volume.name()
        );
    }
}
