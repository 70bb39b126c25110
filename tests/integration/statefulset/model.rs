//! The controller alone with an API server: the test plays kubelet, user and clock, step by step,
//! as upstream's unit tests do.

use statefulset_playground::api::object::Object;
use statefulset_playground::api::pod;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::status::Status;
use statefulset_playground::api::time::{Duration, Time};
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::bootstrap::NODES;
use statefulset_playground::apiserver::request::{
    Actor, DeleteOptions, Patch, Request, Response, Verb,
};
use statefulset_playground::apiserver::{ApiServer, Context};
use statefulset_playground::chance::Choice;
use statefulset_playground::client::Lister;
use statefulset_playground::client::event_recorder::Record;
use statefulset_playground::controller::reason::StatefulSetReason;
use statefulset_playground::controller::statefulset::StatefulSetController;
use statefulset_playground::controller::{Controller, OnRefusal, Reason, Step};
use statefulset_playground::simulation::worker::Running;
use statefulset_playground::value;

use super::bench::{counters, key};
use crate::invariant;

/// Which writes the server refuses: by verb (`create`, `update`, `delete`) and kind, so many
/// times after letting some through.
#[derive(Clone, Debug)]
pub struct Refuse {
    pub verb: &'static str,
    pub kind: Kind,
    pub after: u32,
    pub times: u32,
}

/// An API server with one set `web`.
#[derive(Clone)]
pub struct Model {
    pub api: ApiServer,
    pub now: Time,
    choice: Choice,
    pub refusals: Vec<Refuse>,
    /// Events recorded: reason and message.
    pub events: Vec<String>,
    /// Reasons given by the last sync.
    pub reasons: Vec<StatefulSetReason>,
    /// The same with what each is about.
    pub told: Vec<(String, StatefulSetReason)>,
    /// What the last sync asks to be woken for.
    pub requeue_after: Option<Duration>,
}

impl Model {
    /// A server with what the YAML text describes.
    pub fn new(yaml: &str) -> Self {
        let (mut api, mut choice) = (ApiServer::default(), Choice::seeded(0));
        api.bootstrap(Context { now: Time::START, choice: &mut choice }, NODES);
        let now = Time::START;
        let (refusals, events, reasons) = (Vec::new(), Vec::new(), Vec::new());
        let (told, requeue_after) = (Vec::new(), None);
        let mut model = Model { api, now, choice, refusals, events, reasons, told, requeue_after };
        model.create(yaml);
        model
    }

    #[track_caller]
    pub fn create(&mut self, yaml: &str) {
        for document in serde_yaml::Deserializer::from_str(yaml) {
            let mut value: Value = serde::Deserialize::deserialize(document).unwrap();
            let (version, kind) = (value.get("apiVersion").str(), value.get("kind").str());
            let kind = Kind::of_manifest(version, kind).unwrap();
            if kind.resource().namespaced {
                value.set(&["metadata", "namespace"], "default");
            }
            self.user(Request::create(Actor::User, &Object::new(kind, value)));
        }
    }

    fn handle(&mut self, request: &Request) -> Result<Response, Status> {
        self.api.handle(Context { now: self.now, choice: &mut self.choice }, request)
    }

    #[track_caller]
    pub fn user(&mut self, request: Request) -> Response {
        match self.handle(&request) {
            Ok(response) => response,
            Err(refusal) => panic!("{:?} {}: {refusal}", request.verb, request.key),
        }
    }

    /// Merges a patch given as YAML.
    #[track_caller]
    pub fn patch(&mut self, kind: Kind, name: &str, yaml: &str) {
        let patch: Value = serde_yaml::from_str(yaml).unwrap();
        let verb = Verb::Patch(Patch::Merge(patch));
        self.user(Request::new(Actor::User, key(kind, name), verb));
    }

    /// Changes the spec of the set.
    #[track_caller]
    pub fn spec(&mut self, yaml: &str) {
        self.patch(Kind::StatefulSet, "web", &format!("spec: {{{yaml}}}"));
    }

    /// Changes the image of the set's template.
    #[track_caller]
    pub fn image(&mut self, image: &str) {
        self.spec(&format!(
            "template: {{spec: {{containers: [{{name: nginx, image: '{image}'}}]}}}}"
        ));
    }

