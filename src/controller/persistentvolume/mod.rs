//! PersistentVolumes and their claims: binding, releasing, reclaiming.
//!
//! Models `pkg/controller/volume/persistentvolume` (pv_controller.go), `pvcprotection`,
//! `pvprotection`, `ephemeral`, `expand`, and the external provisioners that serve classes here.
//!
//! # Scope
//!
//! - volume-attributes: VolumeAttributesClasses are compared, never applied.
//! - volume-in-tree: no in-tree provisioner or deleter but that of hostPath.

pub mod bind;
pub mod claim;
pub mod ephemeral;
pub mod expand;
pub mod protection;
pub mod provision;
pub mod reclaim;
pub mod recycler;
pub mod released;
pub mod volume;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;

use super::reason::PersistentVolumeReason;
use super::{Controller, Decision, Reason};

/// persistentvolume-controller
pub struct PersistentVolumeController;

/// Its name, which is also the component of its events.
pub const NAME: &str = "persistentvolume-controller";

// Everything that waits is looked at again at one common tick.
const RESYNC_PERIOD: Duration = Duration::from_secs(15);

impl Controller for PersistentVolumeController {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_single_worker(&self) -> bool {
        true
    }

    // Always the same, so that claims are served in the order in which they came.
    fn latency(&self) -> (u64, u64) {
        (1_000, 1_000)
    }

    fn resync_period(&self) -> Option<Duration> {
        Some(RESYNC_PERIOD)
    }

    fn resync_keys(&self, lister: Lister<'_>) -> Vec<ObjectKey> {
        let claims = lister.all(Kind::PersistentVolumeClaim);
        let claims = claims.filter(|claim| !is_settled_claim(lister, claim));
        let volumes = lister.all(Kind::PersistentVolume);
        let volumes = volumes.filter(|volume| !is_settled_volume(lister, volume));
        claims.chain(volumes).map(Object::key).collect()
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::PersistentVolumeClaim => self.claim_changed(changed),
            Kind::PersistentVolume => self.volume_changed(changed, lister),
            Kind::Pod => recycler::volume_of_pod(changed).into_iter().collect(),
            Kind::Event => {
                recycler::concerns(changed).then(|| changed.key.clone()).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let Some(object) = lister.get(key) else { return Decision::default() };
        match key.kind {
            Kind::PersistentVolumeClaim => claim::sync(lister, object),
            Kind::PersistentVolume => released::sync(lister, object),
            Kind::Event => recycler::repeat(lister, object, now),
            _ => Decision::default(),
        }
    }
}

impl PersistentVolumeController {
    // Its own writes are in its cache already and start nothing, except the class that it gave
    // to a claim.
    fn claim_changed(&self, changed: &WatchEvent) -> Vec<ObjectKey> {
        let claim = &changed.object;
        let class = |object: &Object| object.spec().get("storageClassName").clone();
        let is_own = changed.actor == super::Controller::actor(self);
        let is_reclassed = changed.previous.as_ref().is_some_and(|p| class(p) != class(claim));
        match changed.event_type {
            WatchEventType::Deleted => {
                let volume = claim.spec().get("volumeName").str();
                let key = ObjectKey::new(Kind::PersistentVolume, "", volume);
                if volume.is_empty() { Vec::new() } else { vec![key] }
            }
            _ if is_own && !is_reclassed => Vec::new(),
            _ => vec![changed.key.clone()],
        }
    }

    fn volume_changed(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        let reference = changed.object.spec().get("claimRef");
        let claim = ObjectKey::new(
            Kind::PersistentVolumeClaim,
            reference.get("namespace").str(),
            reference.get("name").str(),
        );
        match changed.event_type {
            WatchEventType::Deleted if reference.is_null() => Vec::new(),
            WatchEventType::Deleted => vec![claim],
            _ if changed.actor == super::Controller::actor(self) => Vec::new(),
            _ => {
                // A volume made or reserved for a claim that is not bound yet wakes the claim.
                let waits = |claim: &&Object| {
                    claim.uid() == reference.get("uid").str()
                        && claim.spec().get("volumeName").str().is_empty()
                };
                let waiting = lister.get(&claim).filter(waits).map(Object::key);
                [changed.key.clone()].into_iter().chain(waiting).collect()
            }
        }
    }
}

// Bound to a volume that is bound to it: nothing to look at.
fn is_settled_claim(lister: Lister<'_>, claim: &Object) -> bool {
    let name = claim.spec().get("volumeName").str();
    let is_its = |v: &Object| v.path(&["spec", "claimRef", "uid"]).str() == claim.uid();
    claim.status().get("phase").str() == "Bound"
        && lister.find(Kind::PersistentVolume, "", name).is_some_and(is_its)
}

fn is_settled_volume(lister: Lister<'_>, volume: &Object) -> bool {
    let reference = volume.spec().get("claimRef");
    match volume.status().get("phase").str() {
        "Available" => reference.is_null(),
        "Bound" => {
            let (namespace, name) = (reference.get("namespace").str(), reference.get("name").str());
            let claim = lister.find(Kind::PersistentVolumeClaim, namespace, name);
            claim.is_some_and(|claim| {
                claim.uid() == reference.get("uid").str()
                    && claim.spec().get("volumeName").str() == volume.name()
            })
        }
        _ => false,
    }
}

// One reason about an object.
fn because(decision: &mut Decision, about: &Object, reason: PersistentVolumeReason) {
    decision.reasons.push((about.key(), Reason::PersistentVolume(reason)));
}
