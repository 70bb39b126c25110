//! Integer arithmetic of `$(( ))`, `(( ))`, `let` and array indexes.

use ecow::{EcoString, eco_format};

/// Where names in an expression get their values from and go to.
pub trait Names {
    /// The text of a variable, empty if unset; an error if that is forbidden.
    fn get(&mut self, name: &str, index: Option<&str>) -> Result<EcoString, EcoString>;
    /// Sets a variable.
    fn set(&mut self, name: &str, index: Option<&str>, value: i64) -> Result<(), EcoString>;
}

/// An expression that cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ArithmeticError {
    /// bash: `EXPR: MESSAGE (error token is "TOKEN")`.
    At {
        /// What is wrong.
        message: &'static str,
        /// The rest of the expression from the error on.
        token: EcoString,
    },
    /// A complete message from a name.
    Name(EcoString),
}

impl ArithmeticError {
    /// As bash prints it after its name.
    pub fn bash(&self, expression: &str) -> EcoString {
        match self {
            Self::At { message, token } => {
                let expression = expression.trim_start();
                eco_format!("{expression}: {message} (error token is \"{token}\")")
            }
            Self::Name(text) => text.clone(),
        }
    }

    /// As busybox sh prints it.
    pub fn ash(&self) -> EcoString {
        match self {
            Self::At { message: "division by 0", .. } => "divide by zero".into(),
            Self::At { .. } => "arithmetic syntax error".into(),
            Self::Name(text) => text.clone(),
        }
    }
}

type Value = Result<i64, ArithmeticError>;

/// Evaluates an expression; an empty one is 0.
pub fn evaluate(text: &str, names: &mut dyn Names) -> Value {
    let mut machine = Evaluator { chars: text.chars().collect(), at: 0, names, depth: 0, off: 0 };
    machine.blanks();
    if machine.chars.get(machine.at).is_none() {
        return Ok(0);
    }
    let value = machine.comma()?;
    machine.blanks();
    if machine.chars.get(machine.at).is_some() {
        return Err(machine.error("syntax error in expression"));
    }
    Ok(value)
}

struct Evaluator<'a> {
    chars: Vec<char>,
    at: usize,
    names: &'a mut dyn Names,
    depth: u32,
    /// Above zero in the branch of `?:`, `&&`, `||` that does not count.
    off: u32,
}

/// Binary operators by level, loosest first.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

const ASSIGNMENTS: [&str; 11] = ["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|="];

