//! What others ask of a node: exec, attach, logs, and what lies on volumes.
//!
//! Models `pkg/kubelet/server` and the checks that `pkg/registry/core/pod` makes before it.

use crate::api::object::{Object, ObjectKey};
use crate::api::status::Status;
use crate::api::value::EcoString;
use crate::client::Lister;
use crate::client::node::{AttachRequest, ExecRequest, Input, Log, LogRequest, Output, StreamId};

use super::disks;
use super::exec::ExecOptions;
use super::process::NotFound;
use super::spec::Place;
use super::status::{default_reason, is_waiting};
use super::worker::{Stage, Worker};
use super::{Context, Kubelets};

/// Where a stream leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StreamEnd {
    node: EcoString,
    pod: EcoString,
    exec: u64,
}

/// Files with their contents, by path.
pub type Files = Vec<(EcoString, Vec<u8>)>;

/// Names an emptyDir.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmptyDir {
    /// The node.
    pub node: EcoString,
    /// The Pod's uid.
    pub pod: EcoString,
    /// The volume's name in the Pod.
    pub volume: EcoString,
}

fn bad_request(message: String) -> Status {
    Status::new(400, "BadRequest", &message)
}

fn container_not_found(name: &str) -> Status {
    let message = format!("unable to upgrade connection: container not found (\"{name}\")");
    Status::new(404, "NotFound", message)
}

// The Pod, its node and uid.
fn find<'a>(lister: Lister<'a>, key: &ObjectKey) -> Result<(&'a Object, &'a str), Status> {
    let Some(pod) = lister.get(key) else {
        return Err(Status::new(404, "NotFound", format!("pods \"{}\" not found", key.name)));
    };
    match pod.path(&["spec", "nodeName"]).str() {
        "" => {
            let why = format!("pod {} does not have a host assigned", key.name);
            Err(bad_request(format!("unable to upgrade connection: {why}")))
        }
        node => Ok((pod, node)),
    }
}

impl Kubelets {
    /// Starts a command in a container.
    pub fn exec(&mut self, context: &mut Context, request: &ExecRequest) -> StreamResult {
        let (pod, node) = find(context.lister, &request.pod)?;
        let (uid, node) = (pod.uid().to_string(), node.to_string());
        let (argv, name) = (request.command.clone(), request.container.clone());
        let options = ExecOptions { stdin: request.stdin, tty: request.tty };
        let started = self.with_worker(context, &node, &uid, |worker, cx| {
            let place = running_place(worker, &name)?;
            let id = worker.start_exec(cx, place, argv, options);
            id.map_err(|NotFound(why)| {
                let id = cx.choice.random();
                let message = format!(
                    "error executing command in container: failed to exec in container: failed to \
                     start exec \"{id:016x}\": OCI runtime exec failed: exec failed: unable to \
                     start container process: {why}: unknown"
                );
                Status::new(500, "InternalError", format!("Internal error occurred: {message}"))
            })
        });
        self.open_stream(node, uid, started.unwrap_or_else(|| Err(unreachable_node())))
    }

    /// Attaches to a container's main process.
    pub fn attach(&mut self, context: &mut Context, request: &AttachRequest) -> StreamResult {
        let (pod, node) = find(context.lister, &request.pod)?;
        let (uid, node) = (pod.uid().to_string(), node.to_string());
        let name = request.container.clone();
        let started = self.with_worker(context, &node, &uid, |worker, _| {
            let place = running_place(worker, &name)?;
            Ok(worker.attach(place))
        });
        self.open_stream(node, uid, started.unwrap_or_else(|| Err(unreachable_node())))
    }

    fn open_stream(
        &mut self,
        node: String,
        pod: String,
        started: Result<u64, Status>,
    ) -> StreamResult {
        let exec = started?;
        let id = StreamId(self.next_stream);
        self.next_stream += 1;
        self.streams.insert(id, StreamEnd { node: node.into(), pod: pod.into(), exec });
        Ok(id)
    }

    /// Hands input over to a stream and takes its output.
    pub fn stream(&mut self, context: &mut Context, id: StreamId, input: Input) -> Output {
        let gone = Output { exit: Some(137), ..Output::default() };
        let Some(end) = self.streams.get(&id).cloned() else { return gone };
        let StreamEnd { node, pod, exec } = end;
        self.with_worker(context, &node, &pod, |worker, cx| {
            worker.write_stream(cx, exec, &input);
        });
        let output =
            self.with_worker(context, &node, &pod, |worker, cx| worker.read_stream(cx, exec));
        let output = output.unwrap_or(gone);
        if output.exit.is_some() {
            self.streams.remove(&id);
        }
        output
    }

