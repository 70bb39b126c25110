//! Where each line belongs, by the fields of the document's kind alone.
//!
//! Reads the lines in order and keeps every reading that the fields allow, cheapest first. What is
//! unlikely costs: a label named like a field that is open, a field without its value, a required
//! field left out. Two readings of nearly the same cost are told as a choice.

use std::rc::Rc;

use super::Note;
use super::line::{Content, Line, Value};
use crate::api::schema::{self, Struct, Type};
use crate::api::scheme::Kind;

/// A document with its indentation.
#[derive(Debug)]
pub(super) struct Nested {
    pub text: String,
    /// How many lines stand elsewhere now.
    pub moved: usize,
    pub notes: Vec<Note>,
}

/// So many readings are kept.
const READINGS_MAX: usize = 64;
/// Readings that differ by less are a choice.
const CHOICE: u32 = 2;
const SKIPPED_STRUCT: u32 = 2;
const RARE: u32 = 3;
const KEY_LIKE_FIELD: u32 = 5;
const NO_VALUE: u32 = 6;
const REQUIRED: u32 = 8;
const BLOCK_LINE: u32 = 3;

/// Fields that hardly anybody means when another place is open.
const RARE_FIELDS: &[(&str, &str)] = &[
    ("PodSpec", "resources"),
    ("Probe", "terminationGracePeriodSeconds"),
    ("ObjectMeta", "selfLink"),
];

