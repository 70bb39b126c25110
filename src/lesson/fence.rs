//! What stands behind the backquotes that begin a block.

use super::problem::Problem;
use super::reader::is_id;
use crate::api::value::EcoString;

/// Who plays a file or commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The learner, as the text says.
    #[default]
    Plain,
    /// A file that the learner is to change.
    Edit,
    /// The lesson, before the learner comes.
    Start,
    /// Who shows how it is done.
    Solution,
    /// Who does it wrong in the way of this name.
    Mutant(EcoString),
}

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fence {
    /// A file.
    File(EcoString, Role),
    /// Commands; `fails` names the goals that a wrong solution fails.
    Console(Role, Vec<EcoString>),
    /// One command that runs to the end of its step.
    Watch,
    /// Goals.
    Goal,
    /// A question about what comes.
    Predict,
    /// Help that is folded until it is asked for.
    Hint,
    /// Code that is shown and never run.
    Code,
}

const CONSOLE_WORDS: &str = "watch, seed, start, solution, mutant NAME [fails=ID,...]";
const FILE_WORDS: &str = "edit, start, solution, mutant NAME";

/// Reads what follows the three backquotes.
pub fn parse(info: &str) -> Result<Fence, Problem> {
    let mut words = info.split_whitespace();
    let language = words.next().unwrap_or_default();
    let words: Vec<&str> = words.collect();
    match (language, words.as_slice()) {
        ("console", words) => console(words),
        ("goal", []) => Ok(Fence::Goal),
        ("predict", []) => Ok(Fence::Predict),
        ("hint", []) => Ok(Fence::Hint),
        ("goal" | "predict" | "hint", words) => Err(unknown(words, "nothing")),
        (_, []) => Ok(Fence::Code),
        (_, [name, words @ ..]) => {
            file_name(name)?;
            let role = match words {
                [] => Role::Plain,
                ["edit"] => Role::Edit,
                words => role(words).ok_or_else(|| unknown(words, FILE_WORDS))?,
            };
            Ok(Fence::File((*name).into(), role))
        }
    }
}

fn console(words: &[&str]) -> Result<Fence, Problem> {
    match words {
        [] => Ok(Fence::Console(Role::Plain, Vec::new())),
        ["watch"] => Ok(Fence::Watch),
        ["seed"] => Ok(Fence::Code),
        [words @ .., last] if last.starts_with("fails=") && words.first() == Some(&"mutant") => {
            let role = role(words).ok_or_else(|| unknown(words, CONSOLE_WORDS))?;
            let ids = last.trim_start_matches("fails=").split(',').filter(|id| !id.is_empty());
            Ok(Fence::Console(role, ids.map(Into::into).collect()))
        }
        words => match role(words) {
            Some(role) => Ok(Fence::Console(role, Vec::new())),
            None => Err(unknown(words, CONSOLE_WORDS)),
        },
    }
}

fn role(words: &[&str]) -> Option<Role> {
    match words {
        ["start"] => Some(Role::Start),
        ["solution"] => Some(Role::Solution),
        ["mutant", name] if is_id(name) => Some(Role::Mutant((*name).into())),
        _ => None,
    }
}

fn unknown(words: &[&str], allowed: &'static str) -> Problem {
    Problem::UnknownBlock { words: words.join(" ").into(), allowed }
}

// A file lies in the working directory or below it.
fn file_name(name: &str) -> Result<(), Problem> {
    let is_part = |part: &str| !part.is_empty() && part != "." && part != "..";
    let is_plain = |c: char| c.is_alphanumeric() || "._-/".contains(c);
    match name.len() <= 100 && name.chars().all(is_plain) && name.split('/').all(is_part) {
        true => Ok(()),
        false => Err(Problem::FileName(name.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_refusals() {
        let mutant = Role::Mutant("slow".into());
        assert_eq!(parse("yaml a.yaml edit"), Ok(Fence::File("a.yaml".into(), Role::Edit)));
        assert_eq!(
            parse("console mutant slow fails=a,b"),
            Ok(Fence::Console(mutant.clone(), vec!["a".into(), "b".into()]))
        );
        assert_eq!(parse("yaml a.yaml mutant slow"), Ok(Fence::File("a.yaml".into(), mutant)));
        assert_eq!(parse("console seed"), Ok(Fence::Code));
        assert_eq!(parse("text"), Ok(Fence::Code));
        for odd in
            ["console solved", "console mutant", "yaml a.yaml x", "goal x", "console start x"]
        {
            assert!(matches!(parse(odd), Err(Problem::UnknownBlock { .. })), "{odd}");
        }
        for odd in ["yaml ../a", "yaml /etc/passwd", "yaml a//b", "yaml $(x)"] {
            assert!(matches!(parse(odd), Err(Problem::FileName(_))), "{odd}");
        }
    }
}
