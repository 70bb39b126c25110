//! Functions: the program's own, the builtin ones, `getline`.

use ecow::EcoString;

use super::Awk;
use super::run::{Flow, split};
use super::syntax::{Expression, Place};
use super::value::{Cell, Value};
use crate::programs::context::Context;
use crate::programs::date;

/// Calls nested deeper than this end the program.
const CALLS_MAX: usize = 60;

impl Awk {
    pub(super) fn call(
        &mut self,
        context: &mut Context<'_>,
        name: &str,
        args: &[Expression],
    ) -> Value {
        let program = self.program.clone();
        let Some(function) = program.functions.iter().find(|function| function.name == name) else {
            self.fatal(context, &format!("function `{name}' not defined"));
            return Value::Unset;
        };
        if self.frames.len() >= CALLS_MAX {
            self.fatal(context, "functions are nested too deep to be simulated here");
            return Value::Unset;
        }
        let mut cells: Vec<Cell> = Vec::new();
        for arg in args {
            cells.push(match arg {
                Expression::Place(Place::Variable(variable)) => self.argument_cell(*variable),
                other => Cell::Scalar(self.eval(context, other)),
            });
        }
        cells.resize(function.parameters.len().max(cells.len()), Cell::Untyped);
        self.frames.push(cells);
        let flow = self.statements(context, &function.body);
        self.frames.pop();
        match flow {
            Flow::Return(value) => value,
            _ => Value::Unset,
        }
    }

    pub(super) fn builtin(
        &mut self,
        context: &mut Context<'_>,
        name: &str,
        args: &[Expression],
    ) -> Value {
        match name {
            "length" => return self.length(context, args),
            "split" => return self.split_call(context, args),
            "sub" | "gsub" => return self.substitute(context, args, name == "gsub"),
            "gensub" => return self.gensub(context, args),
            "match" => return self.match_call(context, args),
            "sprintf" => return Value::string(self.format(context, args)),
            _ => {}
        }
        let values: Vec<Value> = args.iter().map(|arg| self.eval(context, arg)).collect();
        let number = |at: usize| values.get(at).map_or(0.0, Value::number_value);
        let text = |at: usize| values.get(at).map(Value::text).unwrap_or_default();
        match name {
            "substr" => substr(&text(0), number(1), values.get(2).map(Value::number_value)),
            "index" => {
                let (whole, part) = (text(0), text(1));
                let at = whole.find(part.as_str());
                let chars = at.map(|at| whole.get(..at).unwrap_or("").chars().count() + 1);
                Value::number(chars.unwrap_or(0) as f64)
            }
            "tolower" => Value::string(text(0).to_lowercase()),
            "toupper" => Value::string(text(0).to_uppercase()),
            "int" => Value::number(number(0).trunc()),
            "sqrt" => Value::number(number(0).sqrt()),
            "exp" => Value::number(number(0).exp()),
            "log" => Value::number(number(0).ln()),
            "sin" => Value::number(number(0).sin()),
            "cos" => Value::number(number(0).cos()),
            "atan2" => Value::number(number(0).atan2(number(1))),
            "rand" => {
                self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                Value::number((self.random >> 11) as f64 / (1_u64 << 53) as f64)
            }
            "srand" => {
                let old = self.seed;
                let now = context.now() / 1000;
                self.seed = values.first().map_or(now, |value| value.number_value() as u64);
                self.random = self.seed;
                Value::number(old as f64)
            }
            "systime" => Value::number((context.now() / 1000) as f64),
            "strftime" => {
                let now = (context.now() / 1000) as f64;
                let when = values.get(1).map_or(now, Value::number_value);
                let format =
                    if values.is_empty() { "%a %b %e %H:%M:%S %Z %Y".into() } else { text(0) };
                Value::string(date::format(&format, (when * 1000.0) as i64))
            }
            "close" | "fflush" => {
                self.reading.remove(&text(0));
                self.opened.remove(&text(0));
                Value::number(0.0)
            }
            "system" => {
                context.complain("system() is not simulated here; the command was not run");
                Value::number(-1.0)
            }
            other => {
                self.fatal(context, &format!("the function {other} is not simulated here"));
                Value::Unset
            }
        }
    }

