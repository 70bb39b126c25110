//! The external provisioners: they make volumes for claims and delete them afterwards.
//!
//! Models `sigs.k8s.io/sig-storage-lib-external-provisioner` as `rancher.io/local-path` and
//! `sim/provisioner` use it. A class with the parameter `slow: "true"` is never served.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::{Map, Value};
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::reason::PersistentVolumeReason as Reason;
use crate::controller::{Controller, Decision, OnRefusal, Step};
use crate::value;

use super::because;
use super::volume::{self as facts, PROVISIONED_BY, SELECTED_NODE, STORAGE_PROVISIONER};

/// A provisioner that runs in the cluster.
pub struct Provisioner {
    /// Its name in classes.
    pub provisioner: &'static str,
    /// The component of its events: name and identity of the Pod it runs in.
    pub name: &'static str,
}

/// The provisioners that serve classes here.
pub static LOCAL_PATH: Provisioner = Provisioner {
    provisioner: "rancher.io/local-path",
    name: "rancher.io/local-path_provisioner-0_0",
};
/// The one that knows no nodes unless a class waits for the first consumer.
pub static SIM: Provisioner =
    Provisioner { provisioner: "sim/provisioner", name: "sim/provisioner_provisioner-0_0" };

/// The driver that a provisioned volume without a node names as its source.
pub const DRIVER: &str = "provisioner.sim";
const LOCAL_PATH_ROOT: &str = "/opt/local-path-provisioner";

impl Controller for Provisioner {
    fn name(&self) -> &'static str {
        self.name
    }

    fn actor(&self) -> Actor {
        Actor::Provisioner(self.provisioner.into())
    }

    fn latency(&self) -> (u64, u64) {
        (15_000, 150_000)
    }

    fn enqueue(&self, changed: &WatchEvent, _lister: Lister<'_>) -> Vec<ObjectKey> {
        let object = &changed.object;
        let is_ours = match changed.key.kind {
            Kind::PersistentVolumeClaim => {
                object.annotation(STORAGE_PROVISIONER) == Some(self.provisioner)
                    && object.spec().get("volumeName").str().is_empty()
            }
            Kind::PersistentVolume => {
                object.annotation(PROVISIONED_BY) == Some(self.provisioner)
                    && object.status().get("phase").str() == "Released"
            }
            _ => false,
        };
        let is_there = changed.event_type != WatchEventType::Deleted;
        (is_ours && is_there).then(|| changed.key.clone()).into_iter().collect()
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, _now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(object) = lister.get(key) else { return decision };
        match key.kind {
            Kind::PersistentVolumeClaim => self.provision(lister, object, &mut decision),
            _ => self.delete(object, &mut decision),
        }
        decision
    }
}

impl Provisioner {
    // `shouldProvision` and `provisionClaimOperation`
    fn provision(&self, lister: Lister<'_>, claim: &Object, decision: &mut Decision) {
        let Some(class) = facts::class_of(lister, claim) else { return };
        let name = format!("pvc-{}", claim.uid());
        let selected = claim.annotation(SELECTED_NODE);
        let is_wanted = claim.annotation(STORAGE_PROVISIONER) == Some(self.provisioner)
            && claim.spec().get("volumeName").str().is_empty()
            && !claim.is_terminating()
            && class.value.get("provisioner").str() == self.provisioner
            && (selected.is_some() || !facts::is_delayed(Some(class)))
            && lister.find(Kind::PersistentVolume, "", &name).is_none();
        if !is_wanted {
            return;
        }
        if class.value.path(&["parameters", "slow"]).str() == "true" {
            return because(decision, claim, Reason::ProvisionerSilent(class.name().into()));
        }
        if let Some(node) = selected.filter(|node| lister.find(Kind::Node, "", node).is_none()) {
            return self.reschedule(claim, node, decision);
        }
        let sentence = format!(
            "External provisioner is provisioning volume for claim \"{}/{}\"",
            claim.namespace(),
            claim.name()
        );
        decision.records.push(Record::normal(claim, "Provisioning", sentence));
        let node = selected.and_then(|node| lister.find(Kind::Node, "", node));
        let volume = self.volume(claim, class, &name, node);
        let done = format!("Successfully provisioned volume {name}");
        let there = OnRefusal::Accept(vec!["AlreadyExists".into()]);
        let mut step = Step::new(Request::create(self.actor(), &volume)).on_refusal(there);
        step.on_success.push(Record::normal(claim, "ProvisioningSucceeded", done));
        decision.steps.push(step);
        let node = node.map(|node| node.name().into());
        because(decision, claim, Reason::Provisioned { volume: name.into(), node });
    }

    // `provisionVolumeErrorHandling` and `rescheduleProvisioning`: another node has to be chosen.
    fn reschedule(&self, claim: &Object, node: &str, decision: &mut Decision) {
        let sentence = format!("node \"{node}\" not found");
        decision.records.push(Record::warning(claim, "ProvisioningFailed", sentence));
        let annotations: Map = [(SELECTED_NODE, Value::Null)].into_iter().collect();
        let patch = Patch::Merge(value!({"metadata": {"annotations": annotations}}));
        let request = Request::new(self.actor(), claim.key(), Verb::Patch(patch));
        decision.steps.push(Step::new(request));
        because(decision, claim, Reason::SelectedNodeNotFound(node.into()));
    }

    fn volume(&self, claim: &Object, class: &Object, name: &str, node: Option<&Object>) -> Object {
        let annotations: Map = [(PROVISIONED_BY, self.provisioner)].into_iter().collect();
        let policy = class.value.get("reclaimPolicy").as_str().unwrap_or("Delete");
        let mut spec = value!({
            "accessModes": (claim.spec().get("accessModes")),
            "capacity": {"storage": (claim.path(&["spec", "resources", "requests", "storage"]))},
            "claimRef": (facts::claim_reference(claim)),
            "persistentVolumeReclaimPolicy": policy,
            "storageClassName": (facts::class_name(claim)),
            "volumeMode": (facts::volume_mode(claim)),
        });
        let options = class.value.get("mountOptions");
        if !options.is_null() {
            spec.set(&["mountOptions"], options);
        }
        match node {
            Some(node) => {
                let path =
                    format!("{LOCAL_PATH_ROOT}/{name}_{}_{}", claim.namespace(), claim.name());
                let source = value!({"path": path, "type": "DirectoryOrCreate"});
                spec.set(&["hostPath"], source);
                spec.set(&["nodeAffinity"], only_on(node));
            }
            None => spec.set(&["csi"], value!({"driver": DRIVER, "volumeHandle": name})),
        }
        let metadata = value!({"name": name, "annotations": annotations});
        Object::new(Kind::PersistentVolume, value!({"metadata": metadata, "spec": spec}))
    }

    // `shouldDelete` and `deleteVolumeOperation`
    fn delete(&self, volume: &Object, decision: &mut Decision) {
        let is_wanted = volume.annotation(PROVISIONED_BY) == Some(self.provisioner)
            && volume.status().get("phase").str() == "Released"
            && volume.spec().get("persistentVolumeReclaimPolicy").str() == "Delete";
        if is_wanted {
            let request = Request::delete(self.actor(), volume);
            decision.steps.push(Step::new(request).or_gone());
            because(decision, volume, Reason::ProvisionerDeletes);
        }
    }
}

fn only_on(node: &Object) -> Value {
    let hostname = "kubernetes.io/hostname";
    let value = node.label(hostname).unwrap_or_else(|| node.name());
    let requirement = value!({"key": hostname, "operator": "In", "values": [value]});
    value!({"required": {"nodeSelectorTerms": [{"matchExpressions": [requirement]}]}})
}
