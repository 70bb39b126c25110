//! Waiting for a Pod's volumes, and what is said while they do not come.
//!
//! Models `WaitForAttachAndMount` of `pkg/kubelet/volumemanager/volume_manager.go`, the back-off
//! of its reconciler, and how long `pkg/controller/volume/attachdetach` waits for a CSI driver.

use std::collections::BTreeSet;

use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::client::event_recorder::Record;
use crate::controller::reason::KubeletReason;
use crate::script::files::Tree;

use super::Output;
use super::files::Store;
use super::node::host_ip;
use super::reference::Source;
use super::sync::Work;
use super::volume::{self, Problem, Trouble};
use super::worker::{Cx, Worker};

/// Time for which a sync waits for the volumes (podAttachAndMountTimeout).
const MOUNT_TIMEOUT: Duration = Duration::from_secs(123);
/// Time after which a failed sync is tried again, before jitter (backOffPeriod).
const SYNC_RETRY_PERIOD: Duration = Duration::from_secs(10);
/// Time for which the controller waits for a driver to attach (csiTimeout).
const ATTACH_TIMEOUT: Duration = Duration::from_secs(120);
// Pauses between tries double from half a second to this (exponentialbackoff).
const PAUSE_MAX: u64 = 122_000;

/// A Pod whose volumes do not come at once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mounting {
    // Tries that have failed.
    failures: u32,
    // When it is tried again.
    retry_at: Time,
    // When the sync gives up waiting and says so.
    deadline: Time,
    // When the controller gives up attaching and says so, and how often it did.
    attach_deadline: Time,
    attach_failures: u32,
}

impl Mounting {
    fn new(now: Time) -> Self {
        Mounting {
            failures: 0,
            retry_at: now,
            deadline: now.after(MOUNT_TIMEOUT),
            attach_deadline: now.after(ATTACH_TIMEOUT),
            attach_failures: 0,
        }
    }
}

impl Worker {
    /// The emptyDirs that are mounted.
    pub fn empty_dirs(&self) -> impl Iterator<Item = (EcoString, &Tree)> {
        let is_empty_dir = |name: &str| !self.declared(name).get("emptyDir").is_null();
        let volumes = self.volumes.iter().filter(move |volume| is_empty_dir(&volume.name));
        volumes.filter_map(|volume| match &volume.store {
            Store::Own(index) => Some((volume.name.clone(), self.own.get(*index)?)),
            Store::Disk(_) => None,
        })
    }

    fn declared(&self, volume: &str) -> &Value {
        let volumes = self.pod.path(&["spec", "volumes"]).items();
        volumes.iter().find(|v| v.get("name").str() == volume).unwrap_or(&Value::Null)
    }

    /// The node has lost its power: what was kept in memory only is gone.
    pub fn lose_memory(&mut self) {
        for index in 0..self.volumes.len() {
            let Some(volume) = self.volumes.get(index) else { continue };
            let is_memory =
                self.declared(&volume.name).path(&["emptyDir", "medium"]).str() == "Memory";
            let Store::Own(place) = &volume.store else { continue };
            if let Some(tree) = self.own.get_mut(*place).filter(|_| is_memory) {
                tree.clear();
            }
        }
    }

    /// Tries to mount the volumes; goes on once all are there.
    pub fn mount(&mut self, cx: &mut Cx) {
        // The first tree is for the files that say what the Pod is called.
        let mut own = vec![Tree::new()];
        let source = Source {
            pod: &self.pod,
            address: "",
            node: &cx.node.name.clone(),
            host: host_ip(cx.lister, &cx.node.name),
            lister: cx.lister,
        };
        match volume::mount_all(source, (cx.disks, cx.node), &mut own, cx.now) {
            Ok(volumes) => {
                own.shrink_to_fit();
                (self.volumes, self.own) = (volumes, own);
                (self.mounted, self.mounting) = (true, None);
                self.complain_of_pull_secrets(cx);
                self.work = Work::Sandbox(cx.soon(270, 370));
            }
            Err(troubles) => self.wait_for_volumes(cx, &troubles),
        }
    }

