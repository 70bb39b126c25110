//! The sentences of lessons in English.

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
        Why::Seen(seen) => format!("Now: {}", finding(seen)),
        Why::WasSeen(seen) => format!("At that instant: {}", finding(seen)),
        Why::WrongOrder(seen) => {
            format!("The second came before the first. Then: {}", finding(seen))
        }
        Why::NoCommand(pattern) => format!("No command matches \"{pattern}\"."),
        Why::Command(line) => format!("This command was entered: {line}"),
        Why::TooManyCommands(count, most) => {
            format!("{count} commands were entered; {most} are allowed.")
        }
    }
}

/// What was seen.
pub fn finding(finding: &Finding) -> String {
    match finding {
        Finding::NoObject(key) => format!("{} does not exist.", name(key)),
        Finding::Object(key) => format!("{} exists.", name(key)),
        Finding::Field(key, path, Some(found)) => {
            format!("{} has {}: {found}", name(key), field(path))
        }
        Finding::Field(key, path, None) => format!("{} has no {}.", name(key), field(path)),
        Finding::NoneSelected(kind, labels) if labels.is_empty() => format!("There is no {kind}."),
        Finding::NoneSelected(kind, labels) => format!("There is no {kind} with {labels}."),
        Finding::Count(kind, labels, found) if labels.is_empty() => {
            format!("There are {found} of kind {kind}.")
        }
        Finding::Count(kind, labels, found) => {
            format!("There are {found} of kind {kind} with {labels}.")
        }
        Finding::Pods { whose, ready: true, found } => {
            format!("{found} Pods of {whose} are Ready.")
        }
        Finding::Pods { whose, ready: false, found } => format!("{whose} has {found} Pods."),
        Finding::Same(key) => format!("{} is the one of the beginning.", name(key)),
        Finding::Other(key) => format!("{} is another one than in the beginning.", name(key)),
        Finding::NoVolume(claim) => format!("The claim {claim} has no volume."),
        Finding::File(claim, path, Some(found)) => {
            format!("The file {path} on {claim} says \"{found}\".")
        }
        Finding::File(claim, path, None) => format!("There is no file {path} on {claim}."),
        Finding::Name(name, found) if found.is_empty() => format!("{name} leads to nothing."),
        Finding::Name(name, found) => format!("{name} leads to {}.", found.join(", ")),
    }
}

fn form(form: Form) -> String {
    match form {
        Form::Map => "a map (key: value)".into(),
        Form::List => "a list (- item)".into(),
        Form::Text => "text".into(),
        Form::Scalar => "text, a number, true or false".into(),
        Form::True => "true; leave it out otherwise".into(),
        Form::Number(least, most) => format!("a whole number between {least} and {most}"),
        Form::Id => "small letters, digits and -, 60 at most".into(),
    }
}

/// What is wrong with the text of a lesson.
pub fn problem(problem: &Problem) -> String {
    match problem {
        Problem::TooLong { most } => format!("longer than the {most} bytes that a lesson may have"),
        Problem::TooMany { what, most } => format!("no {what}, or more than the {most} allowed"),
        Problem::OpenFrontMatter => {
            "the front matter does not end: close it with a line ---".into()
        }
        Problem::OpenBlock => "this block does not end: close it with a line ```".into(),
        Problem::Yaml(why) => format!("this is not YAML: {why}"),
        Problem::SecondDocument => "a block has one document: remove the line ---".into(),
        Problem::UnknownKey { key, allowed } => {
            format!("the key \"{key}\" means nothing here; possible: {}", allowed.join(", "))
        }
        Problem::MissingKey(key) => format!("the key \"{key}\" is missing"),
        Problem::OneOf(keys) => format!("exactly one of these keys is needed: {}", keys.join(", ")),
        Problem::WrongForm { key, wanted } => format!("\"{key}\" has to be {}", form(*wanted)),
        Problem::NotOneOf { found, allowed } => {
            format!("\"{found}\" is not possible here; possible: {}", allowed.join(", "))
        }
        Problem::Unreadable { text, why } => format!("\"{text}\" cannot be read: {why}"),
        Problem::TooDeep => "conditions inside conditions are too deep; make several goals".into(),
        Problem::DuplicateId(id) => format!("the id \"{id}\" is there twice; choose another"),
        Problem::UnknownBlock { words, allowed } => {
            format!("\"{words}\" means nothing behind a block's first words; possible: {allowed}")
        }
        Problem::OutsideStep => {
            "files, commands and goals of a lesson belong into a step: put a heading ## before them"
                .into()
        }
        Problem::OnlyInExercise => {
            "only exercises have wrong solutions: set kind: exercise, or remove the block".into()
        }
        Problem::StartTooLate => {
            "what makes the start state belongs before all other blocks".into()
        }
        Problem::MutantWithoutFails(name) => {
            format!("the wrong solution \"{name}\" does not say what it fails: add fails=GOAL")
        }
        Problem::UnknownGoal(id) => format!("there is no goal \"{id}\" that could fail"),
        Problem::FileName(name) => {
            format!("\"{name}\" is no file name: letters, digits and . _ - /, inside the directory")
        }
    }
}

/// Why a hand-in cannot be graded.
pub fn hand_in(problem: &hand_in::Problem) -> String {
    match problem {
        hand_in::Problem::TooLong => "This is longer than any hand-in.".into(),
        hand_in::Problem::Damaged => {
            "This is damaged or not complete: copy the whole code, or take the file.".into()
        }
        hand_in::Problem::Foreign => "This is not a hand-in of this playground.".into(),
        hand_in::Problem::OtherVersion => {
            "This was made by another version of the playground.".into()
        }
        hand_in::Problem::OtherExercise(slug) => format!("This answers another exercise: {slug}"),
        hand_in::Problem::ChangedExercise => {
            "The exercise has been changed since this was handed in.".into()
        }
        hand_in::Problem::TooMuch => "More than can be played again was done in this.".into(),
        hand_in::Problem::Stopped => "Not graded: grading was stopped.".into(),
    }
}

/// Why a file of progress cannot be read.
pub fn progress(problem: progress::Problem) -> &'static str {
    match problem {
        progress::Problem::TooLong => "This file is larger than any of ours.",
        progress::Problem::Foreign => "This is no file of progress; nothing was changed.",
        progress::Problem::OtherVersion => {
            "This file was made by another version of the playground; nothing was changed."
        }
    }
}
