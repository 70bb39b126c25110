//! What is recorded of one instant: all panels but the time bar.

use std::sync::Arc;

use imbl::Vector;

use super::codec::{Reader, Record, Writer, read_all, record, record_names, write_all};
use crate::api::object::ObjectKey;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::apiserver::request::Actor;
use crate::playground::change::Comparison;
use crate::playground::history::Tick;
use crate::playground::message::Unit;
use crate::playground::view::FrameView;
use crate::playground::view::because::BecauseView;
use crate::playground::view::files::{Compared, FilesView, RepairView};
use crate::playground::view::lesson::EntryView;
use crate::playground::view::names::{NameView, NamesView};
use crate::playground::view::picture::{
    LaneView, PictureView, PodPhase, PodView, ServiceView, SetView,
};
use crate::playground::view::revision::RevisionMark;
use crate::playground::view::terminal::{Source, TabView, TerminalView};
use crate::playground::view::volume::{ClaimView, FileView, VolumeView};
use crate::shell::terminal::Line;

/// All panels but the time bar, the newest reason, and what the API server says of the shown
/// file, as JSON for the editor. Nothing is selected, asked for or opened in it: that is done
/// live.
#[derive(Debug)]
pub(super) struct Scene {
    pub frame: FrameView,
    pub picture: PictureView,
    pub because: Arc<Vec<BecauseView>>,
    pub names: NamesView,
    pub terminal: TerminalView,
    pub files: FilesView,
    pub catalog: Arc<Vec<EntryView>>,
    pub spoken: String,
    pub problems: String,
}

record! {
    Scene { frame, picture, because, names, terminal, files, catalog, spoken, problems }
    FrameView {
        scenario, scenarios, hint, nodes;
        selected: None, related: Arc::default(), notice: String::new(), uncopied: "".into()
    }
    PictureView { sets, others, shelf }
    SetView {
        key, terminating, wanted, ready, management, strategy, partition, partition_value,
        has_partition, current, update, services, lanes
    }
    ServiceView { key, cluster_ip, ready_pods }
    LaneView {
        ordinal, pod_name, pod_key, dns_name, wanted, below_partition, is_outdated, pod, why, claims
    }
    PodView {
        key, uid, phase, status, ready, restarts, revision, ip, node, image, fail_probe,
        seconds_left
    }
    RevisionMark { letter, hue, pattern, name, number }
    ClaimView { key, phase, why, volume }
    VolumeView { key, phase, capacity, class, claim, files }
    FileView { path, start }
    BecauseView { time, clock, actor, who, about, sentence, rule }
    NamesView {
        rows, has_cache;
        typed: String::new(), asked: Arc::default(), command: String::new()
    }
    NameView { name, addresses, exists, just_changed, past }
    TerminalView { tabs, may_open, shown, lines, busy, reads_input, prompt }
    TabView { terminal, running }
    Line { time, source, text }
    FilesView {
        names, shown, text, is_manifest, comparison, compared, repair;
        edited: String::new(), marks: Arc::default()
    }
    Comparison { changes, creations, broken }
    Compared { keys, versions }
    RepairView { text, notes, can_apply }
    EntryView { slug, title, minutes, is_exercise, done }
    ObjectKey { kind, namespace, name }
    Tick { actor, about, unit; time: Time::START }
}

record_names! {
    Kind [
        ConfigMap, Endpoints, Event, LimitRange, Namespace, Node, PersistentVolumeClaim,
        PersistentVolume, Pod, ResourceQuota, Secret, ServiceAccount, Service, ControllerRevision,
        DaemonSet, Deployment, ReplicaSet, StatefulSet, HorizontalPodAutoscaler, CronJob, Job,
        Lease, EndpointSlice, PodDisruptionBudget, PriorityClass, StorageClass,
    ]
    PodPhase [Pending, Creating, Running, Ready, Terminating, Succeeded, Failed]
    Source [Command, Input, Output, Error]
    Unit [Decision, Write, Phase]
}

impl Record for Actor {
    fn write(&self, to: &mut Writer) {
        let (number, name) = match self {
            Actor::User => (0, None),
            Actor::Controller(name) => (1, Some(name)),
            Actor::Scheduler => (2, None),
            Actor::Kubelet(name) => (3, Some(name)),
            Actor::Provisioner(name) => (4, Some(name)),
            Actor::System => (5, None),
        };
        to.number(number);
        name.into_iter().for_each(|name| name.write(to));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(match from.number()? {
            0 => Actor::User,
            1 => Actor::Controller(Record::read(from)?),
            2 => Actor::Scheduler,
            3 => Actor::Kubelet(Record::read(from)?),
            4 => Actor::Provisioner(Record::read(from)?),
            5 => Actor::System,
            _ => return None,
        })
    }
}

impl<T: Record + Clone> Record for Vector<T> {
    fn write(&self, to: &mut Writer) {
        write_all(self.iter(), to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        read_all(from)
    }
}