    fn wait_for_volumes(&mut self, cx: &mut Cx, troubles: &[Trouble]) {
        let is_first = self.mounting.is_none();
        let mut wait = self.mounting.take().unwrap_or_else(|| Box::new(Mounting::new(cx.now)));
        if cx.now >= wait.retry_at {
            self.say_what_is_wrong(cx, troubles, is_first);
            let pause = (500u64 << wait.failures.min(8)).min(PAUSE_MAX);
            wait.failures += 1;
            wait.retry_at = cx.soon(pause, pause + 60);
            // What cannot even be looked up ends the sync, which is tried again later.
            if let Some(why) = unprocessed(troubles) {
                self.give_up_waiting(cx, troubles, &why);
                wait.retry_at = cx.now.after(cx.jitter(SYNC_RETRY_PERIOD));
                wait.deadline = wait.retry_at.after(MOUNT_TIMEOUT);
            }
        }
        let is_attaching = self.attach_volumes(cx, &mut wait, troubles);
        let is_known = |t: &Trouble| !matches!(t.problem, Problem::NotSimulated(_));
        if cx.now >= wait.deadline {
            if troubles.iter().all(is_known) {
                self.give_up_waiting(cx, troubles, "context deadline exceeded");
            }
            let again = cx.now.after(cx.jitter(SYNC_RETRY_PERIOD));
            wait.deadline = again.after(MOUNT_TIMEOUT);
        }
        let mut due = wait.retry_at.min(wait.deadline);
        if is_attaching {
            due = due.min(wait.attach_deadline);
        }
        self.mounting = Some(wait);
        self.work = Work::Mount(due);
    }

    fn say_what_is_wrong(&mut self, cx: &mut Cx, troubles: &[Trouble], is_first: bool) {
        for trouble in troubles {
            let volume = trouble.volume.clone();
            let (reason, event) = match &trouble.problem {
                Problem::Failed(message) => {
                    let problem = message.as_str().into();
                    let event = Some(("FailedMount", message.clone()));
                    (KubeletReason::VolumeNotMounted { problem }, event)
                }
                Problem::Unprocessed(why) => {
                    let problem = why.as_str().into();
                    (KubeletReason::VolumeNotMounted { problem }, None)
                }
                Problem::Silent => (KubeletReason::VolumeSilent { volume }, None),
                Problem::Attaching { driver, .. } => {
                    let driver = driver.clone();
                    (KubeletReason::VolumeNotAttached { volume, driver }, None)
                }
                Problem::NotSimulated(kind) => {
                    let message = format!(
                        "not simulated here yet: mounting volume \"{volume}\" of kind {kind}; a \
                         real kubelet would try, and the Pod would start if its storage is there"
                    );
                    let event = is_first.then_some(("NotSimulated", message));
                    let kind = EcoString::from(*kind);
                    (KubeletReason::VolumeNotSimulated { volume, kind }, event)
                }
            };
            self.explain(cx, reason);
            if let Some((reason, message)) = event {
                self.record(cx, true, reason, message);
            }
        }
    }

    // The sync ends: one event names what is missing of all volumes.
    fn give_up_waiting(&self, cx: &mut Cx, troubles: &[Trouble], why: &str) {
        let names = |wanted: fn(&Problem) -> bool| {
            let found = troubles.iter().filter(|trouble| wanted(&trouble.problem));
            let mut found: Vec<&str> = found.map(|trouble| trouble.volume.as_str()).collect();
            found.sort_unstable();
            found.join(" ")
        };
        let message = format!(
            "Unable to attach or mount volumes: unmounted volumes=[{}], unattached volumes=[{}], \
             failed to process volumes=[{}]: {why}",
            names(|_| true),
            names(|problem| matches!(problem, Problem::Attaching { .. })),
            names(|problem| matches!(problem, Problem::Unprocessed(_))),
        );
        self.record(cx, true, "FailedMount", message);
    }

    // Nobody answers the controller's wish to have a volume attached: it says so when its time is
    // over, and wishes again.
    fn attach_volumes(&self, cx: &mut Cx, wait: &mut Mounting, troubles: &[Trouble]) -> bool {
        let mut is_attaching = false;
        let is_over = cx.now >= wait.attach_deadline;
        for trouble in troubles {
            let Problem::Attaching { name, driver, handle } = &trouble.problem else { continue };
            is_attaching = true;
            if is_over {
                let message = format!(
                    "AttachVolume.Attach failed for volume \"{name}\" : timed out waiting for \
                     external-attacher of {driver} CSI driver to attach volume {handle}"
                );
                let record = Record::warning(&self.pod, "FailedAttachVolume", message);
                cx.out.push(Output::RecordBy("attachdetach-controller", record));
            }
        }
        if is_attaching && is_over {
            let pause = (500u64 << wait.attach_failures.min(8)).min(PAUSE_MAX);
            wait.attach_failures += 1;
            wait.attach_deadline = cx.soon(pause, pause + 100).after(ATTACH_TIMEOUT);
        }
        is_attaching
    }
}

// Why volumes cannot even be looked up, said once (`PopPodErrors`).
fn unprocessed(troubles: &[Trouble]) -> Option<String> {
    let why = |trouble: &Trouble| match &trouble.problem {
        Problem::Unprocessed(why) => Some(why.clone()),
        _ => None,
    };
    let found: BTreeSet<String> = troubles.iter().filter_map(why).collect();
    let found: Vec<String> = found.into_iter().collect();
    (!found.is_empty()).then(|| found.join("; "))
}
