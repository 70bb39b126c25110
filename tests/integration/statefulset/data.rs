//! Lifecycles x retention policies x faults of sets with data on volumes, with the invariants of
//! volumes and data after every event.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::kubelet::disks::{node_of, place};
use statefulset_playground::simulation::fault::{Fault, Refusals, RefusedVerb};

use super::bench::{Bench, web};
use crate::invariant::no_data_is_lost::Watcher;
use crate::invariant::{sometimes, volumes};

const CLASS: &str = "apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard}
provisioner: sim/provisioner";

/// A set whose Pods write their name to their volume, unless something is there already.
fn writers(replicas: u32, retention: &str, class: &str) -> String {
    let spec = format!(
        "persistentVolumeClaimRetentionPolicy: {retention}
volumeClaimTemplates:
- metadata: {{name: www}}
  spec:
    accessModes: [ReadWriteOnce]
    storageClassName: '{class}'
    resources: {{requests: {{storage: 1Gi}}}}"
    );
    let container = "        image: busybox:1.35
        command:
        - sh
        - -c
        - test -s /data/own || hostname > /data/own; date >> /own/starts; trap 'exit 0' TERM;
          sleep 99999 & wait
        volumeMounts: [{name: www, mountPath: /data}, {name: own, mountPath: /own}]
      volumes: [{name: own, emptyDir: {}}]";
    web(replicas, &spec).replace("        image: nginx:1.25", container)
}

struct World {
    bench: Bench,
    watcher: Watcher,
}

impl World {
    fn run(&mut self, seconds: u64) {
        let end = self.bench.cluster.now().after(Duration::from_secs(seconds));
        while self.bench.cluster.next_at().is_some_and(|next| next <= end) {
            self.bench.cluster.step();
            self.watcher.check(&self.bench.cluster);
            volumes::check(&self.bench.cluster);
        }
        self.bench.cluster.wait_until(end);
    }

    fn delete_claim(&mut self, name: &str) {
        self.watcher.deleted_by_hand.insert(name.into());
        self.bench.delete(Kind::PersistentVolumeClaim, name);
    }

    /// What a Pod finds on its volume.
    fn own(&self, ordinal: u32) -> String {
        let claim = self.bench.get(Kind::PersistentVolumeClaim, &format!("www-web-{ordinal}"));
        let name = claim.unwrap().spec().get("volumeName").str().to_owned();
        let volume = self.bench.get(Kind::PersistentVolume, &name).unwrap();
        let place = place(volume.spec(), node_of(&volume).unwrap_or("node1")).unwrap();
        let files = self.bench.cluster.kubelets().disks().files(&place);
        let own = files.into_iter().find(|(path, _)| path == "/own");
        own.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).unwrap_or_default()
    }
}

type Change = fn(&mut World);

fn lifecycles() -> Vec<(&'static str, Change)> {
    let scale: Change = |w| {
        w.bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 1}");
        w.run(30);
        w.bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 3}");
    };
    vec![
        ("stays", |_| {}),
        ("loses a Pod", |w| {
            w.bench.delete(Kind::Pod, "web-1");
        }),
        ("scales down and up", scale),
        ("is made again", |w| {
            w.bench.delete(Kind::StatefulSet, "web");
            w.run(40);
            let policy = "{whenScaled: Retain, whenDeleted: Retain}";
            w.bench.create(&writers(3, policy, "standard"));
        }),
        ("loses a claim", |w| {
            w.delete_claim("www-web-2");
            w.bench.delete(Kind::Pod, "web-2");
        }),
    ]
}

fn faults() -> Vec<(&'static str, Vec<Fault>)> {
    const CONTROLLER: &str = "statefulset-controller";
    let refused = |kind, verb| {
        Fault::WritesRefused(Refusals {
            actor: CONTROLLER.into(),
            kind,
            verb: Some(verb),
            count: 2,
        })
    };
    let volumes = "persistentvolume-controller";
    vec![
        ("nothing", vec![]),
        ("claims refused", vec![refused(Kind::PersistentVolumeClaim, RefusedVerb::Create)]),
        ("Pods refused", vec![refused(Kind::Pod, RefusedVerb::Create)]),
        (
            "restarts",
            vec![
                Fault::ControllerRestarted(CONTROLLER.into()),
                Fault::ControllerRestarted(volumes.into()),
            ],
        ),
        (
            "bindings refused",
            [Kind::PersistentVolume, Kind::PersistentVolumeClaim]
                .map(|kind| {
                    let (actor, verb) = (volumes.into(), Some(RefusedVerb::Update));
                    Fault::WritesRefused(Refusals { actor, kind, verb, count: 3 })
                })
                .into(),
        ),
        ("late", vec![Fault::WatchDelayed(volumes.into(), Duration::from_millis(700))]),
        ("node lost", vec![Fault::NodeLost("node2".into())]),
    ]
}

