//! Running an awk program.

use ecow::EcoString;

use super::Awk;
use super::syntax::{Expression, Operator, Output, Pattern, Place, Statement, Variable};
use super::value::{Cell, Value};
use crate::programs::context::Context;
use crate::programs::stream::Line;
use crate::script::Flavour;
use crate::script::escape::{Style, decode};
use crate::script::format::Spec;
use crate::script::regex::{Regex, Syntax};

/// Statements run for one record at most.
const STEPS_MAX: u64 = 2_000_000;
/// Fields and subscripts beyond this are refused.
const FIELDS_MAX: usize = 100_000;

/// How a statement ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Flow {
    Normal,
    Break,
    Continue,
    Next,
    NextFile,
    Exit,
    Return(Value),
}

/// Escapes of strings and `-v`.
pub fn unescape(text: &str) -> String {
    String::from_utf8_lossy(&decode(&text.replace("\\/", "/"), Style::Printf).bytes).into_owned()
}

/// Cuts kept lines into records by another separator than the newline.
pub fn records(lines: &[Line], separator: &str) -> Vec<Line> {
    if separator == "\n" {
        return lines.to_vec();
    }
    let mut out: Vec<Line> = Vec::new();
    let mut rest = lines;
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|line| line.file == first.file).count();
        let (mine, others) = rest.split_at(count);
        let text: String = mine.iter().map(|line| format!("{}\n", line.text)).collect();
        let pieces: Vec<String> = if separator.is_empty() {
            let pieces = text.split("\n\n").map(|piece| piece.trim_matches('\n').to_owned());
            pieces.filter(|piece| !piece.is_empty()).collect()
        } else if separator.chars().count() == 1 {
            text.trim_end_matches('\n').split(separator).map(str::to_owned).collect()
        } else {
            split_regex(text.trim_end_matches('\n'), separator)
        };
        for text in pieces {
            out.push(Line { text, newline: true, last: false, file: first.file.clone() });
        }
        rest = others;
    }
    out
}

fn split_regex(text: &str, separator: &str) -> Vec<String> {
    let Ok(regex) = Regex::new(separator, Syntax::Extended, false) else {
        return vec![text.to_owned()];
    };
    let chars: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    let mut from = 0;
    while let Some(groups) = regex.find_at(&chars, from) {
        let Some(Some((start, end))) = groups.first().copied() else { break };
        if end == start {
            from = end + 1;
            if from > chars.len() {
                break;
            }
            continue;
        }
        pieces.push(chars.get(at..start).unwrap_or(&[]).iter().collect());
        at = end;
        from = end;
    }
    pieces.push(chars.get(at..).unwrap_or(&[]).iter().collect());
    pieces
}

impl Awk {
    /// An error that ends the program.
    pub(super) fn fatal(&mut self, context: &mut Context<'_>, text: &str) {
        if self.exit.is_none() {
            match context.flavour {
                Flavour::Gnu => context.complain(&format!("cmd. line:1: fatal: {text}")),
                Flavour::Busybox => context.complain(&format!("cmd. line:1: {text}")),
            }
        }
        self.exit = Some(2);
        self.exiting = true;
    }

