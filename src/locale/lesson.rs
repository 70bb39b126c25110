//! The sentences of lessons: goals, questions, hand-ins, and texts that cannot be read.

use super::{Language, en, zh};
use crate::lesson::evaluate::Finding;
use crate::lesson::front_matter::Tongue;
use crate::lesson::judge::Why;
use crate::lesson::predict::Answer;
use crate::lesson::problem::{LoadError, Problem};
use crate::lesson::{hand_in, progress};

/// A page's language as that of a text.
pub fn tongue(language: Language) -> Tongue {
    match language {
        Language::En => Tongue::En,
        Language::Zh => Tongue::Zh,
    }
}

/// Why a goal is not reached.
pub fn why(why: &Why, language: Language) -> String {
    match language {
        Language::En => en::lesson::why(why),
        Language::Zh => zh::lesson::why(why),
    }
}

/// What was seen.
pub fn finding(finding: &Finding, language: Language) -> String {
    match language {
        Language::En => en::lesson::finding(finding),
        Language::Zh => zh::lesson::finding(finding),
    }
}

/// What is wrong with the text of a lesson, with its line.
pub fn load_error(error: &LoadError, language: Language) -> String {
    match language {
        Language::En => format!("line {}: {}", error.line, en::lesson::problem(&error.problem)),
        Language::Zh => format!("第 {} 行：{}", error.line, zh::lesson::problem(&error.problem)),
    }
}

/// What is wrong with the text of a lesson.
pub fn problem(problem: &Problem, language: Language) -> String {
    match language {
        Language::En => en::lesson::problem(problem),
        Language::Zh => zh::lesson::problem(problem),
    }
}

/// Why a hand-in cannot be graded.
pub fn hand_in(problem: &hand_in::Problem, language: Language) -> String {
    match language {
        Language::En => en::lesson::hand_in(problem),
        Language::Zh => zh::lesson::hand_in(problem),
    }
}

/// Why a file of progress cannot be read.
pub fn progress(problem: progress::Problem, language: Language) -> &'static str {
    match language {
        Language::En => en::lesson::progress(problem),
        Language::Zh => zh::lesson::progress(problem),
    }
}

/// An answer on offer.
pub fn answer(answer: &Answer, language: Language) -> String {
    match (answer, language) {
        (Answer::Text(text), _) => text.to_string(),
        (Answer::NoSuchName, _) => "NXDOMAIN".into(),
        (Answer::Nothing, Language::En) => "none".into(),
        (Answer::Nothing, Language::Zh) => "没有".into(),
    }
}

/// The goal that `maxCommands` makes.
pub fn max_commands(most: u32, language: Language) -> String {
    match language {
        Language::En => format!("At most {most} commands."),
        Language::Zh => format!("最多 {most} 条命令。"),
    }
}

/// The words of the lesson panel and the teacher's page, in one language.
#[derive(Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct LessonWords {
    pub lessons: &'static str,
    pub exercises: &'static str,
    pub minutes: &'static str,
    pub teaches: &'static str,
    pub step: &'static str,
    pub goals: &'static str,
    pub reached: &'static str,
    pub not_yet: &'static str,
    pub broken: &'static str,
    pub show_instant: &'static str,
    pub hint: &'static str,
    pub next_hint: &'static str,
    pub show_me: &'static str,
    pub reset_step: &'static str,
    pub next_step: &'static str,
    pub previous_step: &'static str,
    pub close_lesson: &'static str,
    pub open_file: &'static str,
    pub change_this: &'static str,
    pub predict: &'static str,
    pub right: &'static str,
    pub wrong: &'static str,
    pub step_done: &'static str,
    pub exercise_done: &'static str,
    pub loading: &'static str,
    pub not_loaded: &'static str,
    pub your_name: &'static str,
    pub hand_in: &'static str,
    pub code_copied: &'static str,
    pub code_too_long: &'static str,
    pub save_file: &'static str,
    pub export_progress: &'static str,
    pub import_progress: &'static str,
    pub progress_imported: &'static str,
    pub teacher: &'static str,
    pub class_link: &'static str,
    pub answers_here: &'static str,
    pub grading: &'static str,
    pub all_reached: &'static str,
    pub commands: &'static str,
    pub failed_goals: &'static str,
    pub not_in_catalogue: &'static str,
    pub record_lesson: &'static str,
}

/// The words in a language.
pub fn words(language: Language) -> &'static LessonWords {
    match language {
        Language::En => &EN,
        Language::Zh => &ZH,
    }
}

static EN: LessonWords = LessonWords {
    lessons: "Lessons",
    exercises: "Exercises",
    minutes: "minutes",
    teaches: "You learn",
    step: "Step",
    goals: "Goals",
    reached: "reached",
    not_yet: "not yet",
    broken: "missed",
    show_instant: "Show the instant",
    hint: "Hint",
    next_hint: "Give me a hint",
    show_me: "Show me",
    reset_step: "Begin this step anew",
    next_step: "Next step",
    previous_step: "Previous step",
    close_lesson: "Leave the lesson",
    open_file: "Open in the editor",
    change_this: "change this file",
    predict: "What do you think?",
    right: "Right.",
    wrong: "Not quite: it will be",
    step_done: "Step done.",
    exercise_done: "All goals are reached.",
    loading: "Loading…",
    not_loaded: "The text could not be loaded.",
    your_name: "Your name",
    hand_in: "Hand in",
    code_copied: "The code is copied; send it to your teacher.",
    code_too_long: "This is too much for a code: hand in the file instead.",
    save_file: "Save as a file",
    export_progress: "Save progress to a file",
    import_progress: "Take progress from a file",
    progress_imported: "Progress taken over.",
    teacher: "For teachers",
    class_link: "Link for a class",
    answers_here: "Codes, links or files that were handed in",
    grading: "Grading",
    all_reached: "all reached",
    commands: "commands",
    failed_goals: "Goals missed most",
    not_in_catalogue: "There is no such exercise here.",
    record_lesson: "Save as a lesson",
};

static ZH: LessonWords = LessonWords {
    lessons: "课程",
    exercises: "练习",
    minutes: "分钟",
    teaches: "你会学到",
    step: "步骤",
    goals: "目标",
    reached: "达成",
    not_yet: "未达成",
    broken: "失败",
    show_instant: "看那一刻",
    hint: "提示",
    next_hint: "给我提示",
    show_me: "演示给我看",
    reset_step: "重做这一步",
    next_step: "下一步",
    previous_step: "上一步",
    close_lesson: "离开课程",
    open_file: "在编辑器里打开",
    change_this: "请修改这个文件",
    predict: "你猜会怎样？",
    right: "正确。",
    wrong: "不对，结果会是",
    step_done: "这一步完成了。",
    exercise_done: "所有目标都已达成。",
    loading: "加载中……",
    not_loaded: "文本加载失败。",
    your_name: "你的名字",
    hand_in: "交作业",
    code_copied: "代码已复制，把它发给老师。",
    code_too_long: "内容太多，放不进代码，请改交文件。",
    save_file: "存为文件",
    export_progress: "把进度存成文件",
    import_progress: "从文件读取进度",
    progress_imported: "进度已读取。",
    teacher: "教师",
    class_link: "班级链接",
    answers_here: "交来的代码、链接或文件",
    grading: "批改",
    all_reached: "全部达成",
    commands: "条命令",
    failed_goals: "最常失败的目标",
    not_in_catalogue: "这里没有这个练习。",
    record_lesson: "存成课程",
};
