//! `printf`.

use ecow::{EcoString, eco_format};

use super::Outcome;
use crate::script::escape::{self, Style, decode};
use crate::script::format::Spec;
use crate::script::host::Flavour;
use crate::script::machine::Run;

/// What `printf` prints, and its complaints without a name before them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Printed {
    /// Standard output.
    pub bytes: Vec<u8>,
    /// Standard error, one entry per line.
    pub errors: Vec<EcoString>,
    /// Exit code.
    pub status: i32,
}

/// Whose `printf` it is: the messages differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// bash's builtin.
    Bash,
    /// /usr/bin/printf.
    Coreutils,
    /// busybox, builtin or not.
    Busybox,
}

/// More output than this is cut.
const SIZE_MAX: usize = 1 << 20;

struct Printer<'a> {
    args: std::slice::Iter<'a, EcoString>,
    owner: Owner,
    out: Printed,
    stop: bool,
}

/// Formats the arguments; the format is used again until all are used.
pub fn format(format: &str, args: &[EcoString], owner: Owner) -> Printed {
    let mut printer = Printer { args: args.iter(), owner, out: Printed::default(), stop: false };
    loop {
        let before = printer.args.len();
        printer.once(format);
        let left = printer.args.len();
        if left == 0 || left == before || printer.stop || printer.out.bytes.len() > SIZE_MAX {
            return printer.out;
        }
    }
}

impl Printer<'_> {
    fn once(&mut self, format: &str) {
        let chars: Vec<char> = format.chars().collect();
        let mut at = 0;
        let mut plain = String::new();
        while let Some(c) = chars.get(at).copied() {
            at += 1;
            if c == '\\' {
                plain.push(c);
                plain.extend(chars.get(at));
                at += 1;
                continue;
            }
            if c != '%' {
                plain.push(c);
                continue;
            }
            self.flush(&mut plain);
            if chars.get(at) == Some(&'%') {
                at += 1;
                self.out.bytes.push(b'%');
                continue;
            }
            let start = at;
            let args = &mut self.args;
            let mut star = || args.next().and_then(|text| text.parse().ok()).unwrap_or(0);
            let spec = Spec::parse(&chars, &mut at, &mut star);
            match spec {
                Some(spec) if self.knows(spec.conversion) => self.convert(&spec),
                spec => {
                    let end = if self.owner == Owner::Busybox { chars.len() } else { at };
                    let shown: String = chars.get(start..end).unwrap_or(&[]).iter().collect();
                    self.bad_format(&shown, spec.map(|spec| spec.conversion));
                    return;
                }
            }
            if self.stop {
                return;
            }
        }
        self.flush(&mut plain);
    }

    fn knows(&self, conversion: char) -> bool {
        let quotes = conversion == 'q' && self.owner != Owner::Busybox;
        quotes || "diuxXosbceEfFgGa".contains(conversion)
    }

    fn flush(&mut self, plain: &mut String) {
        let decoded = decode(plain, Style::Printf);
        self.out.bytes.extend(decoded.bytes);
        plain.clear();
    }

    fn bad_format(&mut self, shown: &str, conversion: Option<char>) {
        let text = match (self.owner, conversion) {
            (Owner::Bash, None) => eco_format!("`%{shown}': missing format character"),
            (Owner::Bash, Some(c)) => eco_format!("`{c}': invalid format character"),
            (Owner::Coreutils, _) => eco_format!("%{shown}: invalid conversion specification"),
            (Owner::Busybox, _) => eco_format!("%{shown}: invalid format"),
        };
        self.out.errors.push(text);
        self.out.status = 1;
        self.stop = true;
    }

    fn convert(&mut self, spec: &Spec) {
        let arg = self.args.next().cloned();
        let text = arg.clone().unwrap_or_default();
        let shown = match spec.conversion {
            's' => spec.string(&text),
            'q' => spec.string(&escape::backslashed(&text)),
            'c' => spec.string(&text.chars().take(1).collect::<String>()),
            'b' => {
                let decoded = decode(&text, Style::Echo);
                self.stop = decoded.stop;
                spec.string(&String::from_utf8_lossy(&decoded.bytes))
            }
            'd' | 'i' => spec.signed(self.integer(arg.as_deref())),
            'u' | 'x' | 'X' | 'o' => spec.unsigned(self.integer(arg.as_deref()) as u64),
            _ => spec.float(self.float(arg.as_deref())),
        };
        self.out.bytes.extend(shown.into_bytes());
    }

    fn integer(&mut self, arg: Option<&str>) -> i64 {
        let Some(text) = arg else { return 0 };
        if let Some(rest) = text.strip_prefix(['\'', '"']) {
            return rest.chars().next().map_or(0, |c| i64::from(u32::from(c)));
        }
        let (value, rest) = integer_prefix(text.trim_start());
        if !rest.is_empty() || text.is_empty() {
            self.bad_number(text, value.is_some());
        }
        value.unwrap_or(0)
    }

    fn float(&mut self, arg: Option<&str>) -> f64 {
        let Some(text) = arg else { return 0.0 };
        match text.trim().parse() {
            Ok(value) => value,
            Err(_) => {
                self.bad_number(text, false);
                0.0
            }
        }
    }

    fn bad_number(&mut self, text: &str, partly: bool) {
        let line = match self.owner {
            Owner::Bash => eco_format!("{text}: invalid number"),
            Owner::Coreutils if partly => eco_format!("‘{text}’: value not completely converted"),
            Owner::Coreutils => eco_format!("‘{text}’: expected a numeric value"),
            Owner::Busybox => eco_format!("invalid number '{text}'"),
        };
        self.out.errors.push(line);
        self.out.status = 1;
    }
}

