//! The controller against upstream's algorithm, written down as plainly as `updateStatefulSet` of
//! `stateful_set_control.go` does it: over lists of all Pods, without any index. Both look at the
//! same random states and have to do the same.

use statefulset_playground::api::object::Object;
use statefulset_playground::api::pod::{is_running_and_ready, parent_name_and_ordinal, phase};
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::{Duration, Time};
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::request::{
    Actor, DeleteOptions, Patch, Propagation, Request, Verb,
};
use statefulset_playground::chance::Choice;
use statefulset_playground::controller::statefulset::control::max_unavailable;
use statefulset_playground::value;

use super::bench::key;
use super::model::{CLAIM, Model, set};
use crate::invariant::sometimes::{self, met};

/// What upstream does with a state.
struct Reference<'a> {
    set: &'a Object,
    pods: Vec<&'a Object>,
    claims: Vec<String>,
    revisions: (String, String),
    now: Time,
    done: Vec<String>,
}

fn ordinal(pod: &Object) -> i64 {
    parent_name_and_ordinal(pod.name()).map_or(-1, |(_, ordinal)| ordinal.into())
}

fn revision(pod: &Object) -> &str {
    pod.label("controller-revision-hash").unwrap_or("")
}

impl<'a> Reference<'a> {
    fn number(&self, path: &[&str], default: i64) -> i64 {
        self.set.path(path).as_i64().unwrap_or(default)
    }

    fn min_ready(&self) -> Duration {
        Duration::from_secs(self.number(&["spec", "minReadySeconds"], 0) as u64)
    }

    fn available_at(&self, pod: &Object) -> Option<Time> {
        let mut conditions = pod.status().get("conditions").items().iter();
        let ready = conditions.find(|c| c.get("type").str() == "Ready")?;
        let since = Time::parse(ready.get("lastTransitionTime").str())?;
        is_running_and_ready(pod).then(|| since.after(self.min_ready()))
    }

    fn is_available(&self, pod: &Object) -> bool {
        let at = self.available_at(pod);
        at.is_some_and(|at| self.min_ready().is_zero() || at < self.now)
    }

    fn is_unavailable(&self, pod: &Object) -> bool {
        !self.is_available(pod) || pod.is_terminating()
    }

    fn monotonic(&self) -> bool {
        self.set.spec().get("podManagementPolicy").str() != "Parallel"
    }

    fn start(&self) -> i64 {
        self.number(&["spec", "ordinals", "start"], 0)
    }

    fn replicas(&self) -> i64 {
        self.number(&["spec", "replicas"], 1)
    }

    fn slots(&self) -> Vec<(i64, Option<&'a Object>)> {
        let range = self.start()..self.start() + self.replicas();
        // Either of two Pods with one ordinal may have the slot; here it is the regular one.
        let is_regular = |pod: &Object, o: i64| pod.name() == format!("web-{o}");
        let of = |o| {
            let mut all = self.pods.iter().copied().filter(|pod| ordinal(pod) == o);
            all.clone().find(|pod| is_regular(pod, o)).or_else(|| all.next())
        };
        range.map(|o| (o, of(o))).collect()
    }

    fn run(&mut self) {
        if self.set.is_terminating() {
            return;
        }
        let _ = self.living() || self.condemned() || self.update();
    }

    /// processReplica for every slot; whether the sync ends here.
    fn living(&mut self) -> bool {
        for (ordinal, pod) in self.slots() {
            let exit = self.process_replica(ordinal, pod);
            if exit && self.monotonic() {
                return true;
            }
        }
        false
    }

