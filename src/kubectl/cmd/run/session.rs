//! A session with the Pod that `kubectl run` has made.
//!
//! Models `handleAttachPod`, `waitForPod` and `removeCreatedObjects` of `run.go`, with
//! `AttachOptions.Run` of `pkg/cmd/attach`.

use crate::api::object::{Object, ObjectKey};
use crate::api::pod;
use crate::api::time::{Duration, Time};
use crate::apiserver::request::{Actor, DeleteOptions, Propagation, Request, Verb};
use crate::client::node::{AttachRequest, Input, StreamId};
use crate::kubectl::cmd::{Running, attach, delete, exec, logs};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::info_of;

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Stage {
    /// The Pod is not running yet.
    Starting { until: Time },
    /// Input goes to the container, its output comes back.
    Attached(StreamId),
    /// The container has ended, the Pod not yet.
    Completing { until: Time },
    /// The Pod is being deleted (`--rm`); what comes then.
    Removing(Result<i32, Failure>),
}

/// A session with a Pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    key: ObjectKey,
    uid: crate::api::value::EcoString,
    /// Whether keys go through a terminal, Ctrl-C too.
    raw: bool,
    interrupt: bool,
    stage: Stage,
}

/// What is to be done next.
enum Next {
    Wait(Stage, Option<Time>),
    Go(Stage),
    End(Result<i32, Failure>),
}

impl Session {
    /// Waits for the Pod and attaches to it.
    pub(super) fn start(invocation: &Invocation, pod: Object, world: &mut World<'_>) -> Outcome {
        let until = deadline(invocation, world);
        let (key, uid) = (pod.key(), pod.uid().into());
        let stage = Stage::Starting { until };
        let session = Session { key, uid, raw: false, interrupt: false, stage };
        session.poll(invocation, world)
    }

    /// Goes on as far as it gets.
    pub fn poll(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        loop {
            let next = match self.stage.clone() {
                Stage::Starting { until } => self.begin(until, invocation, world),
                Stage::Attached(id) => self.exchange(id, invocation, world),
                Stage::Completing { until } => self.complete(until, invocation, world),
                Stage::Removing(end) => match self.pod(world) {
                    Some(_) => Next::Wait(Stage::Removing(end), None),
                    None => return finish(end),
                },
            };
            match next {
                Next::Wait(stage, until) => {
                    self.stage = stage;
                    return Ok(Flow::Wait(Running::Run(self), until));
                }
                Next::Go(stage) => self.stage = stage,
                Next::End(end) if !invocation.is_true("rm") => return finish(end),
                Next::End(end) => self.stage = self.remove(end, invocation, world)?,
            }
        }
    }

    /// Ctrl-C goes to the container once there is one.
    pub fn interrupt(&mut self) {
        self.interrupt = true;
    }

    /// Whether Ctrl-C goes to the container.
    pub fn takes_interrupt(&self) -> bool {
        self.raw && matches!(self.stage, Stage::Attached(_))
    }

    fn pod(&self, world: &mut World<'_>) -> Option<Object> {
        let get = Request::new(Actor::User, self.key.clone(), Verb::Get);
        let found = world.client.request(&get).ok()?.object?;
        (found.uid() == self.uid).then_some(found)
    }

    fn container(&self, pod: &Object) -> crate::api::value::EcoString {
        pod.spec().get("containers").at(0).get("name").str().into()
    }

    /// Attaches once the Pod is ready; of one that has ended already the log is shown.
    fn begin(&mut self, until: Time, invocation: &Invocation, world: &mut World<'_>) -> Next {
        let Some(pod) = self.pod(world) else {
            let text = format!("pods {:?} not found", self.key.name.as_str());
            return Next::End(Err(Failure::message(text)));
        };
        let phase = pod::phase(&pod);
        if matches!(phase, "Succeeded" | "Failed") {
            let shown = logs::print_all(self.key.clone(), self.container(&pod), world);
            return self.after(shown, invocation, world);
        }
        if !pod::is_running_and_ready(&pod) {
            return match world.client.now() >= until {
                true => {
                    let text = "timed out waiting for the condition";
                    Next::End(Err(Failure::message(text)))
                }
                false => Next::Wait(Stage::Starting { until }, Some(until)),
            };
        }
        self.raw = exec::set_up_terminal(invocation.is_true("tty"), invocation, world);
        if !invocation.is_true("quiet") {
            attach::greet(world);
        }
        let request = AttachRequest {
            pod: self.key.clone(),
            container: self.container(&pod),
            stdin: invocation.is_true("stdin"),
            tty: self.raw,
        };
        match world.client.attach(&request) {
            Ok(id) => Next::Go(Stage::Attached(id)),
            Err(status) => {
                world.complain(&format!(
                    "warning: couldn't attach to pod/{}, falling back to streaming logs: {status}",
                    self.key.name
                ));
                let shown = logs::print_all(self.key.clone(), request.container, world);
                self.after(shown, invocation, world)
            }
        }
    }