#[test]
fn no_data_is_lost_unless_a_rule_says_so() {
    sometimes::forget();
    let (mut seen, mut deleted, mut collected) = (0, 0, 0);
    let (mut seen_in_pods, mut gone_with_pods) = (0, 0);
    for retention in ["Retain", "Delete"] {
        for (lifecycle, change) in lifecycles() {
            for (number, (fault, list)) in faults().into_iter().enumerate() {
                let policy = format!("{{whenScaled: {retention}, whenDeleted: {retention}}}");
                let bench = Bench::new(number as u64);
                let mut world = World { bench, watcher: Watcher::default() };
                world.bench.create(CLASS).create(&writers(3, &policy, "standard"));
                world.run(40);
                assert_eq!(world.bench.counters("web"), [3; 4]);
                let lost = fault == "node lost";
                for fault in list {
                    world.bench.cluster.inject(&fault);
                }
                change(&mut world);
                world.run(40);
                if lost {
                    world.bench.cluster.inject(&Fault::NodeBack("node2".into()));
                    world.run(60);
                }
                // A stale claim leaves the set asleep (1.14); a change of the set wakes it.
                world.bench.patch(Kind::StatefulSet, "web", "metadata: {annotations: {a: b}}");
                world.run(60);
                let what = format!("{retention} {lifecycle} with {fault}");
                assert_eq!(world.bench.counters("web"), [3; 4], "{what}");
                for ordinal in 0..3 {
                    assert_eq!(world.own(ordinal), format!("web-{ordinal}\n"), "{what}");
                }
                let watcher = &world.watcher;
                seen += watcher.seen;
                deleted += watcher.deleted;
                collected += watcher.collected;
                seen_in_pods += watcher.seen_in_pods;
                gone_with_pods += watcher.gone_with_pods;
                if retention == "Retain" && lifecycle != "loses a claim" {
                    assert_eq!((watcher.deleted, watcher.collected), (0, 0), "{what}");
                }
            }
        }
    }
    // Each rule was met sometimes.
    assert!(seen > 1000 && deleted > 10 && collected > 10, "{seen} {deleted} {collected}");
    assert!(seen_in_pods > 1000 && gone_with_pods > 10, "{seen_in_pods} {gone_with_pods}");
    sometimes::assert_met(&["a claim with its volume"]);
}

/// `Retain` keeps what `Recycle` wipes; both are told.
#[test]
fn a_recycled_volume_is_emptied_and_a_retained_one_is_not() {
    sometimes::forget();
    for (policy, emptied) in [("Retain", false), ("Recycle", true)] {
        let mut world = World { bench: Bench::new(9), watcher: Watcher::default() };
        let volume = format!(
            "apiVersion: v1
kind: PersistentVolume
metadata: {{name: only}}
spec:
  capacity: {{storage: 1Gi}}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: {policy}
  hostPath: {{path: /srv/only}}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions:
        - {{key: kubernetes.io/hostname, operator: In, values: [node1]}}"
        );
        let keep = "{whenScaled: Retain, whenDeleted: Retain}";
        world.bench.create(&volume).create(&writers(1, keep, ""));
        world.run(40);
        assert_eq!(world.own(0), "web-0\n");
        world.bench.delete(Kind::StatefulSet, "web");
        world.run(20);
        world.delete_claim("www-web-0");
        world.run(60);
        assert_eq!(world.watcher.emptied > 0, emptied, "{policy}");
        let volume = world.bench.get(Kind::PersistentVolume, "only").unwrap();
        let phase = volume.status().get("phase").str().to_owned();
        assert_eq!(phase, if emptied { "Available" } else { "Released" });
    }
    sometimes::assert_met(&["a claim with its volume", "a volume kept after its claim"]);
}