    fn process_replica(&mut self, ordinal: i64, pod: Option<&Object>) -> bool {
        let Some(pod) = pod else {
            self.create_missing_claim(ordinal);
            let revision = self.revision_of_new(ordinal - self.start());
            self.done.push(format!("create web-{ordinal}@{revision}"));
            return true;
        };
        if matches!(phase(pod), "Failed" | "Succeeded") {
            if !pod.is_terminating() {
                self.done.push(format!("delete {}", pod.name()));
            }
            return true;
        }
        if phase(pod) == "Pending" {
            self.create_missing_claim(ordinal);
        }
        if self.monotonic() && self.is_unavailable(pod) {
            met("a Pod that holds up the set", true);
            return true;
        }
        let regular = format!("web-{ordinal}");
        let label = pod.label("statefulset.kubernetes.io/pod-name");
        if pod.name() != regular || label != Some(pod.name()) {
            met("a Pod with a wrong identity", true);
            self.done.push(format!("update {regular}"));
        }
        false
    }

    fn create_missing_claim(&mut self, ordinal: i64) {
        let templates = self.set.spec().get("volumeClaimTemplates").items();
        let name = format!("www-web-{ordinal}");
        if !templates.is_empty() && !self.claims.contains(&name) {
            self.done.push(format!("claim {name}"));
        }
    }

    /// newVersionedStatefulSetPod
    fn revision_of_new(&self, index: i64) -> String {
        let strategy = self.set.spec().get("updateStrategy");
        let rolling = strategy.get("rollingUpdate");
        let is_plain = strategy.get("type").str() == "RollingUpdate" && rolling.is_null();
        let current = match is_plain {
            true => index < self.number(&["status", "currentReplicas"], 0),
            false => index < rolling.get("partition").as_i64().unwrap_or(0),
        };
        let (old, new) = &self.revisions;
        met("a Pod made from the current revision", current && old != new);
        if current { old.clone() } else { new.clone() }
    }

    /// processCondemned for every surplus Pod; whether the sync ends here.
    fn condemned(&mut self) -> bool {
        let range = self.start()..self.start() + self.replicas();
        let is_surplus = |pod: &&Object| !range.contains(&ordinal(pod));
        let mut surplus: Vec<&Object> = self.pods.iter().copied().filter(is_surplus).collect();
        surplus.sort_by_key(|pod| -ordinal(pod));
        let first = surplus.iter().rev().find(|pod| self.is_unavailable(pod)).map(|p| p.name());
        for pod in surplus {
            let blocked = self.monotonic() && !self.is_available(pod) && first != Some(pod.name());
            met("a surplus Pod that waits for another", blocked && !pod.is_terminating());
            if !pod.is_terminating() && !blocked {
                self.done.push(format!("delete {}", pod.name()));
            }
            if self.monotonic() {
                return true;
            }
        }
        false
    }

    /// updateStatefulSetAfterInvariantEstablished; always the end.
    fn update(&mut self) -> bool {
        let strategy = self.set.spec().get("updateStrategy");
        if strategy.get("type").str() == "OnDelete" {
            return true;
        }
        let rolling = strategy.get("rollingUpdate");
        let partition = rolling.get("partition").as_i64().unwrap_or(0);
        let max = max_unavailable(rolling.get("maxUnavailable"), self.replicas());
        let slots = self.slots();
        let down = |pod: &Option<&Object>| pod.is_none_or(|pod| self.is_unavailable(pod));
        let unavailable = slots.iter().filter(|(_, pod)| down(pod)).count() as i64;
        let is_old = |pod: &Object| revision(pod) != self.revisions.1 && !pod.is_terminating();
        let above = slots.iter().rev().filter(|(o, _)| *o >= self.start() + partition);
        let old: Vec<&Object> = above.filter_map(|(_, p)| *p).filter(|p| is_old(p)).collect();
        let budget = (max - unavailable).max(0) as usize;
        met("an update without budget", budget == 0 && !old.is_empty());
        met("an update of some", budget > 0 && old.len() > budget);
        let chosen: Vec<&Object> = match self.monotonic() {
            true => old.into_iter().take(budget).collect(),
            false => {
                let (stale, healthy): (Vec<_>, Vec<_>) =
                    old.into_iter().partition(|pod| self.is_unavailable(pod));
                met("an update of a stale Pod", !stale.is_empty());
                stale.into_iter().chain(healthy.into_iter().take(budget)).collect()
            }
        };
        self.done.extend(chosen.iter().map(|pod| format!("delete {}", pod.name())));
        true
    }

