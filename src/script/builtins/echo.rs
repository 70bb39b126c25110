//! `echo`.

use ecow::EcoString;

use super::Outcome;
use crate::script::escape::{Style, decode};
use crate::script::machine::Run;

/// What `echo` prints for these arguments (without its name).
pub fn text(args: &[EcoString]) -> Vec<u8> {
    let mut newline = true;
    let mut escapes = false;
    let mut rest = args;
    while let Some((first, after)) = rest.split_first() {
        let flags = first.strip_prefix('-').unwrap_or("");
        if flags.is_empty() || !flags.chars().all(|c| "neE".contains(c)) {
            break;
        }
        for flag in flags.chars() {
            match flag {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        rest = after;
    }
    let text = rest.join(" ");
    let mut bytes = if escapes {
        let decoded = decode(&text, Style::Echo);
        newline &= !decoded.stop;
        decoded.bytes
    } else {
        text.into_bytes()
    };
    if newline {
        bytes.push(b'\n');
    }
    bytes
}

pub(in crate::script) fn builtin(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let bytes = text(words.get(1..).unwrap_or(&[]));
    Outcome::Status(run.out("echo", &bytes))
}
