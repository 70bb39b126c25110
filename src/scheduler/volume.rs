//! Claims and volumes in scheduling.
//!
//! Models `pkg/scheduler/framework/plugins/volumebinding` (binder.go), `volumezone` (what it says
//! about missing volumes) and `volumerestrictions` (ReadWriteOncePod).

use crate::api::object::Object;
use crate::api::pod::{ephemeral_claim, is_terminal};
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Map, Value};
use crate::apiserver::index::claim_names;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::client::Lister;
use crate::controller::Step;
use crate::controller::persistentvolume::{ephemeral, volume as facts};
use crate::controller::reason::scheduler::{ClaimReason, NodeReason};

/// What a Pod's claims mean for its placing.
#[derive(Default)]
pub struct PodVolumes<'a> {
    /// Volumes of claims that are bound.
    pub bound: Vec<&'a Object>,
    /// Claims that wait for a node, the smallest request first.
    pub delayed: Vec<&'a Object>,
    /// A ReadWriteOncePod claim that another Pod uses, with that Pod.
    pub in_use: Option<(EcoString, EcoString)>,
}

/// How the delayed claims of a Pod get volumes on a node.
pub struct Plan<'a> {
    /// Claims with the volumes to bind them to.
    pub bindings: Vec<(&'a Object, &'a Object)>,
    /// Claims to provision volumes for.
    pub provisions: Vec<&'a Object>,
}

/// Looks at a Pod's claims before any node (`PreFilter`).
pub fn pre_filter<'a>(lister: Lister<'a>, pod: &Object) -> Result<PodVolumes<'a>, ClaimReason> {
    let mut volumes = PodVolumes::default();
    let mut claims = Vec::new();
    for name in claim_names(pod) {
        let claim = lister.find(Kind::PersistentVolumeClaim, pod.namespace(), &name);
        let claim = claim.ok_or_else(|| match is_ephemeral(pod, &name) {
            true => ClaimReason::NotMadeYet(name.clone()),
            false => ClaimReason::NotFound(name.clone()),
        })?;
        check(pod, claim)?;
        claims.push(claim);
    }
    let mut unbound = Vec::new();
    for claim in claims {
        if facts::is_fully_bound(claim) {
            let name = claim.spec().get("volumeName").str();
            let volume = lister.find(Kind::PersistentVolume, "", name);
            volumes.bound.push(volume.ok_or_else(|| ClaimReason::VolumeNotFound(name.into()))?);
        } else if is_delayed(lister, claim) {
            volumes.delayed.push(claim);
        } else {
            unbound.push(claim.name().into());
        }
        if volumes.in_use.is_none() {
            volumes.in_use = other_user(lister, pod, claim);
        }
    }
    volumes.delayed.sort_by_key(|claim| facts::requested(claim));
    match unbound.is_empty() {
        true => Ok(volumes),
        false => Err(ClaimReason::UnboundImmediate(unbound)),
    }
}

fn check(pod: &Object, claim: &Object) -> Result<(), ClaimReason> {
    let name = EcoString::from(claim.name());
    if claim.status().get("phase").str() == "Lost" {
        let volume = claim.spec().get("volumeName").str().into();
        return Err(ClaimReason::Lost { claim: name, volume });
    }
    if claim.is_terminating() {
        return Err(ClaimReason::Terminating(name));
    }
    match is_ephemeral(pod, &name) && !ephemeral::is_for(claim, pod) {
        true => {
            let full = |name: &str| format!("{}/{name}", pod.namespace()).into();
            Err(ClaimReason::NotOwned { claim: full(&name), pod: full(pod.name()) })
        }
        false => Ok(()),
    }
}

fn is_ephemeral(pod: &Object, claim: &str) -> bool {
    let volumes = pod.spec().get("volumes").items().iter();
    let mut ephemeral = volumes.filter(|volume| !volume.get("ephemeral").is_null());
    ephemeral.any(|volume| ephemeral_claim(pod, volume) == claim)
}

// A claim that names a volume is bound at once, whatever its class (`isPVCBound` and
// `IsDelayBindingMode`).
fn is_delayed(lister: Lister<'_>, claim: &Object) -> bool {
    claim.spec().get("volumeName").str().is_empty()
        && facts::is_delayed(facts::class_of(lister, claim))
}

