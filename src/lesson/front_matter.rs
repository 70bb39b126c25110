//! The front matter of a lesson: what it is, before what it says.

use super::problem::LoadError;
use super::reader::Block;
use super::start;
use crate::api::value::EcoString;

/// The language a lesson is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    /// English
    #[default]
    En,
    /// 中文
    Zh,
}

impl Tongue {
    /// `en`, `zh`
    pub fn tag(self) -> &'static str {
        match self {
            Tongue::En => "en",
            Tongue::Zh => "zh",
        }
    }
}

/// What a text is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Read and done step by step.
    #[default]
    Lesson,
    /// Done alone and judged at the end.
    Exercise,
}

/// What stands before a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// Its title.
    pub title: EcoString,
    /// Its language.
    pub language: Tongue,
    /// What it is for.
    pub kind: Purpose,
    /// How many minutes a learner takes.
    pub minutes: u32,
    /// What it teaches.
    pub teaches: Vec<EcoString>,
    /// The name of its start.
    pub start: EcoString,
    /// The cluster's chance.
    pub seed: u64,
    /// More commands than this are too many.
    pub max_commands: Option<u32>,
    /// Minutes that a class usually gets.
    pub time_box: Option<u32>,
}

const KEYS: &[&str] =
    &["title", "language", "kind", "minutes", "teaches", "start", "seed", "maxCommands", "timeBox"];

/// Reads the YAML of a front matter whose first line is `first_line`.
pub fn parse(first_line: usize, text: &str) -> Result<FrontMatter, LoadError> {
    let block = Block::read(first_line, text)?;
    let root = block.root();
    root.map(KEYS)?;
    let teaches = root.need("teaches")?.list()?;
    let starts: Vec<(&str, &str)> = start::STARTS.iter().map(|s| (s.name, s.name)).collect();
    let number =
        |key: &str, least, most| root.get(key).map(|field| field.number(least, most)).transpose();
    Ok(FrontMatter {
        title: root.need("title")?.words()?,
        language: root.need("language")?.choice(&[("en", Tongue::En), ("zh", Tongue::Zh)])?,
        kind: root
            .need("kind")?
            .choice(&[("lesson", Purpose::Lesson), ("exercise", Purpose::Exercise)])?,
        minutes: root.need("minutes")?.number(1, 240)?,
        teaches: teaches.iter().map(|item| item.words()).collect::<Result<_, _>>()?,
        start: match root.get("start") {
            Some(field) => field.choice(&starts)?.into(),
            None => start::EMPTY.into(),
        },
        seed: number("seed", 0, u32::MAX)?.unwrap_or(1).into(),
        max_commands: number("maxCommands", 1, 1_000)?,
        time_box: number("timeBox", 1, 600)?,
    })
}
