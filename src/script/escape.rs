//! Backslash escapes of `$'...'`, `echo -e` and `printf`, and quoting for display.

use ecow::EcoString;

/// Whose escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// `$'...'`.
    Ansi,
    /// `echo -e` and `printf %b`: octal needs a leading zero, `\c` stops.
    Echo,
    /// The format of `printf`.
    Printf,
}

/// Bytes after decoding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decoded {
    /// The text.
    pub bytes: Vec<u8>,
    /// `\c` was seen: nothing more is printed.
    pub stop: bool,
}

/// Replaces the escapes in a text.
pub fn decode(text: &str, style: Style) -> Decoded {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Decoded::default();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        if c != '\\' {
            push(&mut out.bytes, c);
            continue;
        }
        let Some(escape) = chars.get(at).copied() else {
            out.bytes.push(b'\\');
            break;
        };
        at += 1;
        match escape {
            'c' if style == Style::Echo => {
                out.stop = true;
                return out;
            }
            'x' => match number(&chars, &mut at, 16, 2) {
                Some(value) => out.bytes.push(value as u8),
                None => out.bytes.extend(b"\\x"),
            },
            'u' | 'U' => {
                let digits = if escape == 'u' { 4 } else { 8 };
                match number(&chars, &mut at, 16, digits).and_then(char::from_u32) {
                    Some(c) => push(&mut out.bytes, c),
                    None => push(&mut out.bytes, escape),
                }
            }
            '0' if style == Style::Echo => {
                out.bytes.push(number(&chars, &mut at, 8, 3).unwrap_or(0) as u8);
            }
            '0'..='7' if style != Style::Echo => {
                at -= 1;
                out.bytes.push(number(&chars, &mut at, 8, 3).unwrap_or(0) as u8);
            }
            _ => simple(escape, style, &mut out.bytes),
        }
    }
    out
}

fn simple(escape: char, style: Style, bytes: &mut Vec<u8>) {
    let byte = match escape {
        'n' => b'\n',
        't' => b'\t',
        'r' => b'\r',
        'a' => 7,
        'b' => 8,
        'e' | 'E' => 27,
        'f' => 12,
        'v' => 11,
        '\\' => b'\\',
        '"' if style != Style::Echo => b'"',
        '\'' if style != Style::Echo => b'\'',
        '?' if style == Style::Ansi => b'?',
        other => {
            bytes.push(b'\\');
            return push(bytes, other);
        }
    };
    bytes.push(byte);
}

fn push(bytes: &mut Vec<u8>, c: char) {
    let mut buffer = [0; 4];
    bytes.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
}

fn number(chars: &[char], at: &mut usize, base: u32, digits: usize) -> Option<u32> {
    let mut value = None;
    for _ in 0..digits {
        let Some(digit) = chars.get(*at).and_then(|c| c.to_digit(base)) else {
            break;
        };
        value = Some(value.unwrap_or(0) * base + digit);
        *at += 1;
    }
    value
}

/// A word as `set -x` shows it: quoted only if needed.
pub fn quote(text: &str) -> EcoString {
    if text.is_empty() {
        return "''".into();
    }
    if text.chars().any(|c| c.is_control()) {
        let mut out = EcoString::from("$'");
        for c in text.chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\x1b' => out.push_str("\\E"),
                '\'' => out.push_str("\\'"),
                '\\' => out.push_str("\\\\"),
                c if c.is_control() => out.push_str(&format!("\\{:03o}", c as u32)),
                c => out.push(c),
            }
        }
        out.push('\'');
        return out;
    }
    let plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    if text.chars().all(plain) {
        return text.into();
    }
    single(text)
}

/// A word as busybox sh's `set -x` shows it.
pub fn quote_ash(text: &str) -> EcoString {
    let special = |c: char| c.is_whitespace() || "|&;<>()$`\\\"'*?[#~=%!{}".contains(c);
    if text.is_empty() || text.contains(special) { single(text) } else { text.into() }
}

/// A word as `printf %q` shows it: backslashes before what is special.
pub fn backslashed(text: &str) -> EcoString {
    if text.is_empty() || text.chars().any(|c| c.is_control()) {
        return quote(text);
    }
    let mut out = EcoString::new();
    for c in text.chars() {
        if !(c.is_alphanumeric() || "_-./:=@%+".contains(c)) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A word between single quotes.
pub fn single(text: &str) -> EcoString {
    let mut out = EcoString::from("'");
    out.push_str(&text.replace('\'', "'\\''"));
    out.push('\'');
    out
}