    /// updateStatus and completeRollingUpdate: the counters and the current revision.
    fn status(&self) -> ([i64; 5], String) {
        let count =
            |is: &dyn Fn(&Object) -> bool| self.pods.iter().filter(|p| is(p)).count() as i64;
        let (mut current, update) = self.revisions.clone();
        let with = |name: &str| count(&|pod| revision(pod) == name && !pod.is_terminating());
        let ready = count(&is_running_and_ready);
        let available = count(&|pod| self.is_available(pod));
        let mut counters = [count(&|_| true), ready, available, with(&current), with(&update)];
        if [counters[0], ready, counters[4]] == [self.replicas(); 3] {
            met("a roll-out that ends", current != update);
            counters[3] = counters[4];
            current = update;
        }
        (counters, current)
    }

    fn requeue_after(&self) -> Option<Duration> {
        let (counters, _) = self.status();
        if self.min_ready().is_zero() || counters[2] == self.replicas() {
            return None;
        }
        let waiting = self.pods.iter().filter(|pod| !self.is_available(pod));
        let next = waiting.filter_map(|pod| self.available_at(pod)).min();
        met("a Pod that becomes available later", next.is_some());
        next.map(|at| at.since(self.now) + Duration::from_millis(1))
    }
}

/// A set whose status has the first of two revisions as the current one, and no Pods.
fn two_revisions(more: &str) -> (Model, (String, String)) {
    let mut model = Model::new(&set(0, more));
    model.settle();
    let old = model.set().status().get("updateRevision").str().to_owned();
    model.image("nginx:B");
    model.settle();
    let new = model.set().status().get("updateRevision").str().to_owned();
    (model, (old, new))
}

fn one_of<T: Copy>(choice: &mut Choice, all: &[T]) -> T {
    all[choice.below(all.len() as u64) as usize]
}

/// A spec, a status and Pods at random.
fn scramble(model: &mut Model, choice: &mut Choice, (old, new): &(String, String)) {
    let strategy = match choice.below(6) {
        0 => "{type: OnDelete, rollingUpdate: null}".into(),
        1 => "{type: RollingUpdate, rollingUpdate: null}".into(),
        _ => format!(
            "{{type: RollingUpdate, rollingUpdate: {{partition: {}, maxUnavailable: {}}}}}",
            one_of(choice, &[0, 0, 0, 1, 2, 3]),
            one_of(choice, &["1", "2", "3", "'50%'", "'10%'"])
        ),
    };
    let (replicas, start) = (one_of(choice, &[0, 1, 2, 3, 4, 4]), one_of(choice, &[0, 0, 1, 2]));
    let min_ready = one_of(choice, &[0, 0, 10, 30]);
    model.spec(&format!(
        "replicas: {replicas}, ordinals: {{start: {start}}}, minReadySeconds: {min_ready}, \
         updateStrategy: {strategy}"
    ));
    let status = value!({"status": {
        "currentRevision": (one_of(choice, &[old, old, new]).as_str()),
        "updateRevision": (new.as_str()),
        "currentReplicas": (choice.below(5) as i64),
        "replicas": 5,
    }});
    let verb = Verb::Patch(Patch::Merge(status));
    model.user(Request::new(Actor::User, key(Kind::StatefulSet, "web"), verb).on("status"));
    // All wanted Pods are new and fine, or fine, or most are, or anything.
    let (fine_of_4, all) = match choice.below(8) {
        0 => (4, [new, new]),
        1 | 2 => (4, [old, new]),
        3 | 4 => (3, [old, new]),
        _ => (0, [old, new]),
    };
    for ordinal in 0..6 {
        let is_wanted = (start..start + replicas).contains(&ordinal);
        let is_fine = is_wanted && choice.below(4) < fine_of_4;
        if is_fine || fine_of_4 < 4 && choice.below(4) > 0 {
            add_pod(model, choice, ordinal, &all, is_fine);
        }
        let regular = format!("web-{ordinal}");
        if is_wanted && choice.below(20) == 0 && model.get(Kind::Pod, &regular).is_some() {
            add_pod_named(model, choice, (ordinal, &format!("web-0{ordinal}")), &all, false);
        }
    }
    model.now = model.now.after(Duration::from_secs(choice.below(25)));
    if choice.below(12) == 0 {
        let options =
            DeleteOptions { propagation: Some(Propagation::Foreground), ..Default::default() };
        let set = key(Kind::StatefulSet, "web");
        model.user(Request::new(Actor::User, set, Verb::Delete(options)));
    }
}

