//! A class without a server: the link that a teacher gives, and the table of what comes back.

use serde::{Deserialize, Serialize};

use super::grade::Graded;
use super::hand_in::Problem;
use super::judge::Outcome;
use super::packed::{self, Unpackable};
use super::reader::is_id;
use crate::api::value::EcoString;

/// Version of the format; others are refused.
const VERSION: u32 = 1;
/// Before a class in a link.
pub const LINK_MARK: &str = "#c=";
/// The most exercises of a class.
const EXERCISES_MAX: usize = 50;

/// What a teacher sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    version: u32,
    /// The exercises' names, in order.
    pub exercises: Vec<EcoString>,
    /// The seed for all; each exercise's own if it is left out.
    pub seed: Option<u64>,
    /// Whether hints can be opened.
    pub hints: bool,
    /// Minutes for all of them.
    pub time_box: Option<u32>,
}

impl Class {
    /// A class.
    pub fn new(
        exercises: Vec<EcoString>,
        seed: Option<u64>,
        hints: bool,
        time_box: Option<u32>,
    ) -> Self {
        Class { version: VERSION, exercises, seed, hints, time_box }
    }

    /// What stands in the link behind [`LINK_MARK`].
    pub fn text(&self) -> String {
        packed::pack(self)
    }

    /// Reads a link, or what stands in it.
    ///
    /// # Errors
    /// Says why it is no class.
    pub fn read(text: &str) -> Result<Class, Problem> {
        let text = text.rsplit_once(LINK_MARK).map_or(text, |(_, code)| code);
        let json = packed::unpack(text).map_err(|why| match why {
            Unpackable::TooLong => Problem::TooLong,
            Unpackable::Damaged => Problem::Damaged,
        })?;
        let class: Class = serde_json::from_slice(&json).map_err(|_| Problem::Foreign)?;
        if class.version != VERSION {
            return Err(Problem::OtherVersion);
        }
        let has_names = class.exercises.iter().all(|slug| is_id(slug));
        let time_fits = class.time_box.is_none_or(|minutes| (1..=600).contains(&minutes));
        match class.exercises.len() {
            0 => Err(Problem::Foreign),
            count if count > EXERCISES_MAX => Err(Problem::TooMuch),
            _ if !has_names || !time_fits => Err(Problem::Foreign),
            _ => Ok(class),
        }
    }
}

/// What came back: graded, or why not, with what it is called (a file's name, a number).
pub type Row = (EcoString, Result<Graded, Problem>);

/// How often each goal was not reached, by exercise and goal, most often first.
pub fn failed_goals(rows: &[Row]) -> Vec<(EcoString, EcoString, u32)> {
    let mut sums: Vec<(EcoString, EcoString, u32)> = Vec::new();
    for graded in rows.iter().filter_map(|(_, row)| row.as_ref().ok()) {
        for (goal, verdict) in &graded.goals {
            let failed = u32::from(verdict.outcome != Outcome::Passed);
            let is_it = |sum: &&mut (EcoString, EcoString, u32)| {
                sum.0 == graded.exercise && sum.1 == goal.id
            };
            match sums.iter_mut().find(is_it) {
                Some(sum) => sum.2 += failed,
                None => sums.push((graded.exercise.clone(), goal.id.clone(), failed)),
            }
        }
    }
    sums.retain(|sum| sum.2 > 0);
    sums.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
    sums
}

/// The table as CSV, one line for each hand-in.
pub fn csv(rows: &[Row], problem: impl Fn(&Problem) -> String) -> String {
    let mut out = String::from(
        "source,name,exercise,passed,reached,failed,commands,cluster_seconds,real_seconds,hints,\
         problem\r\n",
    );
    for (source, row) in rows {
        let cells = match row {
            Ok(graded) => {
                let ids = |passed: bool| {
                    let goals = graded.goals.iter();
                    let ids = goals.filter(|(_, v)| (v.outcome == Outcome::Passed) == passed);
                    ids.map(|(goal, _)| goal.id.as_str()).collect::<Vec<_>>().join(" ")
                };
                vec![
                    source.to_string(),
                    graded.name.to_string(),
                    graded.exercise.to_string(),
                    if graded.has_passed() { "yes" } else { "no" }.into(),
                    ids(true),
                    ids(false),
                    graded.commands.to_string(),
                    graded.lasted.as_secs().to_string(),
                    graded.seconds.to_string(),
                    graded.hints.to_string(),
                    String::new(),
                ]
            }
            Err(why) => {
                let mut cells = vec![String::new(); 11];
                cells[0] = source.to_string();
                cells[10] = problem(why);
                cells
            }
        };
        let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

// Spreadsheets take some first characters for a formula, whoever wrote them.
fn csv_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_string() };
    match is_formula || text.contains([',', '"', '\n', '\r', ';']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(csv_cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(csv_cell("-1"), "\"'-1\"");
        assert_eq!(csv_cell("@x"), "\"'@x\"");
        assert_eq!(csv_cell("a,b"), "\"a,b\"");
        assert_eq!(csv_cell("Li Lei"), "Li Lei");
    }

    #[test]
    fn a_class_comes_back_from_its_link() {
        let class = Class::new(vec!["a".into(), "b-2".into()], Some(7), false, Some(30));
        let link = format!("https://x.example/p/{LINK_MARK}{}", class.text());
        assert_eq!(Class::read(&link), Ok(class.clone()));
        assert_eq!(Class::read("%%"), Err(Problem::Damaged));
        let empty = Class { exercises: Vec::new(), ..class.clone() };
        assert_eq!(Class::read(&empty.text()), Err(Problem::Foreign));
        let odd = Class { exercises: vec!["../x".into()], ..class.clone() };
        assert_eq!(Class::read(&odd.text()), Err(Problem::Foreign));
        let later = Class { version: 2, ..class };
        assert_eq!(Class::read(&later.text()), Err(Problem::OtherVersion));
    }
}
