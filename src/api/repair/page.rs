//! What a page puts around a manifest: line numbers, code fences, bars.

use super::Note;

/// So many numbers in a row are a column of line numbers.
const NUMBERS_MIN: usize = 3;

/// The text without the page's marks.
pub(super) fn without_marks(text: &str, notes: &mut Vec<Note>) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept: Vec<&str> = Vec::new();
    let mut rest = lines.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let numbers = numbers_from_one(rest);
        if numbers >= NUMBERS_MIN {
            rest = rest.get(numbers..).unwrap_or_default();
            continue;
        }
        if !is_mark(first) {
            kept.push(first);
        }
        rest = others;
    }
    let unnumbered = without_numbers(&kept);
    if kept.len() == lines.len() && unnumbered.is_none() {
        return text.into();
    }
    notes.push(Note::PageMarks);
    let kept = unnumbered.unwrap_or_else(|| kept.into_iter().map(String::from).collect());
    kept.into_iter().map(|line| line + "\n").collect()
}

// A column of line numbers ends up before or behind the text.
fn numbers_from_one(lines: &[&str]) -> usize {
    (1..).zip(lines).take_while(|(number, line)| line.trim() == number.to_string()).count()
}

fn is_mark(line: &str) -> bool {
    line.trim() == "|" || line.starts_with("```")
}

// `1 apiVersion: v1`, `2. kind: Pod`: a number before every line.
fn without_numbers(lines: &[&str]) -> Option<Vec<String>> {
    let mut stripped = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let rest = line.trim_start().strip_prefix(&number.to_string())?;
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        let is_whole = rest.is_empty() || rest.starts_with(' ');
        stripped.push(is_whole.then(|| rest.strip_prefix(' ').unwrap_or(rest).to_string())?);
    }
    (stripped.len() >= NUMBERS_MIN).then_some(stripped)
}