fn add_pod(
    model: &mut Model,
    choice: &mut Choice,
    ordinal: i32,
    revisions: &[&String; 2],
    is_fine: bool,
) {
    let irregular = !is_fine && choice.below(10) == 0;
    let name = if irregular { format!("web-0{ordinal}") } else { format!("web-{ordinal}") };
    add_pod_named(model, choice, (ordinal, &name), revisions, is_fine);
}

fn add_pod_named(
    model: &mut Model,
    choice: &mut Choice,
    (ordinal, name): (i32, &str),
    revisions: &[&String; 2],
    is_fine: bool,
) {
    let set = model.set();
    let mut pod = value!({
        "metadata": {
            "name": name,
            "namespace": "default",
            "labels": {"app": "nginx", "statefulset.kubernetes.io/pod-name": name},
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web",
                "uid": (set.uid()), "controller": true, "blockOwnerDeletion": true,
            }],
        },
        "spec": {"containers": [{"name": "nginx", "image": "nginx:A"}]},
    });
    if !set.spec().get("volumeClaimTemplates").items().is_empty() {
        let claim = format!("www-web-{ordinal}");
        pod.set(
            &["spec", "volumes"],
            value!([{"name": "www", "persistentVolumeClaim": {"claimName": claim}}]),
        );
    }
    match choice.below(8) {
        0 if !is_fine => {}
        n => pod.set(
            &["metadata", "labels", "controller-revision-hash"],
            revisions[n as usize % 2].as_str(),
        ),
    }
    if !is_fine && choice.below(10) == 0 {
        pod.set(&["metadata", "labels", "statefulset.kubernetes.io/pod-name"], "other");
    }
    model.user(Request::create(Actor::User, &Object::new(Kind::Pod, pod)));
    give_status(model, choice, name, is_fine);
}

fn give_status(model: &mut Model, choice: &mut Choice, name: &str, is_fine: bool) {
    let key = key(Kind::Pod, name);
    let (phase, ready) = match choice.below(10) {
        _ if is_fine => ("Running", "True"),
        0 => return,
        1 => ("Running", "False"),
        2 => ("Failed", "False"),
        3 => ("Succeeded", "False"),
        _ => ("Running", "True"),
    };
    let target = value!({"kind": "Node", "name": "node1"});
    let binding = value!({"metadata": {"name": name}, "target": target});
    let bind = Request::new(Actor::Scheduler, key.clone(), Verb::Create(binding)).on("binding");
    model.user(bind);
    if !is_fine && choice.below(5) == 0 {
        model.user(Request::new(Actor::User, key.clone(), Verb::Delete(Default::default())));
    }
    model.now = model.now.after(Duration::from_secs(choice.below(8)));
    let since: Value = model.now.rfc3339().into();
    let condition = value!({"type": "Ready", "status": ready, "lastTransitionTime": since});
    let patch = value!({"status": {"phase": phase, "conditions": [condition]}});
    let verb = Verb::Patch(Patch::Merge(patch));
    model.user(Request::new(Actor::Kubelet("node1".into()), key, verb).on("status"));
}

