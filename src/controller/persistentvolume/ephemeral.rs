//! Claims of generic ephemeral volumes: each is made for its Pod, which owns it.
//!
//! Models `pkg/controller/volume/ephemeral` (controller.go).

use crate::api::object::{Object, ObjectKey, OwnerReference};
use crate::api::pod::ephemeral_claim;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::apiserver::request::Request;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::reason::PersistentVolumeReason as Reason;
use crate::controller::{Controller, Decision, OnRefusal, Step};
use crate::value;

use super::because;

/// ephemeral-volume-controller, whose events come from `ephemeral_volume`
pub struct EphemeralVolumeController;

/// What is said of a claim that is not the Pod's own (`ephemeral.VolumeIsForPod`).
pub fn not_owned(pod: &Object, claim: &str) -> String {
    let namespace = pod.namespace();
    let name = pod.name();
    format!("PVC {namespace}/{claim} was not created for pod {namespace}/{name} (pod is not owner)")
}

/// Whether a claim was made for a Pod.
pub fn is_for(claim: &Object, pod: &Object) -> bool {
    claim.is_controlled_by(pod)
}

fn ephemeral_volumes(pod: &Object) -> impl Iterator<Item = &Value> {
    pod.path(&["spec", "volumes"]).items().iter().filter(|v| !v.get("ephemeral").is_null())
}

impl Controller for EphemeralVolumeController {
    fn name(&self) -> &'static str {
        "ephemeral_volume"
    }

    fn enqueue(&self, changed: &WatchEvent, _lister: Lister<'_>) -> Vec<ObjectKey> {
        let is_gone = changed.event_type == WatchEventType::Deleted;
        match changed.key.kind {
            Kind::Pod if !is_gone && ephemeral_volumes(&changed.object).next().is_some() => {
                vec![changed.key.clone()]
            }
            // A claim that goes before its Pod is made again.
            Kind::PersistentVolumeClaim if is_gone => {
                let owner = changed.object.controller().filter(|owner| owner.kind() == "Pod");
                let pod = owner.map(|owner| {
                    ObjectKey::new(Kind::Pod, changed.object.namespace(), owner.name())
                });
                pod.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, _now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(pod) = lister.get(key).filter(|pod| !pod.is_terminating()) else {
            return decision;
        };
        for volume in ephemeral_volumes(pod) {
            self.handle(lister, pod, volume, &mut decision);
            if decision.error.is_some() {
                break;
            }
        }
        decision
    }
}

impl EphemeralVolumeController {
    // `handleVolume`
    fn handle(&self, lister: Lister<'_>, pod: &Object, volume: &Value, decision: &mut Decision) {
        let volume_name = volume.get("name").str();
        let name = ephemeral_claim(pod, volume);
        match lister.find(Kind::PersistentVolumeClaim, pod.namespace(), &name) {
            Some(claim) if is_for(claim, pod) => {}
            Some(_) => {
                let why = not_owned(pod, &name);
                let message = format!("ephemeral volume {volume_name}: {why}");
                decision.records.push(Record::warning(pod, "FailedBinding", message));
                decision.error = Some(why.into());
                because(decision, pod, Reason::EphemeralClaimTaken(name));
            }
            None => {
                let claim = new_claim(pod, &name, volume);
                because(decision, pod, Reason::EphemeralClaimMade(name));
                let there = OnRefusal::Accept(vec!["AlreadyExists".into()]);
                let failed = format!(
                    "ephemeral volume {volume_name}: create PVC {}: {{error}}",
                    claim.name()
                );
                let mut step = Step::new(Request::create(self.actor(), &claim)).on_refusal(there);
                step.on_failure.push(Record::warning(pod, "FailedBinding", failed));
                decision.steps.push(step);
            }
        }
    }
}

fn new_claim(pod: &Object, name: &str, volume: &Value) -> Object {
    let template = volume.path(&["ephemeral", "volumeClaimTemplate"]);
    let mut metadata = value!({
        "name": name,
        "namespace": (pod.namespace()),
        "ownerReferences": [(OwnerReference::controller_of(pod))],
    });
    for field in ["annotations", "labels"] {
        let wanted = template.path(&["metadata", field]);
        if !wanted.is_null() {
            metadata.set(&[field], wanted);
        }
    }
    let spec = template.get("spec").clone();
    let content = value!({"metadata": metadata, "spec": spec});
    Object::new(Kind::PersistentVolumeClaim, content)
}
