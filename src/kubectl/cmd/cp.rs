//! `kubectl cp`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/cp/cp.go`: an archive goes through `tar` in the container.
//! Left out: patterns in a quoted local path.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, Request, Verb};
use crate::client::node::{Input, StreamId};
use crate::kubectl::cmd::{Running, exec};
use crate::kubectl::command::{Command, Flag};
use crate::kubectl::container;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, Streams, World};
use crate::text::tar::{self, Entry, Kind as Member};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new("cp", &[FLAGS], run)];

static FLAGS: &[Flag] =
    &[Flag::text("container").short('c'), Flag::bool("no-preserve"), Flag::int("retries", "0")];

const MALFORMED: &str = "filespec must match the canonical format: [[namespace/]pod:]file/path";

/// A copy under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Copy {
    source: FileSpec,
    destination: FileSpec,
    id: StreamId,
    step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// `test -d` of the destination (`checkDestinationIsDir`)
    Look,
    /// An archive goes in (`copyToPod`).
    Upload { archive: Vec<u8> },
    /// An archive comes out (`copyFromPod`).
    Download { archive: Vec<u8>, complaints: Vec<u8> },
}

/// One side of the copy; without a Pod it is a local file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct FileSpec {
    namespace: EcoString,
    pod: EcoString,
    file: EcoString,
}

/// What the container side of a download says goes to standard output too.
struct AllOut<'a>(&'a mut dyn Streams);

impl Streams for AllOut<'_> {
    fn out(&mut self, bytes: &[u8]) {
        self.0.out(bytes);
    }

    fn err(&mut self, bytes: &[u8]) {
        self.0.out(bytes);
    }
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let [source, destination] = invocation.args.as_slice() else {
        return Err(Failure::message("source and destination are required"));
    };
    let source = FileSpec::parse(source, invocation)?;
    let destination = FileSpec::parse(destination, invocation)?;
    let problem = match (source.is_remote(), destination.is_remote()) {
        (true, true) => "one of src or dest must be a local file specification",
        _ if source.file.is_empty() || destination.file.is_empty() => "filepath can not be empty",
        (true, false) => return download(source, destination, invocation, world),
        (false, true) => return upload(source, destination, invocation, world),
        (false, false) => "one of src or dest must be a remote file specification",
    };
    Err(Failure::message(problem))
}

impl FileSpec {
    /// Models extractFileSpec.
    fn parse(word: &str, invocation: &Invocation) -> Result<FileSpec, Failure> {
        let local = |file| FileSpec {
            namespace: EcoString::new(),
            pod: EcoString::new(),
            file: strip_trailing_slash(file),
        };
        let Some((pod, file)) = word.split_once(':') else { return Ok(local(word)) };
        let (namespace, pod) = match pod.split_once('/') {
            Some((namespace, name)) => (namespace, name),
            None => (invocation.namespace.as_str(), pod),
        };
        if word.starts_with(':') || pod.contains('/') {
            return Err(Failure::message(MALFORMED));
        }
        let file = strip_trailing_slash(&file.replace('\\', "/"));
        match pod {
            "" => Ok(local(&file)),
            _ => Ok(FileSpec { namespace: namespace.into(), pod: pod.into(), file }),
        }
    }

    fn is_remote(&self) -> bool {
        !self.pod.is_empty()
    }

    /// The Pod's container that is meant.
    fn find(
        &self,
        invocation: &Invocation,
        announce: bool,
        world: &mut World<'_>,
    ) -> Result<(Object, EcoString), Failure> {
        let key = ObjectKey::new(Kind::Pod, self.namespace.clone(), self.pod.clone());
        let response = world.request(&Request::new(Actor::User, key, Verb::Get))?;
        let pod = response.object.ok_or(Failure::Exit(1))?;
        let container = container::choose(&pod, invocation.text("container"), announce, world)?;
        Ok((pod, container))
    }
}

