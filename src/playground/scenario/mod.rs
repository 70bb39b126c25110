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
        slug: "names",
        title: [
            "Names of Pods: headless Service and nslookup",
            "Pod 的域名：headless Service 与 nslookup",
        ],
        hint: [
            "Type: kubectl exec dnsutils -- nslookup web-0.nginx. Then delete web-0: the name stays, \
             its address changes.",
            "输入 kubectl exec dnsutils -- nslookup web-0.nginx，再删除 web-0：名字不变，地址会变。",
        ],
        files: &[
            ("web.yaml", include_str!("names/web.yaml")),
            ("pv.yaml", include_str!("names/pv.yaml")),
            ("dnsutils.yaml", include_str!("names/dnsutils.yaml")),
        ],
        commands: &[
            (200, "kubectl apply -f pv.yaml"),
            (600, "kubectl apply -f dnsutils.yaml"),
            (1_000, "kubectl apply -f web.yaml"),
        ],
        shown_at_ms: 1_300,
    },
    Scenario {
        slug: "scaling",
        title: ["Scaling and rolling update", "扩容、缩容与滚动更新"],
        hint: [
            "Press + until 5 replicas stand there, then - again: the order is the point. Then change \
             the image and press Apply.",
            "按 + 加到 5 个副本，再按 - 减回去，注意顺序。然后改镜像，点“应用”。",
        ],
        files: &[("web.yaml", include_str!("scaling/web.yaml"))],
        commands: &[(300, "kubectl apply -f web.yaml")],
        shown_at_ms: 700,
    },
    Scenario {
        slug: "mysql",
        title: ["MySQL: one primary, two replicas", "MySQL：一主两从"],
        hint: [
            "Each member copies its data from the one before it. Mark when mysql-2 is ready, then \
             press + and see where the fourth one copies from.",
            "每个成员都从前一个成员复制数据。等 mysql-2 就绪后按 +，看第四个成员从哪里复制。",
        ],
        files: &[
            ("mysql.yaml", include_str!("mysql/mysql.yaml")),
            ("configmap.yaml", include_str!("mysql/configmap.yaml")),
            ("service.yaml", include_str!("mysql/service.yaml")),
            ("pv.yaml", include_str!("mysql/pv.yaml")),
        ],
        commands: &[
            (200, "kubectl apply -f configmap.yaml -f service.yaml -f pv.yaml"),
            (1_000, "kubectl apply -f mysql.yaml"),
        ],
        shown_at_ms: 1_400,
    },
    Scenario {
        slug: "canary",
        title: ["Canary with a partition", "用 partition 做金丝雀发布"],
        hint: [
            "Change the image to nginx:1.9.1 and press Apply: only web-3 and web-4 follow. Then drag \
             the partition line down to 0, step by step.",
            "把镜像改成 nginx:1.9.1，点“应用”：只有 web-3 和 web-4 更新。再把 partition 线一步步拖到 0。",
        ],
        files: &[("web.yaml", include_str!("canary/web.yaml"))],
        commands: &[(300, "kubectl apply -f web.yaml")],
        shown_at_ms: 700,
    },
    Scenario {
        slug: "ondelete",
        title: ["OnDelete: updates wait for you", "OnDelete：删除时才更新"],
        hint: [
            "Change the image and press Apply: nothing happens, and Why says so. Then delete web-1.",
            "改镜像再点“应用”：什么都不会发生，“为什么”里写着原因。然后删除 web-1。",
        ],
        files: &[("web.yaml", include_str!("ondelete/web.yaml"))],
        commands: &[(300, "kubectl apply -f web.yaml")],
        shown_at_ms: 700,
    },
    Scenario {
        slug: "static",
        title: ["Volumes made by hand", "手工准备的存储卷"],
        hint: [
            "Scale to 5: there are four volumes, so one claim waits. See why in its lane.",
            "扩到 5 个副本：只有 4 个 PV，最后一个 PVC 会一直等待，原因写在它那一行。",
        ],
        files: &[
            ("web.yaml", include_str!("static/web.yaml")),
            ("pv.yaml", include_str!("static/pv.yaml")),
        ],
        commands: &[(200, "kubectl apply -f pv.yaml"), (900, "kubectl apply -f web.yaml")],
        shown_at_ms: 1_200,
    },
    EMPTY,
];

const EMPTY: Scenario = Scenario {
    slug: "empty",
    title: ["Empty cluster", "空集群"],
    hint: [
        "Write a manifest and press Apply, or type kubectl commands.",
        "写一份清单再点“应用”，或者直接输入 kubectl 命令。",
    ],
    files: &[],
    commands: &[],
    shown_at_ms: 0,
};

impl Scenario {
    /// The cluster with nothing in it.
    pub fn empty() -> &'static Scenario {
        &EMPTY
    }

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
