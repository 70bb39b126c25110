//! `expr`.

use ecow::EcoString;

use super::context::{Context, Whole};
use crate::script::Flavour;
use crate::script::regex::{Regex, Syntax};

struct Parser<'a> {
    words: &'a [EcoString],
    at: usize,
    depth: u32,
}

/// Why an expression fails.
enum Problem {
    Syntax(String),
    NotInteger,
    Division,
}

type Value = Result<String, Problem>;

/// `expr`.
pub fn expr(context: &mut Context<'_>) -> Whole {
    let args = context.args.to_vec();
    if args.is_empty() {
        match context.flavour {
            Flavour::Gnu => context.usage_error("missing operand"),
            Flavour::Busybox => {
                context.complain("too few arguments");
                2
            }
        };
        return Ok(2);
    }
    let mut parser = Parser { words: &args, at: 0, depth: 0 };
    let result = parser.or().and_then(|value| match parser.words.get(parser.at) {
        None => Ok(value),
        Some(extra) => Err(Problem::Syntax(format!("syntax error: unexpected argument ‘{extra}’"))),
    });
    match result {
        Ok(value) => {
            context.out(&format!("{value}\n"));
            Ok(i32::from(is_null(&value)))
        }
        Err(problem) => {
            let text = match (problem, context.flavour) {
                (Problem::Syntax(text), Flavour::Gnu) => text,
                (Problem::Syntax(_), Flavour::Busybox) => "syntax error".into(),
                (Problem::NotInteger, Flavour::Gnu) => "non-integer argument".into(),
                (Problem::NotInteger, Flavour::Busybox) => "non-numeric argument".into(),
                (Problem::Division, _) => "division by zero".into(),
            };
            context.complain(&text);
            Ok(2)
        }
    }
}

fn is_null(value: &str) -> bool {
    value.is_empty() || value == "0"
}

impl Parser<'_> {
    fn eat(&mut self, options: &[&str]) -> Option<String> {
        let word = self.words.get(self.at)?;
        let found = options.contains(&word.as_str()).then(|| word.to_string());
        self.at += usize::from(found.is_some());
        found
    }

    fn or(&mut self) -> Value {
        self.depth += 1;
        if self.depth > 100 {
            return Err(Problem::Syntax("syntax error".into()));
        }
        let mut left = self.and()?;
        while self.eat(&["|"]).is_some() {
            let right = self.and()?;
            if is_null(&left) {
                left = if is_null(&right) { "0".into() } else { right };
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Value {
        let mut left = self.compare()?;
        while self.eat(&["&"]).is_some() {
            let right = self.compare()?;
            if is_null(&left) || is_null(&right) {
                left = "0".into();
            }
        }
        Ok(left)
    }

    fn compare(&mut self) -> Value {
        let mut left = self.sum()?;
        while let Some(operator) = self.eat(&["<", "<=", "=", "==", "!=", ">=", ">"]) {
            let right = self.sum()?;
            let order = match (left.parse::<i64>(), right.parse::<i64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                _ => left.cmp(&right),
            };
            let holds = match operator.as_str() {
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                "!=" => order.is_ne(),
                ">=" => order.is_ge(),
                ">" => order.is_gt(),
                _ => order.is_eq(),
            };
            left = i32::from(holds).to_string();
        }
        Ok(left)
    }

    fn sum(&mut self) -> Value {
        let mut left = self.product()?;
        while let Some(operator) = self.eat(&["+", "-"]) {
            let right = integer(&self.product()?)?;
            let value = integer(&left)?;
            let value =
                if operator == "+" { value.wrapping_add(right) } else { value.wrapping_sub(right) };
            left = value.to_string();
        }
        Ok(left)
    }

    fn product(&mut self) -> Value {
        let mut left = self.matching()?;
        while let Some(operator) = self.eat(&["*", "/", "%"]) {
            let right = integer(&self.matching()?)?;
            let value = integer(&left)?;
            let value = match operator.as_str() {
                "*" => Some(value.wrapping_mul(right)),
                "/" => value.checked_div(right),
                _ => value.checked_rem(right),
            };
            left = value.ok_or(Problem::Division)?.to_string();
        }
        Ok(left)
    }

    fn matching(&mut self) -> Value {
        let mut left = self.primary()?;
        while self.eat(&[":"]).is_some() {
            let pattern = self.primary()?;
            left = match_start(&left, &pattern)?;
        }
        Ok(left)
    }

    fn primary(&mut self) -> Value {
        let Some(word) = self.words.get(self.at).cloned() else {
            let last = self.words.last().cloned().unwrap_or_default();
            return Err(Problem::Syntax(format!("syntax error: missing argument after ‘{last}’")));
        };
        self.at += 1;
        match word.as_str() {
            "(" => {
                let value = self.or()?;
                if self.eat(&[")"]).is_none() {
                    return Err(Problem::Syntax("syntax error: expecting ')'".into()));
                }
                Ok(value)
            }
            "length" if self.at < self.words.len() => {
                Ok(self.primary()?.chars().count().to_string())
            }
            "match" if self.at + 1 < self.words.len() => {
                let (text, pattern) = (self.primary()?, self.primary()?);
                match_start(&text, &pattern)
            }
            "index" if self.at + 1 < self.words.len() => {
                let (text, set) = (self.primary()?, self.primary()?);
                let at = text.chars().position(|c| set.contains(c));
                Ok(at.map_or(0, |at| at + 1).to_string())
            }
            "substr" if self.at + 2 < self.words.len() => {
                let text = self.primary()?;
                let (from, count) = (integer(&self.primary()?)?, integer(&self.primary()?)?);
                if from < 1 || count < 1 {
                    return Ok(String::new());
                }
                Ok(text.chars().skip(from as usize - 1).take(count as usize).collect())
            }
            _ => Ok(word.to_string()),
        }
    }
}

fn integer(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::NotInteger)
}

/// The first group of a match at the start, or its length.
fn match_start(text: &str, pattern: &str) -> Value {
    let anchored = format!("^{}", pattern.strip_prefix('^').unwrap_or(pattern));
    let regex = Regex::new(&anchored, Syntax::Basic, false)
        .map_err(|error| Problem::Syntax(error.0.into()))?;
    let chars: Vec<char> = text.chars().collect();
    let groups = regex.find_at(&chars, 0).unwrap_or_default();
    if regex.groups() > 0 {
        let range = groups.get(1).copied().flatten();
        let found = range.and_then(|(from, to)| chars.get(from..to)).unwrap_or(&[]);
        return Ok(found.iter().collect());
    }
    let length = groups.first().copied().flatten().map_or(0, |(from, to)| to - from);
    Ok(length.to_string())
}