    fn length(&mut self, context: &mut Context<'_>, args: &[Expression]) -> Value {
        let count = match args.first() {
            None => self.record_text().chars().count(),
            Some(Expression::Place(Place::Variable(variable))) => {
                match self.argument_cell(*variable) {
                    Cell::Scalar(value) => value.text().chars().count(),
                    _ => self.array(*variable).len(),
                }
            }
            Some(other) => self.eval(context, other).text().chars().count(),
        };
        Value::number(count as f64)
    }

    fn split_call(&mut self, context: &mut Context<'_>, args: &[Expression]) -> Value {
        let [text, Expression::Place(Place::Variable(array)), rest @ ..] = args else {
            self.fatal(context, "split: second argument is not an array");
            return Value::Unset;
        };
        let text = self.eval(context, text).text();
        let separator = match rest.first() {
            Some(separator) => self.pattern_text(context, separator),
            None => self.special("FS").text(),
        };
        let parts = split(&text, &separator);
        let elements = self.array(*array);
        elements.clear();
        for (at, part) in parts.iter().enumerate() {
            elements.insert(ecow::eco_format!("{}", at + 1), Value::input(part));
        }
        Value::number(parts.len() as f64)
    }

    fn match_call(&mut self, context: &mut Context<'_>, args: &[Expression]) -> Value {
        let [text, pattern, rest @ ..] = args else {
            self.fatal(context, "match: wrong number of arguments");
            return Value::Unset;
        };
        let text = self.eval(context, text).text();
        let pattern = self.pattern_text(context, pattern);
        let chars: Vec<char> = text.chars().collect();
        let groups = self.regex(context, &pattern).and_then(|regex| regex.find_at(&chars, 0));
        let found = groups.as_ref().and_then(|groups| groups.first().copied().flatten());
        let (start, length) = match found {
            Some((from, to)) => (from as f64 + 1.0, to as f64 - from as f64),
            None => (0.0, -1.0),
        };
        self.set_special("RSTART", Value::number(start));
        self.set_special("RLENGTH", Value::number(length));
        if let Some(Expression::Place(Place::Variable(array))) = rest.first() {
            let elements = self.array(*array);
            elements.clear();
            for (at, group) in groups.unwrap_or_default().iter().enumerate() {
                if let Some((from, to)) = group {
                    let text: String = chars.get(*from..*to).unwrap_or(&[]).iter().collect();
                    elements.insert(ecow::eco_format!("{at}"), Value::input(&text));
                }
            }
        }
        Value::number(start)
    }

    fn substitute(
        &mut self,
        context: &mut Context<'_>,
        args: &[Expression],
        global: bool,
    ) -> Value {
        let [pattern, with, rest @ ..] = args else {
            self.fatal(context, "sub: wrong number of arguments");
            return Value::Unset;
        };
        let pattern = self.pattern_text(context, pattern);
        let with = self.eval(context, with).text();
        let zero = Expression::Number(0.0_f64.to_bits());
        let whole = Place::Field(Box::new(zero));
        let place = match rest.first() {
            None => whole,
            Some(Expression::Place(place)) => place.clone(),
            Some(_) => {
                self.fatal(context, "sub: third argument is not a changeable object");
                return Value::Unset;
            }
        };
        let text = self.eval(context, &Expression::Place(place.clone())).text();
        let (changed, count) = {
            let how = How { with: &with, nth: 1, global, groups_too: false };
            self.replaced(context, &text, &pattern, how)
        };
        if count > 0 {
            self.put(context, &place, Value::string(changed));
        }
        Value::number(count as f64)
    }

    fn gensub(&mut self, context: &mut Context<'_>, args: &[Expression]) -> Value {
        let [pattern, with, how, rest @ ..] = args else {
            self.fatal(context, "gensub: wrong number of arguments");
            return Value::Unset;
        };
        let pattern = self.pattern_text(context, pattern);
        let with = self.eval(context, with).text();
        let how = self.eval(context, how);
        let global = how.text().starts_with(['g', 'G']);
        let nth = (how.number_value() as usize).max(1);
        let text = match rest.first() {
            Some(target) => self.eval(context, target).text(),
            None => self.record_text().into(),
        };
        let how = How { with: &with, nth, global, groups_too: true };
        let (changed, _) = self.replaced(context, &text, &pattern, how);
        Value::string(changed)
    }

