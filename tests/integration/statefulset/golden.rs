//! The golden traces of the control loop (kubernetes-behaviour §12): what is done in each step,
//! and the status after it.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::controller::reason::StatefulSetReason as R;

use super::model::{Model, set};

const TRACES: &str = include_str!("../golden/statefulset-traces.txt");

/// A cluster with three ready Pods, or more.
fn ready(replicas: u32, more: &str) -> Model {
    let mut model = Model::new(&set(replicas, more));
    model.complete();
    model
}

/// Puts a cluster into the state where a trace begins, from that where the one before ended.
fn begin(title: &str, before: Option<Model>) -> Model {
    let rolling = |more: &str| format!("updateStrategy: {{rollingUpdate: {{{more}}}}}");
    let fresh = match title {
        "create 3 (OrderedReady)" => Some(Model::new(&set(3, ""))),
        "update to broken X" => Some(ready(3, "")),
        "create 3 (Parallel)" => Some(Model::new(&set(3, "podManagementPolicy: Parallel"))),
        "OrderedReady, 5 replicas, maxUnavailable 2" => Some(ready(
            5,
            "updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 2}}",
        )),
        "ordinals.start 0->2" | "default strategy: delete 0 by hand while 2 is being replaced" => {
            Some(ready(3, ""))
        }
        "explicit type RollingUpdate: delete 0 by hand while 2 is being replaced" => {
            Some(ready(3, "updateStrategy: {type: RollingUpdate}"))
        }
        _ => None,
    };
    let mut model = fresh.or(before).unwrap();
    match title {
        "create 3 (OrderedReady)" | "create 3 (Parallel)" => {}
        "update A->B, partition 0" | "Parallel update, maxUnavailable 1" => model.image("nginx:B"),
        "OrderedReady, 5 replicas, maxUnavailable 2" => model.image("nginx:B"),
        "scale 3->5" => model.spec("replicas: 5"),
        "scale 5->3" => model.spec("replicas: 3"),
        "partition 2, update B->C" => {
            model.spec(&rolling("partition: 2"));
            model.image("nginx:C");
        }
        "delete pod 0 by hand (below partition)" => model.delete_pod(0),
        "partition 2->0" => model.spec(&rolling("partition: 0")),
        "update to broken X" | "Parallel broken X" => model.image("nginx:X"),
        "template reverted to A (stuck)" => model.image("nginx:A"),
        "user deletes pod 2" => model.delete_pod(2),
        "Parallel fixed C" => model.image("nginx:C"),
        "Parallel update maxUnavailable 2" => {
            model.spec(&rolling("maxUnavailable: 2"));
            model.image("nginx:D");
        }
        "Parallel scale to 0" => model.spec("replicas: 0"),
        "ordinals.start 0->2" => model.spec("ordinals: {start: 2}"),
        title if title.contains("while 2 is being replaced") => {
            model.image("nginx:B");
            assert_eq!(model.settle(), ["delete 2"]);
            model.delete_pod(0);
        }
        title => panic!("no beginning for {title}"),
    }
    model
}

/// One line of a trace as the controller gives it.
fn line(model: &mut Model, step: usize) -> String {
    let mut done = model.settle();
    if done.is_empty() {
        let waits = model.reasons.iter().find_map(|reason| match reason {
            R::WaitingForTermination { pod } => Some(format!("wait term {}", &pod[4..])),
            R::WaitingForReady { pod, .. } => Some(format!("wait ready {}", &pod[4..])),
            _ => None,
        });
        done.push(waits.unwrap_or_else(|| "-".into()));
    }
    let counters = model.counters().map(|n| n.to_string()).join(" ");
    let (current, update) =
        (model.letter_of_revision("currentRevision"), model.letter_of_revision("updateRevision"));
    let mut happened = model.environment();
    if happened.is_empty() {
        happened.push("-".into());
    }
    let (done, happened) = (done.join(", "), happened.join(", "));
    format!(" {step} | {done:<34} | {counters} | {current}/{update} | {happened}")
}

// Pods go in no order: those of one step are compared as a set.
fn normal(line: &str) -> Vec<String> {
    let columns = line.split('|').map(str::trim);
    columns
        .map(|column| {
            let mut parts: Vec<&str> = column.split(", ").collect();
            if parts.iter().all(|part| part.ends_with("gone")) {
                parts.sort_unstable();
            }
            parts.join(", ")
        })
        .collect()
}

#[test]
fn golden_traces() {
    let mut model = None;
    let mut wrong = String::new();
    for section in TRACES.split("# ").skip(1) {
        let (title, lines) = section.split_once('\n').unwrap();
        let mut now = begin(title, model.take());
        for (step, expected) in lines.lines().filter(|line| !line.is_empty()).enumerate() {
            let found = line(&mut now, step);
            if normal(&found) != normal(expected) {
                wrong.push_str(&format!("# {title}\nexpected{expected}\nfound   {found}\n"));
            }
        }
        now.complete_unless_broken();
        model = Some(now);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

impl Model {
    // The traces end where nothing happens any more.
    fn complete_unless_broken(&mut self) {
        let done = self.settle();
        assert!(done.is_empty(), "a trace ends too early: {done:?}");
        assert!(self.get(Kind::StatefulSet, "web").is_some());
    }
}
