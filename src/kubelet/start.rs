//! Starting one container.
//!
//! Models `pkg/kubelet/kuberuntime/kuberuntime_container.go` startContainer and
//! `pkg/kubelet/kubelet_pods.go` makeMounts.

use std::cell::RefCell;
use std::rc::Rc;

use crate::api::pool;
use crate::api::value::{EcoString, Value};
use crate::script::files::{FileSystem, Tree};

use super::container::{ContainerId, Ended, Run};
use super::env::{self, Environment};
use super::files::{Mount, Store};
use super::image::{Family, Image, root};
use super::log::Log;
use super::node::host_ip;
use super::process::{Command, NotFound, Process};
use super::rare::Rare;
use super::reference::Source;
use super::spec::Place;
use super::worker::{Cx, Worker};

impl Worker {
    /// The Pod with what its references lead to.
    pub fn source<'a>(&'a self, cx: &'a Cx) -> Source<'a> {
        Source {
            pod: &self.pod,
            address: self.address.as_deref().unwrap_or_default(),
            node: &cx.node.name,
            host: host_ip(cx.lister, &cx.node.name),
            lister: cx.lister,
        }
    }
}

/// The environment of a container, or what is wrong with its configuration
/// (CreateContainerConfigError).
pub fn configuration(worker: &Worker, cx: &Cx, place: Place) -> Result<Environment, String> {
    let declared = worker.spec().container(place);
    let security = |field: &str| match declared.path(&["securityContext", field]) {
        Value::Null => worker.pod.path(&["spec", "securityContext", field]).clone(),
        value => value.clone(),
    };
    // The images here run as root unless told otherwise.
    let user = worker.user(place);
    let root = user.is_root();
    if security("runAsNonRoot").is_true() && root {
        let why = match security("runAsUser").is_null() {
            true => "container has runAsNonRoot and image will run as root",
            false => "container's runAsUser breaks non-root policy",
        };
        let pod = format!("{}_{}({})", worker.pod.name(), worker.pod.namespace(), worker.pod.uid());
        let name = worker.spec().name(place);
        return Err(format!("{why} (pod: \"{pod}\", container: {name})"));
    }
    let mut env = env::environment(worker.source(cx), declared)?;
    // What runc sets where nobody did.
    let home = root::account(worker.family(place), user.uid).map_or("/", |account| account.home);
    env.entry("HOME".into()).or_insert_with(|| home.into());
    if declared.get("tty").is_true() {
        env.entry("TERM".into()).or_insert_with(|| "xterm".into());
    }
    Ok(env)
}

thread_local! {
    // The Pods of a set mount alike.
    static LAST_MOUNTS: RefCell<Option<Rc<Vec<Mount>>>> = const { RefCell::new(None) };
}

/// Starts a container that was created; the complaint if that fails.
pub fn run(worker: &mut Worker, cx: &mut Cx, place: Place) -> Option<String> {
    // What was missing a moment ago was there when the container was created.
    let env = configuration(worker, cx, place).unwrap_or_default();
    let mut mounts = mounts(worker, cx, place, &env);
    mounts.shrink_to_fit();
    let argv = argv(worker, place, &env);
    let declared = worker.spec().container(place).clone();
    let id = ContainerId(std::array::from_fn(|_| cx.choice.random()));
    let resources = worker.allocated(place).clone();
    let container = &mut worker.containers[place];
    if let Some(run) = container.run.take() {
        container.restart_count += 1;
        container.former = Some(run);
    }
    container.tried = true;
    container.run = Some(Box::new(Run {
        id,
        image: declared.get("image").str().into(),
        started: cx.now,
        ended: None,
        noticed: false,
        post_started: declared.path(&["lifecycle", "postStart"]).is_null(),
        startup: declared.get("startupProbe").is_null(),
        ready: declared.get("readinessProbe").is_null(),
        unhealthy: None,
        resources,
        process: Process::Gone,
        daemons: Rare::default(),
        root: None,
        mounts: pool::shared(&LAST_MOUNTS, mounts),
        env: env::pack(&env),
        log: Log::default(),
    }));
    let pid = worker.first_pid(place);
    let cwd: EcoString = declared.get("workingDir").as_str().unwrap_or("/").into();
    let started = worker.in_container(cx, place, |world, family| {
        world.files.make_mount_points(world.now.milliseconds());
        if !declared.get("workingDir").is_null() {
            // runc makes it where it is missing.
            world.files.make_working_dir(&cwd);
        }
        Process::start(Command {
            argv,
            env,
            cwd,
            pid,
            terminal: declared.get("tty").is_true(),
            input: declared.get("stdin").is_true(),
            family,
            now: world.now,
            files: world.files,
        })
    });
    match started {
        Some(Ok(process)) => {
            if let Some(run) = &mut worker.containers[place].run {
                run.process = process;
            }
            worker.woken = true;
            None
        }
        Some(Err(NotFound(why))) => Some(start_error(worker, cx, place, &why)),
        None => None,
    }
}

