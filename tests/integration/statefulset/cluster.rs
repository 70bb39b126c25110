//! Whole clusters: kernel, scheduler and kubelets around the controller.

use statefulset_playground::api::scheme::Kind;

use super::bench::{Bench, counters, web};

/// The writes to a set's status while three Pods come up, as recorded in sts-update-counters.
#[test]
fn three_pods_come_up_with_the_recorded_counters() {
    let mut bench = Bench::new(1);
    let before = bench.cluster.api().storage().revision();
    bench.create(&web(3, "")).run(30);
    let events = bench.cluster.api().storage().events_since(before);
    let statuses =
        events.filter(|event| event.key.kind == Kind::StatefulSet && event.subresource == "status");
    let written: Vec<_> = statuses.map(|event| counters(&event.object)).collect();
    let recorded = [
        [0, 0, 0, 0],
        [1, 0, 1, 1],
        [1, 1, 1, 1],
        [2, 1, 2, 2],
        [2, 2, 2, 2],
        [3, 2, 3, 3],
        [3, 3, 3, 3],
    ];
    assert_eq!(written, recorded);
    let set = bench.get(Kind::StatefulSet, "web").unwrap();
    assert_eq!(set.status().get("currentRevision").str(), "web-6cdf689c4c");
    assert_eq!(set.status().get("availableReplicas").as_i64(), Some(3));
}