/// C's strtol with base 0: the value, and what is left.
fn integer_prefix(text: &str) -> (Option<i64>, &str) {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (base, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(rest) => (16, rest),
        None if digits.len() > 1 && digits.starts_with('0') => (8, digits),
        None => (10, digits),
    };
    let end = digits.find(|c: char| !c.is_digit(base)).unwrap_or(digits.len());
    let (number, rest) = digits.split_at(end);
    let value = i64::from_str_radix(number, base).ok();
    (value.map(|value| if negative { -value } else { value }), rest)
}

pub(in crate::script) fn builtin(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let flavour = run.shell().flavour;
    let owner = if flavour == Flavour::Gnu { Owner::Bash } else { Owner::Busybox };
    let mut args = words.get(1..).unwrap_or(&[]);
    let mut variable = None;
    if let [flag, name, rest @ ..] = args
        && flag == "-v"
        && owner == Owner::Bash
    {
        variable = Some(name.clone());
        args = rest;
    }
    if args.first().is_some_and(|word| word == "--") {
        args = args.get(1..).unwrap_or(&[]);
    }
    let Some((text, rest)) = args.split_first() else {
        run.err(match owner {
            Owner::Busybox => "printf: usage: printf FORMAT [ARG]...\n",
            _ => "printf: usage: printf [-v var] format [arguments]\n",
        });
        return Outcome::Status(2);
    };
    let printed = format(text, rest, owner);
    let mut status = printed.status;
    for error in &printed.errors {
        if owner == Owner::Busybox {
            let program = run.shell().program.clone();
            run.err(&eco_format!("{program}: {error}\n"));
        } else {
            run.complain(Some("printf"), error);
        }
    }
    match variable {
        Some(name) => {
            let value = String::from_utf8_lossy(&printed.bytes).into_owned();
            let index = name.split_once('[').map(|(_, key)| key.trim_end_matches(']'));
            let base = name.split('[').next().unwrap_or("");
            let set =
                super::super::expand::set_element(run.shell(), base, index, value.into(), false);
            if let Err(text) = set {
                run.complain(None, &text);
                status = 1;
            }
        }
        None => status = status.max(run.out("printf", &printed.bytes)),
    }
    Outcome::Status(status)
}
