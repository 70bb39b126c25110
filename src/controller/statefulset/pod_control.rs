//! The requests that create, repair and delete one Pod of a set, claims included.
//!
//! Models `pkg/controller/statefulset/stateful_pod_control.go`. A claim that this very decision
//! creates is patched afterwards, where upstream updates the object that it got back.

use crate::api::go;
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, DeleteOptions, Patch, Request, Verb};
use crate::client::Lister;
use crate::controller::reason::StatefulSetReason as R;
use crate::controller::reason::statefulset::ClaimOwner;
use crate::controller::{OnRefusal, Record, Step};

use super::identity::{
    claim_name, claim_templates, identity_matches, new_claim, storage_matches, update_identity,
    update_storage,
};
use super::retention::{self, Owners, RetentionPolicy};

/// What is to be done about one Pod.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// The requests, in order.
    pub steps: Vec<Step>,
    /// Events that need no request.
    pub records: Vec<Record>,
    /// Why it cannot be done now: the sync fails.
    pub error: Option<EcoString>,
    /// Why it is so, by object.
    pub reasons: Vec<(ObjectKey, R)>,
}

/// Makes the requests for the Pods of one set.
#[derive(Clone, Copy)]
pub struct PodControl<'a> {
    /// What there is.
    pub lister: Lister<'a>,
    /// The set.
    pub set: &'a Object,
    /// Who asks.
    pub actor: &'a Actor,
}

impl<'a> PodControl<'a> {
    /// Creates a Pod after its claims.
    ///
    /// Models CreateStatefulPod.
    pub fn create(self, pod: &Object, ordinal: i32) -> Work {
        let mut work = Work::default();
        let created = self.create_claims(&mut work, pod, ordinal);
        if let Some(error) = &work.error {
            work.records.push(self.pod_record("Create", pod, Some(error)));
            return work;
        }
        let success = self.pod_record("Create", pod, None);
        let failure = self.pod_record("Create", pod, Some("{error}"));
        let request = Request::create(self.actor.clone(), pod);
        let silent = vec!["AlreadyExists".into()];
        let needs = created.len() as u32;
        let on_failure = vec![failure];
        work.steps.push(Step { needs, silent, on_failure, ..Step::new(request) });
        let owners = Owners { set: self.set, pod, condemned: false };
        self.update_claim_owners(&mut work, owners, ordinal, &created);
        // The event is recorded when everything is done, and not at all if a claim is refused.
        if let Some(step) = work.steps.last_mut() {
            step.on_success.push(success);
        }
        work
    }

    /// Creates the claims that a Pod misses; gives the ordinals of their templates.
    ///
    /// Models createPersistentVolumeClaims; upstream goes through them in no fixed order.
    fn create_claims(self, work: &mut Work, pod: &Object, ordinal: i32) -> Vec<usize> {
        let mut created = Vec::new();
        let mut errors: Vec<String> = Vec::new();
        for (index, template) in claim_templates(self.set).iter().enumerate() {
            let name = claim_name(self.set, template, ordinal);
            let key = ObjectKey::new(Kind::PersistentVolumeClaim, self.set.namespace(), &*name);
            let reason = match self.lister.get(&key) {
                None => {
                    work.steps.push(self.create_claim(pod, template, ordinal));
                    created.push(index);
                    R::ClaimCreated { claim: name, pod: pod.name().into() }
                }
                Some(claim) if claim.is_terminating() => {
                    errors.push(format!("pvc {name} is being deleted"));
                    R::ClaimTerminating { claim: name, pod: pod.name().into() }
                }
                Some(_) => R::ClaimReused { claim: name, pod: pod.name().into() },
            };
            work.reasons.push((key, reason.clone()));
            work.reasons.push((pod.key(), reason));
        }
        work.error = aggregate(&errors);
        created
    }

    fn create_claim(self, pod: &Object, template: &Value, ordinal: i32) -> Step {
        let claim = new_claim(self.set, template, ordinal);
        let (name, pod, set) = (claim.name(), pod.name(), self.set.name());
        let success = format!("Create Claim {name} Pod {pod} in StatefulSet {set} success");
        let failure = format!(
            "Create Claim {name} for Pod {pod} in StatefulSet {set} failed error: {{error}}"
        );
        let step = Step {
            silent: vec!["AlreadyExists".into()],
            error_prefix: format!("failed to create PVC {name}: ").into(),
            ..Step::new(Request::create(self.actor.clone(), &claim))
        };
        step.on_refusal(OnRefusal::Continue).recording(
            Record::normal(self.set, "SuccessfulCreate", success),
            Record::warning(self.set, "FailedCreate", failure),
        )
    }

