//! Hooks: what is called when a container has started and before it is stopped.
//!
//! Models `pkg/kubelet/lifecycle/handlers.go`.

use crate::api::time::{Duration, Time};
use crate::api::value::Value;

use super::ask::{Answer, Ask};
use super::exec::ExecOptions;
use super::spec::Place;
use super::worker::{Cx, Worker};

/// A hook that is being carried out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hook {
    /// A command in the container.
    Exec(u64),
    /// A pause.
    Sleep(Time),
    /// An HTTP request, to be given up at a time.
    Ask(Ask, Time),
}

/// Time that an HTTP hook has.
const HTTP_TIMEOUT: Duration = Duration::from_secs(30);

impl Hook {
    /// When it is over at the latest, if that is known.
    pub fn due(&self) -> Option<Time> {
        match self {
            Hook::Exec(_) => None,
            Hook::Sleep(at) | Hook::Ask(_, at) => Some(*at),
        }
    }
}

impl Worker {
    /// Begins a hook (`postStart` or `preStop`) of a container. `Err` says how it has already
    /// ended: well or not.
    pub fn begin_hook(&mut self, cx: &mut Cx, place: Place, which: &str) -> Result<Hook, bool> {
        let declared = self.spec().container(place).path(&["lifecycle", which]).clone();
        let exec = declared.get("exec");
        if !exec.is_null() {
            let words = exec.get("command").items().iter();
            let argv = words.map(|word: &Value| word.str().into()).collect();
            let started = self.start_exec(cx, place, argv, ExecOptions::default());
            return started.map(Hook::Exec).map_err(|_| false);
        }
        if let Some(seconds) = declared.path(&["sleep", "seconds"]).as_i64() {
            return Ok(Hook::Sleep(cx.now.after(Duration::from_secs(seconds.max(0) as u64))));
        }
        match self.ask(cx, place, &declared) {
            Ok(ask) => Ok(Hook::Ask(ask, cx.now.after(HTTP_TIMEOUT))),
            Err(answer) => Err(answer == Answer::Yes),
        }
    }

    /// Goes on with a hook. `Err` says how it has ended.
    pub fn continue_hook(&mut self, cx: &mut Cx, hook: Hook) -> Result<Hook, bool> {
        match hook {
            Hook::Exec(id) => {
                let Some(exec) = self.exec(id) else { return Err(false) };
                let Some(code) = exec.exit else { return Ok(Hook::Exec(id)) };
                self.drop_exec(cx, id);
                Err(code == 0)
            }
            Hook::Sleep(at) if at <= cx.now => Err(true),
            Hook::Sleep(at) => Ok(Hook::Sleep(at)),
            Hook::Ask(ask, at) => match ask.poll(cx, at <= cx.now) {
                Ok(ask) => Ok(Hook::Ask(ask, at)),
                Err(answer) => Err(answer == Answer::Yes),
            },
        }
    }

    /// Gives a hook up.
    pub fn cut_hook(&mut self, cx: &mut Cx, hook: Hook) {
        if let Hook::Exec(id) = hook {
            self.drop_exec(cx, id);
        }
    }
}
