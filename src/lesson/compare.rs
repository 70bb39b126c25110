//! Operators: how a goal compares what it finds.

use std::rc::Rc;

use super::problem::{LoadError, Problem};
use super::reader::Field;
use crate::api::value::EcoString;
use crate::script::regex::{Regex, Syntax};

/// How a value has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The same.
    Is(EcoString),
    /// Another, or none.
    IsNot(EcoString),
    /// A number not smaller.
    AtLeast(u32),
    /// A number not larger.
    AtMost(u32),
    /// A text with a match.
    Matches(Pattern),
    /// A text with this in it.
    Contains(EcoString),
    /// There.
    Exists,
    /// Not there.
    Absent,
}

/// A POSIX extended regular expression.
#[derive(Clone)]
pub struct Pattern {
    /// As written.
    pub text: EcoString,
    regex: Rc<Regex>,
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

/// Longer texts are searched only so far.
const SEARCHED_MAX: usize = 20_000;

impl Pattern {
    /// Reads a pattern.
    pub fn parse(field: &Field) -> Result<Pattern, LoadError> {
        let text = field.scalar()?;
        match Regex::new(&text, Syntax::Extended, false) {
            Ok(regex) => Ok(Pattern { text, regex: Rc::new(regex) }),
            Err(why) => Err(field.error(Problem::Unreadable { text, why: why.0.into() })),
        }
    }

    /// Whether it is found anywhere in `text`.
    pub fn is_in(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().take(SEARCHED_MAX).collect();
        self.regex.is_match(&text)
    }
}

/// The operators that compare a value.
pub const OPERATORS: [&str; 7] =
    ["is", "isNot", "atLeast", "atMost", "matches", "exists", "absent"];
/// The operators that compare the text of a file.
pub const TEXT_OPERATORS: [&str; 6] = ["is", "isNot", "contains", "matches", "exists", "absent"];
/// The operators that compare a number of things.
pub const COUNT_OPERATORS: [&str; 3] = ["is", "atLeast", "atMost"];
/// The operators that ask whether something is there.
pub const PRESENCE_OPERATORS: [&str; 2] = ["exists", "absent"];

/// The largest number that goals compare with.
const NUMBER_MAX: u32 = 1_000_000_000;

impl Operator {
    /// The one operator among `allowed` that a map has.
    pub fn parse(map: &Field, allowed: &[&'static str]) -> Result<Operator, LoadError> {
        let (key, field) = map.one_of(allowed)?;
        Ok(match key {
            "is" => Operator::Is(field.scalar()?),
            "isNot" => Operator::IsNot(field.scalar()?),
            "atLeast" => Operator::AtLeast(field.number(0, NUMBER_MAX)?),
            "atMost" => Operator::AtMost(field.number(0, NUMBER_MAX)?),
            "matches" => Operator::Matches(Pattern::parse(&field)?),
            "contains" => Operator::Contains(field.scalar()?),
            "exists" => field.truth().map(|()| Operator::Exists)?,
            _ => field.truth().map(|()| Operator::Absent)?,
        })
    }

    /// The same for a number of things: nothing but whole numbers.
    pub fn parse_count(map: &Field) -> Result<Operator, LoadError> {
        let (key, field) = map.one_of(&COUNT_OPERATORS)?;
        let number = field.number(0, NUMBER_MAX)?;
        Ok(match key {
            "is" => Operator::Is(number.to_string().into()),
            "atLeast" => Operator::AtLeast(number),
            _ => Operator::AtMost(number),
        })
    }

    /// Whether what was found complies.
    pub fn holds(&self, found: Option<&str>) -> bool {
        let number = || found.and_then(|found| found.trim().parse::<f64>().ok());
        match self {
            Operator::Is(wanted) => found.is_some_and(|found| is_same(found, wanted)),
            Operator::IsNot(wanted) => !found.is_some_and(|found| is_same(found, wanted)),
            Operator::AtLeast(least) => number().is_some_and(|n| n >= f64::from(*least)),
            Operator::AtMost(most) => number().is_some_and(|n| n <= f64::from(*most)),
            Operator::Matches(pattern) => found.is_some_and(|found| pattern.is_in(found)),
            Operator::Contains(part) => found.is_some_and(|found| found.contains(part.as_str())),
            Operator::Exists => found.is_some(),
            Operator::Absent => found.is_none(),
        }
    }
}

// Numbers are the same whatever their form, everything else letter by letter.
fn is_same(found: &str, wanted: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    match (number(found), number(wanted)) {
        (Some(found), Some(wanted)) => found == wanted,
        _ => found == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_texts_and_absence() {
        let is = Operator::Is("3".into());
        assert!(is.holds(Some("3")) && is.holds(Some("3.0")) && !is.holds(Some("33")));
        assert!(!is.holds(None) && Operator::IsNot("3".into()).holds(None));
        let yes = Operator::Is("True".into());
        assert!(yes.holds(Some("True")) && !yes.holds(Some("true")));
        assert!(Operator::AtLeast(2).holds(Some("2")) && !Operator::AtLeast(2).holds(Some("1")));
        assert!(!Operator::AtMost(2).holds(None) && !Operator::AtMost(2).holds(Some("many")));
        assert!(Operator::Absent.holds(None) && Operator::Exists.holds(Some("")));
    }
}
