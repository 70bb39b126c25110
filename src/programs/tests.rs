//! Programs in scripts and what they print, through one helper.

use super::*;
use crate::script::{FileSystem, Machine, ProcessId, Settings, StartError, Step, Tree};

/// A host with nothing but files, a clock and these programs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Sandbox {
    now: u64,
    files: Tree,
    table: Table,
    flavour: Flavour,
    random: u32,
}

impl Host for Sandbox {
    fn now_ms(&self) -> u64 {
        self.now
    }

    fn files(&mut self) -> &mut dyn FileSystem {
        &mut self.files
    }

    fn start(&mut self, what: Start<'_>) -> Result<ProcessId, StartError> {
        let program = Process::start(&what, self.flavour).ok_or(StartError::NotFound)?;
        Ok(self.table.add(program))
    }

    fn poll(&mut self, process: ProcessId, io: &mut Io) -> Poll {
        let Some(mut program) = self.table.take(process) else { return Poll::Exited(1) };
        let poll = program.poll(self, io);
        if !matches!(poll, Poll::Exited(_)) {
            self.table.put(process, program);
        }
        poll
    }

    fn kill(&mut self, process: ProcessId, signal: Signal) -> Delivery {
        self.table.kill(process, signal)
    }

    fn forget(&mut self, process: ProcessId) {
        self.table.take(process);
    }

    fn find_program(&mut self, name: &str) -> Option<EcoString> {
        if matches!(name, "sh" | "bash") {
            return Some(eco_format!("/bin/{name}"));
        }
        find_program(name, self.flavour)
    }

    fn random(&mut self) -> u32 {
        self.random += 1;
        self.random
    }
}

const PODS: &str = "NAME    READY   STATUS    RESTARTS   AGE\n\
    web-0   1/1     Running   0          10s\n\
    web-1   1/1     Running   2          8s\n\
    db-0    0/1     Pending   0          5s\n";

const YAML: &str = "kind: StatefulSet\nspec:\n  replicas: 2\n  template:\n    image: nginx:1.25\n    \
    env:\n    - name: A\n      value: x\n  storage: 1Gi\n";

fn sandbox(flavour: Flavour) -> Sandbox {
    let mut files = Tree::with_files(&[
        ("/home/pods.txt", PODS),
        ("/home/web.yaml", YAML),
        ("/home/numbers", "10\n9\n2\n33\n2\n"),
        ("/home/noend", "a\nb"),
        ("/home/site/index.html", "<h1>hi</h1>\n"),
        ("/home/site/css/a.css", "x\n"),
        ("/etc/hostname", "web-0\n"),
    ]);
    files.make_dirs("/tmp", 0);
    Sandbox { now: 1_790_000_000_000, files, table: Table::default(), flavour, random: 0 }
}

/// Runs a script to its end; both streams, and `[exit N]` unless 0.
fn output(script: &str, flavour: Flavour) -> String {
    let env = [("HOME", "/root"), ("PATH", "/bin"), ("HOSTNAME", "web-0")];
    let settings = Settings {
        flavour,
        cwd: "/home".into(),
        env: env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        ..Settings::default()
    };
    let mut machine = Machine::script(script, &[], settings);
    machine.close_input();
    let mut host = sandbox(flavour);
    let mut out = String::new();
    for _ in 0..300 {
        let step = machine.step(&mut host);
        out.push_str(&machine.take_output().both());
        match step {
            Step::Exited(0) | Step::Idle => return out,
            Step::Exited(code) => return format!("{out}[exit {code}]\n"),
            Step::Blocked { until: Some(until) } => host.now = until.max(host.now),
            Step::Blocked { until: None } => return format!("{out}[blocked]\n"),
        }
    }
    format!("{out}[does not end]\n")
}

#[track_caller]
fn check(script: &str, expected: &str) {
    assert_eq!(output(script, Flavour::Gnu), expected, "of {script}");
}

#[track_caller]
fn check_busybox(script: &str, expected: &str) {
    assert_eq!(output(script, Flavour::Busybox), expected, "of {script}");
}

#[test]
fn lines_stream_through_filters() {
    check("while :; do echo 33; sleep 1; done | grep 33 | head -2", "33\n33\n");
    check("yes | head -1", "y\n");
    check("tail -f /dev/null & sleep 1; kill $!; echo done", "done\n");
    check("tail -n1 -f noend & sleep 1; echo c >> noend; sleep 2; kill $!", "bc\n");
}

#[test]
fn commands_run_commands() {
    check("timeout 2 sleep 5; echo $? $SECONDS", "124 2\n");
    check_busybox("timeout 2 sleep 5; echo $? $SECONDS", "143 2\n");
    check("seq 3 | xargs -I{} sh -c 'echo item {}'", "item 1\nitem 2\nitem 3\n");
    check("find site -type f -exec echo got {} \\;", "got site/css/a.css\ngot site/index.html\n");
    check("env X=1 sh -c 'echo $X'", "1\n");
    check(
        "timeout 5 watch -n 2 -t echo hi",
        &format!("{}[exit 124]\n", "\x1b[H\x1b[2Jhi\n".repeat(3)),
    );
}

#[test]
fn busybox_says_it_differently() {
    check_busybox("cat nope", "cat: can't open 'nope': No such file or directory\n[exit 1]\n");
    check_busybox("ls nope", "ls: nope: No such file or directory\n[exit 1]\n");
    check_busybox("rm nope", "rm: can't remove 'nope': No such file or directory\n[exit 1]\n");
    check_busybox(
        "tail nope",
        "tail: can't open 'nope': No such file or directory\ntail: no files\n[exit 1]\n",
    );
    check_busybox("sleep x", "sleep: invalid number 'x'\n[exit 1]\n");
    check_busybox("wc numbers", "        5         5        12 numbers\n");
}

/// Scripts run by bash 5.2 with GNU's tools in the same directory, and what they printed.
#[test]
fn scripts_print_what_bash_and_gnu_print() {
    for case in include_str!("recorded.txt").split("\n%%\n") {
        let Some((script, expected)) = case.split_once("\n--->\n") else { continue };
        assert_eq!(output(script, Flavour::Gnu), format!("{expected}\n"), "of {script}");
    }
}
