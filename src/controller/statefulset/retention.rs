//! Who owns a claim: the retention policy as owner references.
//!
//! Models the claim part of `pkg/controller/statefulset/stateful_set_utils.go`.

use crate::api::object::{Object, OwnerReference};
use crate::api::value::Value;
use crate::controller::reason::statefulset::ClaimOwner;

/// `spec.persistentVolumeClaimRetentionPolicy`: whether claims are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// With a Pod that is scaled away.
    pub when_scaled: bool,
    /// With the set.
    pub when_deleted: bool,
}

impl RetentionPolicy {
    /// The policy of a set; Retain where it says nothing.
    pub fn of(set: &Object) -> Self {
        let policy = set.spec().get("persistentVolumeClaimRetentionPolicy");
        let deletes = |field| policy.get(field).str() == "Delete";
        RetentionPolicy { when_scaled: deletes("whenScaled"), when_deleted: deletes("whenDeleted") }
    }

    /// Whether claims outlive everything.
    pub fn retains(self) -> bool {
        !self.when_scaled && !self.when_deleted
    }

    /// Who owns the claims of a Pod, which may be on its way out.
    pub fn owner(self, condemned: bool) -> ClaimOwner {
        match (self.when_scaled, self.when_deleted) {
            (true, _) if condemned => ClaimOwner::Pod,
            (_, true) => ClaimOwner::Set,
            (_, false) => ClaimOwner::Nobody,
        }
    }
}

/// A claim's set and Pod. A Pod that is not created yet has no uid.
#[derive(Clone, Copy)]
pub struct Owners<'a> {
    /// The set.
    pub set: &'a Object,
    /// The Pod.
    pub pod: &'a Object,
    /// Whether the Pod's ordinal is out of range.
    pub condemned: bool,
}

// Models matchesRef: by kind and name.
fn names(reference: OwnerReference, object: &Object) -> bool {
    reference.kind() == object.kind.name()
        && reference.api_version() == object.kind.resource().api_version()
        && reference.name() == object.name()
}

// Models hasOwnerRef: by uid.
fn has_owner(claim: &Object, owner: &Object) -> bool {
    claim.owner_references().any(|reference| reference.uid() == owner.uid())
}

/// Whether the claim names a former object of this kind and name as its owner
/// (`hasStaleOwnerRef`).
pub fn has_stale_owner(claim: &Object, owner: &Object) -> bool {
    claim.owner_references().any(|r| names(r, owner) && r.uid() != owner.uid())
}

/// Whether somebody else manages the claim although the set has a policy for it
/// (`hasUnexpectedController`).
pub fn has_unexpected_controller(claim: &Object, owners: Owners) -> bool {
    if RetentionPolicy::of(owners.set).retains() {
        return false;
    }
    claim.owner_references().any(|reference| {
        for owner in [owners.set, owners.pod] {
            if names(reference, owner) {
                return reference.uid() != owner.uid();
            }
        }
        reference.is_controller()
    })
}

/// Whether the claim's owner references are as the policy wants them (`isClaimOwnerUpToDate`).
pub fn is_claim_owner_up_to_date(claim: &Object, owners: Owners) -> bool {
    let Owners { set, pod, condemned } = owners;
    // What a former set or Pod owns is the garbage collector's.
    if has_stale_owner(claim, set) || has_stale_owner(claim, pod) {
        return true;
    }
    let (by_set, by_pod) = (has_owner(claim, set), has_owner(claim, pod));
    if has_unexpected_controller(claim, owners) {
        return !by_set && !by_pod;
    }
    let wanted = RetentionPolicy::of(set).owner(condemned);
    (by_set, by_pod) == (wanted == ClaimOwner::Set, wanted == ClaimOwner::Pod)
}

/// The claim's owner references as the policy wants them (`updateClaimOwnerRefForSetAndPod`).
pub fn owner_references(claim: &Object, owners: Owners) -> Vec<Value> {
    let Owners { set, pod, condemned } = owners;
    let others = claim.owner_references().filter(|r| !names(*r, set) && !names(*r, pod));
    let mut references: Vec<Value> = others.map(|reference| reference.0.clone()).collect();
    if !has_unexpected_controller(claim, owners) {
        match RetentionPolicy::of(set).owner(condemned) {
            ClaimOwner::Nobody => {}
            ClaimOwner::Set => references.push(OwnerReference::controller_of(set)),
            ClaimOwner::Pod => references.push(OwnerReference::controller_of(pod)),
        }
    }
    references
}
