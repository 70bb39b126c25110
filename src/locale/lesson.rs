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

/// A JSONPath as a reader of YAML would say it: `spec.replicas` for `{.spec.replicas}`.
pub fn field(path: &str) -> String {
    let inner = path.trim().trim_start_matches('{').trim_end_matches('}').trim();
    let inner = inner.strip_prefix('$').unwrap_or(inner);
    inner.trim_start_matches('.').replace("\\.", ".")
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
    pub hand_in_ready: &'static str,
    pub hand_in_copied: &'static str,
    pub class_link_copied: &'static str,
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
    pub lesson: &'static str,
    pub own_lesson: &'static str,
    pub scenarios: &'static str,
    pub more: &'static str,
    pub put: &'static str,
    pub run: &'static str,
    pub answer: &'static str,
    pub held: &'static str,
    pub code: &'static str,
    pub copy_link: &'static str,
    pub link: &'static str,
    pub steps: &'static str,
    pub done: &'static str,
    pub time_spent: &'static str,
    pub of_minutes: &'static str,
    pub class: &'static str,
    pub class_about: &'static str,
    pub class_seed: &'static str,
    pub class_hints: &'static str,
    pub class_minutes: &'static str,
    pub make_link: &'static str,
    pub choose_files: &'static str,
    pub drop_here: &'static str,
    pub answers_how: &'static str,
    pub grade: &'static str,
    pub left: &'static str,
    pub who: &'static str,
    pub exercise: &'static str,
    pub when: &'static str,
    pub hints: &'static str,
    pub source: &'static str,
    pub seconds: &'static str,
    pub missed_by: &'static str,
    pub save_table: &'static str,
    pub clear_table: &'static str,
    pub lesson_title: &'static str,
    pub after: &'static str,
    pub teacher_close: &'static str,
    pub table: &'static str,
    pub scorm: &'static str,
    pub record_title: &'static str,
    pub real_time: &'static str,
    pub late: &'static str,
    pub stop_grading: &'static str,
    pub time_over: &'static str,
    pub asked_before: &'static str,
    pub ask_again: &'static str,
    pub restart: &'static str,
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
    hand_in_ready: "Send your teacher the code, the link or the file.",
    hand_in_copied: "Copied; send it to your teacher.",
    class_link_copied: "The class link is copied.",
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
    lesson: "Lesson",
    own_lesson: "Open a lesson file",
    scenarios: "Scenarios",
    more: "More",
    put: "Put into the terminal",
    run: "Run",
    answer: "Answer",
    held: "holds so far",
    code: "Code",
    copy_link: "Copy a link",
    link: "Link",
    steps: "Steps",
    done: "done",
    time_spent: "Time spent",
    of_minutes: "of",
    class: "Exercises of your class",
    class_about: "Choose exercises and give the link to your class. Learners send codes, links or files back; they are graded here. Nothing leaves this browser.",
    class_seed: "Seed, the same for all (may be empty)",
    class_hints: "Hints can be opened",
    class_minutes: "Minutes for all (may be empty)",
    make_link: "Copy the link",
    choose_files: "Choose files",
    drop_here: "or drop files here",
    answers_how: "One code or link on a line",
    grade: "Grade",
    left: "still to be graded",
    who: "Name",
    exercise: "Exercise",
    when: "Cluster time",
    hints: "Hints",
    source: "From",
    seconds: "s",
    missed_by: "missed by",
    save_table: "Save as CSV",
    clear_table: "Empty the table",
    lesson_title: "My lesson",
    after: "after",
    teacher_close: "Close",
    table: "What was handed in",
    scorm: "Choose one exercise to save it as a package for a learning management system:",
    restart: "Start the lesson over",
    ask_again: "Ask again",
    asked_before: "Something else was done after this answer; it may be another one now.",
    time_over: "The time is over: hand in what you have.",
    stop_grading: "Stop grading",
    late: "over time",
    real_time: "Time",
    record_title: "Title of the lesson",
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
    hand_in_ready: "把代码、链接或文件发给老师。",
    hand_in_copied: "已复制，把它发给老师。",
    class_link_copied: "班级链接已复制。",
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
    lesson: "课程",
    own_lesson: "打开课程文件",
    scenarios: "场景",
    more: "更多",
    put: "填入终端",
    run: "运行",
    answer: "回答",
    held: "目前满足",
    code: "代码",
    copy_link: "复制链接",
    link: "链接",
    steps: "步骤列表",
    done: "已完成",
    time_spent: "用时",
    of_minutes: "/",
    class: "班级练习",
    class_about: "选好练习，把链接发给学生。学生交回代码、链接或文件，就在这里批改。数据不会离开这个浏览器。",
    class_seed: "随机种子，全班相同（可以不填）",
    class_hints: "可以看提示",
    class_minutes: "总时长，单位分钟（可以不填）",
    make_link: "复制班级链接",
    choose_files: "选择文件",
    drop_here: "也可以把文件拖到这里",
    answers_how: "每行一个代码或链接",
    grade: "批改",
    left: "份待批改",
    who: "姓名",
    exercise: "练习",
    when: "集群时间",
    hints: "提示",
    source: "来源",
    seconds: "秒",
    missed_by: "失败次数",
    save_table: "存为 CSV",
    clear_table: "清空表格",
    lesson_title: "我的课程",
    after: "第",
    teacher_close: "关闭",
    table: "交上来的作业",
    scorm: "只选一个练习，就可以存成学习平台用的课件包：",
    restart: "从头重做这一课",
    ask_again: "再问一次",
    asked_before: "回答之后又做了别的操作，现在的答案可能不同。",
    time_over: "时间到了，请把已完成的内容交上来。",
    stop_grading: "停止批改",
    late: "超时",
    real_time: "用时",
    record_title: "课程标题",
};
