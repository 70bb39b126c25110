//! What is wrong with the text of a lesson, where, and what would be right.

use crate::api::value::EcoString;

/// A lesson's text that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The line of the text, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The text is longer than a lesson may be.
    TooLong {
        /// The most bytes.
        most: usize,
    },
    /// More of something than a lesson may have.
    TooMany {
        /// Of what, as the format calls it.
        what: &'static str,
        /// The most.
        most: usize,
    },
    /// The front matter does not end.
    OpenFrontMatter,
    /// A block does not end.
    OpenBlock,
    /// The parser's words about broken YAML.
    Yaml(EcoString),
    /// A second document in a block of YAML.
    SecondDocument,
    /// A key that means nothing here.
    UnknownKey {
        /// The key.
        key: EcoString,
        /// Those that mean something.
        allowed: Vec<&'static str>,
    },
    /// A key that must be there.
    MissingKey(&'static str),
    /// Exactly one of these keys must be there.
    OneOf(Vec<&'static str>),
    /// A value of the wrong form.
    WrongForm {
        /// The key.
        key: EcoString,
        /// What it must be.
        wanted: Form,
    },
    /// A value that is none of the possible ones.
    NotOneOf {
        /// What it is.
        found: EcoString,
        /// What it can be.
        allowed: Vec<EcoString>,
    },
    /// A pattern, JSONPath or selector that cannot be read, with its reader's words.
    Unreadable {
        /// The text.
        text: EcoString,
        /// What is wrong with it.
        why: EcoString,
    },
    /// Conditions inside conditions, too many deep.
    TooDeep,
    /// An id that is there twice.
    DuplicateId(EcoString),
    /// A block that the format does not know.
    UnknownBlock {
        /// What stands behind its first word.
        words: EcoString,
        /// What could.
        allowed: &'static str,
    },
    /// A block that needs a step around it.
    OutsideStep,
    /// A block that only exercises have.
    OnlyInExercise,
    /// Commands or files of the start state behind others.
    StartTooLate,
    /// A wrong solution that does not say which goals it fails.
    MutantWithoutFails(EcoString),
    /// A wrong solution that fails a goal that is not there.
    UnknownGoal(EcoString),
    /// A file name that leads out of the working directory.
    FileName(EcoString),
}

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A map.
    Map,
    /// A list.
    List,
    /// Text.
    Text,
    /// Text, a number, or true or false.
    Scalar,
    /// `true`
    True,
    /// A whole number between these.
    Number(u32, u32),
    /// Small letters, digits and `-`.
    Id,
}

impl LoadError {
    /// An error at a line.
    pub fn new(line: usize, problem: Problem) -> Self {
        LoadError { line, problem }
    }
}