    fn exchange(&mut self, id: StreamId, invocation: &Invocation, world: &mut World<'_>) -> Next {
        let mut input =
            Input { interrupt: std::mem::take(&mut self.interrupt), ..Input::default() };
        if invocation.is_true("stdin") {
            input.bytes = std::mem::take(&mut world.stdin.bytes);
            input.closed = world.stdin.closed;
        }
        let output = world.client.stream(id, input);
        world.output.out(&output.stdout);
        world.output.err(&output.stderr);
        if output.exit.is_none() {
            return Next::Wait(Stage::Attached(id), None);
        }
        if self.raw && !invocation.is_true("quiet") {
            let name = self.key.name.clone();
            world.print_line(&attach::farewell(&self.key, &name));
        }
        self.after(Ok(()), invocation, world)
    }

    /// After the session the exit code is waited for, unless the container runs anew.
    fn after(
        &self,
        result: Result<(), Failure>,
        invocation: &Invocation,
        world: &World<'_>,
    ) -> Next {
        let restarts = invocation.text("restart") == "Always";
        match result {
            Err(failure) => Next::End(Err(failure)),
            Ok(()) if restarts || invocation.is_true("leave-stdin-open") => Next::End(Ok(0)),
            Ok(()) => Next::Go(Stage::Completing { until: deadline(invocation, world) }),
        }
    }

    fn complete(&self, until: Time, invocation: &Invocation, world: &mut World<'_>) -> Next {
        let Some(pod) = self.pod(world) else {
            let text = format!("pods {:?} not found", self.key.name.as_str());
            return Next::End(Err(Failure::message(text)));
        };
        match pod::phase(&pod) {
            "Succeeded" => Next::End(Ok(0)),
            "Failed" if invocation.text("restart") == "Never" => {
                Next::End(Err(self.terminated(&pod)))
            }
            _ if world.client.now() >= until => {
                Next::End(Err(Failure::message("timed out waiting for the condition")))
            }
            _ => Next::Wait(Stage::Completing { until }, Some(until)),
        }
    }

    fn terminated(&self, pod: &Object) -> Failure {
        let (namespace, name) = (pod.namespace(), pod.name());
        let state = pod.status().get("containerStatuses").at(0).path(&["state", "terminated"]);
        match state.get("exitCode").as_i64() {
            Some(code) if code != 0 => {
                let (reason, message) = (state.get("reason").str(), state.get("message").str());
                let text = format!("pod {namespace}/{name} terminated ({reason})\n{message}");
                Failure::Verbatim(text.into(), code as i32)
            }
            _ => Failure::message(format!("pod {namespace}/{name} failed with unknown exit code")),
        }
    }

    /// `--rm`
    fn remove(
        &self,
        end: Result<i32, Failure>,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<Stage, Failure> {
        let grace = invocation.int("grace-period");
        let options = DeleteOptions {
            grace_period_seconds: (grace >= 0).then_some(grace),
            propagation: Some(Propagation::Background),
            ..DeleteOptions::default()
        };
        if let Some(pod) = self.pod(world) {
            world.send(&Request::new(Actor::User, self.key.clone(), Verb::Delete(options)))?;
            if !invocation.is_true("quiet") {
                world.print_line(&delete::deleted(&info_of(pod, "")));
            }
        }
        Ok(Stage::Removing(end))
    }
}

fn finish(end: Result<i32, Failure>) -> Outcome {
    end.map(Flow::Done)
}

fn deadline(invocation: &Invocation, world: &World<'_>) -> Time {
    let micros = invocation.micros("pod-running-timeout").max(0) as u64;
    world.client.now().after(Duration::from_micros(micros))
}
