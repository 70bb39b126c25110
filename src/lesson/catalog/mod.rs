//! The lessons and exercises that come with the playground.
//!
//! Each is one Markdown file a language. The page loads a text when it is opened, from
//! `lessons/<slug>.<language>.md` beside it; only native builds carry the texts themselves.

/// An entry.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in links and files.
    pub slug: &'static str,
    /// Whether it is an exercise.
    pub is_exercise: bool,
    /// Its title in English and in Chinese.
    pub title: [&'static str; 2],
    /// How many minutes a learner takes.
    pub minutes: u32,
    /// Its texts in English and in Chinese.
    #[cfg(not(target_arch = "wasm32"))]
    pub text: [&'static str; 2],
}

macro_rules! entry {
    ($kind:ident $slug:literal $minutes:literal $english:literal $chinese:literal) => {
        Entry {
            slug: $slug,
            is_exercise: entry!(@ $kind),
            title: [$english, $chinese],
            minutes: $minutes,
            #[cfg(not(target_arch = "wasm32"))]
            text: [
                include_str!(concat!($slug, ".en.md")),
                include_str!(concat!($slug, ".zh.md")),
            ],
        }
    };
    (@ lesson) => { false };
    (@ exercise) => { true };
}

/// All entries: lessons, then exercises, each from easy to hard.
pub static CATALOG: &[Entry] = &[
    entry!(
        lesson "first-set" 12
        "Your first StatefulSet: in order, by name"
        "第一个 StatefulSet：按顺序创建，按名字相认"
    ),
    entry!(
        lesson "names" 15
        "Names that stay: the headless Service and nslookup"
        "名字不变：headless Service 与 nslookup"
    ),
    entry!(
        lesson "claims" 20
        "Data that stays: a claim for each ordinal"
        "数据不丢：每个序号一份 PersistentVolumeClaim"
    ),
    entry!(
        lesson "scale-and-update" 18
        "Scale and update: up from the bottom, down from the top"
        "扩缩容与滚动更新：从小到大加，从大到小减"
    ),
    entry!(
        lesson "partition-and-ondelete" 18
        "Canary: update a few Pods first, or only those you choose"
        "灰度发布：先更新一小部分，或者由你点名"
    ),
    entry!(
        lesson "delete-and-adopt" 16
        "Delete and adopt: what goes with the set, and what stays"
        "删除与收养：什么跟着走，什么留下来"
    ),
    entry!(
        lesson "mysql" 20
        "One template, two roles: a MySQL primary with replicas"
        "一份模板，两种角色：MySQL 主从"
    ),
    entry!(exercise "five-replicas-none-lost" 5 "Five replicas, none lost" "扩到五个副本，一个都不能断"),
    entry!(exercise "old-setting" 8 "The new setting does not arrive" "新配置没有生效"),
    entry!(exercise "refused-manifest" 10 "A manifest that is refused" "被拒绝的清单"),
    entry!(exercise "empty-service" 8 "A Service that selects nothing" "一个 Pod 也选不到的 Service"),
    entry!(exercise "stuck-rollout" 8 "A roll-out that is stuck" "卡住的滚动更新"),
    entry!(exercise "scale-down-hangs" 10 "Scaling down hangs" "缩容卡住了"),
    entry!(exercise "canary" 8 "A canary on the last ordinal" "只让最后一个序号先升级"),
    entry!(exercise "which-revision" 8 "Back to the last good version" "回到最后一个好版本"),
    entry!(exercise "leader-last" 10 "The leader comes last" "主节点最后换"),
    entry!(exercise "adopt-again" 8 "Delete the set, keep the Pods" "删掉 StatefulSet，留住 Pod"),
    entry!(exercise "third-pod" 8 "The third Pod does not come" "第三个 Pod 迟迟不来"),
    entry!(exercise "shrink-and-free" 10 "Shrink, and give the disks back" "缩容，顺便把盘还回去"),
    entry!(exercise "released-volume" 10 "A volume that nobody may use" "谁也用不了的卷"),
    entry!(exercise "no-volume" 12 "A Pod that never gets its volume" "永远等不到卷的 Pod"),
    entry!(exercise "which-claim" 12 "Which claim brings the old orders back?" "哪个 PVC 能找回旧订单？"),
    entry!(exercise "wrong-service-name" 12 "Why does nslookup fail?" "nslookup 为什么查不到？"),
    entry!(exercise "waiting-for-peers" 10 "All wait for each other" "互相等待的集群"),
    entry!(exercise "drain-a-node" 12 "A node must be emptied" "节点要停机"),
    entry!(exercise "two-writers" 10 "A Pod that will not go" "删不掉的 Pod"),
    entry!(exercise "deletion-pending" 15 "A deletion that cannot be taken back" "收不回来的删除"),
];

impl Entry {
    /// The entry of this name.
    pub fn named(slug: &str) -> Option<&'static Entry> {
        CATALOG.iter().find(|entry| entry.slug == slug)
    }

    /// Where the page finds its text, from the page's own place.
    pub fn path(&self, tongue: super::front_matter::Tongue) -> String {
        format!("lessons/{}.{}.txt", self.slug, tongue.tag())
    }
}