    /// Replaces matches; the text and how many were replaced.
    fn replaced(
        &mut self,
        context: &mut Context<'_>,
        text: &str,
        pattern: &str,
        how: How<'_>,
    ) -> (String, usize) {
        let How { with, nth, global, groups_too } = how;
        let Some(regex) = self.regex(context, pattern) else { return (text.into(), 0) };
        let chars: Vec<char> = text.chars().collect();
        let mut out = String::new();
        let (mut at, mut seen, mut count) = (0, 0, 0);
        let mut last_end = None;
        while let Some(groups) = regex.find_at(&chars, at) {
            let Some(Some((start, end))) = groups.first().copied() else { break };
            out.extend(chars.get(at..start).unwrap_or(&[]));
            let repeated = start == end && last_end == Some(start);
            if !repeated {
                seen += 1;
                if seen == nth || (global && seen > nth) {
                    count += 1;
                    expand(with, &groups, &chars, groups_too, &mut out);
                } else {
                    out.extend(chars.get(start..end).unwrap_or(&[]));
                }
            }
            last_end = Some(end);
            at = end;
            if start == end {
                out.extend(chars.get(at));
                at += 1;
            }
            if at > chars.len() || (count > 0 && !global) {
                break;
            }
        }
        out.extend(chars.get(at.min(chars.len())..).unwrap_or(&[]));
        (out, count)
    }

    pub(super) fn getline(
        &mut self,
        context: &mut Context<'_>,
        place: Option<&Place>,
        file: Option<&Expression>,
    ) -> Value {
        let line: EcoString = match file {
            Some(file) => {
                let name = self.eval(context, file).text();
                if !self.reading.contains_key(&name) {
                    let Ok(text) = context.read_text(&name) else { return Value::number(-1.0) };
                    let lines = crate::programs::context::lines(&text);
                    let lines = lines.into_iter().map(EcoString::from).collect();
                    self.reading.insert(name.clone(), lines);
                }
                match self.reading.get_mut(&name).and_then(|lines| lines.pop_front()) {
                    Some(line) => line,
                    None => return Value::number(0.0),
                }
            }
            None => {
                let Some(line) = self.kept.get(self.kept_at).cloned() else {
                    return Value::number(0.0);
                };
                self.kept_at += 1;
                for name in ["NR", "FNR"] {
                    let count = self.special(name).number_value() + 1.0;
                    self.set_special(name, Value::number(count));
                }
                line.text.into()
            }
        };
        match place {
            Some(place) => self.put(context, place, Value::input(&line)),
            None => self.set_record(&line),
        }
        Value::number(1.0)
    }
}

/// Which matches are replaced by what.
#[derive(Clone, Copy)]
struct How<'a> {
    with: &'a str,
    nth: usize,
    global: bool,
    groups_too: bool,
}

fn substr(text: &str, from: f64, length: Option<f64>) -> Value {
    let from = from.round();
    let end = length.map_or(f64::INFINITY, |length| from + length.round());
    let chars = text.chars().enumerate().filter(|(at, _)| {
        let place = *at as f64 + 1.0;
        place >= from && place < end
    });
    Value::string(chars.map(|(_, c)| c).collect::<String>())
}

fn expand(
    with: &str,
    groups: &crate::script::regex::Groups,
    chars: &[char],
    groups_too: bool,
    out: &mut String,
) {
    let group = |number: usize, out: &mut String| {
        let range = groups.get(number).copied().flatten();
        out.extend(range.and_then(|(from, to)| chars.get(from..to)).unwrap_or(&[]));
    };
    let mut letters = with.chars();
    while let Some(c) = letters.next() {
        match c {
            '&' => group(0, out),
            '\\' => match letters.next() {
                Some(digit) if groups_too && digit.is_ascii_digit() => {
                    group(digit.to_digit(10).unwrap_or(0) as usize, out);
                }
                Some('&') => out.push('&'),
                Some('\\') => out.push('\\'),
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
}
