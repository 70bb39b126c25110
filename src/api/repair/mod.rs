//! Repair of manifests that were copied from a page: lost indentation, typographic characters.
//!
//! Models nothing upstream: blogs and word processors turn quotes, colons, blanks and dashes into
//! others, number lines, and drop the blanks before them. What the fields of the kind allow tells
//! where a line belongs; where that leaves a choice, a note says so. Text whose line breaks are
//! lost cannot be repaired, and is not.

mod characters;
mod health;
mod line;
mod nesting;
mod one_line;
mod page;

#[cfg(test)]
mod tests;

use line::Line;

/// A manifest as it was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The text; the given one if nothing could be done.
    pub text: String,
    /// What was done, and what must be looked at.
    pub notes: Vec<Note>,
}

/// One thing that was done, or could not be. Lines count from 1 in the repaired text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Typographic quotes became plain ones.
    Quotes,
    /// Full-width punctuation became plain.
    FullWidth,
    /// Non-breaking and invisible blanks became plain ones, or nothing.
    Blanks,
    /// Tabs before text became blanks.
    Tabs,
    /// Typographic dashes became hyphens.
    Dashes,
    /// Line numbers and other marks of the page were taken out.
    PageMarks,
    /// Fields that stood on one line got lines of their own.
    Lines,
    /// Lines were indented as the fields of the kind ask.
    Indentation,
    /// A line could belong to two fields.
    Ambiguous {
        /// The line.
        line: usize,
        /// Its field.
        field: String,
        /// Where it was put.
        chosen: String,
        /// Where it could have been.
        other: String,
    },
    /// The text after `|` may have been longer or shorter, and its own indentation is lost.
    BlockText {
        /// The line of its key.
        line: usize,
    },
    /// Line breaks within the text after `|` are lost.
    LostLineBreaks {
        /// The line of the given text.
        line: usize,
    },
    /// Fields are glued together: `metadata:name: web`.
    Glued {
        /// The line of the given text.
        line: usize,
    },
}

impl Note {
    /// Whether a person has to look.
    pub fn is_warning(&self) -> bool {
        self.is_refusal() || matches!(self, Note::Ambiguous { .. } | Note::BlockText { .. })
    }

    /// Whether a document was left as it was.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Note::LostLineBreaks { .. } | Note::Glued { .. })
    }
}

/// Longer texts are not looked at.
const LENGTH_MAX: usize = 64 * 1024;
/// Fewer lines in other places are more likely being written than copied.
const MOVED_MIN: usize = 2;

/// The repair of `text`, if it needs one.
pub fn repair(text: &str) -> Option<Repair> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    let mut notes = Vec::new();
    let plain = characters::repair(text, &mut notes);
    let plain = page::without_marks(&plain, &mut notes);
    let mut out = String::new();
    let mut done = Vec::new();
    for chunk in chunks(&plain) {
        match document(&chunk.text, chunk.first_line, lines(&out), &mut done) {
            Some(repaired) => out.push_str(&repaired),
            None => out.push_str(&chunk.text),
        }
    }
    done.dedup();
    for note in done {
        if note.is_warning() || !notes.contains(&note) {
            notes.push(note);
        }
    }
    if !text.ends_with('\n') {
        out.truncate(out.trim_end_matches('\n').len());
    }
    (out != text || notes.iter().any(Note::is_warning)).then_some(Repair { text: out, notes })
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

/// A document with the separator before it.
struct Chunk {
    first_line: usize,
    text: String,
}

fn chunks(text: &str) -> Vec<Chunk> {
    let mut chunks = vec![Chunk { first_line: 0, text: String::new() }];
    for (number, line) in text.lines().enumerate() {
        if line.trim_end() == "---" || line.starts_with("--- #") {
            chunks.push(Chunk { first_line: number, text: String::new() });
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.text.push_str(line);
            chunk.text.push('\n');
        }
    }
    chunks
}

/// The repaired document, or `None` if it is good, or cannot be repaired.
fn document(
    text: &str,
    first_line: usize,
    lines_before: usize,
    notes: &mut Vec<Note>,
) -> Option<String> {
    if health::is_good(text) {
        return None;
    }
    let split = match one_line::split(text) {
        Ok(split) => split,
        Err(problem) => {
            notes.push(problem.note(first_line));
            return None;
        }
    };
    let was_split = split != text;
    let mut out = String::new();
    let mut found = Vec::new();
    if was_split {
        found.push(Note::Lines);
    }
    // A line of its own may have been a separator.
    for chunk in chunks(&split) {
        let parsed: Vec<Line<'_>> = chunk.text.lines().map(Line::read).collect();
        if health::is_good(&chunk.text) {
            out.push_str(&chunk.text);
            continue;
        }
        let nested = nesting::nest(&parsed)?;
        if !(was_split || nested.moved >= MOVED_MIN) || !health::is_good(&nested.text) {
            return None;
        }
        found.push(Note::Indentation);
        let above = lines_before + lines(&out);
        found.extend(nested.notes.into_iter().map(|note| note.below(above)));
        out.push_str(&nested.text);
    }
    notes.append(&mut found);
    Some(out)
}

impl Note {
    // Nesting counts lines from the start of its document.
    fn below(self, lines_before: usize) -> Note {
        match self {
            Note::Ambiguous { line, field, chosen, other } => {
                Note::Ambiguous { line: line + lines_before, field, chosen, other }
            }
            Note::BlockText { line } => Note::BlockText { line: line + lines_before },
            note => note,
        }
    }
}
