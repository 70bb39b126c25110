//! `kubectl drain`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/drain` and `pkg/drain`. Pods are evicted side by side; a refused
//! eviction is tried again every 5 s.

use std::collections::VecDeque;

use super::{Running, cordon};
use crate::api::go;
use crate::api::object::{Object, ObjectKey};
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, DeleteOptions, Request, Selectors, Verb};
use crate::kubectl::command::{CHUNK_SIZE_FLAG, Command, DRY_RUN_FLAG, Flag, SELECTOR_FLAG};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::value;

/// Its row.
pub static COMMANDS: &[Command] =
    &[Command::new("drain", &[CHUNK_SIZE_FLAG, DRY_RUN_FLAG, SELECTOR_FLAG, FLAGS], drain)];

static FLAGS: &[Flag] = &[
    Flag::bool("delete-emptydir-data"),
    Flag::bool("disable-eviction"),
    Flag::bool("force"),
    Flag::int("grace-period", "-1"),
    Flag::bool("ignore-daemonsets"),
    Flag::text("pod-selector"),
    Flag::int("skip-wait-for-delete-timeout", "0"),
    Flag::duration("timeout", "0s"),
];

const RETRY: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_secs(1);

/// A drain under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Drain {
    waiting: VecDeque<EcoString>,
    node: Option<EcoString>,
    pods: Vec<Leaving>,
    // Errors of the node in work.
    errors: Vec<String>,
    /// Nodes that could not be drained, with all that was wrong.
    fatal: Vec<String>,
    undrained: Vec<EcoString>,
    until: Option<Time>,
}

/// A Pod on its way out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Leaving {
    key: ObjectKey,
    uid: EcoString,
    evicted: bool,
    next: Time,
}

/// Models RunDrain.
fn drain(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let nodes = cordon::nodes(invocation, world)?;
    cordon::run(true, invocation, world)?;
    let drain = Drain {
        waiting: nodes.iter().map(|node| node.name().into()).collect(),
        node: None,
        pods: Vec::new(),
        errors: Vec::new(),
        fatal: Vec::new(),
        undrained: Vec::new(),
        until: None,
    };
    drain.poll(invocation, world)
}

impl Drain {
    /// Goes on with the node in work, then with the next one.
    pub fn poll(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        loop {
            if self.node.is_none() {
                match self.waiting.pop_front() {
                    Some(node) => self.begin(node, invocation, world)?,
                    None => return Ok(self.end(world)),
                }
            }
            self.evict(invocation, world);
            self.forget_gone(invocation, world);
            if let Some(next) = self.pods.iter().map(|pod| pod.next).min() {
                return Ok(Flow::Wait(Running::Drain(self), Some(next)));
            }
            self.finish(invocation, world);
        }
    }

    fn end(self, world: &mut World<'_>) -> Flow {
        for line in &self.fatal {
            world.complain(line);
        }
        Flow::Done(i32::from(!self.fatal.is_empty()))
    }

    /// Models deleteOrEvictPodsSimple up to the evictions.
    fn begin(
        &mut self,
        node: EcoString,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let found = Found::on(&node, invocation, world)?;
        self.node = Some(node);
        self.errors = found.errors();
        if !self.errors.is_empty() {
            return Ok(());
        }
        let warnings = found.warnings();
        if !warnings.is_empty() {
            world.complain(&format!("Warning: {warnings}"));
        }
        let now = world.client.now();
        let timeout = invocation.micros("timeout").max(0) as u64;
        self.until = (timeout > 0).then(|| now.after(Duration::from_micros(timeout)));
        match DryRun::of(invocation, world)? {
            DryRun::No => {
                let leaving = |pod: Object| {
                    let (key, uid) = (pod.key(), pod.uid().into());
                    Leaving { key, uid, evicted: false, next: now }
                };
                self.pods = found.leaving.into_iter().map(leaving).collect();
            }
            dry_run => {
                for pod in found.leaving {
                    let line = format!("evicting pod {}/{}", pod.namespace(), pod.name());
                    world.print_line(&dry_run.operation(&line));
                }
            }
        }
        Ok(())
    }

    /// Models evictPods: every Pod that is due is asked to leave.
    fn evict(&mut self, invocation: &Invocation, world: &mut World<'_>) {
        let now = world.client.now();
        let mut index = 0;
        while let Some(pod) = self.pods.get(index).cloned() {
            index += 1;
            if pod.evicted || pod.next > now {
                continue;
            }
            let (namespace, name) = (&pod.key.namespace, &pod.key.name);
            if !invocation.is_true("disable-eviction") {
                world.print_line(&format!("evicting pod {namespace}/{name}"));
            }
            let mut why = None;
            if self.until.is_some_and(|until| now >= until) {
                let timeout = invocation.text("timeout");
                why = Some(format!("global timeout reached: {timeout}"));
            } else if let Err(refusal) = world.send(&eviction(&pod.key, invocation)) {
                if refusal.is("TooManyRequests") {
                    world.complain(&format!(
                        "error when evicting pods/{name:?} -n {namespace:?} (will retry after \
                         5s): {refusal}"
                    ));
                    self.pods[index - 1].next = now.after(RETRY);
                    continue;
                }
                why = (!refusal.is("NotFound")).then(|| refusal.to_string());
            }
            match why {
                Some(why) => {
                    self.errors
                        .push(format!("error when evicting pods/{name:?} -n {namespace:?}: {why}"));
                    index -= 1;
                    self.pods.remove(index);
                }
                None => self.pods[index - 1].evicted = true,
            }
        }
    }

