//! Chinese sentences of the garbage collector.

use crate::controller::reason::GarbageCollectorReason;

/// Why the garbage collector did something, or did not.
pub fn sentence(reason: &GarbageCollectorReason) -> String {
    use GarbageCollectorReason as R;
    match reason {
        R::OwnersGone { owner } => format!("它的 owner {owner} 已经不存在，垃圾回收器删除它。"),
        R::StaleReferencesRemoved { owner } => format!(
            "它的一部分 owner 已经不存在，但 {owner} 还在，所以只去掉失效的 ownerReference。"
        ),
        R::OwnerWaits { owner } => {
            format!("{owner} 正在前台删除，要等它的从属对象先消失，所以先删除这一个。")
        }
        R::WaitingForDependents { dependent, count: 1 } => {
            format!("它正在前台删除，要等 {dependent} 先消失。")
        }
        R::WaitingForDependents { dependent, count } => {
            format!("它正在前台删除，要等 {count} 个从属对象先消失，其中有 {dependent}。")
        }
        R::DependentsGone => {
            "会阻塞删除的从属对象都已消失，于是去掉 foregroundDeletion 这个 finalizer，对象随之消失。"
                .into()
        }
        R::Orphaned { owner } => format!(
            "{owner} 是用 --cascade=orphan 删除的，所以只去掉指向它的 ownerReference，这个对象留下。"
        ),
        R::OrphaningDone { count } => format!(
            "{count} 个从属对象已经变成孤儿，于是去掉 orphan 这个 finalizer，对象随之消失。"
        ),
    }
}
