//! Why an embedded playground does not do what the page around asks for.

use super::protocol::MESSAGE_MAX;
use super::{OPTIONS_MAX, TIME_MAX, VERSION};
use crate::locale::Language;
use crate::playground::scenario::SCENARIOS;

/// What is wrong with options or with a message, for the page's author.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// Options that are no text for an address.
    NotEncoded,
    /// More than [`OPTIONS_MAX`] bytes.
    OptionsTooLong,
    /// Neither JSON nor what options or a message consist of: what the parser says of which.
    Malformed(Part, String),
    /// Another version's options or message: which it says.
    OtherVersion(Part, String),
    /// A word that the option does not know.
    NotOneOf {
        /// The option.
        name: &'static str,
        /// The word.
        value: String,
        /// Those that it knows.
        allowed: Vec<&'static str>,
    },
    /// Two answers to what is shown.
    TwoSources(Source, Source),
    /// Commands together with what brings its own.
    CommandsWith(Source),
    /// An instant or marks together with a lesson, which has none.
    InstantWithLesson,
    /// Too long a list.
    TooMany {
        /// The option.
        name: &'static str,
        /// Its length.
        count: usize,
        /// The longest that is taken.
        most: usize,
    },
    /// A name that no file here can have.
    NoFileName(String),
    /// An option's text that is no time.
    NoTime(&'static str, String),
    /// An option's time that is longer than any session.
    OverAWeek(&'static str, String),
    /// A scenario that is not here.
    NoScenario(String),
    /// A link that cannot be opened: the page's own sentence.
    Session(String),
    /// Bytes that are no recording of ours.
    NoRecording,
    /// More than [`MESSAGE_MAX`] bytes.
    MessageTooLong,
    /// A message without a whole number as its id.
    NoId,
    /// An instant outside of any session, in seconds.
    SeekOutside(f64),
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Options.
    Options,
    /// A message.
    Message,
}

/// What an embedded playground can be made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A scenario.
    Scenario,
    /// A session's link.
    Session,
    /// A lesson of the catalogue, or a lesson's text.
    Lesson,
    /// Files.
    Files,
    /// A recording.
    Recording,
}

impl Source {
    fn name(self, language: Language) -> &'static str {
        let (en, zh) = match self {
            Source::Scenario => ("a scenario", "场景"),
            Source::Session => ("a session", "会话"),
            Source::Lesson => ("a lesson", "课程"),
            Source::Files => ("files", "文件"),
            Source::Recording => ("a recording", "录制"),
        };
        match language {
            Language::En => en,
            Language::Zh => zh,
        }
    }
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Options => "options",
            Part::Message => "message",
        }
    }
}

impl Refusal {
    /// The sentence for the page's author, in the language of the tag (`zh-CN`); names of options and
    /// what a parser says stay as they are.
    pub fn sentence(&self, tag: &str) -> String {
        match Language::of_browser(tag) {
            Language::En => self.english(),
            Language::Zh => self.chinese(),
        }
    }

    fn english(&self) -> String {
        let source = |source: &Source| source.name(Language::En);
        match self {
            Refusal::NotEncoded => "options: not percent-encoded".into(),
            Refusal::OptionsTooLong => format!("options: longer than {OPTIONS_MAX} bytes"),
            Refusal::Malformed(part, why) => format!("{}: {why}", part.name()),
            Refusal::OtherVersion(part, found) => {
                format!("{}: version is {found}, this playground has {VERSION}", part.name())
            }
            Refusal::NotOneOf { name, value, allowed } => {
                format!("{name} is {value:?}; it can be {}", allowed.join(" or "))
            }
            Refusal::TwoSources(one, other) => {
                format!("{} and {}: give one of them", source(one), source(other))
            }
            Refusal::CommandsWith(one) => {
                format!("commands cannot be given together with {}", source(one))
            }
            Refusal::InstantWithLesson => {
                "at and markers cannot be given together with a lesson".into()
            }
            Refusal::TooMany { name, count, most } => {
                format!("{name}: at most {most}, not {count}")
            }
            Refusal::NoFileName(name) => format!("files: {name:?} is no file name"),
            Refusal::NoTime(name, text) => {
                format!("{name}: {text:?} is no time; write 12, 12.5s, 500ms or 1m30s")
            }
            Refusal::OverAWeek(name, text) => format!("{name}: {text:?} is more than a week"),
            Refusal::NoScenario(slug) => {
                format!("scenario {slug:?} is not here; there are {}", scenarios(", "))
            }
            Refusal::Session(why) => format!("session: {why}"),
            Refusal::NoRecording => "recording: it is none, or damaged".into(),
            Refusal::MessageTooLong => format!("message: longer than {MESSAGE_MAX} bytes"),
            Refusal::NoId => "message: id must be a whole number".into(),
            Refusal::SeekOutside(at) => {
                format!("seek: {at} is not between 0 and {} seconds", TIME_MAX.as_secs())
            }
        }
    }

    fn chinese(&self) -> String {
        let source = |source: &Source| source.name(Language::Zh);
        match self {
            Refusal::NotEncoded => "options：没有按百分号编码".into(),
            Refusal::OptionsTooLong => format!("options：超过 {OPTIONS_MAX} 字节"),
            Refusal::Malformed(part, why) => format!("{}：{why}", part.name()),
            Refusal::OtherVersion(part, found) => {
                format!("{}：版本是 {found}，这里只认版本 {VERSION}", part.name())
            }
            Refusal::NotOneOf { name, value, allowed } => {
                format!("{name} 是 {value:?}；可以是 {}", allowed.join(" 或 "))
            }
            Refusal::TwoSources(one, other) => {
                format!("同时给了{}和{}：只能给一个", source(one), source(other))
            }
            Refusal::CommandsWith(one) => format!("给了{}就不能再给 commands", source(one)),
            Refusal::InstantWithLesson => "给了课程就不能再给 at 和 markers".into(),
            Refusal::TooMany { name, count, most } => {
                format!("{name}：最多 {most} 个，这里有 {count} 个")
            }
            Refusal::NoFileName(name) => format!("files：{name:?} 不能作文件名"),
            Refusal::NoTime(name, text) => {
                format!("{name}：{text:?} 不是时间；请写成 12、12.5s、500ms 或 1m30s")
            }
            Refusal::OverAWeek(name, text) => format!("{name}：{text:?} 超过一周"),
            Refusal::NoScenario(slug) => {
                format!("没有名为 {slug:?} 的场景；有 {}", scenarios("、"))
            }
            Refusal::Session(why) => format!("session：{why}"),
            Refusal::NoRecording => "recording：不是录制文件，或已损坏".into(),
            Refusal::MessageTooLong => format!("message：超过 {MESSAGE_MAX} 字节"),
            Refusal::NoId => "message：id 必须是整数".into(),
            Refusal::SeekOutside(at) => {
                format!("seek：{at} 不在 0 到 {} 秒之间", TIME_MAX.as_secs())
            }
        }
    }
}

fn scenarios(between: &str) -> String {
    SCENARIOS.iter().map(|scenario| scenario.slug).collect::<Vec<_>>().join(between)
}
