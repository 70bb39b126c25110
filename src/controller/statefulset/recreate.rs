//! The update strategy `Recreate`: all old Pods go before the first new one comes.
//!
//! Models the alpha of v1.37 (KEP-3541) behind the gate `StatefulSetRecreateStrategy`. Its part
//! of a sync comes before the others, so that a Pod that never becomes ready holds up nothing.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::EcoString;
use crate::apiserver::feature_gates::Gate;
use crate::controller::reason::StatefulSetReason as R;

use super::control::{Control, Flow};
use super::identity::pod_revision;

impl<'a> Control<'a> {
    /// Whether the set's strategy is Recreate and the gate is open; with a closed gate a set
    /// that was stored before is updated like others.
    fn is_recreate(&self) -> bool {
        self.set.path(&["spec", "updateStrategy", "type"]).str() == "Recreate"
            && self.lister.feature_enabled(Gate::StatefulSetRecreateStrategy)
    }

    /// Deletes every Pod of an old revision, surplus ones too, and waits until they are gone.
    pub(super) fn recreate_outdated(&mut self) -> Flow {
        if !self.is_recreate() {
            return Flow::Continue;
        }
        let old = self.old_pods();
        let Some(lowest) = old.first().map(|pod| EcoString::from(pod.name())) else {
            return Flow::Continue;
        };
        let update = self.revisions.update.name.clone();
        let mut waits = true;
        for pod in old.iter().filter(|pod| !pod.is_terminating()) {
            waits = false;
            let (name, from) = (pod.name().into(), pod_revision(pod).into());
            self.explain(pod.key(), R::PodRecreated { pod: name, from, to: update.clone() });
            let step = self.pod_control().delete(pod);
            self.decision.steps.push(step);
        }
        if waits {
            self.explain_set(R::RecreateWaits { count: old.len() as u32, pod: lowest });
        }
        Flow::Exit
    }

    /// The reason of the condition Progressing at the end of this sync.
    pub(super) fn recreate_progress(&self) -> Option<&'static str> {
        if !self.is_recreate() || self.set.is_terminating() {
            return None;
        }
        let old = !self.old_pods().is_empty();
        let all = self.replicas.missing_count(self.replicas.start) == 0;
        match (old, all) {
            (true, _) => Some("RecreateInProgress"),
            (false, true) => Some("RecreateComplete"),
            (false, false) => None,
        }
    }

    // Lowest ordinal first.
    fn old_pods(&self) -> Vec<&'a Object> {
        let update = &self.revisions.update.name;
        let pods = &self.replicas.pods;
        if pods.revisions.keys().all(|revision| revision == update) {
            return Vec::new();
        }
        let namespace = self.set.namespace();
        let odd = pods.irregular.iter();
        let odd = odd.filter_map(|name| self.lister.find(Kind::Pod, namespace, name));
        let all = pods.ordinals.iter().filter_map(|ordinal| self.replicas.pod(*ordinal));
        all.chain(odd).filter(|pod| pod_revision(pod) != *update).collect()
    }
}