    /// Creates the claims that a pending Pod misses.
    ///
    /// Models createMissingPersistentVolumeClaims.
    pub fn create_missing_claims(self, pod: &Object, ordinal: i32) -> Work {
        let mut work = Work::default();
        let created = self.create_claims(&mut work, pod, ordinal);
        work.reasons.retain(|(_, reason)| !matches!(reason, R::ClaimReused { .. }));
        if work.error.is_none() {
            let owners = Owners { set: self.set, pod, condemned: false };
            self.update_claim_owners(&mut work, owners, ordinal, &created);
        }
        work
    }

    /// Whether a claim still belongs to the former Pod of this name, which is to be gone with it.
    ///
    /// Models PodClaimIsStale.
    pub fn stale_claim(self, pod: &Object, ordinal: i32) -> Option<EcoString> {
        if !RetentionPolicy::of(self.set).when_scaled {
            return None;
        }
        self.claims(ordinal)
            .find(|claim| retention::has_stale_owner(claim, pod))
            .map(|claim| claim.name().into())
    }

    fn claims(self, ordinal: i32) -> impl Iterator<Item = &'a Object> {
        let Self { lister, set, .. } = self;
        claim_templates(set).iter().filter_map(move |template| {
            let name = claim_name(set, template, ordinal);
            lister.find(Kind::PersistentVolumeClaim, set.namespace(), &name)
        })
    }

    /// Whether every claim that exists is owned as the policy wants it.
    ///
    /// Models ClaimsMatchRetentionPolicy.
    pub fn claims_match_policy(self, pod: &Object, ordinal: i32, condemned: bool) -> bool {
        let owners = Owners { set: self.set, pod, condemned };
        self.claims(ordinal).all(|claim| retention::is_claim_owner_up_to_date(claim, owners))
    }

    /// Gives the claims of a Pod that is to go the owner that the policy wants.
    pub fn update_claims_of_condemned(self, pod: &Object, ordinal: i32) -> Work {
        let mut work = Work::default();
        let owners = Owners { set: self.set, pod, condemned: true };
        self.update_claim_owners(&mut work, owners, ordinal, &[]);
        for step in &mut work.steps {
            step.on_failure.clear();
        }
        work
    }

    /// Models UpdatePodClaimForRetentionPolicy. `created` are the templates whose claims the
    /// steps so far create.
    fn update_claim_owners(self, work: &mut Work, owners: Owners, ordinal: i32, created: &[usize]) {
        for (index, template) in claim_templates(self.set).iter().enumerate() {
            let name = claim_name(self.set, template, ordinal);
            let new = created.contains(&index);
            let stored = self.lister.find(Kind::PersistentVolumeClaim, self.set.namespace(), &name);
            let fresh = new.then(|| new_claim(self.set, template, ordinal));
            let Some(claim) = fresh.as_ref().or(stored) else { continue };
            if retention::has_unexpected_controller(claim, owners) {
                work.records.push(self.conflicting_controller(&name));
                work.reasons.push((claim.key(), R::ClaimOfAnother { claim: name.clone() }));
            }
            if !retention::is_claim_owner_up_to_date(claim, owners) {
                let step = self.update_claim(claim, owners, new);
                // A Pod or claim that was refused just before ends this silently.
                let needs = work.steps.len() as u32;
                let step = Step { needs, silent: vec![Step::UNMET.into()], ..step };
                work.steps.push(match new {
                    true => step.on_refusal(OnRefusal::Accept(vec![Step::UNMET.into()])),
                    false => step,
                });
                self.explain_owner(work, claim, owners);
            }
        }
    }

    fn update_claim(self, claim: &Object, owners: Owners, new: bool) -> Step {
        let references = retention::owner_references(claim, owners);
        let request = if new {
            let patch = crate::value!({"metadata": {"ownerReferences": references}});
            let verb = Verb::Patch(Patch::Merge(patch));
            Request::new(self.actor.clone(), claim.key(), verb)
        } else {
            let mut claim = claim.clone();
            claim.set(&["metadata", "ownerReferences"], references);
            Request::update(self.actor.clone(), &claim)
        };
        let prefix =
            format!("could not update claim {} for delete policy ownerRefs: ", claim.name());
        let mut step = Step::new(request);
        let error = format!("{prefix}{{error}}");
        step.on_failure.push(self.pod_record("Update", owners.pod, Some(&error)));
        step.error_prefix = prefix.into();
        step
    }

    fn explain_owner(self, work: &mut Work, claim: &Object, owners: Owners) {
        let policy = RetentionPolicy::of(self.set);
        let owner = match retention::has_unexpected_controller(claim, owners) {
            true => ClaimOwner::Nobody,
            false => policy.owner(owners.condemned),
        };
        let reason = R::ClaimOwnersUpdated { claim: claim.name().into(), owner };
        work.reasons.push((claim.key(), reason.clone()));
        work.reasons.push((owners.pod.key(), reason));
    }

    fn conflicting_controller(self, claim: &str) -> Record {
        let message = format!(
            "PersistentVolumeClaim {claim} has a conflicting OwnerReference that acts as a manging \
             controller, the retention policy is ignored for this claim"
        );
        Record::warning(self.set, "ConflictingController", message)
    }

    /// Puts a Pod's identity, volumes and claim owners right, if they are not.
    ///
    /// Models UpdateStatefulPod; upstream repeats the update on the newest Pod until it does not
    /// conflict, this one says no version.
    pub fn update(self, pod: &Object, ordinal: i32) -> Work {
        let mut work = Work::default();
        let mut changed = pod.clone();
        if !identity_matches(self.set, pod) {
            update_identity(self.set, &mut changed, ordinal);
            work.reasons.push((pod.key(), R::IdentityRepaired { pod: pod.name().into() }));
        }
        let mut created = Vec::new();
        if !storage_matches(self.set, pod, ordinal) {
            update_storage(self.set, &mut changed, ordinal);
            created = self.create_claims(&mut work, pod, ordinal);
            if let Some(error) = &work.error {
                work.records.push(self.pod_record("Update", pod, Some(error)));
                return work;
            }
            work.reasons.push((pod.key(), R::StorageMismatch { pod: pod.name().into() }));
        }
        let owners = Owners { set: self.set, pod, condemned: false };
        self.update_claim_owners(&mut work, owners, ordinal, &created);
        let request = self.repair(pod, &changed);
        let success = self.pod_record("Update", pod, None);
        let failure = self.pod_record("Update", pod, Some("{error}"));
        // Of a claim's owners that are refused the step itself tells.
        let needs = if created.is_empty() { 0 } else { work.steps.len() as u32 };
        work.steps.push(Step { needs, ..Step::new(request) }.recording(success, failure));
        work
    }

    // Upstream repeats the update on the newest Pod until it does not conflict; a patch of what is
    // to be put right comes to the same.
    fn repair(self, pod: &Object, changed: &Object) -> Request {
        if changed.name() != pod.name() {
            // An irregular name: what is written is the Pod that should be there.
            return Request::update(self.actor.clone(), changed);
        }
        let mut patch = crate::value!({"metadata": {"uid": (pod.uid())}});
        for (name, value) in changed.metadata().get("labels").entries() {
            if pod.label(name) != value.as_str() {
                patch.set(&["metadata", "labels", name], value);
            }
        }
        if changed.spec() != pod.spec() {
            patch.set(&["spec", "volumes"], changed.spec().get("volumes"));
        }
        let verb = Verb::Patch(Patch::Merge(patch));
        Request::new(self.actor.clone(), pod.key(), verb)
    }

    /// Deletes a Pod.
    ///
    /// Models DeleteStatefulPod.
    pub fn delete(self, pod: &Object) -> Step {
        let verb = Verb::Delete(DeleteOptions::default());
        Step::new(Request::new(self.actor.clone(), pod.key(), verb)).recording(
            self.pod_record("Delete", pod, None),
            self.pod_record("Delete", pod, Some("{error}")),
        )
    }

    /// Models recordPodEvent.
    fn pod_record(self, verb: &str, pod: &Object, error: Option<&str>) -> Record {
        let (pod, set) = (pod.name(), self.set.name());
        let sentence = format!("{verb} Pod {pod} in StatefulSet {set}");
        match error {
            None => {
                let reason = format!("Successful{verb}");
                Record::normal(self.set, &reason, format!("{sentence} successful"))
            }
            Some(error) => {
                let message = format!("{sentence} failed error: {error}");
                Record::warning(self.set, &format!("Failed{verb}"), message)
            }
        }
    }
}

/// Several errors as one sentence, if there are any.
fn aggregate(errors: &[String]) -> Option<EcoString> {
    (!errors.is_empty()).then(|| go::aggregate(errors).into())
}