// A run that never came to life, as the runtime leaves it behind.
fn start_error(worker: &mut Worker, cx: &mut Cx, place: Place, why: &str) -> String {
    let message = format!(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: \
         runc create failed: unable to start container process: {why}: unknown"
    );
    if let Some(run) = &mut worker.containers[place].run {
        run.started = crate::api::time::Time(0);
        run.noticed = true;
        run.ended = Some(Box::new(Ended {
            at: cx.now,
            code: 128,
            reason: "StartError".into(),
            message: message.as_str().into(),
        }));
    }
    message
}

/// The words that are run: the Pod's, else the image's.
fn argv(worker: &Worker, place: Place, env: &Environment) -> Vec<EcoString> {
    let declared = worker.spec().container(place);
    let texts = |field: &str| -> Vec<EcoString> {
        let expand = |item: &Value| env::expand(item.str(), |name| env.get(name).cloned());
        declared.get(field).items().iter().map(expand).collect()
    };
    let (command, args) = (texts("command"), texts("args"));
    if !command.is_empty() {
        return [command, args].concat();
    }
    let image = Image::named(declared.get("image").str());
    let is_service = image.as_ref().is_some_and(|image| image.family == Family::Service);
    let (entrypoint, usual) = image.map(|image| image.command()).unwrap_or_default();
    match args.first() {
        // The entry points of such images take flags as flags of their server.
        Some(flag) if entrypoint.is_empty() && flag.starts_with('-') && is_service => {
            [usual, args].concat()
        }
        Some(_) => [entrypoint, args].concat(),
        None => [entrypoint, usual].concat(),
    }
}

fn mounts(worker: &mut Worker, cx: &mut Cx, place: Place, env: &Environment) -> Vec<Mount> {
    let declared = worker.spec().container(place).get("volumeMounts").clone();
    let mut mounts = Vec::new();
    for at in ["/etc/hosts", "/etc/resolv.conf", "/etc/hostname"] {
        let name = at.trim_start_matches("/etc");
        mounts.push(Mount {
            at: at.into(),
            store: Store::Own(0),
            path: name.into(),
            read_only: false,
            device: "/dev/vda1".into(),
            limit: None,
        });
    }
    for mount in declared.items() {
        if let Some(mount) = volume_mount(worker, cx, mount, env) {
            mounts.push(mount);
        }
    }
    mounts
}

// Where a file made from an object is at present; what is not there becomes a directory beside.
fn file_of(worker: &Worker, index: usize, sub: &str) -> Option<EcoString> {
    let tree = worker.own.get(index)?;
    let path = format!("/{}/{sub}", tree.read_link("/..data").ok()?);
    tree.exists(&path).then(|| path.into())
}

fn volume_mount(
    worker: &mut Worker,
    cx: &mut Cx,
    declared: &Value,
    env: &Environment,
) -> Option<Mount> {
    let name = declared.get("name").str();
    let volume = worker.volumes.iter().find(|volume| volume.name == name)?.clone();
    let sub = match declared.get("subPathExpr").as_str() {
        Some(text) => env::expand(text, |name| env.get(name).cloned()),
        None => declared.get("subPath").str().into(),
    };
    let mut mount = Mount {
        at: declared.get("mountPath").str().trim_end_matches('/').into(),
        store: volume.store.clone(),
        path: volume.path.clone(),
        read_only: volume.read_only || declared.get("readOnly").is_true(),
        device: volume.device.clone(),
        limit: volume.limit,
    };
    if sub.is_empty() {
        return Some(mount);
    }
    let path: EcoString = format!("{}/{sub}", mount.path.trim_end_matches('/')).into();
    let volume_path = std::mem::replace(&mut mount.path, path);
    let now = cx.now.milliseconds();
    match (&mount.store, volume.read_only) {
        // Files made from objects are replaced as a whole: this one stays as it is now.
        (Store::Own(index), true) if file_of(worker, *index, &sub).is_some() => {
            mount.path = file_of(worker, *index, &sub).unwrap_or_default();
            let tree = worker.own.get(*index).cloned().unwrap_or_else(Tree::new);
            mount.store = Store::Own(worker.own.len());
            worker.own.push(tree);
        }
        (Store::Own(index), _) => {
            if let Some(tree) = worker.own.get_mut(*index) {
                make_sub_path(tree, &volume_path, &sub, now);
            }
        }
        (Store::Disk(disk), _) => {
            make_sub_path(cx.disks.get_mut(disk), &volume_path, &sub, now);
        }
    }
    Some(mount)
}

// The directories of a subPath are like the volume they are made in.
//
// Models k8s.io/mount-utils and pkg/volume/util/subpath SafeMakeDir.
fn make_sub_path(tree: &mut Tree, volume: &str, sub: &str, now: u64) {
    let Ok(above) = tree.metadata(volume) else {
        tree.make_dirs(&format!("{}/{sub}", volume.trim_end_matches('/')), now);
        return;
    };
    let mut path = volume.trim_end_matches('/').to_string();
    for part in sub.split('/').filter(|part| !part.is_empty()) {
        path.push('/');
        path.push_str(part);
        if tree.make_dir(&path, above.mode, now).is_ok() {
            tree.own(&path, 0, if above.mode & 0o2000 != 0 { above.gid } else { 0 });
        }
    }
}
