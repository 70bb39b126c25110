//! Fields that a page put on one line: `kind: Service metadata: name: mysql`.

use super::Note;
use super::line::{is_key_character, split_key, without_comment};

/// Why a document cannot be repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// Text after `|` lost its line breaks.
    LostLineBreaks(usize),
    /// `metadata:name: web`
    Glued(usize),
}

impl Problem {
    pub fn note(self, first_line: usize) -> Note {
        match self {
            Problem::LostLineBreaks(line) => Note::LostLineBreaks { line: first_line + line + 1 },
            Problem::Glued(line) => Note::Glued { line: first_line + line + 1 },
        }
    }
}

/// The text with a line for each field.
pub(super) fn split(text: &str) -> Result<String, Problem> {
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        let code = without_comment(line);
        let words = words(code);
        if words.iter().any(|word| is_glued(word)) {
            return Err(Problem::Glued(number));
        }
        if words.iter().filter(|word| is_key(word)).count() < 2 {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        split_line(&words, &mut out).map_err(|()| Problem::LostLineBreaks(number))?;
        let comment = line.get(code.len()..).unwrap_or_default();
        if !comment.is_empty() {
            out.truncate(out.trim_end().len());
            out.push_str(&format!(" {comment}\n"));
        }
    }
    Ok(out)
}

fn split_line(words: &[&str], out: &mut String) -> Result<(), ()> {
    let mut is_start = true;
    for (index, word) in words.iter().enumerate() {
        let starts = is_key(word) || *word == "-" || *word == "---";
        if matches!(*word, "|" | ">" | "|-" | ">-" | "|+") && index + 1 < words.len() {
            return Err(());
        }
        // `- name: web`: the key stays behind its dash.
        let behind_dash = index > 0 && words.get(index - 1) == Some(&"-");
        if starts && !behind_dash && !is_start {
            out.push('\n');
        } else if !is_start {
            out.push(' ');
        }
        out.push_str(word);
        is_start = false;
    }
    out.push('\n');
    Ok(())
}

/// Words between blanks; quoted text and what stands in brackets is one word.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut depth, mut quote) = (None, 0_usize, None);
    for (at, c) in text.char_indices() {
        let is_inside = depth > 0 || quote.is_some();
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) if depth > 0 || start.is_none() => quote = Some(c),
            ('[' | '{', None) => depth += 1,
            (']' | '}', None) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c.is_whitespace() && !is_inside {
            words.extend(start.take().and_then(|start| text.get(start..at)));
        } else if start.is_none() {
            start = Some(at);
        }
    }
    words.extend(start.and_then(|start| text.get(start..)));
    words
}

fn is_key(word: &str) -> bool {
    split_key(word).is_some_and(|(_, rest)| rest.is_empty())
}

// `metadata:name:`, `labels:app:`; not `http://x:`, not `nginx:1.8`.
fn is_glued(word: &str) -> bool {
    let Some((first, rest)) = word.split_once(':') else { return false };
    let Some(second) = rest.strip_suffix(':') else { return false };
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_key_character)
    };
    is_name(first) && is_name(second)
}