/// What the controller's requests do, in the reference's words.
fn words(request: &Request) -> Option<String> {
    let name = &request.key.name;
    match (&request.verb, request.key.kind) {
        (Verb::Create(value), Kind::Pod) => {
            let label = value.path(&["metadata", "labels", "controller-revision-hash"]);
            Some(format!("create {name}@{}", label.str()))
        }
        (Verb::Delete(_), Kind::Pod) => Some(format!("delete {name}")),
        (Verb::Patch(_) | Verb::Update(_), Kind::Pod) => Some(format!("update {name}")),
        (Verb::Create(_), Kind::PersistentVolumeClaim) => Some(format!("claim {name}")),
        _ => None,
    }
}

#[track_caller]
fn compare(model: &mut Model, revisions: &(String, String), what: &str) {
    let before = model.clone();
    let decision = model.begin().decision;
    let (lister, set) = (before.lister(), before.set());
    let ours = |pod: &&Object| pod.controller().is_some_and(|owner| owner.uid() == set.uid());
    let current = set.status().get("currentRevision").str().to_owned();
    let mut reference = Reference {
        set: &set,
        pods: lister.in_namespace(Kind::Pod, "default").filter(ours).collect(),
        claims: before.names(Kind::PersistentVolumeClaim),
        revisions: (current, revisions.1.clone()),
        now: before.now,
        done: Vec::new(),
    };
    reference.run();
    let done: Vec<String> = decision.steps.iter().filter_map(|step| words(&step.request)).collect();
    let state = || {
        let pods = reference.pods.iter().map(|pod| (pod.name(), pod.status(), pod.metadata()));
        format!("{what}\n{:?}\n{:?}", set.spec(), pods.collect::<Vec<_>>())
    };
    assert_eq!(done, reference.done, "{}", state());
    assert_eq!(decision.requeue_after, reference.requeue_after(), "{}", state());
    compare_status(&decision.finally, &reference, &state);
}

fn compare_status(
    finally: &[statefulset_playground::controller::Step],
    reference: &Reference,
    state: &dyn Fn() -> String,
) {
    let written = finally.iter().find_map(|step| match &step.request.verb {
        Verb::Patch(Patch::Merge(patch)) => Some(patch.get("status")),
        _ => None,
    });
    let status = written.unwrap_or(reference.set.status());
    let fields =
        ["replicas", "readyReplicas", "availableReplicas", "currentReplicas", "updatedReplicas"];
    let counters = fields.map(|field| status.get(field).as_i64().unwrap_or(0));
    let found = (counters, status.get("currentRevision").str().to_owned());
    assert_eq!(found, reference.status(), "{}", state());
    assert_eq!(status.get("updateRevision").str(), reference.revisions.1, "{}", state());
    met("a status that needs no write", written.is_none());
}

#[test]
fn the_controller_does_what_upstreams_algorithm_does() {
    sometimes::forget();
    for policy in ["OrderedReady", "Parallel"] {
        for claims in ["", CLAIM] {
            let base = two_revisions(&format!("podManagementPolicy: {policy}\n{claims}"));
            for seed in 0..100 {
                let (mut model, revisions) = base.clone();
                let mut choice = Choice::seeded(seed);
                scramble(&mut model, &mut choice, &revisions);
                compare(&mut model, &revisions, &format!("{policy} with seed {seed}"));
            }
        }
    }
    sometimes::assert_met(&[
        "a Pod that holds up the set",
        "a Pod with a wrong identity",
        "a Pod made from the current revision",
        "a surplus Pod that waits for another",
        "an update without budget",
        "an update of some",
        "an update of a stale Pod",
        "a roll-out that ends",
        "a Pod that becomes available later",
    ]);
}
