//! The picture: one lane for each ordinal of each set, with Pod, claims, volumes and node.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::revision::{self, RevisionMark};
use super::volume::{self, ClaimView, VolumeView};
use crate::api::object::{Object, ObjectKey};
use crate::api::pod::{is_running_and_ready, parent_name_and_ordinal};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::controller::statefulset::identity;
use crate::kubectl::printers::pod::summarize;
use crate::locale::{self, Language};
use crate::playground::gesture;
use crate::shell::session::Session;
use crate::simulation::timeline::World;

/// Everything the picture shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PictureView {
    /// The sets, by namespace and name.
    pub sets: Arc<Vec<SetView>>,
    /// Pods that no set owns.
    pub others: Arc<Vec<PodView>>,
    /// Volumes that no shown claim is bound to.
    pub shelf: Arc<Vec<VolumeView>>,
}

/// One set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetView {
    /// The set.
    pub key: ObjectKey,
    /// Whether it is being deleted.
    pub terminating: bool,
    /// `spec.replicas`
    pub wanted: i64,
    /// `status.readyReplicas`
    pub ready: i64,
    /// `OrderedReady` or `Parallel`
    pub management: String,
    /// `RollingUpdate`, `OnDelete`
    pub strategy: String,
    /// The first ordinal that updates reach, if it is not the lowest.
    pub partition: Option<i64>,
    /// The partition as it stands in the set: ordinals count from the first.
    pub partition_value: i64,
    /// Whether the partition can be moved: only rolling updates have one.
    pub has_partition: bool,
    /// The revision that Pods had before the update.
    pub current: Option<RevisionMark>,
    /// The revision of the present template.
    pub update: Option<RevisionMark>,
    /// Services that select its Pods.
    pub services: Vec<ServiceView>,
    /// Its lanes in the order of ordinals.
    pub lanes: Vec<LaneView>,
}

/// A Service above the lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    /// The Service.
    pub key: ObjectKey,
    /// Its cluster IP, "None" if it is headless.
    pub cluster_ip: String,
    /// Names of Pods that are its ready endpoints.
    pub ready_pods: Vec<String>,
}

/// One ordinal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneView {
    /// The ordinal.
    pub ordinal: i64,
    /// The Pod's name, whether it exists or not.
    pub pod_name: String,
    /// The Pod, whether it exists or not.
    pub pod_key: ObjectKey,
    /// The DNS name that stays while Pods come and go, "" without a governing Service.
    pub dns_name: String,
    /// Whether the set wants this ordinal.
    pub wanted: bool,
    /// Whether the partition keeps updates away from it.
    pub below_partition: bool,
    /// Whether its Pod still has another revision than the set's template.
    pub is_outdated: bool,
    /// The Pod, if it exists.
    pub pod: Option<PodView>,
    /// What it waits for, if it does not exist; also what the set waits for with it.
    pub why: String,
    /// Its claims.
    pub claims: Vec<ClaimView>,
}

/// The phases that the picture tells apart by shape, colour and word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodPhase {
    /// Not placed on a node.
    Pending,
    /// Placed, containers are being made.
    Creating,
    /// Running, not Ready.
    Running,
    /// Running and Ready.
    Ready,
    /// Being deleted.
    Terminating,
    /// Ended well.
    Succeeded,
    /// Ended badly, or cannot start.
    Failed,
}

impl PodPhase {
    /// Its name in attributes.
    pub fn name(self) -> &'static str {
        match self {
            PodPhase::Pending => "pending",
            PodPhase::Creating => "creating",
            PodPhase::Running => "running",
            PodPhase::Ready => "ready",
            PodPhase::Terminating => "terminating",
            PodPhase::Succeeded => "succeeded",
            PodPhase::Failed => "failed",
        }
    }

    /// Its shape: an SVG path in a square of 16.
    pub fn path(self) -> &'static str {
        match self {
            PodPhase::Pending => "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12m0 3v3l2 2",
            PodPhase::Creating => "M8 2a6 6 0 0 1 6 6M8 14a6 6 0 0 1-6-6",
            PodPhase::Running => "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12",
            PodPhase::Ready => "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12M5 8l2 2l4-4",
            PodPhase::Terminating => "M3 3l10 10M13 3L3 13",
            PodPhase::Succeeded => "M3 8l3 3l7-7",
            PodPhase::Failed => "M8 2l6.5 12h-13zM8 6v4M8 12v.5",
        }
    }
}

