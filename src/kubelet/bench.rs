//! A node on a bench: storage and timers without an API server, for tests.

use std::collections::BTreeMap;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Verb};
use crate::apiserver::storage::{Origin, Storage};
use crate::chance::Choice;
use crate::client::Lister;
use crate::client::node::{ExecRequest, Input};
use crate::value;

use super::{Context, Kubelets, Output, Timer};

/// A cluster with nothing but storage and kubelets.
pub struct Bench {
    pub now: Time,
    pub storage: Storage,
    pub kubelets: Kubelets,
    choice: Choice,
    // By time and the order in which things were put in.
    queue: BTreeMap<(Time, u64), Due>,
    serial: u64,
    delivered: u64,
    /// What was written and announced, one line each.
    pub lines: Vec<String>,
}

#[derive(Clone)]
enum Due {
    Watch(Box<crate::apiserver::watch::WatchEvent>),
    Timer(Timer),
}

impl Bench {
    pub fn new(seed: u64) -> Self {
        let mut bench = Bench {
            now: Time::START,
            storage: Storage::default(),
            kubelets: Kubelets::default(),
            choice: Choice::seeded(seed),
            queue: BTreeMap::new(),
            serial: 0,
            delivered: 0,
            lines: Vec::new(),
        };
        for n in 1..=3 {
            let node = value!({
                "metadata": {"name": (format!("node{n}"))},
                "spec": {"podCIDR": (format!("10.244.{n}.0/24"))},
                "status": {"addresses": [
                    {"type": "InternalIP", "address": (format!("192.168.49.1{n}"))}
                ]},
            });
            bench.put(Object::new(Kind::Node, node));
        }
        bench.delivered = bench.storage.revision();
        bench
    }

    fn origin(&self) -> Origin {
        Origin { actor: Actor::User, now: self.now, subresource: EcoString::new() }
    }

    /// Stores an object and has the kubelets see it.
    pub fn put(&mut self, object: Object) {
        let origin = self.origin();
        self.storage.put(&origin, object);
        self.deliver();
    }

    /// A Pod of this name and spec, scheduled to a node.
    pub fn pod(&mut self, name: &str, node: &str, spec: &str) {
        let mut spec: Value = serde_yaml::from_str(spec).expect("the test's YAML is right");
        spec.set(&["nodeName"], node);
        let conditions = value!([{"type": "PodScheduled", "status": "True"}]);
        let pod = value!({
            "metadata": {
                "name": name, "namespace": "default", "uid": (format!("uid-{name}")),
                "generation": 1,
            },
            "spec": spec,
            "status": {"phase": "Pending", "conditions": conditions},
        });
        self.put(Object::new(Kind::Pod, pod));
    }

    pub fn find(&self, name: &str) -> Option<&Object> {
        Lister::new(&self.storage).find(Kind::Pod, "default", name)
    }

    /// Marks a Pod for deletion as the API server does.
    pub fn delete(&mut self, name: &str, grace: i64) {
        let Some(mut pod) = self.find(name).cloned() else { return };
        let at = self.now.after(Duration::from_secs(grace as u64));
        pod.set(&["metadata", "deletionTimestamp"], at.rfc3339());
        pod.set(&["metadata", "deletionGracePeriodSeconds"], grace);
        self.put(pod);
    }

    pub fn remove(&mut self, name: &str) {
        if let Some(pod) = self.find(name).cloned() {
            let origin = self.origin();
            self.storage.remove(&origin, pod);
            self.deliver();
        }
    }

    fn deliver(&mut self) {
        let changes: Vec<_> = self.storage.events_since(self.delivered).cloned().collect();
        self.delivered = self.storage.revision();
        for change in changes.into_iter().filter(Kubelets::concerns) {
            let at = self.now.after(self.choice.latency(8_000, 20_000));
            self.push(at, Due::Watch(Box::new(change)));
        }
    }

    fn push(&mut self, at: Time, due: Due) {
        self.serial += 1;
        self.queue.insert((at, self.serial), due);
    }

