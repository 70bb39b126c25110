//! Brace expansion: `{a,b}`, `{1..3}`, `{a..e..2}`.

use ecow::EcoString;

use super::super::syntax::{Part, Word};

/// A character that braces look at, or something they leave alone.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Char(char),
    Part(Part),
}

/// More words than this from one word are not made.
const WORDS_MAX: usize = 20_000;

/// Whether expansion could change the word.
pub(super) fn has_brace(word: &Word) -> bool {
    word.parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('{')))
}

/// The words a word stands for.
pub(super) fn expand(word: &Word) -> Vec<Word> {
    let mut tokens = Vec::new();
    for part in &word.parts {
        match part {
            Part::Literal(text) => tokens.extend(text.chars().map(Token::Char)),
            other => tokens.push(Token::Part(other.clone())),
        }
    }
    expand_tokens(&tokens, 0).iter().map(|tokens| to_word(tokens)).collect()
}

fn expand_tokens(tokens: &[Token], depth: u32) -> Vec<Vec<Token>> {
    let Some((open, close, commas)) = find_braces(tokens) else {
        return vec![tokens.to_vec()];
    };
    if depth > 20 {
        return vec![tokens.to_vec()];
    }
    let before = tokens.get(..open).unwrap_or(&[]);
    let inside = tokens.get(open + 1..close).unwrap_or(&[]);
    let after = tokens.get(close + 1..).unwrap_or(&[]);
    let mut middles: Vec<Vec<Token>> = Vec::new();
    if commas.is_empty() {
        let sequence = sequence(inside).unwrap_or_default();
        middles.extend(sequence.iter().map(|text| text.chars().map(Token::Char).collect()));
    } else {
        let mut start = open + 1;
        for comma in commas.iter().chain([&close]) {
            let piece = tokens.get(start..*comma).unwrap_or(&[]);
            middles.extend(expand_tokens(piece, depth + 1));
            start = comma + 1;
        }
    }
    let tails = expand_tokens(after, depth + 1);
    let mut out = Vec::new();
    for middle in &middles {
        for tail in &tails {
            if out.len() >= WORDS_MAX {
                return out;
            }
            out.push([before, middle.as_slice(), tail.as_slice()].concat());
        }
    }
    out
}

/// The first braces that expand: their places and those of the commas between them.
fn find_braces(tokens: &[Token]) -> Option<(usize, usize, Vec<usize>)> {
    for (open, token) in tokens.iter().enumerate() {
        // `${` is a parameter and never reaches this place as characters.
        if *token != Token::Char('{') {
            continue;
        }
        let mut depth = 0;
        let mut commas = Vec::new();
        for (at, token) in tokens.iter().enumerate().skip(open + 1) {
            match token {
                Token::Char('{') => depth += 1,
                Token::Char('}') if depth > 0 => depth -= 1,
                Token::Char(',') if depth == 0 => commas.push(at),
                Token::Char('}') => {
                    let inside = tokens.get(open + 1..at).unwrap_or(&[]);
                    if !commas.is_empty() || sequence(inside).is_some() {
                        return Some((open, at, commas));
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    None
}

fn sequence(tokens: &[Token]) -> Option<Vec<String>> {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Char(c) => text.push(*c),
            Token::Part(_) => return None,
        }
    }
    let parts: Vec<&str> = text.split("..").collect();
    let (from, to, step) = match parts.as_slice() {
        [from, to] => (*from, *to, 1),
        [from, to, step] => (*from, *to, step.parse::<i64>().ok()?),
        _ => return None,
    };
    let step = step.saturating_abs().max(1);
    if let (Ok(low), Ok(high)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let padded = [from, to].iter().any(|text| {
            let digits = text.trim_start_matches('-');
            digits.len() > 1 && digits.starts_with('0')
        });
        let width = if padded { from.len().max(to.len()) } else { 0 };
        return Some(numbers(low, high, step).map(|n| format!("{n:0width$}")).collect());
    }
    let (low, high) = (one_letter(from)?, one_letter(to)?);
    let letters = numbers(i64::from(u32::from(low)), i64::from(u32::from(high)), step);
    Some(letters.filter_map(|n| char::from_u32(n as u32)).map(String::from).collect())
}

fn one_letter(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
}

fn numbers(from: i64, to: i64, step: i64) -> impl Iterator<Item = i64> {
    let count = from.abs_diff(to) / step.unsigned_abs().max(1);
    let sign = if from <= to { step } else { -step };
    (0..=count.min(WORDS_MAX as u64)).map(move |n| from.wrapping_add(sign.wrapping_mul(n as i64)))
}

fn to_word(tokens: &[Token]) -> Word {
    let mut parts = Vec::new();
    let mut literal = EcoString::new();
    for token in tokens {
        match token {
            Token::Char(c) => literal.push(*c),
            Token::Part(part) => {
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(part.clone());
            }
        }
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Word { parts, assignment: false }
}