/// One Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodView {
    /// The Pod.
    pub key: ObjectKey,
    /// Its uid: another Pod of the same name has another one.
    pub uid: String,
    /// Its phase.
    pub phase: PodPhase,
    /// kubectl's STATUS cell.
    pub status: String,
    /// `1/1`
    pub ready: String,
    /// Restarts of its containers.
    pub restarts: i64,
    /// Its revision.
    pub revision: Option<RevisionMark>,
    /// Its address, "" before it has one.
    pub ip: String,
    /// Its node, "" before it is placed.
    pub node: String,
    /// The first container's image.
    pub image: String,
    /// The command that makes its probe fail, if one can.
    pub fail_probe: Option<String>,
    /// Seconds of the clock until its grace period ends, while it is being deleted.
    pub seconds_left: Option<i64>,
}

/// Draws a session.
pub fn picture(session: &Session, language: Language) -> PictureView {
    let lister = session.cluster().lister();
    let sets: Vec<SetView> =
        lister.all(Kind::StatefulSet).map(|set| set_view(session, set, language)).collect();
    let others = lister.all(Kind::Pod).filter(|pod| is_other(pod));
    let shown: Vec<&ObjectKey> = sets
        .iter()
        .flat_map(|set| &set.lanes)
        .flat_map(|lane| &lane.claims)
        .filter_map(|claim| claim.volume.as_ref().map(|volume| &volume.key))
        .collect();
    let shelf = lister.all(Kind::PersistentVolume).filter(|pv| !shown.contains(&&pv.key()));
    PictureView {
        others: Arc::new(others.map(|pod| pod_view(pod, &[], session.now())).collect()),
        shelf: Arc::new(shelf.map(|pv| volume::volume(session, pv)).collect()),
        sets: Arc::new(sets),
    }
}

fn is_other(pod: &Object) -> bool {
    pod.namespace() != "kube-system"
        && pod.controller().is_none_or(|owner| owner.kind() != "StatefulSet")
}

fn set_view(session: &Session, set: &Object, language: Language) -> SetView {
    let lister = session.cluster().lister();
    let marks = revision::marks(lister, set);
    let mark = |name: &str| marks.iter().find(|m| m.name == name).cloned();
    let (spec, status) = (set.spec(), set.status());
    let start = spec.path(&["ordinals", "start"]).as_i64().unwrap_or(0);
    let wanted = spec.get("replicas").as_i64().unwrap_or(1);
    let rolling = spec.path(&["updateStrategy", "rollingUpdate"]);
    let partition = rolling.get("partition").as_i64().filter(|partition| *partition > 0);
    let mut pods: BTreeMap<i64, &Object> = BTreeMap::new();
    for pod in lister.owned_by(set.uid()).filter(|object| object.kind == Kind::Pod) {
        if let Some((_, ordinal)) = parent_name_and_ordinal(pod.name()) {
            pods.insert(ordinal.into(), pod);
        }
    }
    let mut ordinals: Vec<i64> = (start..start + wanted).chain(pods.keys().copied()).collect();
    ordinals.sort_unstable();
    ordinals.dedup();
    let lanes = ordinals.into_iter().map(|ordinal| {
        let pod = pods.get(&ordinal).copied();
        let mut lane = lane_view(session, set, ordinal, pod, &marks, language);
        lane.wanted = (start..start + wanted).contains(&ordinal);
        lane.below_partition = partition.is_some_and(|partition| ordinal - start < partition);
        let update = status.get("updateRevision").str();
        lane.is_outdated =
            pod.is_some_and(|pod| !update.is_empty() && identity::pod_revision(pod) != update);
        lane
    });
    SetView {
        key: set.key(),
        terminating: set.is_terminating(),
        wanted,
        ready: status.get("readyReplicas").as_i64().unwrap_or(0),
        management: spec.get("podManagementPolicy").str().into(),
        strategy: spec.path(&["updateStrategy", "type"]).str().into(),
        partition: partition.map(|partition| partition + start),
        partition_value: partition.unwrap_or(0),
        has_partition: spec.path(&["updateStrategy", "type"]).str() == "RollingUpdate",
        current: mark(status.get("currentRevision").str()),
        update: mark(status.get("updateRevision").str()),
        services: services(session, set),
        lanes: lanes.collect(),
    }
}