    /// Lets this much time pass.
    pub fn wait(&mut self, seconds: f64) {
        let end = self.now.after(Duration::from_secs_f64(seconds));
        while let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= end) {
            let ((at, _), due) = entry.remove_entry();
            self.now = self.now.max(at);
            self.with(|kubelets, context| match &due {
                Due::Watch(change) => kubelets.changed(context, change),
                Due::Timer(timer) => kubelets.timer(context, timer),
            });
        }
        self.now = end;
    }

    /// Runs something on the kubelets and carries out what they want.
    pub fn with<R>(&mut self, act: impl FnOnce(&mut Kubelets, &mut Context) -> R) -> R {
        let mut out = Vec::new();
        let lister = Lister::new(&self.storage);
        let mut context =
            Context { now: self.now, choice: &mut self.choice, lister, out: &mut out };
        let result = act(&mut self.kubelets, &mut context);
        for output in out {
            self.carry_out(output);
        }
        result
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Request(request) => match request.verb {
                Verb::Update(value) => {
                    let object = Object::new(Kind::Pod, value);
                    let line = show(&object);
                    self.note(line);
                    self.put(object);
                }
                Verb::Delete(_) => {
                    let line = format!("{} deleted", request.key.name);
                    self.note(line);
                    self.remove(&request.key.name);
                }
                _ => {}
            },
            Output::Record(_, record) | Output::RecordBy(_, record) => {
                let name = record.about.get("name").str();
                let line = format!("{name} {}: {}", record.reason, record.message);
                self.note(line);
            }
            Output::Timer(at, timer) => self.push(at, Due::Timer(timer)),
            Output::Reason(..) => {}
        }
    }

    fn note(&mut self, line: String) {
        if std::env::var("BENCH").is_ok() {
            eprintln!("{:8.3} {line}", (self.now.0 - Time::START.0) as f64 / 1e6);
        }
        self.lines.push(line);
    }

    /// Runs a command in a container, for five seconds at most; what came out, and the code.
    pub fn exec(&mut self, pod: &str, container: &str, argv: &[&str]) -> (String, Option<i32>) {
        let request = ExecRequest {
            pod: ObjectKey::new(Kind::Pod, "default", pod),
            container: container.into(),
            command: argv.iter().map(|word| (*word).into()).collect(),
            stdin: false,
            tty: false,
        };
        let id = match self.with(|kubelets, context| kubelets.exec(context, &request)) {
            Ok(id) => id,
            Err(status) => return (status.message.to_string(), None),
        };
        let mut text = Vec::new();
        for _ in 0..500 {
            let input = Input::default();
            let output = self.with(|kubelets, context| kubelets.stream(context, id, input));
            text.extend(output.stdout);
            text.extend(output.stderr);
            if output.exit.is_some() {
                return (String::from_utf8_lossy(&text).into_owned(), output.exit);
            }
            self.wait(0.01);
        }
        (String::from_utf8_lossy(&text).into_owned(), None)
    }

    /// The lines since the last call.
    pub fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }
}

/// `web-0 Running [nginx=running*]`: the phase and each container's state, starred if ready.
fn show(pod: &Object) -> String {
    let status = pod.status();
    let lists = ["initContainerStatuses", "containerStatuses"];
    let containers = lists.iter().flat_map(|list| status.get(list).items());
    let shown: Vec<String> = containers.map(show_container).collect();
    format!("{} {} [{}]", pod.name(), status.get("phase").str(), shown.join(" "))
}

fn show_container(status: &Value) -> String {
    let state = status.get("state");
    let word = match state.entries().next() {
        Some((kind, _)) if kind == "running" => "running".to_string(),
        Some((_, detail)) => detail.get("reason").str().to_string(),
        None => "none".to_string(),
    };
    let star = if status.get("ready").is_true() { "*" } else { "" };
    format!("{}={word}{star}", status.get("name").str())
}
