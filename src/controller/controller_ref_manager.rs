//! Which objects a controller claims: adoption and release.
//!
//! Models `pkg/controller/controller_ref_manager.go`.

use crate::api::object::{Object, OwnerReference};
use crate::apiserver::request::{Actor, Patch, Request, Verb};

use super::{OnRefusal, Step};

/// Makes `owner` the controller of an orphan.
///
/// Models AdoptPod and AdoptControllerRevision.
pub fn adopt(owner: &Object, orphan: &Object, actor: &Actor) -> Step {
    let patch = crate::value!({"metadata": {
        "ownerReferences": [(OwnerReference::controller_of(owner))],
        "uid": (orphan.uid()),
    }});
    let verb = Verb::Patch(Patch::Strategic(patch));
    Step::new(Request::new(actor.clone(), orphan.key(), verb)).on_refusal(OnRefusal::Abort)
}

/// Takes `owner` out of an object's owner references.
///
/// Models ReleasePod: an object that is gone, or no longer owned, is fine.
pub fn release(owner: &Object, owned: &Object, actor: &Actor) -> Step {
    let patch = crate::value!({"metadata": {
        "ownerReferences": [{"$patch": "delete", "uid": (owner.uid())}],
        "uid": (owned.uid()),
    }});
    let verb = Verb::Patch(Patch::Strategic(patch));
    let gone = ["NotFound", "Invalid"].map(Into::into).to_vec();
    Step::new(Request::new(actor.clone(), owned.key(), verb)).on_refusal(OnRefusal::Accept(gone))
}