    /// Drops a stream; what runs behind it goes on.
    pub fn close(&mut self, id: StreamId) {
        self.streams.remove(&id);
    }

    /// Reads a log.
    pub fn logs(&self, context: &mut Context, request: &LogRequest) -> Result<Log, Status> {
        let (pod, node) = match find(context.lister, &request.pod) {
            Err(status) if status.code == 400 => return Ok(Log { ended: true, ..Log::default() }),
            found => found?,
        };
        let worker = self.nodes.get(node).and_then(|node| node.workers.get(pod.uid()));
        let Some(worker) = worker else { return Err(waiting(&request.container, pod, None)) };
        let Some(place) = worker.spec().place(&request.container) else {
            let (name, pod) = (&request.container, pod.name());
            return Err(bad_request(format!("container {name} is not valid for pod {pod}")));
        };
        let run = logged_run(worker, place, pod, request)?;
        Ok(Log {
            text: run.log.select(request),
            line_count: run.log.line_count(),
            ended: run.ended.is_some(),
        })
    }

    /// The files on a PersistentVolume, by path, with their contents; none if the volume is of a
    /// kind that is not simulated.
    pub fn volume_files(&self, volume: &Object) -> Option<Files> {
        let node = disks::node_of(volume);
        let node = match node {
            Some(node) => node.to_string(),
            None => self.node_with(volume)?,
        };
        let place = disks::place(volume.spec(), &node)?;
        Some(self.disks.files(&place))
    }

    /// The emptyDirs of Pods whose containers may still use them, with their files.
    pub fn empty_dirs(&self) -> Vec<(EmptyDir, Files)> {
        let mut found = Vec::new();
        for (node, here) in &self.nodes {
            let workers = here.workers.iter().filter(|(_, worker)| worker.stage != Stage::Done);
            for (pod, worker) in workers {
                for (volume, tree) in worker.empty_dirs() {
                    let files =
                        tree.files().into_iter().map(|(path, bytes)| (path, bytes.to_vec()));
                    let (node, pod) = (node.clone(), pod.clone());
                    found.push((EmptyDir { node, pod, volume }, files.collect()));
                }
            }
        }
        found
    }

    // For a hostPath volume that names no node: where its directory is.
    fn node_with(&self, volume: &Object) -> Option<String> {
        let has = |node: &&EcoString| {
            disks::place(volume.spec(), node).is_some_and(|place| self.disks.is_dir(&place))
        };
        let found = self.nodes.keys().find(has).or_else(|| self.nodes.keys().next());
        found.map(|name| name.to_string())
    }
}

/// What starting a stream gives.
pub type StreamResult = Result<StreamId, Status>;

fn unreachable_node() -> Status {
    Status::new(500, "InternalError", "error dialing backend: the node's kubelet does not answer")
}

fn running_place(worker: &Worker, name: &str) -> Result<Place, Status> {
    let place = worker.spec().place(name);
    let place = place.filter(|place| worker.containers[*place].is_running());
    place.ok_or_else(|| container_not_found(name))
}

/// Models pkg/kubelet/kubelet_pods.go validateContainerLogStatus.
fn logged_run<'a>(
    worker: &'a Worker,
    place: Place,
    shown: &Object,
    request: &LogRequest,
) -> Result<&'a super::container::Run, Status> {
    let (name, pod) = (&request.container, worker.pod.name());
    let container = &worker.containers[place];
    let run = container.run.as_deref();
    if request.previous {
        let shown_as_last = run.filter(|_| is_waiting(worker, place));
        return shown_as_last.or(container.former.as_deref()).ok_or_else(|| {
            bad_request(format!(
                "previous terminated container \"{name}\" in pod \"{pod}\" not found"
            ))
        });
    }
    // What is shown counts, not what has become of it since.
    let lists = ["initContainerStatuses", "containerStatuses"];
    let mut statuses = lists.iter().flat_map(|list| shown.status().get(list).items());
    let status = statuses.find(|status| status.get("name").str() == request.container);
    let reason = status.map(|status| status.path(&["state", "waiting", "reason"]).str());
    let reason =
        reason.filter(|reason| !reason.is_empty()).unwrap_or_else(|| default_reason(worker.spec()));
    run.ok_or_else(|| waiting(name, &worker.pod, Some(reason)))
}

fn waiting(container: &str, pod: &Object, reason: Option<&str>) -> Status {
    let why = match reason.unwrap_or("ContainerCreating") {
        "ImagePullBackOff" => "trying and failing to pull image",
        "ErrImagePull" => "image can't be pulled",
        reason => reason,
    };
    let pod = pod.name();
    bad_request(format!("container \"{container}\" in pod \"{pod}\" is waiting to start: {why}"))
}