fn other_user(lister: Lister<'_>, pod: &Object, claim: &Object) -> Option<(EcoString, EcoString)> {
    let modes = claim.spec().get("accessModes").items();
    if !modes.iter().any(|mode| mode.str() == "ReadWriteOncePod") {
        return None;
    }
    let mut users = lister.pods_of_claim(pod.namespace(), claim.name());
    let other = users.find(|user| {
        user.uid() != pod.uid()
            && !is_terminal(user)
            && !user.spec().get("nodeName").str().is_empty()
    })?;
    Some((claim.name().into(), other.name().into()))
}

/// Whether a node will do for the claims (`Filter`).
pub fn filter(lister: Lister<'_>, volumes: &PodVolumes, node: &Object) -> Vec<NodeReason> {
    if let Some((claim, user)) = volumes.in_use.clone() {
        return vec![NodeReason::ClaimInUse { claim, user }];
    }
    let elsewhere = volumes.bound.iter().find(|volume| !facts::fits_node(volume, node));
    let mut reasons: Vec<_> = elsewhere
        .map(|volume| NodeReason::VolumeElsewhere(volume.name().into()))
        .into_iter()
        .collect();
    if let Err(claim) = plan(lister, volumes, node) {
        reasons.push(NodeReason::NoVolume(claim));
    }
    reasons
}

/// How the delayed claims would get volumes on `node`, or the claim that gets none
/// (`findMatchingVolumes`, `checkVolumeProvisions`).
pub fn plan<'a>(
    lister: Lister<'a>,
    volumes: &PodVolumes<'a>,
    node: &Object,
) -> Result<Plan<'a>, EcoString> {
    let mut plan = Plan { bindings: Vec::new(), provisions: Vec::new() };
    if volumes.delayed.is_empty() {
        return Ok(plan);
    }
    let mut free: Vec<&Object> = lister.all(Kind::PersistentVolume).collect();
    for claim in volumes.delayed.iter().copied() {
        if let Some(selected) = claim.annotation(facts::SELECTED_NODE) {
            if selected != node.name() {
                return Err(claim.name().into());
            }
            plan.provisions.push(claim);
        } else if let Some(volume) = facts::find_matching(&free, claim, Some(node), true) {
            free.retain(|other| other.name() != volume.name());
            plan.bindings.push((claim, volume));
        } else if can_provision(lister, claim, node) {
            plan.provisions.push(claim);
        } else {
            return Err(claim.name().into());
        }
    }
    Ok(plan)
}

fn can_provision(lister: Lister<'_>, claim: &Object, node: &Object) -> bool {
    let Some(class) = facts::class_of(lister, claim) else { return false };
    let provisioner = class.value.get("provisioner").str();
    let topologies = class.value.get("allowedTopologies").items();
    let allows = |topology: &Value| {
        topology.get("matchLabelExpressions").items().iter().all(|requirement| {
            let label = node.label(requirement.get("key").str());
            label.is_some_and(|l| requirement.get("values").items().iter().any(|v| v.str() == l))
        })
    };
    !provisioner.is_empty()
        && provisioner != facts::NO_PROVISIONER
        && (topologies.is_empty() || topologies.iter().any(allows))
}

/// The writes that carry a plan out: reserve volumes, ask for provisioning (`bindAPIUpdate`).
/// Claims that are annotated already need none.
pub fn steps(plan: &Plan, node: &Object) -> Vec<Step> {
    let bindings = plan
        .bindings
        .iter()
        .filter(|(claim, volume)| volume.path(&["spec", "claimRef", "uid"]).str() != claim.uid());
    let mut steps: Vec<Step> = bindings.map(|(claim, volume)| reserve(claim, volume)).collect();
    for claim in &plan.provisions {
        if claim.annotation(facts::SELECTED_NODE).is_none() {
            let selected: Map = [(facts::SELECTED_NODE, node.name())].into_iter().collect();
            let patch = crate::value!({"metadata": {"annotations": selected}});
            let verb = Verb::Patch(Patch::Merge(patch));
            steps.push(Step::new(Request::new(Actor::Scheduler, claim.key(), verb)));
        }
    }
    steps
}

fn reserve(claim: &Object, volume: &Object) -> Step {
    let mut reserved = volume.clone();
    if !facts::is_bound_to(volume, claim) {
        reserved.set(&["metadata", "annotations", facts::BOUND_BY_CONTROLLER], "yes");
    }
    reserved.set(&["spec", "claimRef"], facts::claim_reference(claim));
    Step::new(Request::update(Actor::Scheduler, &reserved))
}
