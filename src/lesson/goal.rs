//! Goals: what a learner is to reach, and what is to stay as it is meanwhile.

use super::compare::Pattern;
use super::condition::{CONDITIONS, Condition};
use super::problem::{LoadError, Problem};
use super::reader::{Block, Field};
use crate::api::value::EcoString;

/// One goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Its name, the same in all languages.
    pub id: EcoString,
    /// What is to be reached, as one sentence.
    pub say: EcoString,
    /// Whether it holds before anything was done.
    pub already_true: bool,
    /// When it is reached.
    pub rule: Rule,
    /// The line of the lesson in which it stands.
    pub line: usize,
}

/// When a goal is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It is so now.
    Now(Condition),
    /// It was so at some instant since the start.
    Eventually(Condition),
    /// It was so at every instant since the start.
    Always(Condition),
    /// It was so at no instant since the start.
    Never(Condition),
    /// The first became true, and the second not before it.
    Before(Condition, Condition),
    /// A command matches.
    Used(Pattern),
    /// No command matches.
    NotUsed(Pattern),
    /// No more commands than this were entered.
    AtMost(u32),
}

/// The id of the goal that `maxCommands` makes.
pub const MAX_COMMANDS: &str = "max-commands";
/// So many goals may stand in one block.
const GOALS_MAX: usize = 30;

const RULES: [&str; 5] = ["eventually", "always", "never", "before", "commands"];

impl Rule {
    /// Whether it holds at the start and can only be broken.
    pub fn is_guard(&self) -> bool {
        matches!(self, Rule::Always(_) | Rule::Never(_) | Rule::NotUsed(_) | Rule::AtMost(_))
    }

    /// The conditions that it follows, in order.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let (first, second) = match self {
            Rule::Now(one) | Rule::Eventually(one) | Rule::Always(one) | Rule::Never(one) => {
                (Some(one), None)
            }
            Rule::Before(first, then) => (Some(first), Some(then)),
            Rule::Used(_) | Rule::NotUsed(_) | Rule::AtMost(_) => (None, None),
        };
        first.into_iter().chain(second)
    }
}

/// Reads a block of goals whose first line is `first_line`.
pub fn parse(first_line: usize, text: &str) -> Result<Vec<Goal>, LoadError> {
    let block = Block::read(first_line, text)?;
    let root = block.root();
    let items = root.list()?;
    if items.len() > GOALS_MAX {
        return Err(root.error(Problem::TooMany { what: "goals", most: GOALS_MAX }));
    }
    items.iter().map(goal).collect()
}

fn goal(field: &Field) -> Result<Goal, LoadError> {
    let rules: Vec<&'static str> = CONDITIONS.into_iter().chain(RULES).collect();
    let allowed: Vec<_> = ["id", "say", "alreadyTrue"].into_iter().chain(rules.clone()).collect();
    field.map(&allowed)?;
    let (key, inner) = field.one_of(&rules)?;
    let rule = match key {
        "eventually" => Rule::Eventually(Condition::parse(&inner)?),
        "always" => Rule::Always(Condition::parse(&inner)?),
        "never" => Rule::Never(Condition::parse(&inner)?),
        "before" => {
            inner.map(&["first", "then"])?;
            let first = Condition::parse(&inner.need("first")?)?;
            Rule::Before(first, Condition::parse(&inner.need("then")?)?)
        }
        "commands" => commands(&inner)?,
        key => Rule::Now(Condition::parse_named(key, &inner, 0)?),
    };
    Ok(Goal {
        id: field.need("id")?.id()?,
        say: field.need("say")?.words()?,
        already_true: field.get("alreadyTrue").map(|f| f.truth()).transpose()?.is_some(),
        rule,
        line: field.line(),
    })
}

fn commands(field: &Field) -> Result<Rule, LoadError> {
    let keys = ["used", "notUsed", "atMost"];
    field.map(&keys)?;
    let (key, inner) = field.one_of(&keys)?;
    Ok(match key {
        "used" => Rule::Used(Pattern::parse(&inner)?),
        "notUsed" => Rule::NotUsed(Pattern::parse(&inner)?),
        _ => Rule::AtMost(inner.number(0, 10_000)?),
    })
}