    fn step(&mut self, context: &mut Context<'_>) -> bool {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            self.fatal(context, "the program runs too long to be simulated here");
        }
        self.exit.is_none()
    }

    pub(super) fn run_rules(&mut self, context: &mut Context<'_>) -> Flow {
        self.steps = 0;
        let program = self.program.clone();
        for (index, rule) in program.rules.iter().enumerate() {
            let applies = match &rule.pattern {
                Pattern::Always => true,
                Pattern::When(condition) => self.truth(context, condition),
                Pattern::Range(first, last) => self.range(context, index, first, last),
            };
            if self.exit.is_some() {
                return Flow::Exit;
            }
            if !applies {
                continue;
            }
            let flow = match &rule.body {
                Some(body) => self.statements(context, body),
                None => {
                    let text = self.record_text();
                    let end = self.special("ORS").text();
                    context.out(&format!("{text}{end}"));
                    Flow::Normal
                }
            };
            match flow {
                Flow::Next => return Flow::Normal,
                Flow::NextFile | Flow::Exit => return flow,
                _ => {}
            }
        }
        Flow::Normal
    }

    fn range(
        &mut self,
        context: &mut Context<'_>,
        index: usize,
        first: &Expression,
        last: &Expression,
    ) -> bool {
        let inside = self.active.get(index).copied().unwrap_or(false);
        if !inside && !self.truth(context, first) {
            return false;
        }
        let ends = self.truth(context, last);
        if let Some(place) = self.active.get_mut(index) {
            *place = !ends;
        }
        true
    }

    pub(super) fn run_body(&mut self, context: &mut Context<'_>, body: &[Statement]) {
        self.steps = 0;
        self.statements(context, body);
    }

    pub(super) fn statements(&mut self, context: &mut Context<'_>, body: &[Statement]) -> Flow {
        for statement in body {
            let flow = self.statement(context, statement);
            if flow != Flow::Normal {
                return flow;
            }
        }
        Flow::Normal
    }

    fn statement(&mut self, context: &mut Context<'_>, statement: &Statement) -> Flow {
        if !self.step(context) {
            return Flow::Exit;
        }
        match statement {
            Statement::Expression(expression) => {
                self.eval(context, expression);
            }
            Statement::Print(args, output) => self.print(context, args, output),
            Statement::Printf(args, output) => {
                let text = self.format(context, args);
                if self.exit.is_none() {
                    self.emit(context, &text, output);
                }
            }
            Statement::If(condition, yes, no) => {
                let branch = if self.truth(context, condition) { yes } else { no };
                return self.statements(context, branch);
            }
            Statement::While(condition, body) => {
                while self.step(context) && self.truth(context, condition) {
                    if let Some(flow) = self.loop_body(context, body) {
                        return flow;
                    }
                }
            }
            Statement::Do(body, condition) => loop {
                if let Some(flow) = self.loop_body(context, body) {
                    return flow;
                }
                if !self.step(context) || !self.truth(context, condition) {
                    break;
                }
            },
            Statement::For(ends, condition, body) => {
                return self.for_loop(context, ends, condition.as_ref(), body);
            }
            Statement::ForIn(key, array, body) => {
                return self.for_in(context, *key, *array, body);
            }
            Statement::Block(body) => return self.statements(context, body),
            Statement::Next => return Flow::Next,
            Statement::NextFile => return Flow::NextFile,
            Statement::Exit(code) => {
                let code = code.as_ref().map(|code| self.eval(context, code));
                let before = self.exit.unwrap_or(0);
                self.exit = Some(code.map_or(before, |code| code.number_value() as i32 & 0xff));
                return Flow::Exit;
            }
            Statement::Return(value) => {
                let value = value.as_ref().map(|value| self.eval(context, value));
                return Flow::Return(value.unwrap_or(Value::Unset));
            }
            Statement::Break => return Flow::Break,
            Statement::Continue => return Flow::Continue,
            Statement::Delete(array, index) => self.delete(context, *array, index.as_deref()),
        }
        if self.exit.is_some() { Flow::Exit } else { Flow::Normal }
    }

    /// Runs a loop's body once; a flow that leaves the statement.
    fn loop_body(&mut self, context: &mut Context<'_>, body: &[Statement]) -> Option<Flow> {
        match self.statements(context, body) {
            Flow::Normal | Flow::Continue => None,
            Flow::Break => Some(Flow::Normal),
            other => Some(other),
        }
    }

    fn for_loop(
        &mut self,
        context: &mut Context<'_>,
        ends: &[Option<Statement>; 2],
        condition: Option<&Expression>,
        body: &[Statement],
    ) -> Flow {
        let [first, step] = ends;
        if let Some(first) = first {
            self.statement(context, first);
        }
        while self.step(context) && condition.is_none_or(|test| self.truth(context, test)) {
            if let Some(flow) = self.loop_body(context, body) {
                return flow;
            }
            if let Some(step) = step {
                self.statement(context, step);
            }
        }
        if self.exit.is_some() { Flow::Exit } else { Flow::Normal }
    }

    fn for_in(
        &mut self,
        context: &mut Context<'_>,
        key: Variable,
        array: Variable,
        body: &[Statement],
    ) -> Flow {
        let keys: Vec<EcoString> = self.array(array).keys().cloned().collect();
        for name in keys {
            if !self.step(context) {
                return Flow::Exit;
            }
            self.assign_variable(key, Value::input(&name));
            if let Some(flow) = self.loop_body(context, body) {
                return flow;
            }
        }
        Flow::Normal
    }

    fn delete(&mut self, context: &mut Context<'_>, array: Variable, index: Option<&[Expression]>) {
        match index {
            Some(index) => {
                let key = self.subscript(context, index);
                self.array(array).remove(&key);
            }
            None => self.array(array).clear(),
        }
    }

    fn print(&mut self, context: &mut Context<'_>, args: &[Expression], output: &Output) {
        let format = self.special("OFMT").text();
        let texts: Vec<EcoString> = if args.is_empty() {
            vec![self.record_text().into()]
        } else {
            args.iter().map(|arg| self.eval(context, arg).text_as(&format)).collect()
        };
        if self.exit.is_some() {
            return;
        }
        let between = self.special("OFS").text();
        let end = self.special("ORS").text();
        self.emit(context, &format!("{}{end}", texts.join(&between)), output);
    }

    fn emit(&mut self, context: &mut Context<'_>, text: &str, output: &Output) {
        let (target, append) = match output {
            Output::Standard => return context.out(text),
            Output::File(target) => (target, false),
            Output::Append(target) => (target, true),
            Output::Command(command) => {
                let command = self.eval(context, command).text();
                match self.piped.iter_mut().find(|(known, _)| *known == command) {
                    Some((_, bytes)) => bytes.extend_from_slice(text.as_bytes()),
                    None => self.piped.push((command, text.as_bytes().to_vec())),
                }
                return;
            }
        };
        let name = self.eval(context, target).text();
        match name.as_str() {
            "/dev/stdout" => return context.out(text),
            "/dev/stderr" => return context.err(text),
            _ => {}
        }
        let path = context.path(&name);
        let now = context.now();
        let first = self.opened.insert(name.clone());
        let done = if first && !append {
            context.files().write(&path, text.as_bytes(), now)
        } else {
            context.files().append(&path, text.as_bytes(), now)
        };
        if let Err(error) = done {
            self.fatal(context, &format!("cannot redirect to `{name}': {error}"));
        }
    }

    pub(super) fn truth(&mut self, context: &mut Context<'_>, expression: &Expression) -> bool {
        self.eval(context, expression).is_true()
    }

    pub(super) fn eval(&mut self, context: &mut Context<'_>, expression: &Expression) -> Value {
        if !self.step(context) {
            return Value::Unset;
        }
        match expression {
            Expression::Number(bits) => Value::Number(*bits),
            Expression::String(text) => Value::String(text.clone()),
            Expression::Regex(pattern) => {
                let text = self.record_text();
                Value::boolean(self.matches(context, &text, pattern))
            }
            Expression::Group(inside) => self.eval(context, inside),
            Expression::Place(place) => self.get(context, place),
            Expression::Assign(place, operator, right) => {
                let mut value = self.eval(context, right);
                if let Some(operator) = operator {
                    let old = self.get(context, place);
                    value = self.calculate(context, *operator, &old, &value);
                }
                self.put(context, place, value.clone());
                value
            }
            Expression::Step(place, before, up) => {
                let old = self.get(context, place).number_value();
                let new = if *up { old + 1.0 } else { old - 1.0 };
                self.put(context, place, Value::number(new));
                Value::number(if *before { new } else { old })
            }
            Expression::Unary(sign, inside) => {
                let value = self.eval(context, inside);
                match sign {
                    '!' => Value::boolean(!value.is_true()),
                    '-' => Value::number(-value.number_value()),
                    _ => Value::number(value.number_value()),
                }
            }
            Expression::Binary(operator, left, right) => {
                let left = self.eval(context, left);
                let right = self.eval(context, right);
                self.calculate(context, *operator, &left, &right)
            }
            Expression::And(left, right) => {
                Value::boolean(self.truth(context, left) && self.truth(context, right))
            }
            Expression::Or(left, right) => {
                Value::boolean(self.truth(context, left) || self.truth(context, right))
            }
            Expression::Conditional(parts) => {
                let [condition, yes, no] = parts.as_ref();
                let branch = if self.truth(context, condition) { yes } else { no };
                self.eval(context, branch)
            }
            Expression::Match(text, pattern, negated) => {
                let text = self.eval(context, text).text();
                let pattern = self.pattern_text(context, pattern);
                Value::boolean(self.matches(context, &text, &pattern) != *negated)
            }
            Expression::In(index, array) => {
                let key = self.subscript(context, index);
                Value::boolean(self.array(*array).contains_key(&key))
            }
            Expression::Call(name, args) => self.call(context, name, args),
            Expression::Builtin(name, args) => self.builtin(context, name, args),
            Expression::Getline(place, file) => {
                self.getline(context, place.as_ref(), file.as_deref())
            }
        }
    }

    /// A regex literal's pattern, or the text of an expression as one.
    pub(super) fn pattern_text(
        &mut self,
        context: &mut Context<'_>,
        expression: &Expression,
    ) -> EcoString {
        match expression {
            Expression::Regex(pattern) => pattern.clone(),
            other => self.eval(context, other).text(),
        }
    }

    fn calculate(
        &mut self,
        context: &mut Context<'_>,
        operator: Operator,
        left: &Value,
        right: &Value,
    ) -> Value {
        use std::cmp::Ordering;
        let (a, b) = (left.number_value(), right.number_value());
        match operator {
            Operator::Add => Value::number(a + b),
            Operator::Subtract => Value::number(a - b),
            Operator::Multiply => Value::number(a * b),
            Operator::Divide | Operator::Modulo if b == 0.0 => {
                let mark = if operator == Operator::Divide { "" } else { " in `%'" };
                let text = match context.flavour {
                    Flavour::Gnu => format!("division by zero attempted{mark}"),
                    Flavour::Busybox => "Division by zero".into(),
                };
                self.fatal(context, &text);
                Value::Unset
            }
            Operator::Divide => Value::number(a / b),
            Operator::Modulo => Value::number(a % b),
            Operator::Power => Value::number(a.powf(b)),
            Operator::Concat => {
                let format = self.special("CONVFMT").text();
                let mut text = left.text_as(&format);
                text.push_str(&right.text_as(&format));
                if text.len() > 1 << 20 {
                    self.fatal(context, "a string is too long to be simulated here");
                }
                Value::String(text)
            }
            Operator::Less => Value::boolean(left.compare(right) == Ordering::Less),
            Operator::LessEqual => Value::boolean(left.compare(right) != Ordering::Greater),
            Operator::Equal => Value::boolean(left.compare(right) == Ordering::Equal),
            Operator::NotEqual => Value::boolean(left.compare(right) != Ordering::Equal),
            Operator::Greater => Value::boolean(left.compare(right) == Ordering::Greater),
            Operator::GreaterEqual => Value::boolean(left.compare(right) != Ordering::Less),
        }
    }

    pub(super) fn regex(&mut self, context: &mut Context<'_>, pattern: &str) -> Option<Regex> {
        if let Some(regex) = self.regexes.get(pattern) {
            return Some(regex.clone());
        }
        match Regex::new(pattern, Syntax::Extended, false) {
            Ok(regex) => {
                if self.regexes.len() < 100 {
                    self.regexes.insert(pattern.into(), regex.clone());
                }
                Some(regex)
            }
            Err(error) => {
                self.fatal(context, &format!("invalid regexp: {}: /{pattern}/", error.0));
                None
            }
        }
    }

    pub(super) fn matches(&mut self, context: &mut Context<'_>, text: &str, pattern: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        self.regex(context, pattern).is_some_and(|regex| regex.is_match(&chars))
    }

    // Variables, arrays, fields.

    /// The cell of a variable, through array parameters.
    fn cell(&mut self, variable: Variable) -> &mut Cell {
        let (mut frame, mut at) = match variable {
            Variable::Global(at) => (None, at),
            Variable::Local(at) => (self.frames.len().checked_sub(1), at),
        };
        for _ in 0..200 {
            let cells = match frame {
                None => &self.globals,
                Some(frame) => match self.frames.get(frame) {
                    Some(cells) => cells,
                    None => break,
                },
            };
            match cells.get(at) {
                Some(Cell::Alias(next, place)) => (frame, at) = (*next, *place),
                _ => break,
            }
        }
        let cells = match frame {
            None => &mut self.globals,
            Some(frame) => {
                while self.frames.len() <= frame {
                    self.frames.push(Vec::new());
                }
                &mut self.frames[frame]
            }
        };
        // Both places exist: they were made just above.
        while cells.len() <= at {
            cells.push(Cell::Untyped);
        }
        &mut cells[at]
    }

    pub(super) fn array(
        &mut self,
        variable: Variable,
    ) -> &mut std::collections::BTreeMap<EcoString, Value> {
        let cell = self.cell(variable);
        if !matches!(cell, Cell::Array(_)) {
            *cell = Cell::Array(std::collections::BTreeMap::new());
        }
        match cell {
            Cell::Array(elements) => elements,
            _ => unreachable!("the cell was made an array just above"),
        }
    }

    /// What a call hands on for a bare variable: an alias if it may be an array.
    pub(super) fn argument_cell(&mut self, variable: Variable) -> Cell {
        match self.cell(variable) {
            Cell::Scalar(value) => Cell::Scalar(value.clone()),
            _ => match variable {
                Variable::Global(at) => Cell::Alias(None, at),
                Variable::Local(at) => Cell::Alias(self.frames.len().checked_sub(1), at),
            },
        }
    }

    pub(super) fn subscript(
        &mut self,
        context: &mut Context<'_>,
        index: &[Expression],
    ) -> EcoString {
        let format = self.special("CONVFMT").text();
        let parts: Vec<EcoString> =
            index.iter().map(|part| self.eval(context, part).text_as(&format)).collect();
        parts.join(&self.special("SUBSEP").text()).into()
    }

    fn get(&mut self, context: &mut Context<'_>, place: &Place) -> Value {
        match place {
            Place::Variable(variable) => {
                if *variable == Variable::Global(0) {
                    return Value::number(self.split_fields().len() as f64);
                }
                match self.cell(*variable) {
                    Cell::Scalar(value) => value.clone(),
                    Cell::Array(_) => {
                        self.fatal(context, "attempt to use array in a scalar context");
                        Value::Unset
                    }
                    _ => Value::Unset,
                }
            }
            Place::Element(array, index) => {
                let key = self.subscript(context, index);
                let elements = self.array(*array);
                if elements.len() >= FIELDS_MAX {
                    self.fatal(context, "an array is too large to be simulated here");
                    return Value::Unset;
                }
                elements.entry(key).or_insert(Value::Unset).clone()
            }
            Place::Field(number) => {
                let number = self.eval(context, number).number_value();
                self.field(context, number)
            }
        }
    }

    pub(super) fn put(&mut self, context: &mut Context<'_>, place: &Place, value: Value) {
        match place {
            Place::Variable(Variable::Global(0)) => {
                let count = value.number_value().max(0.0) as usize;
                let mut fields = self.split_fields().clone();
                fields.resize(count.min(FIELDS_MAX), EcoString::new());
                self.fields = Some(fields);
                self.stale = true;
            }
            Place::Variable(variable) => {
                if matches!(self.cell(*variable), Cell::Array(_)) {
                    return self.fatal(context, "attempt to use array in a scalar context");
                }
                self.assign_variable(*variable, value);
            }
            Place::Element(array, index) => {
                let key = self.subscript(context, index);
                self.array(*array).insert(key, value);
            }
            Place::Field(number) => {
                let number = self.eval(context, number).number_value();
                self.set_field(context, number, &value.text());
            }
        }
    }

    pub(super) fn assign_variable(&mut self, variable: Variable, value: Value) {
        // Fields already split keep the separator they were split by.
        if variable == Variable::Global(3) {
            self.split_fields();
        }
        *self.cell(variable) = Cell::Scalar(value);
    }

    pub(super) fn set_record(&mut self, text: &str) {
        self.record = text.into();
        self.fields = None;
        self.stale = false;
    }

    pub(super) fn record_text(&mut self) -> String {
        if self.stale {
            let between = self.special("OFS").text();
            self.record = self.fields.clone().unwrap_or_default().join(&between);
            self.stale = false;
        }
        self.record.clone()
    }

    fn split_fields(&mut self) -> &Vec<EcoString> {
        if self.fields.is_none() {
            let separator = self.special("FS").text();
            let mut fields = split(&self.record, &separator);
            fields.truncate(FIELDS_MAX);
            self.fields = Some(fields);
        }
        self.fields.get_or_insert_default()
    }

    fn field(&mut self, context: &mut Context<'_>, number: f64) -> Value {
        if number < 0.0 {
            self.fatal(context, &format!("attempt to access field {}", number as i64));
            return Value::Unset;
        }
        if number < 1.0 {
            return Value::input(&self.record_text());
        }
        match self.split_fields().get(number as usize - 1) {
            Some(text) => Value::input(text),
            None => Value::Unset,
        }
    }

    fn set_field(&mut self, context: &mut Context<'_>, number: f64, text: &str) {
        if !(0.0..FIELDS_MAX as f64).contains(&number) {
            return self.fatal(context, &format!("attempt to access field {}", number as i64));
        }
        if number < 1.0 {
            return self.set_record(text);
        }
        let at = number as usize - 1;
        let mut fields = self.split_fields().clone();
        if fields.len() <= at {
            fields.resize(at + 1, EcoString::new());
        }
        if let Some(place) = fields.get_mut(at) {
            *place = text.into();
        }
        self.fields = Some(fields);
        self.stale = true;
    }

    /// The text of `printf`.
    pub(super) fn format(&mut self, context: &mut Context<'_>, args: &[Expression]) -> String {
        let values: Vec<Value> = args.iter().map(|arg| self.eval(context, arg)).collect();
        let Some((format, rest)) = values.split_first() else { return String::new() };
        let chars: Vec<char> = format.text().chars().collect();
        let mut rest = rest.iter();
        let mut out = String::new();
        let mut at = 0;
        while let Some(c) = chars.get(at).copied() {
            at += 1;
            if c != '%' {
                out.push(c);
                continue;
            }
            if chars.get(at) == Some(&'%') {
                at += 1;
                out.push('%');
                continue;
            }
            let start = at;
            let mut star = || rest.next().map_or(0, |value| value.number_value() as i64);
            let Some(spec) = Spec::parse(&chars, &mut at, &mut star) else {
                out.push('%');
                out.extend(chars.get(start..).unwrap_or(&[]));
                break;
            };
            let next = rest.next().cloned();
            if next.is_none() && context.flavour == Flavour::Gnu {
                let shown: String = chars.iter().collect();
                let blanks = " ".repeat(at.saturating_sub(1));
                self.fatal(
                    context,
                    &format!(
                        "not enough arguments to satisfy format string\n\t`{shown}'\n\t{blanks} ^ \
                         ran out for this one"
                    ),
                );
                return String::new();
            }
            let value = next.unwrap_or(Value::Unset);
            out.push_str(&match spec.conversion {
                'd' | 'i' => spec.signed(value.number_value() as i64),
                'o' | 'x' | 'X' | 'u' => spec.unsigned(value.number_value() as i64 as u64),
                'e' | 'E' | 'f' | 'F' | 'g' | 'G' => spec.float(value.number_value()),
                'c' => spec.string(&character(&value)),
                's' => spec.string(&value.text()),
                _ => {
                    let shown: String = chars.get(start..at).unwrap_or(&[]).iter().collect();
                    format!("%{shown}")
                }
            });
        }
        out
    }
}

fn character(value: &Value) -> String {
    match value {
        Value::Number(_) => {
            char::from_u32(value.number_value() as u32).map(String::from).unwrap_or_default()
        }
        other => other.text().chars().take(1).collect(),
    }
}

/// Splits a text as fields are split.
pub fn split(text: &str, separator: &str) -> Vec<EcoString> {
    if text.is_empty() {
        return Vec::new();
    }
    match separator {
        " " => {
            text.split([' ', '\t', '\n']).filter(|part| !part.is_empty()).map(Into::into).collect()
        }
        "" => text.chars().map(EcoString::from).collect(),
        one if one.chars().count() == 1 && one != "\\" => text.split(one).map(Into::into).collect(),
        pattern => split_regex(text, pattern).into_iter().map(Into::into).collect(),
    }
}