/// Indents the lines of one document; `None` if its kind is unknown or a line fits nowhere.
pub(super) fn nest(lines: &[Line<'_>]) -> Option<Nested> {
    let top = schema::of_kind(kind_of(lines)?)?;
    let mut readings = vec![Reading::new(top)];
    for (number, line) in lines.iter().enumerate() {
        if line.content == Content::Aside {
            continue;
        }
        let mut next: Vec<Reading> =
            readings.iter().flat_map(|reading| reading.take(line, number)).collect();
        next.sort_by_key(|reading| reading.cost);
        next.truncate(READINGS_MAX);
        readings = next;
    }
    for reading in &mut readings {
        reading.pop_to(0);
    }
    readings.sort_by_key(|reading| reading.cost);
    let best = readings.first()?;
    let mut notes = choices(best, readings.get(1..).unwrap_or_default(), lines);
    notes.extend(
        best.steps()
            .iter()
            .filter(|step| step.opens_block)
            .map(|step| Note::BlockText { line: step.line + 1 }),
    );
    Some(written(best, lines, notes))
}

fn kind_of(lines: &[Line<'_>]) -> Option<Kind> {
    let value = |wanted: &str| {
        let line = lines.iter().find(
            |l| matches!(l.content, Content::Field { dash: false, key, .. } if key == wanted),
        )?;
        let (_, rest) = super::line::split_key(line.text)?;
        Some(super::line::without_comment(rest).trim().trim_matches(['"', '\'']))
    };
    Kind::of_manifest(value("apiVersion")?, value("kind")?)
}

#[derive(Clone)]
enum Place {
    Struct(&'static Struct),
    Map(&'static Type),
    List(&'static Type),
    /// Text behind `|`; lines indented deeper than this in the given text are part of it.
    Block {
        key_indent: usize,
        first_indent: Option<usize>,
    },
}

#[derive(Clone)]
struct Open {
    place: Place,
    indent: usize,
    used: Vec<Rc<str>>,
    path: Rc<str>,
}

/// Where one line was put.
struct Step {
    line: usize,
    indent: usize,
    path: Rc<str>,
    opens_block: bool,
    before: Option<Rc<Step>>,
}

/// One way to read the lines so far.
#[derive(Clone)]
struct Reading {
    open: Vec<Open>,
    cost: u32,
    last: Option<Rc<Step>>,
}

impl Reading {
    fn new(top: &'static Struct) -> Self {
        let place = Place::Struct(top);
        let top = Open { place, indent: 0, used: Vec::new(), path: "".into() };
        Reading { open: vec![top], cost: 0, last: None }
    }

    fn steps(&self) -> Vec<&Step> {
        let mut steps = Vec::new();
        let mut next = self.last.as_deref();
        while let Some(step) = next {
            steps.push(step);
            next = step.before.as_deref();
        }
        steps.reverse();
        steps
    }

    /// All readings with one more line.
    fn take(&self, line: &Line<'_>, number: usize) -> Vec<Reading> {
        let mut found = Vec::new();
        let mut skipped = 0;
        for depth in (0..self.open.len()).rev() {
            let mut next = self.clone();
            next.pop_to(depth + 1);
            if !next.put(line, number) {
                continue;
            }
            next.cost += skipped * SKIPPED_STRUCT;
            if matches!(self.open[depth].place, Place::Struct(_) | Place::List(_)) {
                skipped += 1;
            }
            let is_kept_in_block = matches!(self.open[depth].place, Place::Block {
                key_indent, first_indent: Some(first),
            } if first > key_indent);
            found.push(next);
            if is_kept_in_block {
                // The given indentation says where the text ends.
                break;
            }
        }
        found
    }

    /// Closes what is open beyond `depth`.
    fn pop_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(open) = self.open.pop() else { return };
            self.cost += match &open.place {
                Place::Block { first_indent: None, .. } => NO_VALUE,
                Place::Block { .. } => 0,
                _ if open.used.is_empty() => NO_VALUE,
                Place::Struct(of) => {
                    let is_used = |name: &str| open.used.iter().any(|used| &**used == name);
                    let mut required = of.fields.iter().filter(|f| f.is_required);
                    match required.any(|f| f.name != "metadata" && !is_used(f.name)) {
                        true => REQUIRED,
                        false => 0,
                    }
                }
                Place::Map(_) | Place::List(_) => 0,
            };
        }
    }

    /// Puts a line into the innermost open place, if it fits.
    fn put(&mut self, line: &Line<'_>, number: usize) -> bool {
        let Some(top) = self.open.last() else { return false };
        let indent = top.indent;
        match (&top.place, line.content) {
            (Place::Block { .. }, _) => self.put_text(line, number),
            (Place::List(inner), Content::Field { dash: true, key, value }) => {
                let Some(place) = place_of(inner) else { return false };
                let path: Rc<str> = format!("{}[]", top.path).into();
                self.mark_used("-");
                self.open.push(Open { place, indent: indent + 2, used: Vec::new(), path });
                self.put_field(key, value, line, number, Some(indent))
            }
            (Place::List(inner), Content::Item { value }) => {
                let inner = *inner;
                self.mark_used("-");
                self.put_item(inner, value, line, number)
            }
            (_, Content::Field { dash: false, key, value }) => {
                self.put_field(key, value, line, number, None)
            }
            _ => false,
        }
    }

    fn put_text(&mut self, line: &Line<'_>, number: usize) -> bool {
        let Some(Open { place: Place::Block { key_indent, first_indent }, indent, path, .. }) =
            self.open.last_mut()
        else {
            return false;
        };
        let first = *first_indent.get_or_insert(line.indent);
        let is_told = first > *key_indent;
        if is_told && line.indent <= *key_indent {
            return false;
        }
        let (indent, path) = (*indent + line.indent.saturating_sub(first), path.clone());
        if !is_told {
            self.cost += BLOCK_LINE;
        }
        self.step(number, indent, path, false);
        true
    }

    fn put_field(
        &mut self,
        key: &str,
        value: Value,
        line: &Line<'_>,
        number: usize,
        dash_at: Option<usize>,
    ) -> bool {
        let Some(top) = self.open.last() else { return false };
        if top.used.iter().any(|used| &**used == key) {
            return false;
        }
        let (indent, path) = (top.indent, top.path.clone());
        let field_type = match &top.place {
            Place::Struct(of) => match of.field(key) {
                Some(field) => {
                    if RARE_FIELDS.contains(&(of.plain_name(), key)) {
                        self.cost += RARE;
                    }
                    &field.field_type
                }
                None => return false,
            },
            Place::Map(inner) => {
                let inner = *inner;
                if value == Value::Empty && place_of(inner).is_none() {
                    return false;
                }
                if self.is_field_elsewhere(key) {
                    self.cost += KEY_LIKE_FIELD;
                }
                inner
            }
            Place::List(_) | Place::Block { .. } => return false,
        };
        self.mark_used(key);
        self.step(number, dash_at.unwrap_or(indent), path.clone(), value == Value::Block);
        let path = if path.is_empty() { key.into() } else { format!("{path}.{key}").into() };
        self.open_value(field_type, value, indent, line, path)
    }

    fn put_item(
        &mut self,
        inner: &'static Type,
        value: Value,
        line: &Line<'_>,
        number: usize,
    ) -> bool {
        let Some(top) = self.open.last() else { return false };
        let (indent, path) = (top.indent, top.path.clone());
        self.step(number, indent, path.clone(), value == Value::Block);
        let path: Rc<str> = format!("{path}[]").into();
        match (place_of(inner), value) {
            // A dash alone: its fields follow.
            (Some(place), Value::Empty) => {
                self.open.push(Open { place, indent: indent + 2, used: Vec::new(), path });
                true
            }
            _ => self.open_value(inner, value, indent, line, path),
        }
    }

    /// Opens what a field's empty value leads to; false if the value is not of the field's type.
    fn open_value(
        &mut self,
        field_type: &'static Type,
        value: Value,
        indent: usize,
        line: &Line<'_>,
        path: Rc<str>,
    ) -> bool {
        let (place, indent) = match (place_of(field_type), value) {
            (Some(place @ Place::List(_)), Value::Empty) => (place, indent),
            (Some(place), Value::Empty) => (place, indent + 2),
            (Some(Place::List(_)), given) => return given == Value::List,
            (Some(_), given) => return given == Value::Map,
            (None, Value::Block) => {
                let place = Place::Block { key_indent: line.indent, first_indent: None };
                (place, indent + 2)
            }
            (None, Value::Empty) => {
                self.cost += NO_VALUE;
                return true;
            }
            (None, given) => {
                return given == Value::Scalar || matches!(field_type, Type::Any);
            }
        };
        self.open.push(Open { place, indent, used: Vec::new(), path });
        true
    }

    fn is_field_elsewhere(&self, key: &str) -> bool {
        let Some((top, outer)) = self.open.split_last() else { return false };
        let takes = |open: &Open| match &open.place {
            Place::Struct(of) => {
                of.field(key).is_some() && !open.used.iter().any(|used| &**used == key)
            }
            _ => false,
        };
        // The first key of a map cannot be anything else.
        !top.used.is_empty() && outer.iter().any(takes)
    }

    fn mark_used(&mut self, key: &str) {
        if let Some(top) = self.open.last_mut() {
            top.used.push(key.into());
            if key == "-" {
                top.used.truncate(1);
            }
        }
    }

    fn step(&mut self, line: usize, indent: usize, path: Rc<str>, opens_block: bool) {
        let before = self.last.take();
        self.last = Some(Rc::new(Step { line, indent, path, opens_block, before }));
    }
}

fn place_of(field_type: &'static Type) -> Option<Place> {
    match field_type {
        Type::Struct(name) => schema::find(name).map(Place::Struct),
        Type::Map(inner) => Some(Place::Map(inner)),
        Type::List(inner) => Some(Place::List(inner)),
        _ => None,
    }
}

/// Lines that another reading, nearly as likely, puts elsewhere.
fn choices(best: &Reading, others: &[Reading], lines: &[Line<'_>]) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    let steps = best.steps();
    for other in others.iter().take_while(|other| other.cost <= best.cost + CHOICE) {
        let other_steps = other.steps();
        let pairs = steps.iter().zip(other_steps);
        let Some((chosen, other)) = pairs.into_iter().find(|(a, b)| a.path != b.path) else {
            continue;
        };
        let number = chosen.line + 1;
        let is_known =
            |note: &Note| matches!(note, Note::Ambiguous { line, .. } if *line == number);
        if notes.iter().any(is_known) {
            continue;
        }
        let text = lines.get(chosen.line).map_or("", |line| line.text);
        let field = super::line::split_key(text).map_or(text, |(key, _)| key);
        notes.push(Note::Ambiguous {
            line: number,
            field: field.trim_start_matches("- ").into(),
            chosen: chosen.path.to_string(),
            other: other.path.to_string(),
        });
    }
    notes.sort_by_key(|note| match note {
        Note::Ambiguous { line, .. } => *line,
        _ => 0,
    });
    notes
}

fn written(best: &Reading, lines: &[Line<'_>], notes: Vec<Note>) -> Nested {
    let steps = best.steps();
    let mut text = String::new();
    let mut moved = 0;
    for (number, line) in lines.iter().enumerate() {
        // A comment stands before what it is about.
        let step = steps.iter().find(|step| step.line >= number);
        let indent = match line.content {
            Content::Aside if line.text.starts_with('#') => step.map_or(0, |step| step.indent),
            Content::Aside => 0,
            _ => step.map_or(0, |step| step.indent),
        };
        if indent != line.indent && line.content != Content::Aside {
            moved += 1;
        }
        if !line.text.is_empty() {
            text.push_str(&" ".repeat(indent));
            text.push_str(line.text);
        }
        text.push('\n');
    }
    Nested { text, moved, notes }
}
