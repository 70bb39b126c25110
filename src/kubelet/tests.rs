//! Lives of Pods on the bench: which writes and events follow each other.

use super::bench::Bench;

const NGINX: &str = "{containers: [{name: nginx, image: nginx:1.25}]}";

#[track_caller]
fn check(bench: &mut Bench, expected: &[&str]) {
    let lines = bench.take();
    let shown: Vec<&str> = lines.iter().map(String::as_str).collect();
    for (index, wanted) in expected.iter().enumerate() {
        let got = shown.get(index).copied().unwrap_or("nothing");
        assert!(got.starts_with(wanted), "line {index}: {got} is not {wanted}\n{shown:#?}");
    }
    assert_eq!(shown.len(), expected.len(), "{shown:#?}");
}

#[test]
fn a_pod_becomes_ready_and_is_deleted() {
    let mut bench = Bench::new(1);
    bench.pod("web-0", "node1", NGINX);
    bench.wait(3.0);
    check(
        &mut bench,
        &[
            "web-0 Pending [nginx=ContainerCreating]",
            "web-0 Pulling: Pulling image \"nginx:1.25\"",
            "web-0 Pending [nginx=ContainerCreating]",
            "web-0 Pulled: Successfully pulled image \"nginx:1.25\" in ",
            "web-0 Created: Container created",
            "web-0 Started: Container started",
            "web-0 Running [nginx=running*]",
        ],
    );
    bench.delete("web-0", 30);
    bench.wait(3.0);
    check(
        &mut bench,
        &[
            "web-0 Killing: Stopping container nginx",
            "web-0 Succeeded [nginx=Completed]",
            "web-0 deleted",
        ],
    );
    assert!(bench.kubelets.is_idle());
}

#[test]
fn a_missing_image_is_tried_again_with_pauses() {
    let mut bench = Bench::new(2);
    bench.pod("web-0", "node1", "{containers: [{name: nginx, image: 'nginx:broken'}]}");
    bench.wait(5.0);
    check(
        &mut bench,
        &[
            "web-0 Pending [nginx=ContainerCreating]",
            "web-0 Pulling: ",
            "web-0 Failed: Failed to pull image \"nginx:broken\": rpc error: code = NotFound",
            "web-0 Failed: Error: ErrImagePull",
            "web-0 Pending [nginx=ContainerCreating]",
            "web-0 BackOff: Back-off pulling image \"nginx:broken\"",
            "web-0 Failed: Error: ImagePullBackOff",
            "web-0 Pending [nginx=ErrImagePull]",
        ],
    );
    bench.wait(12.0);
    let lines = bench.take();
    assert!(lines.contains(&"web-0 Pending [nginx=ImagePullBackOff]".to_string()), "{lines:#?}");
    bench.delete("web-0", 30);
    bench.wait(3.0);
    let lines = bench.take();
    let last: Vec<&str> = lines.iter().rev().take(2).map(String::as_str).collect();
    assert_eq!(last, ["web-0 deleted", "web-0 Failed [nginx=ContainerStatusUnknown]"]);
}
