//! `KEY=VALUE` and `KEY-` among a command's arguments.
//!
//! Models `cmdutil.GetResourcesAndPairs` and `ParsePairs`.

use super::errors::Failure;
use crate::api::value::EcoString;

/// The arguments before the first pair, and the pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// What names the objects.
    pub resources: Vec<EcoString>,
    /// `KEY=VALUE` or `KEY-`
    pub pairs: Vec<EcoString>,
}

/// Pairs taken apart, in the order of the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// What is set; the last value of a key wins.
    pub new: Vec<(EcoString, EcoString)>,
    /// What is removed.
    pub removed: Vec<EcoString>,
}

/// Divides the arguments; `what` names the pairs in the error.
pub fn split(arguments: &[EcoString], what: &str) -> Result<Arguments, Failure> {
    let mut found = Arguments::default();
    for argument in arguments {
        match (is_pair(argument), found.pairs.is_empty()) {
            (true, _) => found.pairs.push(argument.clone()),
            (false, true) => found.resources.push(argument.clone()),
            (false, false) => {
                return Err(Failure::message(format!(
                    "all resources must be specified before {what} changes: {argument}"
                )));
            }
        }
    }
    Ok(found)
}

fn is_pair(argument: &str) -> bool {
    has_value(argument) || is_removal(argument)
}

fn has_value(argument: &str) -> bool {
    argument.contains('=') && !argument.starts_with('=')
}

fn is_removal(argument: &str) -> bool {
    argument.ends_with('-') && argument != "-"
}

/// Takes pairs apart; those that are none are listed in the error.
pub fn parse(arguments: &[EcoString], what: &str, can_remove: bool) -> Result<Pairs, Failure> {
    let mut pairs = Pairs::default();
    let mut invalid: Vec<&str> = Vec::new();
    for argument in arguments {
        match argument.split_once('=') {
            Some((key, value)) if has_value(argument) => pairs.set(key, value),
            _ if can_remove && is_removal(argument) => {
                pairs.removed.push(argument.strip_suffix('-').unwrap_or(argument).into());
            }
            _ => invalid.push(argument),
        }
    }
    match invalid.is_empty() {
        true => Ok(pairs),
        false => Err(Failure::message(format!("invalid {what} format: {}", invalid.join(", ")))),
    }
}

impl Pairs {
    /// Sets a key, in its former place if it is there.
    pub fn set(&mut self, key: &str, value: &str) {
        match self.new.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value.into(),
            None => self.new.push((key.into(), value.into())),
        }
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.removed.is_empty()
    }
}
