//! The sentences of lessons in Chinese.

use crate::api::object::ObjectKey;
use crate::lesson::evaluate::Finding;
use crate::lesson::judge::Why;
use crate::lesson::problem::{Form, Problem};
use crate::lesson::{hand_in, progress};
use crate::locale::lesson::field;

fn name(key: &ObjectKey) -> String {
    format!("{} {}", key.kind, key.name)
}

/// Why a goal is not reached.
pub fn why(why: &Why) -> String {
    match why {
        Why::Seen(seen) => format!("现在：{}", finding(seen)),
        Why::WasSeen(seen) => format!("那一刻：{}", finding(seen)),
        Why::WrongOrder(seen) => format!("后一件事先发生了。当时：{}", finding(seen)),
        Why::NoCommand(pattern) => format!("没有命令匹配“{pattern}”。"),
        Why::Command(line) => format!("输入过这条命令：{line}"),
        Why::TooManyCommands(count, most) => {
            format!("输入了 {count} 条命令，最多允许 {most} 条。")
        }
    }
}

/// What was seen.
pub fn finding(finding: &Finding) -> String {
    match finding {
        Finding::NoObject(key) => format!("{} 不存在。", name(key)),
        Finding::Object(key) => format!("{} 存在。", name(key)),
        Finding::Field(key, path, Some(found)) => {
            format!("{} 的 {} 是 {found}", name(key), field(path))
        }
        Finding::Field(key, path, None) => format!("{} 没有 {}。", name(key), field(path)),
        Finding::NoneSelected(kind, labels) if labels.is_empty() => format!("没有 {kind}。"),
        Finding::NoneSelected(kind, labels) => format!("没有带 {labels} 的 {kind}。"),
        Finding::Count(kind, labels, found) if labels.is_empty() => {
            format!("{kind} 有 {found} 个。")
        }
        Finding::Count(kind, labels, found) => format!("带 {labels} 的 {kind} 有 {found} 个。"),
        Finding::Pods { whose, ready: true, found } => {
            format!("{whose} 有 {found} 个 Pod 是 Ready。")
        }
        Finding::Pods { whose, ready: false, found } => format!("{whose} 有 {found} 个 Pod。"),
        Finding::Same(key) => format!("{} 还是开始时的那个。", name(key)),
        Finding::Other(key) => format!("{} 已经不是开始时的那个。", name(key)),
        Finding::NoVolume(claim) => format!("{claim} 还没有绑定卷。"),
        Finding::File(claim, path, Some(found)) => {
            format!("{claim} 上的文件 {path} 内容是“{found}”。")
        }
        Finding::File(claim, path, None) => format!("{claim} 上没有文件 {path}。"),
        Finding::Name(name, found) if found.is_empty() => format!("{name} 查不到地址。"),
        Finding::Name(name, found) => format!("{name} 指向 {}。", found.join("、")),
    }
}

fn form(form: Form) -> String {
    match form {
        Form::Map => "映射（key: value）".into(),
        Form::List => "列表（- 项）".into(),
        Form::Text => "文本".into(),
        Form::Scalar => "文本、数字、true 或 false".into(),
        Form::True => "true，否则请删掉它".into(),
        Form::Number(least, most) => format!("{least} 到 {most} 之间的整数"),
        Form::Id => "小写字母、数字和 -，最多 60 个".into(),
    }
}

/// What is wrong with the text of a lesson.
pub fn problem(problem: &Problem) -> String {
    match problem {
        Problem::TooLong { most } => format!("太长：课程最多 {most} 字节"),
        Problem::TooMany { what, most } => format!("{what} 一个也没有，或超过了 {most} 个"),
        Problem::OpenFrontMatter => "开头的信息没有结束：请用一行 --- 收尾".into(),
        Problem::OpenBlock => "这个代码块没有结束：请用一行 ``` 收尾".into(),
        Problem::Yaml(why) => format!("这不是 YAML：{why}"),
        Problem::SecondDocument => "一个块里只能有一份文档：请删掉这行 ---".into(),
        Problem::UnknownKey { key, allowed } => {
            format!("这里不认识键“{key}”，可以用：{}", allowed.join("、"))
        }
        Problem::MissingKey(key) => format!("缺少键“{key}”"),
        Problem::OneOf(keys) => format!("这些键必须有且只有一个：{}", keys.join("、")),
        Problem::WrongForm { key, wanted } => format!("“{key}”必须是{}", form(*wanted)),
        Problem::NotOneOf { found, allowed } => {
            format!("这里不能用“{found}”，可以用：{}", allowed.join("、"))
        }
        Problem::Unreadable { text, why } => format!("读不懂“{text}”：{why}"),
        Problem::TooDeep => "条件嵌套太深，请拆成几个目标".into(),
        Problem::DuplicateId(id) => format!("id“{id}”重复了，请换一个"),
        Problem::UnknownBlock { words, allowed } => {
            format!("代码块开头不认识“{words}”，可以用：{allowed}")
        }
        Problem::OutsideStep => "课程的文件、命令和目标要放在步骤里：请在前面加一个 ## 标题".into(),
        Problem::OnlyInExercise => "只有练习才有错误解法：请写 kind: exercise，或删掉这个块".into(),
        Problem::StartTooLate => "准备初始状态的块要放在其他块之前".into(),
        Problem::MutantWithoutFails(name) => {
            format!("错误解法“{name}”没写会失败的目标：请加上 fails=目标")
        }
        Problem::UnknownGoal(id) => format!("没有叫“{id}”的目标"),
        Problem::FileName(name) => {
            format!("“{name}”不能作文件名：只用字母、数字和 . _ - /，并且在工作目录里")
        }
    }
}

/// Why a hand-in cannot be graded.
pub fn hand_in(problem: &hand_in::Problem) -> String {
    match problem {
        hand_in::Problem::TooLong => "比任何作业都长。".into(),
        hand_in::Problem::Damaged => "已损坏或不完整：请复制整段代码，或改用文件。".into(),
        hand_in::Problem::Foreign => "这不是本页面的作业。".into(),
        hand_in::Problem::OtherVersion => "这份作业由另一个版本生成。".into(),
        hand_in::Problem::OtherExercise(slug) => format!("这是另一个练习的作业：{slug}"),
        hand_in::Problem::ChangedExercise => "交作业之后，练习的内容改过了。".into(),
        hand_in::Problem::TooMuch => "操作太多，无法重新模拟。".into(),
        hand_in::Problem::Stopped => "没有批改：批改被停止了。".into(),
    }
}

/// Why a file of progress cannot be read.
pub fn progress(problem: progress::Problem) -> &'static str {
    match problem {
        progress::Problem::TooLong => "这个文件过大，不是进度文件。",
        progress::Problem::Foreign => "这不是进度文件，什么都没有改。",
        progress::Problem::OtherVersion => "这个文件由另一个版本生成，什么都没有改。",
    }
}
