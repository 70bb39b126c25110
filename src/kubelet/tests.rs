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

const SHELL: &str = r#"
containers:
- name: main
  image: busybox:1.35
  command: [sh, -c, "echo up; trap 'echo bye; exit 3' TERM; while :; do read -t 1 x < /tmp/none; done"]
  volumeMounts: [{name: data, mountPath: /data}]
volumes: [{name: data, emptyDir: {}}]
"#;

#[test]
fn commands_run_beside_the_main_process() {
    let mut bench = Bench::new(3);
    bench.pod("app-0", "node2", SHELL);
    bench.wait(3.0);
    let script = "echo hello > /data/a; read x < /data/a; echo $x from $HOSTNAME; exit 4";
    let shown = bench.exec("app-0", "main", &["sh", "-c", script]);
    assert_eq!(shown, ("hello from app-0\n".into(), Some(4)));
    let (why, code) = bench.exec("app-0", "main", &["nosuch"]);
    assert!(
        why.ends_with("exec: \"nosuch\": executable file not found in $PATH: unknown"),
        "{why}"
    );
    assert_eq!(code, None);
    let (why, _) = bench.exec("app-0", "other", &["sh"]);
    assert_eq!(why, "unable to upgrade connection: container not found (\"other\")");
    assert_eq!(bench.exec("app-0", "main", &["echo", "a"]), ("a\n".into(), Some(0)));
    assert_eq!(bench.exec("app-0", "main", &["kill", "-TERM", "1"]), (String::new(), Some(0)));
    bench.wait(3.0);
    let lines = bench.take();
    assert!(lines.contains(&"app-0 Running [main=Error]".to_string()), "{lines:#?}");
}

#[test]
fn web_servers_answer_each_other() {
    let mut bench = Bench::new(4);
    bench.pod("web-0", "node1", NGINX);
    bench.pod("web-1", "node1", NGINX);
    bench.wait(3.0);
    let write = "echo page > /usr/share/nginx/html/index.html";
    assert_eq!(bench.exec("web-1", "nginx", &["sh", "-c", write]), (String::new(), Some(0)));
    let address = bench.find("web-1").map(|pod| pod.path(&["status", "podIP"]).str().to_string());
    let url = format!("http://{}", address.expect("an address"));
    assert_eq!(bench.exec("web-0", "nginx", &["wget", "-qO-", &url]), ("page\n".into(), Some(0)));
    let (welcome, _) = bench.exec("web-0", "nginx", &["wget", "-qO-", "localhost"]);
    assert!(welcome.contains("<title>Welcome to nginx!</title>"), "{welcome}");
    let missing = bench.exec("web-0", "nginx", &["wget", "-qO-", "localhost/nothing"]);
    let refusal = "wget: server returned error: HTTP/1.1 404 Not Found\n";
    assert_eq!(missing, (refusal.into(), Some(1)));
    let closed = bench.exec("web-0", "nginx", &["wget", "-qO-", "localhost:81"]);
    assert!(closed.0.ends_with("Connection refused\n"), "{closed:?}");
}

const PROBED: &str = r#"
containers:
- name: nginx
  image: nginx:1.25
  readinessProbe: {httpGet: {path: /ready.txt, port: 80}, periodSeconds: 1}
  livenessProbe: {tcpSocket: {port: 80}, periodSeconds: 2, failureThreshold: 1}
  lifecycle:
    postStart: {exec: {command: [sh, -c, "echo $HOSTNAME > /tmp/name"]}}
    preStop: {exec: {command: [sh, -c, "exit 1"]}}
"#;

#[test]
fn probes_and_hooks_are_asked() {
    let mut bench = Bench::new(5);
    bench.pod("web-0", "node1", PROBED);
    bench.wait(3.0);
    let lines = bench.take();
    let wanted = "web-0 Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404";
    assert!(lines.contains(&wanted.to_string()), "{lines:#?}");
    assert_eq!(lines.last().map(String::as_str), Some(wanted));
    let ready = "read x < /tmp/name; echo $x > /usr/share/nginx/html/ready.txt";
    assert_eq!(bench.exec("web-0", "nginx", &["sh", "-c", ready]), (String::new(), Some(0)));
    bench.wait(1.5);
    check(&mut bench, &["web-0 Running [nginx=running*]"]);
    bench.delete("web-0", 30);
    bench.wait(3.0);
    check(
        &mut bench,
        &[
            "web-0 Killing: Stopping container nginx",
            "web-0 FailedPreStopHook: PreStopHook failed",
            "web-0 Succeeded [nginx=Completed]",
            "web-0 deleted",
        ],
    );
}

const ORDERED: &str = r#"
initContainers:
- {name: first, image: busybox, command: [sh, -c, "echo a >> /d/log"], volumeMounts: [&v {name: d, mountPath: /d}]}
- {name: side, image: busybox, restartPolicy: Always, command: [sh, -c, "echo b >> /d/log; read x < /d/none; sleep 9"], volumeMounts: [*v]}
containers:
- {name: main, image: nginx:1, volumeMounts: [*v]}
volumes: [{name: d, emptyDir: {}}]
"#;

#[test]
fn init_containers_go_before_others() {
    let mut bench = Bench::new(6);
    bench.pod("p", "node1", ORDERED);
    bench.wait(8.0);
    let lines = bench.take();
    let last = lines.iter().rfind(|line| line.contains('[')).map(String::as_str);
    assert!(last.is_some_and(|l| l.contains("first=Completed*")), "{lines:#?}");
    let (log, _) =
        bench.exec("p", "main", &["sh", "-c", "while read x; do echo $x; done < /d/log"]);
    assert!(log.starts_with("a\nb\n"), "{log}");
}