fn download(
    source: FileSpec,
    destination: FileSpec,
    invocation: &Invocation,
    world: &mut World<'_>,
) -> Outcome {
    let mut streams = AllOut(&mut *world.output);
    let mut loud = World {
        client: &mut *world.client,
        files: &mut *world.files,
        stdin: &mut *world.stdin,
        output: &mut streams,
        child: world.child,
    };
    let (pod, container) = source.find(invocation, true, &mut loud)?;
    let command = ["tar", "cf", "-", source.file.as_str()];
    let id = exec::start(&pod, container, &command, (false, false), world)?;
    let step = Step::Download { archive: Vec::new(), complaints: Vec::new() };
    Copy { source, destination, id, step }.poll(invocation, world)
}

fn upload(
    source: FileSpec,
    destination: FileSpec,
    invocation: &Invocation,
    world: &mut World<'_>,
) -> Outcome {
    let file = source.file.as_str();
    if !world.files.is_directory(file) && world.files.read(file).is_err() {
        return Err(Failure::message(format!("{file} doesn't exist in local filesystem")));
    }
    let (pod, container) = destination.find(invocation, true, world)?;
    let command = ["test", "-d", destination.file.as_str()];
    let id = exec::start(&pod, container, &command, (false, false), world)?;
    Copy { source, destination, id, step: Step::Look }.poll(invocation, world)
}

impl Copy {
    /// Goes on with the step it is at.
    pub fn poll(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        let mut input = Input { closed: true, ..Input::default() };
        if let Step::Upload { archive } = &mut self.step {
            input.bytes = std::mem::take(archive);
        }
        let output = world.client.stream(self.id, input);
        match &mut self.step {
            Step::Look => {}
            Step::Upload { .. } => {
                world.output.out(&output.stdout);
                world.output.err(&output.stderr);
            }
            Step::Download { archive, complaints } => {
                archive.extend(output.stdout);
                complaints.extend(output.stderr);
            }
        }
        let Some(code) = output.exit else { return Ok(Flow::Wait(Running::Copy(self), None)) };
        match std::mem::replace(&mut self.step, Step::Look) {
            Step::Look => self.send(code == 0, invocation, world),
            Step::Upload { .. } => finish(code, world),
            Step::Download { archive, complaints } => {
                self.receive(&archive, &complaints, code, world)
            }
        }
    }

    /// Packs the local files and unpacks them in the container (`copyToPod`).
    fn send(mut self, into: bool, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        let mut target = clean(&self.destination.file);
        if into {
            target = join(&target, base(&self.source.file));
        }
        let mut entries = Vec::new();
        pack(&self.source.file, base(&target), world, &mut entries)?;
        let mut command = vec!["tar"];
        if invocation.is_true("no-preserve") {
            command.extend(["--no-same-permissions", "--no-same-owner"]);
        }
        command.extend(["-xmf", "-", "-C", directory(&target)]);
        // The Pod is looked up again, but its container was announced before.
        let (pod, container) = self.destination.find(invocation, false, world)?;
        self.id = exec::start(&pod, container, &command, (true, false), world)?;
        self.step = Step::Upload { archive: tar::write(&entries) };
        self.poll(invocation, world)
    }

    /// Unpacks what the container's tar packed (`copyFromPod`, `untarAll`).
    ///
    /// kubectl leaves at the archive's end, so what tar says of an empty one comes too late.
    fn receive(
        self,
        archive: &[u8],
        complaints: &[u8],
        code: i32,
        world: &mut World<'_>,
    ) -> Outcome {
        if archive.is_empty() {
            world.output.out(complaints);
            return finish(code, world);
        }
        let Ok(entries) = tar::read(archive) else {
            return Err(Failure::message("unexpected EOF"));
        };
        if !entries.is_empty() {
            world.output.out(complaints);
        }
        let cleaned = clean(self.source.file.trim_start_matches('/'));
        let prefix = strip_path_shortcuts(&cleaned);
        let mut linked = false;
        for entry in &entries {
            let Some(rest) = entry.name.strip_prefix(prefix) else {
                return Err(Failure::message("tar contents corrupted"));
            };
            self.unpack(entry, rest, &mut linked, world)?;
        }
        Ok(Flow::Done(0))
    }

