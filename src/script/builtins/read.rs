//! `read` and `mapfile`.

use std::rc::Rc;

use ecow::{EcoString, eco_format};

use super::Outcome;
use crate::script::host::Flavour;
use crate::script::machine::{Frame, ReadLine, Run};
use crate::script::parser::is_name;
use crate::script::shell::Value;

/// A `read` that may have to wait.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::script) struct ReadRequest {
    pub names: Vec<EcoString>,
    /// `-a`.
    pub array: Option<EcoString>,
    /// `-r`.
    pub raw: bool,
    /// `-u`.
    pub descriptor: u32,
    /// `-d`.
    pub delimiter: Option<u8>,
    /// `-t`: when it gives up.
    pub until: Option<u64>,
    /// `-n`.
    pub most: Option<usize>,
}

pub(super) fn builtin(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut request = ReadRequest {
        names: Vec::new(),
        array: None,
        raw: false,
        descriptor: 0,
        delimiter: None,
        until: None,
        most: None,
    };
    let mut prompt = EcoString::new();
    let mut args = words.iter().skip(1).peekable();
    while let Some(word) = args.next_if(|word| word.starts_with('-') && word.len() > 1) {
        if word == "--" {
            break;
        }
        let mut flags = word.chars().skip(1);
        while let Some(flag) = flags.next() {
            if flag == 'r' || flag == 's' || flag == 'e' {
                request.raw |= flag == 'r';
                continue;
            }
            let rest: EcoString = flags.by_ref().collect();
            let value = if rest.is_empty() { args.next().cloned() } else { Some(rest) };
            let Some(value) = value.or((flag == 'd').then(EcoString::new)) else {
                let text = eco_format!("-{flag}: option requires an argument");
                run.complain(Some("read"), &text);
                return Outcome::Status(2);
            };
            match flag {
                'p' => prompt = value,
                'a' => request.array = Some(value),
                'd' => request.delimiter = Some(value.bytes().next().unwrap_or(0)),
                'u' => request.descriptor = value.parse().unwrap_or(0),
                'n' | 'N' => request.most = value.parse().ok(),
                't' => {
                    let seconds: f64 = value.parse().unwrap_or(0.0);
                    request.until = Some(run.host.now_ms() + (seconds * 1000.0) as u64);
                }
                _ => {
                    run.complain(Some("read"), &eco_format!("-{flag}: invalid option"));
                    return Outcome::Status(2);
                }
            }
        }
    }
    request.names = args.cloned().collect();
    if let Some(bad) = request.names.iter().find(|name| !is_name(name)) {
        match run.shell().flavour {
            Flavour::Gnu => {
                let text = eco_format!("`{bad}': not a valid identifier");
                run.complain(Some("read"), &text);
            }
            Flavour::Busybox => {
                let program = run.shell().program.clone();
                run.err(&eco_format!("{program}: read: '{bad}': bad variable name\n"));
            }
        }
        return Outcome::Status(1);
    }
    if !prompt.is_empty() && run.is_terminal(0) {
        run.err(&prompt);
    }
    Outcome::Frames(vec![Frame::Read(Rc::new(request), EcoString::new())])
}

/// Gives the line to the variables; the exit code.
pub(in crate::script) fn finish_read(
    run: &mut Run<'_>,
    request: &ReadRequest,
    line: &str,
    status: i32,
) -> i32 {
    let line: String = match request.most {
        Some(most) => line.chars().take(most).collect(),
        None => line.into(),
    };
    let ifs = run.shell().get("IFS").unwrap_or_else(|| " \t\n".into());
    if let Some(array) = &request.array {
        let fields = split(&line, &ifs, usize::MAX, request.raw);
        let elements =
            fields.into_iter().enumerate().map(|(at, field)| (at as i64, field)).collect();
        let set = run.shell().update(array, |value| *value = Value::Indexed(elements));
        return if set.is_ok() { status } else { 1 };
    }
    if request.names.is_empty() {
        let text = unescape(&line, request.raw);
        return if run.shell().set("REPLY", text).is_ok() { status } else { 1 };
    }
    let mut fields = split(&line, &ifs, request.names.len(), request.raw).into_iter();
    for name in &request.names {
        if run.shell().set(name, fields.next().unwrap_or_default()).is_err() {
            run.complain(None, &eco_format!("{name}: readonly variable"));
            return 1;
        }
    }
    status
}

fn unescape(text: &str, raw: bool) -> EcoString {
    if raw {
        return text.into();
    }
    let mut out = EcoString::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

/// Splits a line; the last of `most` fields gets the rest.
fn split(line: &str, ifs: &str, most: usize, raw: bool) -> Vec<EcoString> {
    let space = |c: char| c.is_ascii_whitespace() && ifs.contains(c);
    let mut fields = Vec::new();
    let mut rest = line.trim_matches(space);
    while !rest.is_empty() {
        if fields.len() + 1 == most {
            fields.push(unescape(last_field(rest, ifs), raw));
            break;
        }
        let mut end = rest.len();
        let mut escaped = false;
        for (at, c) in rest.char_indices() {
            if escaped {
                escaped = false;
            } else if c == '\\' && !raw {
                escaped = true;
            } else if ifs.contains(c) {
                end = at;
                break;
            }
        }
        let (field, tail) = rest.split_at(end);
        fields.push(unescape(field, raw));
        let tail = tail.trim_start_matches(space);
        let mut chars = tail.chars();
        rest = match chars.next() {
            Some(c) if ifs.contains(c) => chars.as_str().trim_start_matches(space),
            _ => tail,
        };
    }
    fields
}

/// A single delimiter at the very end does not belong to the last field.
fn last_field<'a>(rest: &'a str, ifs: &str) -> &'a str {
    let mut chars = rest.chars();
    match chars.next_back() {
        Some(c) if ifs.contains(c) && !chars.as_str().contains(|c| ifs.contains(c)) => {
            chars.as_str()
        }
        _ => rest,
    }
}

pub(super) fn mapfile(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut strip = false;
    let mut name = EcoString::from("MAPFILE");
    for word in words.get(1..).unwrap_or(&[]) {
        match word.as_str() {
            "-t" => strip = true,
            flag if flag.starts_with('-') => {
                run.complain(Some("mapfile"), &eco_format!("{flag}: not simulated here"));
                return Outcome::Status(2);
            }
            other => name = other.into(),
        }
    }
    let mut elements = imbl::OrdMap::new();
    loop {
        match run.read_line(0, None) {
            ReadLine::Line(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                let text = if strip { text.trim_end_matches('\n') } else { &text };
                elements.insert(elements.len() as i64, EcoString::from(text));
            }
            ReadLine::WouldBlock => {
                let text = "waiting for input is not simulated here; use a file or <<<";
                run.complain(Some("mapfile"), text);
                return Outcome::Status(1);
            }
            ReadLine::End | ReadLine::Error(_) => break,
        }
    }
    let set = run.shell().update(&name, |value| *value = Value::Indexed(elements));
    Outcome::Status(i32::from(set.is_err()))
}