impl Evaluator<'_> {
    fn error(&self, message: &'static str) -> ArithmeticError {
        let token: String = self.chars.get(self.at..).unwrap_or(&[]).iter().collect();
        ArithmeticError::At { message, token: token.trim_end().into() }
    }

    fn blanks(&mut self) {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, c)| self.chars.get(self.at + index) == Some(&c))
    }

    fn eat(&mut self, text: &str) -> bool {
        self.blanks();
        let found = self.looking_at(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn comma(&mut self) -> Value {
        self.depth += 1;
        if self.depth > 100 {
            return Err(self.error("expression recursion level exceeded"));
        }
        let mut value = self.assignment()?;
        while self.eat(",") {
            value = self.assignment()?;
        }
        self.depth -= 1;
        Ok(value)
    }

    fn assignment(&mut self) -> Value {
        self.blanks();
        let start = self.at;
        if let Some((name, index)) = self.name()? {
            self.blanks();
            for operator in ASSIGNMENTS {
                let equality = operator == "=" && self.looking_at("==");
                if self.looking_at(operator) && !equality {
                    self.at += operator.len();
                    let right = self.assignment()?;
                    return self.assign(&name, index.as_deref(), operator, right);
                }
            }
        }
        self.at = start;
        self.conditional()
    }

    fn assign(&mut self, name: &str, index: Option<&str>, operator: &str, right: i64) -> Value {
        let value = match operator.strip_suffix('=') {
            Some("") | None => right,
            Some(operator) => {
                let left = self.variable(name, index)?;
                self.apply(operator, left, right)?
            }
        };
        if self.off == 0 {
            self.names.set(name, index, value).map_err(ArithmeticError::Name)?;
        }
        Ok(value)
    }

    fn conditional(&mut self) -> Value {
        let condition = self.binary(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        self.off += u32::from(condition == 0);
        let yes = self.comma()?;
        self.off -= u32::from(condition == 0);
        if !self.eat(":") {
            return Err(self.error("`:' expected for conditional expression"));
        }
        self.off += u32::from(condition != 0);
        let no = self.assignment()?;
        self.off -= u32::from(condition != 0);
        Ok(if condition != 0 { yes } else { no })
    }

    fn binary(&mut self, level: usize) -> Value {
        let Some(operators) = LEVELS.get(level) else {
            return self.power();
        };
        let mut left = self.binary(level + 1)?;
        loop {
            self.blanks();
            let Some(operator) = operators.iter().copied().find(|op| self.is_operator(op)) else {
                return Ok(left);
            };
            self.at += operator.len();
            let skip = match operator {
                "||" => left != 0,
                "&&" => left == 0,
                _ => false,
            };
            self.off += u32::from(skip);
            let before = self.at;
            let right = self.binary(level + 1)?;
            self.off -= u32::from(skip);
            if right == 0 && self.off == 0 && matches!(operator, "/" | "%") {
                self.at = before;
                self.blanks();
                return Err(self.error("division by 0"));
            }
            left = self.apply(operator, left, right)?;
        }
    }

    /// Whether the operator stands here and is not the beginning of a longer one.
    fn is_operator(&self, operator: &str) -> bool {
        let next = self.chars.get(self.at + operator.len()).copied();
        let longer = match operator {
            "|" | "&" => next == operator.chars().next() || next == Some('='),
            "<" | ">" => next == operator.chars().next(),
            "*" => matches!(next, Some('*' | '=')),
            "+" | "-" | "/" | "%" | "^" | "<<" | ">>" => next == Some('='),
            _ => false,
        };
        self.looking_at(operator) && !longer
    }

    fn apply(&self, operator: &str, a: i64, b: i64) -> Value {
        Ok(match operator {
            "||" => i64::from(a != 0 || b != 0),
            "&&" => i64::from(a != 0 && b != 0),
            "|" => a | b,
            "^" => a ^ b,
            "&" => a & b,
            "==" => i64::from(a == b),
            "!=" => i64::from(a != b),
            "<=" => i64::from(a <= b),
            ">=" => i64::from(a >= b),
            "<" => i64::from(a < b),
            ">" => i64::from(a > b),
            "<<" => a.wrapping_shl(b as u32),
            ">>" => a.wrapping_shr(b as u32),
            "+" => a.wrapping_add(b),
            "-" => a.wrapping_sub(b),
            "*" => a.wrapping_mul(b),
            "/" | "%" if b == 0 && self.off == 0 => return Err(self.error("division by 0")),
            "/" => a.checked_div(b).unwrap_or(0),
            "%" => a.checked_rem(b).unwrap_or(0),
            _ => b,
        })
    }

    fn power(&mut self) -> Value {
        let base = self.unary()?;
        if !self.eat("**") {
            return Ok(base);
        }
        let exponent = self.power()?;
        if exponent < 0 {
            return Err(self.error("exponent less than 0"));
        }
        let mut value = 1_i64;
        for _ in 0..exponent.min(64) {
            value = value.wrapping_mul(base);
        }
        Ok(value)
    }

    fn unary(&mut self) -> Value {
        self.blanks();
        self.depth += 1;
        if self.depth > 400 {
            return Err(self.error("expression recursion level exceeded"));
        }
        let value = if self.looking_at("++") || self.looking_at("--") {
            self.prefix_step()?
        } else if self.eat("!") {
            i64::from(self.unary()? == 0)
        } else if self.eat("~") {
            !self.unary()?
        } else if self.eat("-") {
            self.unary()?.wrapping_neg()
        } else if self.eat("+") {
            self.unary()?
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn prefix_step(&mut self) -> Value {
        let up = self.looking_at("++");
        self.at += 2;
        self.blanks();
        match self.name()? {
            Some((name, index)) => {
                let operator = if up { "+=" } else { "-=" };
                self.assign(&name, index.as_deref(), operator, 1)
            }
            None => {
                let value = self.unary()?;
                Ok(value)
            }
        }
    }

    fn primary(&mut self) -> Value {
        self.blanks();
        if self.eat("(") {
            let value = self.comma()?;
            if !self.eat(")") {
                return Err(self.error("missing `)'"));
            }
            return Ok(value);
        }
        if let Some((name, index)) = self.name()? {
            let value = self.variable(&name, index.as_deref())?;
            for (operator, step) in [("++", "+="), ("--", "-=")] {
                if self.eat(operator) {
                    self.assign(&name, index.as_deref(), step, 1)?;
                    break;
                }
            }
            return Ok(value);
        }
        self.number()
    }

    fn name(&mut self) -> Result<Option<(String, Option<String>)>, ArithmeticError> {
        let start = self.at;
        while let Some(c) = self.chars.get(self.at) {
            let digit_inside = self.at > start && c.is_ascii_digit();
            if *c == '_' || c.is_ascii_alphabetic() || digit_inside {
                self.at += 1;
            } else {
                break;
            }
        }
        if self.at == start {
            return Ok(None);
        }
        let name = self.chars.get(start..self.at).unwrap_or(&[]).iter().collect();
        if self.chars.get(self.at) != Some(&'[') {
            return Ok(Some((name, None)));
        }
        let rest = self.chars.get(self.at + 1..).unwrap_or(&[]);
        let Some(length) = rest.iter().position(|c| *c == ']') else {
            return Err(self.error("bad array subscript"));
        };
        let index = rest.get(..length).unwrap_or(&[]).iter().collect();
        self.at += length + 2;
        Ok(Some((name, Some(index))))
    }

    /// The value of a variable, itself an expression.
    fn variable(&mut self, name: &str, index: Option<&str>) -> Value {
        let text = self.names.get(name, index).map_err(ArithmeticError::Name)?;
        let text = text.trim();
        if text.is_empty() {
            return Ok(0);
        }
        if let Ok(value) = text.parse::<i64>()
            && !(text.len() > 1 && text.starts_with('0'))
        {
            return Ok(value);
        }
        if self.depth > 40 {
            return Err(self.error("expression recursion level exceeded"));
        }
        let chars = text.chars().collect();
        let mut inner =
            Evaluator { chars, at: 0, names: &mut *self.names, depth: self.depth + 10, off: 0 };
        let value = inner.comma()?;
        inner.blanks();
        if inner.chars.get(inner.at).is_some() {
            return Err(inner.error("syntax error in expression"));
        }
        Ok(value)
    }

    fn number(&mut self) -> Value {
        let start = self.at;
        while self.chars.get(self.at).is_some_and(|c| c.is_alphanumeric() || "#_@".contains(*c)) {
            self.at += 1;
        }
        let text: String = self.chars.get(start..self.at).unwrap_or(&[]).iter().collect();
        if text.is_empty() {
            // At the end the complaint is about the operator before it.
            if self.at >= self.chars.len() {
                let before = self.chars.iter().rposition(|c| !c.is_whitespace());
                self.at = before.unwrap_or(self.at);
            }
            return Err(self.error("syntax error: operand expected"));
        }
        let (base, digits) = match text.split_once('#') {
            Some((base, digits)) => (base.parse().unwrap_or(0), digits),
            None if text.starts_with("0x") || text.starts_with("0X") => {
                (16, text.get(2..).unwrap_or(""))
            }
            None if text.len() > 1 && text.starts_with('0') => (8, text.get(1..).unwrap_or("")),
            None => (10, text.as_str()),
        };
        self.digits(base, digits).map_err(|message| {
            self.at = start;
            self.error(message)
        })
    }

    fn digits(&self, base: i64, digits: &str) -> Result<i64, &'static str> {
        if !(2..=64).contains(&base) {
            return Err("invalid arithmetic base");
        }
        let mut value = 0_i64;
        for c in digits.chars() {
            let digit = match c {
                '0'..='9' => c as i64 - '0' as i64,
                'a'..='z' => c as i64 - 'a' as i64 + 10,
                'A'..='Z' if base <= 36 => c as i64 - 'A' as i64 + 10,
                'A'..='Z' => c as i64 - 'A' as i64 + 36,
                '@' => 62,
                '_' => 63,
                _ => return Err("syntax error: operand expected"),
            };
            if digit >= base {
                return Err("value too great for base");
            }
            value = value.wrapping_mul(base).wrapping_add(digit);
        }
        Ok(value)
    }
}
