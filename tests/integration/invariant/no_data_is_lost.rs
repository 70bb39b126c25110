//! No data is lost unless a rule says so, and that rule is shown: what was written to a volume
//! stays there, and the volume stays, unless a reason about it says that it is deleted or emptied;
//! a claim that nobody deleted by hand goes only when the garbage collector says why. What is
//! written to an emptyDir lives exactly as long as the Pod on its node.

use std::collections::{BTreeMap, BTreeSet};

use statefulset_playground::api::object::Object;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::value::EcoString;
use statefulset_playground::controller::Reason;
use statefulset_playground::controller::reason::PersistentVolumeReason as V;
use statefulset_playground::kubelet::disks::{node_of, place};
use statefulset_playground::kubelet::server::EmptyDir;
use statefulset_playground::simulation::cluster::Cluster;

type Files = BTreeMap<(String, String), Vec<u8>>;

/// What was seen so far, and how often each rule took something away.
#[derive(Default)]
pub struct Watcher {
    volumes: BTreeMap<String, Files>,
    claims: BTreeSet<String>,
    // Names of volumes and claims that a reason took away.
    explained: BTreeSet<String>,
    reasons_read: u64,
    empty_dirs: BTreeMap<EmptyDir, Vec<(EcoString, Vec<u8>)>>,
    /// Claims that the user deletes.
    pub deleted_by_hand: BTreeSet<String>,
    /// How often data were seen, and how often a volume with data went or was emptied.
    pub seen: u32,
    pub deleted: u32,
    pub emptied: u32,
    pub collected: u32,
    /// How often data were seen in an emptyDir, and how often they went with their Pod.
    pub seen_in_pods: u32,
    pub gone_with_pods: u32,
}

impl Watcher {
    /// Looks at everything once; to be called after every event.
    #[track_caller]
    pub fn check(&mut self, cluster: &Cluster) {
        self.read_reasons(cluster);
        let lister = cluster.lister();
        let mut volumes = BTreeMap::new();
        for volume in lister.all(Kind::PersistentVolume) {
            volumes.insert(volume.name().to_owned(), files(cluster, volume));
        }
        for (name, before) in &self.volumes {
            let has_data = before.values().any(|bytes| !bytes.is_empty());
            let is_kept = |now: &Files| {
                before
                    .iter()
                    .all(|(path, bytes)| now.get(path).is_some_and(|now| now.starts_with(bytes)))
            };
            let is_explained = self.explained.contains(name);
            match volumes.get(name) {
                Some(now) if is_kept(now) => self.seen += u32::from(has_data),
                Some(_) => {
                    assert!(is_explained, "{name} lost data, and nobody says why");
                    self.emptied += 1;
                }
                None => {
                    assert!(is_explained || !has_data, "{name} is gone, and nobody says why");
                    self.deleted += u32::from(has_data);
                }
            }
        }
        self.volumes = volumes;
        self.check_claims(cluster);
        self.check_empty_dirs(cluster);
    }

    fn check_empty_dirs(&mut self, cluster: &Cluster) {
        let now: BTreeMap<_, _> = cluster.kubelets().empty_dirs().into_iter().collect();
        let pod = |uid: &str| cluster.lister().all(Kind::Pod).find(|pod| pod.uid() == uid);
        for (dir, files) in &now {
            let is_new = !self.empty_dirs.contains_key(dir);
            assert!(!is_new || files.is_empty(), "{dir:?} begins with somebody's files");
        }
        for (dir, before) in &self.empty_dirs {
            let has_data = before.iter().any(|(_, bytes)| !bytes.is_empty());
            let Some(files) = now.get(dir) else {
                let lives = pod(&dir.pod).is_some_and(|pod| {
                    let phase = pod.status().get("phase").str();
                    !pod.is_terminating() && !matches!(phase, "Succeeded" | "Failed")
                });
                assert!(!lives, "{dir:?} is gone, but its Pod lives");
                self.gone_with_pods += u32::from(has_data);
                continue;
            };
            let is_kept = |(path, bytes): &(EcoString, Vec<u8>)| {
                files.iter().any(|(now, data)| now == path && data.starts_with(bytes))
            };
            assert!(before.iter().all(is_kept), "{dir:?} lost data");
            self.seen_in_pods += u32::from(has_data);
        }
        self.empty_dirs = now;
    }

    fn check_claims(&mut self, cluster: &Cluster) {
        let all = cluster.lister().all(Kind::PersistentVolumeClaim);
        let now: BTreeSet<String> = all.map(|claim| claim.name().to_owned()).collect();
        for gone in self.claims.difference(&now) {
            let by_hand = self.deleted_by_hand.contains(gone);
            assert!(by_hand || self.explained.contains(gone), "{gone} is gone: why?");
            self.collected += u32::from(!by_hand);
        }
        self.claims = now;
    }

    fn read_reasons(&mut self, cluster: &Cluster) {
        let trace = cluster.trace();
        let new = (trace.total() - self.reasons_read) as usize;
        self.reasons_read = trace.total();
        for entry in trace.entries().iter().rev().take(new) {
            let takes_away = match &entry.reason {
                Reason::PersistentVolume(reason) => matches!(
                    reason,
                    V::Deleting(_) | V::ProvisionerDeletes | V::Recycling(_) | V::Recycled
                ),
                Reason::GarbageCollector(_) => entry.about.kind == Kind::PersistentVolumeClaim,
                _ => false,
            };
            if takes_away {
                self.explained.insert(entry.about.name.to_string());
            }
        }
    }
}

/// The files of a volume on every node on which it may be.
fn files(cluster: &Cluster, volume: &Object) -> Files {
    let nodes: Vec<String> = match node_of(volume) {
        Some(node) => vec![node.into()],
        None => ["node1", "node2", "node3"].map(String::from).to_vec(),
    };
    let mut found = Files::new();
    for node in nodes {
        let Some(place) = place(volume.spec(), &node) else { continue };
        for (path, bytes) in cluster.kubelets().disks().files(&place) {
            found.insert((node.clone(), path.to_string()), bytes);
        }
    }
    found
}