fn lane_view(
    session: &Session,
    set: &Object,
    ordinal: i64,
    pod: Option<&Object>,
    marks: &[RevisionMark],
    language: Language,
) -> LaneView {
    let ordinal_i32 = i32::try_from(ordinal).unwrap_or(i32::MAX);
    let pod_name = identity::pod_name(set, ordinal_i32);
    let key = ObjectKey::new(Kind::Pod, set.namespace(), pod_name.clone());
    let claims = identity::claim_templates(set).iter().map(|template| {
        let name = identity::claim_name(set, template, ordinal_i32);
        volume::claim(session, set.namespace(), &name, language)
    });
    let why = session.cluster().trace().about(&key).next();
    let service = set.spec().get("serviceName").str();
    LaneView {
        ordinal,
        dns_name: match service {
            "" => String::new(),
            service => format!("{pod_name}.{service}"),
        },
        wanted: true,
        below_partition: false,
        is_outdated: false,
        pod_key: key,
        pod: pod.map(|pod| pod_view(pod, marks, session.now())),
        why: why.map(|entry| locale::sentence(&entry.reason, language)).unwrap_or_default(),
        claims: claims.collect(),
        pod_name: pod_name.into(),
    }
}

fn pod_view(pod: &Object, marks: &[RevisionMark], now: Time) -> PodView {
    let summary = summarize(pod);
    let revision = identity::pod_revision(pod);
    let deadline = pod.deletion_timestamp();
    PodView {
        key: pod.key(),
        uid: pod.uid().into(),
        phase: phase(pod, &summary.reason),
        ready: format!("{}/{}", summary.ready, summary.total),
        restarts: summary.restarts,
        status: summary.reason,
        revision: marks.iter().find(|mark| mark.name == revision).cloned(),
        ip: pod.status().get("podIP").str().into(),
        node: pod.spec().get("nodeName").str().into(),
        image: pod.spec().get("containers").at(0).get("image").str().into(),
        fail_probe: gesture::fail_probe(pod),
        seconds_left: deadline.map(|deadline| (deadline.seconds() - now.seconds()).max(0)),
    }
}

fn phase(pod: &Object, reason: &str) -> PodPhase {
    let failing = ["Err", "Crash", "BackOff", "Error", "Invalid", "OOM"];
    match pod.status().get("phase").str() {
        "Succeeded" => PodPhase::Succeeded,
        "Failed" => PodPhase::Failed,
        _ if pod.is_terminating() => PodPhase::Terminating,
        _ if failing.iter().any(|word| reason.contains(word)) => PodPhase::Failed,
        _ if is_running_and_ready(pod) => PodPhase::Ready,
        "Running" => PodPhase::Running,
        _ if pod.spec().get("nodeName").is_null() => PodPhase::Pending,
        _ => PodPhase::Creating,
    }
}

/// Whether no Pod is on its way to another phase.
pub fn is_settled(session: &Session) -> bool {
    let mut pods = session.cluster().lister().all(Kind::Pod);
    pods.all(|pod| {
        let phase = phase(pod, &summarize(pod).reason);
        matches!(phase, PodPhase::Ready | PodPhase::Succeeded)
    })
}

/// Services whose selector the set's Pods match.
fn services(session: &Session, set: &Object) -> Vec<ServiceView> {
    let lister = session.cluster().lister();
    let labels = set.spec().path(&["template", "metadata", "labels"]);
    let selects = |service: &&Object| {
        let mut selector = service.spec().get("selector").entries().peekable();
        selector.peek().is_some() && selector.all(|(key, value)| labels.get(key) == value)
    };
    lister
        .in_namespace(Kind::Service, set.namespace())
        .filter(selects)
        .map(|service| ServiceView {
            key: service.key(),
            cluster_ip: service.spec().get("clusterIP").str().into(),
            ready_pods: ready_pods(session, service),
        })
        .collect()
}

fn ready_pods(session: &Session, service: &Object) -> Vec<String> {
    let slices = session.cluster().lister().in_namespace(Kind::EndpointSlice, service.namespace());
    let own = slices.filter(|s| s.label("kubernetes.io/service-name") == Some(service.name()));
    let endpoints = own.flat_map(|slice| slice.value.get("endpoints").items());
    endpoints
        .filter(|endpoint| endpoint.path(&["conditions", "ready"]).is_true())
        .map(|endpoint| endpoint.path(&["targetRef", "name"]).str().into())
        .collect()
}