    pub fn lister(&self) -> Lister<'_> {
        Lister::new(self.api.storage())
    }

    pub fn get(&self, kind: Kind, name: &str) -> Option<Object> {
        self.lister().get(&key(kind, name)).cloned()
    }

    #[track_caller]
    pub fn set(&self) -> Object {
        self.get(Kind::StatefulSet, "web").expect("the set is there")
    }

    pub fn counters(&self) -> [i64; 4] {
        counters(&self.set())
    }

    pub fn status(&self, field: &str) -> i64 {
        self.set().status().get(field).as_i64().unwrap_or(0)
    }

    pub fn names(&self, kind: Kind) -> Vec<String> {
        let objects = self.lister().in_namespace(kind, "default");
        objects.map(|object| object.name().to_owned()).collect()
    }

    /// Ordinals of the set's Pods.
    pub fn ordinals(&self) -> Vec<i32> {
        let uid = self.set().uid().to_owned();
        let pods = self.lister().in_namespace(Kind::Pod, "default");
        let ours = pods.filter(|pod| pod.controller().is_some_and(|owner| owner.uid() == uid));
        let ordinals = ours.filter_map(|p| pod::parent_name_and_ordinal(p.name()).map(|(_, o)| o));
        let mut ordinals: Vec<i32> = ordinals.collect();
        ordinals.sort_unstable();
        ordinals
    }

    #[track_caller]
    pub fn pod(&self, ordinal: i32) -> Object {
        self.get(Kind::Pod, &format!("web-{ordinal}")).expect("the Pod is there")
    }

    /// The image of a Pod's first container.
    #[track_caller]
    pub fn pod_image(&self, ordinal: i32) -> String {
        let pod = self.pod(ordinal);
        pod.spec().get("containers").at(0).get("image").str().to_owned()
    }

    /// Refuses writes from now on.
    pub fn refuse(&mut self, verb: &'static str, kind: Kind, times: u32) {
        self.refusals.push(Refuse { verb, kind, after: 0, times });
    }

    fn refused(&mut self, request: &Request) -> bool {
        let verb = match request.verb {
            Verb::Create(_) => "create",
            Verb::Update(_) | Verb::Patch(_) => "update",
            Verb::Delete(_) => "delete",
            Verb::Get | Verb::List(_) => return false,
        };
        let kind = request.key.kind;
        for refuse in &mut self.refusals {
            if refuse.verb == verb && refuse.kind == kind {
                if refuse.after > 0 {
                    refuse.after -= 1;
                } else if refuse.times > 0 {
                    refuse.times -= 1;
                    return true;
                }
            }
        }
        false
    }

    /// One sync with all its steps; gives what was done to Pods, or the error of the sync.
    pub fn sync(&mut self) -> Result<Vec<String>, String> {
        let mut running = self.begin();
        let mut done = Vec::new();
        while self.step(&mut running, &mut done) {}
        match running.error {
            Some(error) => Err(error.to_string()),
            None => Ok(done),
        }
    }

    /// Decides, without carrying anything out.
    pub fn begin(&mut self) -> Running {
        let controller = StatefulSetController;
        let decision = controller.sync(self.lister(), &key(Kind::StatefulSet, "web"), self.now);
        let ours = decision.reasons.iter().filter_map(|(about, reason)| match reason {
            Reason::StatefulSet(reason) => Some((about.name.to_string(), reason.clone())),
            _ => None,
        });
        self.told = ours.collect();
        self.reasons = self.told.iter().map(|(_, reason)| reason.clone()).collect();
        // Whatever a sync does or leaves, the set can be asked why.
        let about_set = |(about, _): &(_, _)| *about == key(Kind::StatefulSet, "web");
        assert!(decision.reasons.iter().any(about_set), "a sync without a reason");
        self.requeue_after = decision.requeue_after;
        self.events.extend(decision.records.iter().map(text));
        Running::new(decision)
    }

    /// Carries the next step of a decision out; false if none is left.
    pub fn step(&mut self, running: &mut Running, done: &mut Vec<String>) -> bool {
        let (Some(step), Some(request)) = (running.step().cloned(), running.request()) else {
            return false;
        };
        let result = match running.unmet_needs() {
            Some(why) => Err(Status::new(0, Step::UNMET, why)),
            None if self.refused(&request) => {
                Err(Status::new(500, "InternalError", "API server failed"))
            }
            None => self.handle(&request),
        };
        self.take_result(result, &step, &request, (running, done));
        running.advance();
        true
    }

    fn take_result(
        &mut self,
        result: Result<Response, Status>,
        step: &Step,
        request: &Request,
        (running, done): (&mut Running, &mut Vec<String>),
    ) {
        match result {
            Ok(_) => {
                self.events.extend(step.on_success.iter().map(text));
                done.extend(self.action(request));
            }
            Err(why) => {
                let accepted = match &step.on_refusal {
                    OnRefusal::Ignore => true,
                    OnRefusal::Accept(reasons) => reasons.contains(&why.reason),
                    _ => false,
                };
                if accepted {
                    return;
                }
                if !step.silent.contains(&why.reason) {
                    let records = step.on_failure.iter().cloned();
                    self.events.extend(records.map(|record| text(&record.with_error(&why))));
                }
                running.refuse(format!("{}{}", step.error_prefix, why.message).into());
            }
        }
    }

    fn action(&self, request: &Request) -> Option<String> {
        let (_, ordinal) = pod::parent_name_and_ordinal(&request.key.name)?;
        if request.key.kind != Kind::Pod {
            return None;
        }
        match request.verb {
            Verb::Create(_) => Some(format!("create {ordinal}@{}", self.letter(ordinal))),
            Verb::Delete(_) => Some(format!("delete {ordinal}")),
            _ => None,
        }
    }

    /// The tag of a Pod's image, which stands for its revision.
    fn letter(&self, ordinal: i32) -> String {
        self.pod_image(ordinal).rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// The tag of the image that a revision holds.
    pub fn letter_of_revision(&self, field: &str) -> String {
        let name = self.set().status().get(field).str().to_owned();
        let revision = self.get(Kind::ControllerRevision, &name).unwrap();
        let containers = revision.path(&["data", "spec", "template", "spec", "containers"]);
        let image = containers.at(0).get("image").str();
        image.rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// Syncs until nothing is written any more; gives all that was done to Pods.
    #[track_caller]
    pub fn settle(&mut self) -> Vec<String> {
        let mut done = Vec::new();
        for _ in 0..100 {
            let revision = self.api.storage().revision();
            done.extend(self.sync().expect("no error"));
            invariant::check(self.lister(), &self.set());
            if self.api.storage().revision() == revision {
                return done;
            }
        }
        panic!("the controller does not come to rest: {done:?}");
    }

    /// Gives a Pod a node and this status.
    #[track_caller]
    pub fn run_pod(&mut self, ordinal: i32, phase: &str, ready: bool) {
        let key = key(Kind::Pod, &format!("web-{ordinal}"));
        if self.pod(ordinal).spec().get("nodeName").is_null() {
            let target = value!({"kind": "Node", "name": "node1"});
            let binding = value!({"metadata": {"name": (&key.name)}, "target": target});
            let verb = Verb::Create(binding);
            self.user(Request::new(Actor::Scheduler, key.clone(), verb).on("binding"));
        }
        let status = if ready { "True" } else { "False" };
        let old = pod::condition(&self.pod(ordinal), "Ready").cloned();
        let since = match old.filter(|old| old.get("status").str() == status) {
            Some(old) => old.get("lastTransitionTime").clone(),
            None => self.now.rfc3339().into(),
        };
        let patch = value!({"status": {
            "phase": phase,
            "conditions": [{"type": "Ready", "status": status, "lastTransitionTime": since}],
        }});
        let verb = Verb::Patch(Patch::Merge(patch));
        self.user(Request::new(Actor::Kubelet("node1".into()), key, verb).on("status"));
    }

    /// Running and Ready.
    #[track_caller]
    pub fn ready(&mut self, ordinal: i32) {
        self.run_pod(ordinal, "Running", true);
    }

    /// Running, but not Ready.
    #[track_caller]
    pub fn unready(&mut self, ordinal: i32) {
        self.run_pod(ordinal, "Running", false);
    }

    /// A user deletes a Pod; it stops until [`Model::gone`].
    #[track_caller]
    pub fn delete_pod(&mut self, ordinal: i32) {
        let verb = Verb::Delete(DeleteOptions::default());
        self.user(Request::new(Actor::User, key(Kind::Pod, &format!("web-{ordinal}")), verb));
    }

    /// A Pod has stopped and goes.
    #[track_caller]
    pub fn gone(&mut self, ordinal: i32) {
        let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
        let key = key(Kind::Pod, &format!("web-{ordinal}"));
        self.user(Request::new(Actor::Kubelet("node1".into()), key, Verb::Delete(options)));
    }

    /// What happens by itself: terminating Pods go, or else all that can become Ready do so.
    /// Gives what happened.
    pub fn environment(&mut self) -> Vec<String> {
        let mut happened = Vec::new();
        for ordinal in self.ordinals() {
            if self.pod(ordinal).is_terminating() {
                self.gone(ordinal);
                happened.push(format!("{ordinal} gone"));
            }
        }
        if !happened.is_empty() {
            return happened;
        }
        for ordinal in self.ordinals() {
            let broken = self.letter(ordinal) == "X";
            if broken && self.pod(ordinal).spec().get("nodeName").is_null() {
                self.run_pod(ordinal, "Pending", false);
            }
            if !broken && !pod::is_running_and_ready(&self.pod(ordinal)) {
                self.ready(ordinal);
                happened.push(format!("{ordinal} ready"));
            }
        }
        happened
    }

    /// Lets everything happen until all is as the spec wants it.
    #[track_caller]
    pub fn complete(&mut self) {
        for _ in 0..200 {
            let done = self.settle();
            if done.is_empty() && self.environment().is_empty() {
                return;
            }
        }
        panic!("does not end");
    }
}

fn text(record: &Record) -> String {
    let kind = if record.warning { "Warning" } else { "Normal" };
    format!("{kind} {} {}", record.reason, record.message)
}

/// A set `web` with image `nginx:A` and further lines of its spec.
pub fn set(replicas: u32, more: &str) -> String {
    super::bench::web(replicas, more).replace("nginx:1.25", "nginx:A")
}

/// Lines of a spec with one claim template `www`.
pub const CLAIM: &str = "volumeClaimTemplates:
- metadata:
    name: www
  spec:
    accessModes: [ReadWriteOnce]
    resources:
      requests:
        storage: 1Gi
";
