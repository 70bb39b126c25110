//! A session as a learner uses it: a command, then what it printed.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::shell::session::{Input, Session, TerminalId};
use statefulset_playground::simulation::timeline::World;

/// A learner's shell whose commands are waited for.
pub struct Shell {
    pub session: Session,
}

impl Shell {
    pub fn new(seed: u64) -> Self {
        Shell { session: Session::scripted(seed) }
    }

    /// What a command prints until it ends.
    #[track_caller]
    pub fn run(&mut self, line: &str) -> String {
        let terminal = TerminalId::MAIN;
        self.session.take_output(terminal);
        self.session.apply(&Input::Command { terminal, line: line.into() });
        let end = self.session.now().after(Duration::from_secs(300));
        while self.session.is_busy(terminal) {
            assert!(self.session.now() < end, "{line} does not end");
            self.session.step();
        }
        self.session.take_output(terminal)
    }

    /// The same, which must go well; time passes after it.
    #[track_caller]
    pub fn good(&mut self, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(self.session.exit_code(TerminalId::MAIN), 0, "{line}: {output}");
        self.pass(1);
        output
    }

    pub fn apply(&mut self, yaml: &str) {
        let (path, content) = ("object.yaml".into(), yaml.into());
        self.session.apply(&Input::WriteFile { path, content });
        self.good("kubectl apply -f object.yaml");
    }

    pub fn pass(&mut self, seconds: u64) {
        let end = self.session.now().after(Duration::from_secs(seconds));
        while self.session.next_at().is_some_and(|next| next <= end) {
            self.session.step();
        }
        self.session.wait_until(end);
    }

    pub fn has(&self, kind: Kind, name: &str) -> bool {
        self.session.cluster().contains(kind, "default", name)
    }

    pub fn phase(&self, pod: &str) -> String {
        let found = self.session.cluster().lister().find(Kind::Pod, "default", pod);
        found.map(|pod| pod.status().get("phase").str().to_owned()).unwrap_or_default()
    }

    pub fn ready(&mut self, set: &str) {
        self.good(&format!("kubectl rollout status sts {set} --timeout=200s"));
    }
}
