//! Control loops: they look at the cluster and decide; the kernel carries the decisions out.
//!
//! Models `pkg/controller` of kube-controller-manager. A controller never writes and remembers
//! nothing: whatever it knows is in the API server.

pub mod controller_ref_manager;
pub mod cronjob;
pub mod daemon;
pub mod deployment;
pub mod disruption;
pub mod endpoint;
pub mod endpointslice;
pub mod endpointslicemirroring;
pub mod garbagecollector;
pub mod history;
pub mod job;
pub mod namespace;
pub mod nodelifecycle;
pub mod persistentvolume;
pub mod pod_control;
pub mod podautoscaler;
pub mod podgc;
pub mod reason;
pub mod replicaset;
pub mod resourcequota;
pub mod serviceaccount;
pub mod statefulset;
pub mod tainteviction;

use crate::api::object::ObjectKey;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, Request};
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::client::event_recorder::Record;

pub use reason::Reason;

/// One control loop. Stateless: everything it remembers lives in the API server.
pub trait Controller: Sync {
    /// Its name, which is also the component of its events (`statefulset-controller`).
    fn name(&self) -> &'static str;

    /// What its events name as their source.
    fn component(&self) -> &'static str {
        self.name()
    }

    /// Who its requests come from.
    fn actor(&self) -> Actor {
        Actor::Controller(self.name().into())
    }

    /// Which keys a change makes it look at.
    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey>;

    /// Looks at `key` and decides. The key's object may be gone.
    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision;

    /// How often every key of [`Controller::resync_keys`] is looked at again without a change.
    fn resync_period(&self) -> Option<Duration> {
        None
    }

    /// The keys of the periodic resync.
    fn resync_keys(&self, _lister: Lister<'_>) -> Vec<ObjectKey> {
        Vec::new()
    }

    /// Time that it lets pass after a change before it looks at a key; of several the earliest
    /// counts.
    fn delay(
        &self,
        _changed: &WatchEvent,
        _key: &ObjectKey,
        _lister: Lister<'_>,
    ) -> Option<Duration> {
        None
    }

    /// Least and most time from a change until this loop sees it, in microseconds.
    fn latency(&self) -> (u64, u64) {
        (3_000, 9_000)
    }

    /// Whether it works on one key at a time, in the order in which they became due.
    fn is_single_worker(&self) -> bool {
        false
    }

    /// How long after a failed sync the key is tried again, by number of failures so far.
    fn backoff(&self, failures: u32) -> Duration {
        // client-go's default: 5 ms, doubling, at most 1000 s.
        Duration::from_millis(5u64 << failures.min(18)).min(Duration::from_secs(1000))
    }
}

/// What a sync decided: steps to carry out one after another, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decision {
    /// Carried out in order; a refused step may end them (see [`OnRefusal`]).
    pub steps: Vec<Step>,
    /// Carried out after the steps, whether they were refused or not.
    pub finally: Vec<Step>,
    /// Look at the key again after this time.
    pub requeue_after: Option<Duration>,
    /// The sync has failed for this reason though no step was refused: try again with back-off.
    pub error: Option<EcoString>,
    /// Why it is so, also for doing nothing.
    pub reasons: Vec<(ObjectKey, Reason)>,
    /// Events recorded whatever becomes of the steps.
    pub records: Vec<Record>,
}

/// One request of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// What to ask of the API server.
    pub request: Request,
    /// Events recorded if it succeeds; `{name}` in a message stands for the object's name.
    pub on_success: Vec<Record>,
    /// Events recorded if it is refused; `{error}` in a message stands for the server's sentence.
    pub on_failure: Vec<Record>,
    /// Refusals for these reasons of a `Status` record no event (`AlreadyExists`).
    pub silent: Vec<EcoString>,
    /// What a refusal means.
    pub on_refusal: OnRefusal,
    /// Time before the request is sent, in microseconds, beside the usual few milliseconds.
    pub delay: u64,
    /// How many of the steps just before this one it builds on: if one of them was refused, this
    /// one is not sent and counts as refused with their sentences (a Pod after its claims).
    pub needs: u32,
    /// Put before the server's sentence, in `{error}` and in the error of the sync.
    pub error_prefix: EcoString,
    /// A number in the request that tells what became of earlier steps.
    pub lowered: Option<Lowered>,
}

/// A number in a patch, made smaller by one for each of some steps that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lowered {
    /// Where it stands; it becomes null at zero, as `omitempty` has it.
    pub path: [&'static str; 2],
    /// The first of those steps, counted from the start of [`Decision::steps`].
    pub first: u32,
    /// How many steps.
    pub count: u32,
}

/// What a refused step means for the rest of the decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnRefusal {
    /// The other steps are not carried out; the key is tried again with back-off.
    #[default]
    Stop,
    /// The other steps go on; the key is tried again with back-off.
    Continue,
    /// As if it had succeeded (deleting what is already gone), for any of these reasons of
    /// [`crate::api::status::Status`]; other reasons stop.
    Accept(Vec<EcoString>),
    /// Refusals of any kind mean nothing.
    Ignore,
    /// As `Stop`, but the next N steps are carried out before (they run side by side with it).
    StopAfter(u32),
    /// As `Stop`, but not even `finally` is carried out.
    Abort,
}

impl Step {
    /// The reason of a refusal for unmet `needs`.
    pub const UNMET: &'static str = "NeedsUnmet";

    /// A step without events that stops at a refusal.
    pub fn new(request: Request) -> Self {
        Step {
            request,
            on_success: Vec::new(),
            on_failure: Vec::new(),
            silent: Vec::new(),
            on_refusal: OnRefusal::Stop,
            delay: 0,
            needs: 0,
            error_prefix: EcoString::new(),
            lowered: None,
        }
    }

    /// The same with events.
    pub fn recording(mut self, success: Record, failure: Record) -> Self {
        self.on_success.push(success);
        self.on_failure.push(failure);
        self
    }

    /// The same; that the object is gone already is as good as a success.
    pub fn or_gone(self) -> Self {
        self.on_refusal(OnRefusal::Accept(vec!["NotFound".into()]))
    }

    /// The same with another meaning of a refusal.
    pub fn on_refusal(mut self, on_refusal: OnRefusal) -> Self {
        self.on_refusal = on_refusal;
        self
    }
}

/// Every controller of kube-controller-manager that is modelled.
pub static CONTROLLERS: &[&dyn Controller] = &[
    &endpointslice::EndpointSliceController,
    &endpoint::EndpointController,
    &endpointslicemirroring::EndpointSliceMirroringController,
    &statefulset::StatefulSetController,
    &replicaset::ReplicaSetController,
    &deployment::DeploymentController,
    &daemon::DaemonSetsController,
    &job::JobController,
    &cronjob::CronJobController,
    &garbagecollector::GarbageCollector,
    &namespace::NamespaceController,
    &resourcequota::ResourceQuotaController,
    &podautoscaler::HorizontalController,
    &podgc::PodGarbageCollector,
    &disruption::DisruptionController,
    &serviceaccount::ServiceAccountsController,
    &serviceaccount::RootCertificatePublisher,
    &persistentvolume::PersistentVolumeController,
    &persistentvolume::protection::ClaimProtectionController,
    &persistentvolume::protection::VolumeProtectionController,
    &persistentvolume::expand::ExpandController,
    &persistentvolume::ephemeral::EphemeralVolumeController,
    &persistentvolume::provision::LOCAL_PATH,
    &persistentvolume::provision::SIM,
    &nodelifecycle::NodeLifecycleController,
    &tainteviction::TaintEvictionController,
];