    fn unpack(
        &self,
        entry: &Entry,
        rest: &str,
        linked: &mut bool,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let rest = strip_trailing_slash(rest);
        let path = join(&self.destination.file, &rest);
        if clean(rest.trim_start_matches('/')).split('/').next() == Some("..") {
            let warning = format!("warning: file {path:?} is outside target destination, skipping");
            world.complain(&warning);
            return Ok(());
        }
        let done = match &entry.kind {
            Member::Directory => world.files.make_directory(&path),
            Member::File => world.files.write(&path, &entry.bytes),
            Member::Link(target) => {
                let hint = if *linked { String::new() } else { self.link_hint() };
                *linked = true;
                world.complain(&format!("warning: skipping symlink: {path:?} -> {target:?}{hint}"));
                Ok(())
            }
        };
        done.map_err(|error| Failure::message(format!("open {path}: {error}")))
    }

    fn link_hint(&self) -> String {
        let FileSpec { namespace, pod, file } = &self.source;
        format!(
            " (consider using \"kubectl exec -n {namespace:?} {pod:?} -- tar cf - {file:?} | tar \
             xf -\")"
        )
    }
}

/// Adds a file or all of a directory under another name (`recursiveTar`).
fn pack(
    path: &str,
    name: &str,
    world: &mut World<'_>,
    entries: &mut Vec<Entry>,
) -> Result<(), Failure> {
    let cannot = |error| Failure::message(format!("open {path}: {error}"));
    let modified = 0;
    if !world.files.is_directory(path) {
        let bytes = world.files.read(path).map_err(cannot)?;
        let name = name.to_string();
        entries.push(Entry { name, kind: Member::File, mode: 0o644, modified, bytes });
        return Ok(());
    }
    let inner = world.files.list(path).map_err(cannot)?;
    if inner.is_empty() {
        let (name, bytes) = (format!("{name}/"), Vec::new());
        entries.push(Entry { name, kind: Member::Directory, mode: 0o755, modified, bytes });
    }
    for (file, _) in inner {
        pack(&join(path, &file), &join(name, &file), world, entries)?;
    }
    Ok(())
}

fn finish(code: i32, world: &mut World<'_>) -> Outcome {
    if code != 0 {
        world.complain(&format!("command terminated with exit code {code}"));
    }
    Ok(Flow::Done(code))
}

fn strip_trailing_slash(file: &str) -> EcoString {
    match file {
        "/" => file.into(),
        _ => file.strip_suffix('/').unwrap_or(file).into(),
    }
}

/// Takes away the `../` and `/` at the start (`stripPathShortcuts`).
fn strip_path_shortcuts(path: &str) -> &str {
    let mut rest = path;
    while let Some(shorter) = rest.strip_prefix("../") {
        rest = shorter;
    }
    if matches!(rest, "." | "..") { "" } else { rest.strip_prefix('/').unwrap_or(rest) }
}

/// Go's `path.Clean`.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            ("..", _) if rooted => {}
            _ => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, inner) => format!("/{inner}"),
        (false, inner) if inner.is_empty() => ".".to_string(),
        (false, inner) => inner,
    }
}

/// Go's `path.Join`.
fn join(directory: &str, name: &str) -> String {
    clean(&format!("{directory}/{name}"))
}

/// Go's `path.Base` of a clean path.
fn base(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((_, "")) => "/",
        Some((_, name)) => name,
        None => path,
    }
}

/// Go's `path.Dir` of a clean path.
fn directory(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((directory, _)) => directory,
        None => ".",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_does() {
        let cases = [("a//b/./c/", "a/b/c"), ("../a/..", ".."), ("/../a", "/a"), ("", ".")];
        for (path, wanted) in cases {
            assert_eq!(clean(path), wanted, "{path}");
        }
        assert_eq!((base("/tmp/x"), directory("/tmp/x")), ("x", "/tmp"));
        assert_eq!((base("x"), directory("/x"), directory("x")), ("x", "/", "."));
    }

    #[test]
    fn the_way_up_is_taken_from_a_remote_path() {
        assert_eq!(strip_path_shortcuts("../../etc/hosts"), "etc/hosts");
        assert_eq!((strip_path_shortcuts(".."), strip_path_shortcuts("tmp")), ("", "tmp"));
    }
}
