//! Reads the YAML of a lesson's blocks field by field; complaints name the line.

use super::problem::{Form, LoadError, Problem};
use crate::api::value::{EcoString, Value};
use crate::api::yaml::{self, Tree};

/// A block's YAML, and where it stands in the lesson.
pub struct Block {
    first_line: usize,
    value: Value,
    tree: Tree,
}

impl Block {
    /// Reads YAML whose first line is `first_line` of the lesson.
    pub fn read(first_line: usize, text: &str) -> Result<Block, LoadError> {
        if let Some(line) = text.lines().position(|line| line.trim_end() == "---") {
            return Err(LoadError::new(first_line + line, Problem::SecondDocument));
        }
        match yaml::parse(text) {
            Ok(parsed) => Ok(Block { first_line, value: parsed.value, tree: parsed.tree }),
            Err(error) => {
                let problem = Problem::Yaml(error.message.as_str().into());
                Err(LoadError::new(first_line + error.mark.line, problem))
            }
        }
    }

    /// The whole of it.
    pub fn root(&self) -> Field<'_> {
        Field { block: self, path: String::new(), value: &self.value }
    }
}

/// A value in a block.
#[derive(Clone)]
pub struct Field<'a> {
    block: &'a Block,
    path: String,
    value: &'a Value,
}

impl<'a> Field<'a> {
    /// Its line in the lesson.
    pub fn line(&self) -> usize {
        let place = self.block.tree.place(&self.path);
        let start = place.map(|place| place.key.unwrap_or(place.value).start.line);
        self.block.first_line + start.unwrap_or(0)
    }

    /// A complaint about it.
    pub fn error(&self, problem: Problem) -> LoadError {
        LoadError::new(self.line(), problem)
    }

    fn key(&self) -> EcoString {
        let key = self.path.rsplit(['.', '[']).next().unwrap_or_default();
        key.trim_end_matches(']').into()
    }

    fn wrong(&self, wanted: Form) -> LoadError {
        self.error(Problem::WrongForm { key: self.key(), wanted })
    }

    /// Makes sure that it is a map with no other keys.
    pub fn map(&self, allowed: &[&'static str]) -> Result<(), LoadError> {
        let Some(map) = self.value.as_object() else { return Err(self.wrong(Form::Map)) };
        match map.keys().find(|key| !allowed.contains(&key.as_str())) {
            Some(key) => {
                let field = self.field(key);
                let allowed = allowed.to_vec();
                Err(field.error(Problem::UnknownKey { key: key.clone(), allowed }))
            }
            None => Ok(()),
        }
    }

    fn field(&self, key: &str) -> Field<'a> {
        let dot = if self.path.is_empty() { "" } else { "." };
        let path = format!("{}{dot}{key}", self.path);
        Field { block: self.block, path, value: self.value.get(key) }
    }

    /// The field of a map, if it is there.
    pub fn get(&self, key: &str) -> Option<Field<'a>> {
        let found = self.value.as_object().is_some_and(|map| map.contains_key(key));
        found.then(|| self.field(key))
    }

    /// The field of a map, which must be there.
    pub fn need(&self, key: &'static str) -> Result<Field<'a>, LoadError> {
        self.get(key).ok_or_else(|| self.error(Problem::MissingKey(key)))
    }

    /// The one field of those that is there; another number of them is an error.
    pub fn one_of(&self, keys: &[&'static str]) -> Result<(&'static str, Field<'a>), LoadError> {
        let mut found = keys.iter().filter_map(|key| Some((*key, self.get(key)?)));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            _ => Err(self.error(Problem::OneOf(keys.to_vec()))),
        }
    }

    /// The items of a list.
    pub fn list(&self) -> Result<Vec<Field<'a>>, LoadError> {
        let Some(items) = self.value.as_array() else { return Err(self.wrong(Form::List)) };
        let field = |(index, value)| Field {
            block: self.block,
            path: format!("{}[{index}]", self.path),
            value,
        };
        Ok(items.iter().enumerate().map(field).collect())
    }

    /// The items of a list, or the one that stands in its place.
    pub fn list_or_one(&self) -> Result<Vec<Field<'a>>, LoadError> {
        match self.value.as_array() {
            Some(_) => self.list(),
            None => Ok(vec![self.clone()]),
        }
    }

    /// Its text.
    pub fn text(&self) -> Result<EcoString, LoadError> {
        self.value.as_str().map(Into::into).ok_or_else(|| self.wrong(Form::Text))
    }

    /// Its text with something in it.
    pub fn words(&self) -> Result<EcoString, LoadError> {
        self.text().and_then(|text| match text.trim().is_empty() {
            true => Err(self.wrong(Form::Text)),
            false => Ok(text.trim().into()),
        })
    }

    /// A number, a truth or text, as text.
    pub fn scalar(&self) -> Result<EcoString, LoadError> {
        match self.value {
            Value::String(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
                Ok(crate::api::jsonpath::text(self.value).into())
            }
            _ => Err(self.wrong(Form::Scalar)),
        }
    }

    /// A whole number between these.
    pub fn number(&self, least: u32, most: u32) -> Result<u32, LoadError> {
        let number = self.value.as_i64().and_then(|number| u32::try_from(number).ok());
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.wrong(Form::Number(least, most)))
    }

    /// `true`, as nothing else would make sense.
    pub fn truth(&self) -> Result<(), LoadError> {
        match self.value.as_bool() {
            Some(true) => Ok(()),
            _ => Err(self.wrong(Form::True)),
        }
    }

    /// An id: small letters, digits and `-`.
    pub fn id(&self) -> Result<EcoString, LoadError> {
        let text = self.text()?;
        match is_id(&text) {
            true => Ok(text),
            false => Err(self.wrong(Form::Id)),
        }
    }

    /// One of these words.
    pub fn choice<T: Copy>(&self, choices: &[(&'static str, T)]) -> Result<T, LoadError> {
        let found = self.scalar()?;
        match choices.iter().find(|(word, _)| *word == found) {
            Some((_, choice)) => Ok(*choice),
            None => {
                let allowed = choices.iter().map(|(word, _)| (*word).into()).collect();
                Err(self.error(Problem::NotOneOf { found, allowed }))
            }
        }
    }
}

/// Whether a text can be an id.
pub fn is_id(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 60 && text.chars().all(fits)
}
