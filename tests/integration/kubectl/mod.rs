//! kubectl against a fresh cluster: what is typed and what is printed, to the letter.

mod access;
mod config;
mod create;
mod describe;
mod discovery;
mod get;
mod template;
mod usage;
mod workload;

use statefulset_playground::shell::session::{Input, Session, TerminalId};
use statefulset_playground::simulation::timeline::World;

/// A session to type into.
pub struct Shell {
    session: Session,
}

impl Shell {
    /// A shell beside a fresh cluster.
    pub fn new() -> Self {
        Shell { session: Session::scripted(0) }
    }

    /// The same with a file in the working directory.
    pub fn file(mut self, name: &str, content: &str) -> Self {
        let (path, content) = (name.into(), content.into());
        self.session.apply(&Input::WriteFile { path, content });
        self
    }

    /// Types a line and gives what was printed until it ended, with a line for an exit code.
    pub fn run(&mut self, line: &str) -> String {
        let terminal = TerminalId::MAIN;
        self.session.apply(&Input::Command { terminal, line: line.into() });
        let limit = self.session.now().after(std::time::Duration::from_secs(60));
        while self.session.is_busy(terminal) && self.session.now() < limit {
            self.session.step();
        }
        let mut text = self.session.take_output(terminal);
        match self.session.exit_code(terminal) {
            0 => {}
            code => text.push_str(&format!("[exit {code}]\n")),
        }
        text
    }

    /// Types a line and compares what was printed; the expected text begins below its first line
    /// break.
    #[track_caller]
    pub fn check(&mut self, line: &str, expected: &str) {
        let expected = expected.strip_prefix('\n').unwrap_or(expected);
        assert_eq!(self.run(line), expected, "$ {line}");
    }

    /// Types a line that must succeed.
    #[track_caller]
    pub fn ok(mut self, line: &str) -> Self {
        let text = self.run(line);
        assert!(!text.contains("[exit "), "$ {line}\n{text}");
        self
    }
}

/// Two ConfigMaps, a class and a claim that nobody can bind.
pub const OBJECTS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: b-conf
  labels: {app: web, size: '10'}
data:
  two.conf: |
    a = 1
  one: '1'
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: a-conf
  labels: {app: web, size: '9'}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: lazy
  annotations: {note: slow}
provisioner: example.com/none
volumeBindingMode: WaitForFirstConsumer
mountOptions: [noatime]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
spec:
  storageClassName: lazy
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
";

/// A shell on a cluster with [`OBJECTS`].
pub fn with_objects() -> Shell {
    Shell::new().file("objects.yaml", OBJECTS).ok("kubectl create -f objects.yaml")
}
