//! What a session can begin with: files, and commands that were already given.

use crate::api::time::{Duration, Time};
use crate::lesson::start::NGINX_FILES;
use crate::locale::Language;
use crate::shell::session::{Input, TerminalId};
use crate::simulation::timeline::Entry;

/// A beginning.
#[derive(Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its name in links.
    pub slug: &'static str,
    /// What the menu calls it, in English and in Chinese.
    pub title: [&'static str; 2],
    /// What to try first, in English and in Chinese.
    pub hint: [&'static str; 2],
    /// Files in the working directory; the first is shown.
    pub files: &'static [(&'static str, &'static str)],
    /// Commands given before the learner came, with their times in milliseconds.
    pub commands: &'static [(u64, &'static str)],
    /// The instant at which the learner comes, in milliseconds.
    pub shown_at_ms: u64,
}

/// All beginnings; the first is the one without a choice.
pub static SCENARIOS: &[Scenario] = &[
    Scenario {
        slug: "nginx",
        title: ["nginx with claims", "nginx 与存储卷"],
        hint: [
            "Change replicas: 3 to 5 in web.yaml and press Apply.",
            "把 web.yaml 里的 replicas: 3 改成 5，再点“应用”。",
        ],
        files: NGINX_FILES,
        commands: &[(200, "kubectl apply -f pv.yaml"), (900, "kubectl apply -f web.yaml")],
        shown_at_ms: 1_200,
    },
    Scenario {
        slug: "empty",
        title: ["Empty cluster", "空集群"],
        hint: [
            "Write a manifest and press Apply, or type kubectl commands.",
            "写一份清单再点“应用”，或者直接输入 kubectl 命令。",
        ],
        files: &[],
        commands: &[],
        shown_at_ms: 0,
    },
];

impl Scenario {
    /// The scenario of this name.
    pub fn named(slug: &str) -> Option<&'static Scenario> {
        SCENARIOS.iter().find(|scenario| scenario.slug == slug)
    }

    /// The inputs that were given before the learner came.
    pub fn entries(&self) -> Vec<Entry<Input>> {
        let files = self.files.iter().map(|(path, content)| Entry {
            at: Time::START,
            input: Input::WriteFile { path: (*path).into(), content: (*content).into() },
        });
        let commands = self.commands.iter().map(|(at, line)| Entry {
            at: Time::START.after(Duration::from_millis(*at)),
            input: Input::Command { terminal: TerminalId::MAIN, line: (*line).into() },
        });
        files.chain(commands).collect()
    }

    /// When the learner comes.
    pub fn shown_at(&self) -> Time {
        Time::START.after(Duration::from_millis(self.shown_at_ms))
    }

    /// Its title in a language.
    pub fn title(&self, language: Language) -> &'static str {
        self.title[usize::from(language == Language::Zh)]
    }

    /// Its hint in a language.
    pub fn hint(&self, language: Language) -> &'static str {
        self.hint[usize::from(language == Language::Zh)]
    }
}
