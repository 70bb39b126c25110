//! Typographic characters that word processors and blogs put in place of plain ones.
//!
//! Comments, and text inside plain quotes, stay as they are: there such characters are meant.

use super::Note;

/// The text with plain characters where YAML needs them.
pub(super) fn repair(text: &str, notes: &mut Vec<Note>) -> String {
    if text.is_ascii() && !text.contains('\t') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    // The indentation of the key whose text follows, while it does.
    let mut block: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        if block.is_some_and(|block| indent > block || line.trim().is_empty()) {
            out.push_str(line);
            continue;
        }
        let fixed = Fixer::new(line.trim_end_matches(['\r', '\n'])).fix(notes);
        let end = fixed.trim_end();
        block = [" |", " >", " |-", " >-"].iter().any(|e| end.ends_with(e)).then_some(indent);
        out.push_str(&fixed);
        if line.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

struct Fixer<'a> {
    line: &'a str,
    out: String,
    depth: usize,
}

fn note(notes: &mut Vec<Note>, note: Note) {
    if !notes.contains(&note) {
        notes.push(note);
    }
}

impl<'a> Fixer<'a> {
    fn new(line: &'a str) -> Self {
        Fixer { line, out: String::with_capacity(line.len()), depth: 0 }
    }

    fn fix(mut self, notes: &mut Vec<Note>) -> String {
        let trimmed = self.line.trim();
        let is_rule = trimmed.chars().all(|c| c == '-' || is_dash(c)) && !trimmed.is_empty();
        if is_rule && !trimmed.is_ascii() && !self.line.starts_with(char::is_whitespace) {
            note(notes, Note::Dashes);
            return "---".into();
        }
        let mut rest = self.line;
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            if matches!(c, '#' | '＃') && (self.out.is_empty() || self.out.ends_with(' ')) {
                if c != '#' {
                    note(notes, Note::FullWidth);
                }
                self.out.push('#');
                self.out.push_str(rest);
                return self.out;
            }
            rest = self.take(c, rest, notes);
        }
        self.out
    }

    /// Takes one character over; gives back what is left to read.
    fn take(&mut self, c: char, rest: &'a str, notes: &mut Vec<Note>) -> &'a str {
        match c {
            '"' | '\'' if self.is_value_start() => return self.quoted(c, c, rest, notes),
            '“' | '”' | '„' | '＂' if self.is_value_start() => {
                return self.quoted('"', c, rest, notes);
            }
            '‘' | '’' | '＇' if self.is_value_start() => {
                return self.quoted('\'', c, rest, notes);
            }
            '\t' if self.out.trim_start_matches([' ', '-']).is_empty() => {
                note(notes, Note::Tabs);
                self.out.push_str("  ");
            }
            '\u{200b}' | '\u{feff}' | '\u{200c}' | '\u{200d}' | '\u{2060}' => {
                note(notes, Note::Blanks);
            }
            '\u{a0}' | '\u{3000}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => {
                note(notes, Note::Blanks);
                self.out.push(' ');
            }
            c if is_dash(c) => self.dash(c, rest, notes),
            '：' if self.depth > 0 || self.is_behind_key() => {
                self.mark(':', rest, notes);
            }
            '，' | '、' if self.depth > 0 => self.mark(',', rest, notes),
            '［'
            | '］'
            | '｛'
            | '｝'
            | '｜'
            | '－'
            | '／'
            | '．'
            | '＿'
            | '＝'
            | '＊'
            | '＆'
            | '０'..='９'
            | 'Ａ'..='Ｚ'
            | 'ａ'..='ｚ' => {
                note(notes, Note::FullWidth);
                let plain = char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c);
                self.bracket(plain);
                self.out.push(plain);
            }
            c => {
                self.bracket(c);
                self.out.push(c);
            }
        }
        rest
    }

    fn bracket(&mut self, c: char) {
        match c {
            '[' | '{' => self.depth += 1,
            ']' | '}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    // A colon or comma that YAML must see needs a blank behind it.
    fn mark(&mut self, plain: char, rest: &str, notes: &mut Vec<Note>) {
        note(notes, Note::FullWidth);
        self.out.push(plain);
        if rest.chars().next().is_some_and(|next| !next.is_whitespace()) {
            self.out.push(' ');
        }
    }

    fn is_value_start(&self) -> bool {
        let before = self.out.trim_end();
        let is_apart = before.len() < self.out.len() || self.depth > 0;
        before.is_empty()
            || before.ends_with(['[', '{', ','])
            || (is_apart && (before.ends_with(':') || before.trim_start() == "-"))
            || (before.ends_with(": -") || before.ends_with("- -"))
    }

    fn is_behind_key(&self) -> bool {
        let key = self.out.trim().trim_start_matches("- ").trim_matches('"');
        !key.is_empty() && key.chars().all(super::line::is_key_character)
    }

    /// Quoted text, up to the quote that closes it.
    fn quoted(&mut self, plain: char, open: char, rest: &'a str, notes: &mut Vec<Note>) -> &'a str {
        let closes = |c: char| match (open == plain, plain) {
            (true, _) => c == plain,
            (false, '"') => matches!(c, '”' | '“' | '"' | '＂' | '″'),
            (false, _) => matches!(c, '’' | '‘' | '\'' | '＇' | '′'),
        };
        let Some(end) = rest.find(closes) else {
            self.out.push(open);
            return rest;
        };
        let (inside, behind) = rest.split_at(end);
        let close = behind.chars().next().map_or(0, char::len_utf8);
        if open != plain {
            note(notes, Note::Quotes);
        }
        self.out.push(plain);
        self.out.push_str(&flag(inside, notes).unwrap_or_else(|| inside.into()));
        self.out.push(plain);
        behind.get(close..).unwrap_or_default()
    }

    fn dash(&mut self, c: char, rest: &str, notes: &mut Vec<Note>) {
        let next = rest.chars().next();
        if self.out.trim().is_empty() && matches!(c, '—' | '–' | '−' | '‐' | '‑' | '―')
        {
            // An item of a list.
            note(notes, Note::Dashes);
            self.out.push('-');
            if next.is_some_and(|next| !next.is_whitespace()) {
                self.out.push(' ');
            }
        } else if let Some(text) =
            self.out.ends_with([' ', ',', '[']).then(|| word(c, rest)).flatten()
        {
            note(notes, Note::Dashes);
            self.out.push_str(text);
        } else if matches!(c, '‐' | '‑' | '−') {
            note(notes, Note::Dashes);
            self.out.push('-');
        } else {
            self.out.push(c);
        }
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '‐' | '‑' | '‒' | '–' | '—' | '―' | '−')
}

/// The hyphens of a flag whose name follows: `—c` was `-c`, `—cascade` was `--cascade`.
fn word(dash: char, rest: &str) -> Option<&'static str> {
    let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
    match (dash, name.len()) {
        (_, 0) => None,
        ('—' | '―' | '–', 2..) => Some("--"),
        _ => Some("-"),
    }
}

fn flag(inside: &str, notes: &mut Vec<Note>) -> Option<String> {
    let dash = inside.chars().next().filter(|c| is_dash(*c))?;
    let rest = inside.get(dash.len_utf8()..)?;
    let hyphens = word(dash, rest)?;
    note(notes, Note::Dashes);
    Some(format!("{hyphens}{rest}"))
}
