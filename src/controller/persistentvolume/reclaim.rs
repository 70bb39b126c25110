//! What happens to a volume whose claim is gone: Retain, Delete, Recycle.
//!
//! Models `pkg/controller/volume/persistentvolume/pv_controller.go` `reclaimVolume`,
//! `deleteVolumeOperation` and the deleter of `pkg/volume/hostpath`.

use crate::api::object::Object;
use crate::api::value::EcoString;
use crate::apiserver::request::Request;
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::reason::PersistentVolumeReason as Reason;
use crate::controller::{Decision, Step};

use super::volume::PROVISIONED_BY;
use super::{because, bind, recycler};

/// Does what the volume's reclaim policy asks for.
pub fn reclaim(lister: Lister<'_>, volume: &Object, decision: &mut Decision) {
    match volume.spec().get("persistentVolumeReclaimPolicy").str() {
        "Delete" => delete(volume, decision),
        "Recycle" => recycler::recycle(lister, volume, decision),
        _ => because(decision, volume, Reason::Retained(former_claim(volume))),
    }
}

/// `namespace/name` of the claim in a volume's claimRef.
pub fn former_claim(volume: &Object) -> EcoString {
    let reference = volume.spec().get("claimRef");
    format!("{}/{}", reference.get("namespace").str(), reference.get("name").str()).into()
}

fn delete(volume: &Object, decision: &mut Decision) {
    let provisioner = volume.annotation(PROVISIONED_BY).unwrap_or_default();
    if !provisioner.is_empty() && !provisioner.starts_with("kubernetes.io/") {
        // Its provisioner will do it.
        because(decision, volume, Reason::Deleting(provisioner.into()));
        return;
    }
    match refusal_to_delete(volume) {
        None => {
            because(decision, volume, Reason::Deleting(EcoString::new()));
            let request = Request::delete(bind::actor(), volume);
            decision.steps.push(Step::new(request).or_gone());
        }
        Some(why) => {
            because(decision, volume, Reason::DeleteFailed(why.as_str().into()));
            fail(volume, "VolumeFailedDelete", why, decision);
        }
    }
}

/// Marks a volume as Failed and says so, once.
pub fn fail(volume: &Object, event: &str, why: String, decision: &mut Decision) {
    if let Some(mut step) = bind::volume_phase(volume, "Failed", &why) {
        step.on_success.push(Record::warning(volume, event, why));
        decision.steps.push(step);
    }
}

// Only directories under /tmp can be deleted by the controller manager itself.
fn refusal_to_delete(volume: &Object) -> Option<String> {
    let host_path = volume.path(&["spec", "hostPath", "path"]);
    match host_path.as_str() {
        Some(path) => {
            let is_below_tmp = path.find("/tmp/").is_some_and(|at| path.len() > at + 5);
            (!is_below_tmp).then(|| {
                format!("host_path deleter only supports /tmp/.+ but received provided {path}")
            })
        }
        None => Some(format!(
            "error getting deleter volume plugin for volume {:?}: no deletable volume plugin \
             matched",
            volume.name()
        )),
    }
}