    /// Models waitForDelete.
    fn forget_gone(&mut self, invocation: &Invocation, world: &mut World<'_>) {
        let now = world.client.now();
        let verb = if invocation.is_true("disable-eviction") { "deleted" } else { "evicted" };
        let mut left = Vec::new();
        for mut pod in std::mem::take(&mut self.pods) {
            if pod.evicted && pod.next <= now {
                let get = Request::new(Actor::User, pod.key.clone(), Verb::Get);
                let object = world.client.request(&get).ok().and_then(|r| r.object);
                if !object.is_some_and(|object| object.uid() == pod.uid) {
                    world.print_line(&format!("pod/{} {verb}", pod.key.name));
                    continue;
                }
                pod.next = now.after(POLL);
            }
            left.push(pod);
        }
        self.pods = left;
    }

    // The node in work is drained, or cannot be.
    fn finish(&mut self, invocation: &Invocation, world: &mut World<'_>) {
        let Some(node) = self.node.take() else { return };
        let errors = std::mem::take(&mut self.errors);
        if errors.is_empty() {
            return world.print_line(&format!("node/{node} drained"));
        }
        let why = go::aggregate(&errors);
        if errors.iter().any(|error| error.starts_with("error when evicting"))
            && let Ok(found) = Found::on(&node, invocation, world)
            && !found.leaving.is_empty()
        {
            let intro = "There are pending pods in node";
            world.complain(&format!("{intro} {:?} when an error occurred: {why}", node.as_str()));
            for pod in &found.leaving {
                world.complain(&format!("pod/{}", pod.name()));
            }
        }
        let node_name = node.as_str();
        world.complain(&format!(
            "error: unable to drain node {node_name:?} due to error: {why}, continuing command..."
        ));
        self.fatal.extend(errors);
        self.undrained.push(node);
        world.complain("There are pending nodes to be drained:");
        for name in self.undrained.iter().chain(&self.waiting) {
            world.complain(&format!(" {name}"));
        }
    }
}

fn eviction(pod: &ObjectKey, invocation: &Invocation) -> Request {
    let grace = invocation.int("grace-period");
    let grace = (grace >= 0).then_some(grace);
    if invocation.is_true("disable-eviction") {
        let options = DeleteOptions { grace_period_seconds: grace, ..DeleteOptions::default() };
        return Request::new(Actor::User, pod.clone(), Verb::Delete(options));
    }
    let mut eviction = value!({
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": (&pod.name), "namespace": (&pod.namespace)},
    });
    if let Some(grace) = grace {
        eviction.set(&["deleteOptions", "gracePeriodSeconds"], grace);
    }
    Request::new(Actor::User, pod.clone(), Verb::Create(eviction)).on("eviction")
}

/// The Pods of a node (`PodDeleteList`).
#[derive(Default)]
struct Found {
    leaving: Vec<Object>,
    // Reason and Pods, in the order in which they were met.
    errors: Vec<(&'static str, Vec<String>)>,
    warnings: Vec<(&'static str, Vec<String>)>,
}

impl Found {
    /// Models GetPodsForDeletion.
    fn on(node: &str, invocation: &Invocation, world: &mut World<'_>) -> Result<Self, Failure> {
        let fields = format!("spec.nodeName={node}").into();
        let selectors = Selectors { fields, labels: invocation.text("pod-selector").into() };
        let key = ObjectKey::new(Kind::Pod, "", "");
        let list = Request::new(Actor::User, key, Verb::List(selectors));
        let mut found = Found::default();
        for pod in world.client.request(&list)?.items {
            found.sort_in(pod, invocation);
        }
        Ok(found)
    }

    /// Models makeFilters: the first filter that keeps the Pod decides, else the last one.
    fn sort_in(&mut self, pod: Object, invocation: &Invocation) {
        let name = format!("{}/{}", pod.namespace(), pod.name());
        let ended = is_terminal(&pod);
        let owner = pod.controller().map(|owner| owner.kind().to_owned());
        if !ended && owner.as_deref() == Some("DaemonSet") {
            return match invocation.is_true("ignore-daemonsets") {
                true => note(&mut self.warnings, "ignoring DaemonSet-managed Pods", name),
                false => note(
                    &mut self.errors,
                    "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
                    name,
                ),
            };
        }
        let volumes = pod.spec().get("volumes").items();
        let is_local = volumes.iter().any(|volume| !volume.get("emptyDir").is_null());
        if !ended && is_local && !invocation.is_true("delete-emptydir-data") {
            let why = "Pods with local storage (use --delete-emptydir-data to override)";
            return note(&mut self.errors, why, name);
        }
        if !ended && owner.is_none() {
            if !invocation.is_true("force") {
                let why = "Pods that declare no controller (use --force to override)";
                return note(&mut self.errors, why, name);
            }
            note(&mut self.warnings, "deleting Pods that declare no controller", name);
        }
        self.leaving.push(pod);
    }

    fn errors(&self) -> Vec<String> {
        let errors = self.errors.iter();
        errors.map(|(why, pods)| format!("cannot delete {why}: {}", pods.join(", "))).collect()
    }

    fn warnings(&self) -> String {
        let warnings = self.warnings.iter();
        let texts: Vec<String> =
            warnings.map(|(why, pods)| format!("{why}: {}", pods.join(", "))).collect();
        texts.join("; ")
    }
}

fn note(list: &mut Vec<(&'static str, Vec<String>)>, why: &'static str, pod: String) {
    match list.iter_mut().find(|(known, _)| *known == why) {
        Some((_, pods)) => pods.push(pod),
        None => list.push((why, vec![pod])),
    }
}
