//! From tokens to a program.

use std::rc::Rc;

use ecow::EcoString;

use super::lexer::{SyntaxError, Token, tokens};
use super::syntax::{
    Expression, Function, Operator, Output, Pattern, Place, Program, Rule, Statement, Variable,
};

type Parse<T> = Result<T, SyntaxError>;

/// Nesting deeper than this is refused.
const DEPTH_MAX: u32 = 100;

struct Parser {
    tokens: Vec<(Token, usize, usize)>,
    at: usize,
    program: Program,
    /// Parameters of the function being read.
    locals: Vec<EcoString>,
    /// `>` redirects instead of comparing.
    no_greater: bool,
    /// `in` belongs to `for`.
    no_in: bool,
    depth: u32,
}

/// Reads a program.
pub fn parse(text: &str) -> Parse<Program> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        program: Program::default(),
        locals: Vec::new(),
        no_greater: false,
        no_in: false,
        depth: 0,
    };
    parser.program.names = super::SPECIAL.iter().map(|name| EcoString::from(*name)).collect();
    parser.items()?;
    Ok(parser.program)
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, ..)| token)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is(&self, operator: &str) -> bool {
        matches!(self.peek(), Token::Operator(found) if *found == operator)
    }

    fn eat(&mut self, operator: &str) -> bool {
        let found = self.is(operator);
        self.at += usize::from(found);
        found
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Keyword(found) if *found == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, operator: &str) -> Parse<()> {
        if self.eat(operator) { Ok(()) } else { Err(self.error()) }
    }

    fn error(&self) -> SyntaxError {
        let message = match self.peek() {
            Token::End | Token::Newline => "unexpected newline or end of string",
            _ => "syntax error",
        };
        self.error_as(message)
    }

    fn error_as(&self, message: &str) -> SyntaxError {
        let place = self.tokens.get(self.at).or(self.tokens.last());
        let (line, column) = place.map_or((1, 0), |(_, line, column)| (*line, *column));
        SyntaxError { message: message.into(), line, column }
    }

    fn newlines(&mut self) {
        while matches!(self.peek(), Token::Newline) {
            self.at += 1;
        }
    }

    fn terminators(&mut self) {
        while matches!(self.peek(), Token::Newline) || self.is(";") {
            self.at += 1;
        }
    }

    fn items(&mut self) -> Parse<()> {
        loop {
            self.terminators();
            if matches!(self.peek(), Token::End) {
                return Ok(());
            }
            if self.keyword("BEGIN") {
                let body = self.body()?;
                self.program.begins.push(body);
            } else if self.keyword("END") {
                let body = self.body()?;
                self.program.ends.push(body);
            } else if self.keyword("function") || self.keyword("func") {
                self.function()?;
            } else {
                self.rule()?;
            }
        }
    }

    fn body(&mut self) -> Parse<Rc<Vec<Statement>>> {
        if !self.is("{") {
            return Err(self.error());
        }
        Ok(Rc::new(self.block()?))
    }

    fn rule(&mut self) -> Parse<()> {
        let pattern = if self.is("{") {
            Pattern::Always
        } else {
            let first = self.expression()?;
            if self.eat(",") {
                self.newlines();
                Pattern::Range(first, self.expression()?)
            } else {
                Pattern::When(first)
            }
        };
        let body = if self.is("{") { Some(self.body()?) } else { None };
        if body.is_none() && !matches!(self.peek(), Token::Newline | Token::End) && !self.is(";") {
            return Err(self.error());
        }
        self.program.rules.push(Rule { pattern, body });
        Ok(())
    }

    fn function(&mut self) -> Parse<()> {
        let name = match self.next() {
            Token::Name(name) | Token::Function(name) => name,
            _ => return Err(self.error()),
        };
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.eat(")") {
            match self.next() {
                Token::Name(name) => parameters.push(name),
                _ => return Err(self.error()),
            }
            if !self.eat(",") && !self.is(")") {
                return Err(self.error());
            }
            self.newlines();
        }
        self.newlines();
        self.locals = parameters.clone();
        let body = self.body()?;
        self.locals.clear();
        self.program.functions.push(Function { name, parameters, body });
        Ok(())
    }

    fn block(&mut self) -> Parse<Vec<Statement>> {
        self.expect("{")?;
        let mut statements = Vec::new();
        loop {
            self.terminators();
            if self.eat("}") {
                return Ok(statements);
            }
            if matches!(self.peek(), Token::End) {
                return Err(self.error());
            }
            statements.push(self.statement()?);
        }
    }

    /// A block, or one statement.
    fn branch(&mut self) -> Parse<Vec<Statement>> {
        self.newlines();
        if self.eat(";") {
            return Ok(Vec::new());
        }
        if self.is("{") { self.block() } else { Ok(vec![self.statement()?]) }
    }

    fn statement(&mut self) -> Parse<Statement> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error_as("nested too deep to be simulated here"));
        }
        let statement = self.statement_inside()?;
        self.depth -= 1;
        Ok(statement)
    }

    fn statement_inside(&mut self) -> Parse<Statement> {
        if self.is("{") {
            return Ok(Statement::Block(self.block()?));
        }
        let Token::Keyword(word) = *self.peek() else { return self.simple_statement() };
        match word {
            "if" => {
                self.at += 1;
                self.expect("(")?;
                let condition = self.expression()?;
                self.expect(")")?;
                let yes = self.branch()?;
                let before = self.at;
                self.terminators();
                let mut no = Vec::new();
                if self.keyword("else") {
                    no = self.branch()?;
                } else {
                    self.at = before;
                }
                Ok(Statement::If(condition, yes, no))
            }
            "while" => {
                self.at += 1;
                self.expect("(")?;
                let condition = self.expression()?;
                self.expect(")")?;
                Ok(Statement::While(condition, self.branch()?))
            }
            "do" => {
                self.at += 1;
                let body = self.branch()?;
                self.terminators();
                if !self.keyword("while") {
                    return Err(self.error());
                }
                self.expect("(")?;
                let condition = self.expression()?;
                self.expect(")")?;
                Ok(Statement::Do(body, condition))
            }
            "for" => self.for_statement(),
            _ => self.simple_statement(),
        }
    }

    fn for_statement(&mut self) -> Parse<Statement> {
        self.at += 1;
        self.expect("(")?;
        let start = self.at;
        if let Token::Name(name) = self.next()
            && self.keyword("in")
            && let Token::Name(array) = self.next()
            && self.eat(")")
        {
            let (key, array) = (self.variable(&name), self.variable(&array));
            return Ok(Statement::ForIn(key, array, self.branch()?));
        }
        self.at = start;
        let first = if self.is(";") { None } else { Some(self.simple_statement()?) };
        self.expect(";")?;
        self.newlines();
        let condition = if self.is(";") { None } else { Some(self.expression()?) };
        self.expect(";")?;
        self.newlines();
        let step = if self.is(")") { None } else { Some(self.simple_statement()?) };
        self.expect(")")?;
        Ok(Statement::For(Box::new([first, step]), condition, self.branch()?))
    }

    fn simple_statement(&mut self) -> Parse<Statement> {
        let Token::Keyword(word) = *self.peek() else {
            return Ok(Statement::Expression(self.expression()?));
        };
        if word == "getline" {
            return Ok(Statement::Expression(self.expression()?));
        }
        self.at += 1;
        Ok(match word {
            "print" | "printf" => return self.print(word == "printf"),
            "next" => Statement::Next,
            "nextfile" => Statement::NextFile,
            "break" => Statement::Break,
            "continue" => Statement::Continue,
            "exit" => Statement::Exit(self.optional_expression()?),
            "return" => Statement::Return(self.optional_expression()?),
            "delete" => {
                let Token::Name(name) = self.next() else { return Err(self.error()) };
                let variable = self.variable(&name);
                let index = if self.eat("[") { Some(self.list("]")?) } else { None };
                Statement::Delete(variable, index)
            }
            _ => {
                self.at -= 1;
                return Err(self.error());
            }
        })
    }

    fn ends_statement(&self) -> bool {
        matches!(self.peek(), Token::Newline | Token::End) || self.is(";") || self.is("}")
    }

    fn optional_expression(&mut self) -> Parse<Option<Expression>> {
        if self.ends_statement() { Ok(None) } else { self.expression().map(Some) }
    }

    fn print(&mut self, formatted: bool) -> Parse<Statement> {
        let args = self.print_args()?;
        let outer = std::mem::replace(&mut self.no_greater, true);
        let output = if self.eat(">") {
            Output::File(self.concatenation()?)
        } else if self.eat(">>") {
            Output::Append(self.concatenation()?)
        } else if self.eat("|") {
            Output::Command(self.concatenation()?)
        } else {
            Output::Standard
        };
        self.no_greater = outer;
        if formatted && args.is_empty() {
            return Err(self.error());
        }
        Ok(if formatted { Statement::Printf(args, output) } else { Statement::Print(args, output) })
    }

    fn print_args(&mut self) -> Parse<Vec<Expression>> {
        let redirects = |parser: &Self| parser.is(">") || parser.is(">>") || parser.is("|");
        if self.ends_statement() || redirects(self) {
            return Ok(Vec::new());
        }
        let start = self.at;
        if self.eat("(") {
            let outer = std::mem::replace(&mut self.no_greater, false);
            let depth = self.depth;
            let list = self.list(")");
            self.depth = depth;
            self.no_greater = outer;
            if let Ok(list) = list
                && (self.ends_statement() || redirects(self))
            {
                return Ok(list);
            }
            self.at = start;
        }
        let outer = std::mem::replace(&mut self.no_greater, true);
        let mut args = vec![self.expression()?];
        while self.eat(",") {
            self.newlines();
            args.push(self.expression()?);
        }
        self.no_greater = outer;
        Ok(args)
    }

    /// Expressions up to a closing bracket, which is taken.
    fn list(&mut self, close: &str) -> Parse<Vec<Expression>> {
        let mut list = Vec::new();
        self.newlines();
        if self.eat(close) {
            return Ok(list);
        }
        loop {
            list.push(self.expression()?);
            self.newlines();
            if self.eat(close) {
                return Ok(list);
            }
            self.expect(",")?;
            self.newlines();
        }
    }

    fn variable(&mut self, name: &str) -> Variable {
        if let Some(at) = self.locals.iter().position(|local| local == name) {
            return Variable::Local(at);
        }
        let names = &mut self.program.names;
        let at = names.iter().position(|known| known == name).unwrap_or_else(|| {
            names.push(name.into());
            names.len() - 1
        });
        Variable::Global(at)
    }

    fn expression(&mut self) -> Parse<Expression> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error_as("nested too deep to be simulated here"));
        }
        let left = self.conditional()?;
        self.depth -= 1;
        let Expression::Place(place) = &left else { return Ok(left) };
        let operator = match self.peek() {
            Token::Operator("=") => None,
            Token::Operator("+=") => Some(Operator::Add),
            Token::Operator("-=") => Some(Operator::Subtract),
            Token::Operator("*=") => Some(Operator::Multiply),
            Token::Operator("/=") => Some(Operator::Divide),
            Token::Operator("%=") => Some(Operator::Modulo),
            Token::Operator("^=") => Some(Operator::Power),
            _ => return Ok(left),
        };
        let place = place.clone();
        self.at += 1;
        self.newlines();
        let right = self.expression()?;
        Ok(Expression::Assign(place, operator, Box::new(right)))
    }

    fn conditional(&mut self) -> Parse<Expression> {
        let condition = self.or()?;
        if !self.eat("?") {
            return Ok(condition);
        }
        self.newlines();
        let yes = self.expression()?;
        self.newlines();
        self.expect(":")?;
        self.newlines();
        let no = self.expression()?;
        Ok(Expression::Conditional(Box::new([condition, yes, no])))
    }

    fn or(&mut self) -> Parse<Expression> {
        let mut left = self.and()?;
        while self.eat("||") {
            self.newlines();
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Parse<Expression> {
        let mut left = self.membership()?;
        while self.eat("&&") {
            self.newlines();
            left = Expression::And(Box::new(left), Box::new(self.membership()?));
        }
        Ok(left)
    }

    fn membership(&mut self) -> Parse<Expression> {
        let mut left = self.matching()?;
        while !self.no_in && self.keyword("in") {
            let Token::Name(array) = self.next() else { return Err(self.error()) };
            left = Expression::In(vec![left], self.variable(&array));
        }
        Ok(left)
    }

    fn matching(&mut self) -> Parse<Expression> {
        let mut left = self.comparison()?;
        loop {
            let negated = match self.peek() {
                Token::Operator("~") => false,
                Token::Operator("!~") => true,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.comparison()?;
            left = Expression::Match(Box::new(left), Box::new(right), negated);
        }
    }

    fn comparison(&mut self) -> Parse<Expression> {
        let left = self.concatenation()?;
        let operator = match self.peek() {
            Token::Operator("<") => Operator::Less,
            Token::Operator("<=") => Operator::LessEqual,
            Token::Operator("==") => Operator::Equal,
            Token::Operator("!=") => Operator::NotEqual,
            Token::Operator(">") if !self.no_greater => Operator::Greater,
            Token::Operator(">=") => Operator::GreaterEqual,
            Token::Operator("|") if !self.no_greater => {
                if matches!(self.tokens.get(self.at + 1), Some((Token::Keyword("getline"), ..))) {
                    return Err(self.error_as("not simulated: commands read with getline"));
                }
                return Ok(left);
            }
            _ => return Ok(left),
        };
        self.at += 1;
        let right = self.concatenation()?;
        Ok(Expression::Binary(operator, Box::new(left), Box::new(right)))
    }

    fn begins_operand(&self) -> bool {
        match self.peek() {
            Token::Number(_)
            | Token::String(_)
            | Token::Regex(_)
            | Token::Name(_)
            | Token::Function(_)
            | Token::Builtin(_) => true,
            Token::Operator(operator) => {
                matches!(*operator, "$" | "!" | "(" | "-" | "+" | "++" | "--")
            }
            _ => false,
        }
    }

    fn concatenation(&mut self) -> Parse<Expression> {
        let mut left = self.additive()?;
        // A sign here would have been taken by the addition.
        while self.begins_operand() && !self.is("-") && !self.is("+") {
            let right = self.additive()?;
            left = Expression::Binary(Operator::Concat, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn additive(&mut self) -> Parse<Expression> {
        let mut left = self.multiplicative()?;
        loop {
            let operator = match self.peek() {
                Token::Operator("+") => Operator::Add,
                Token::Operator("-") => Operator::Subtract,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.multiplicative()?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
    }

    fn multiplicative(&mut self) -> Parse<Expression> {
        let mut left = self.unary()?;
        loop {
            let operator = match self.peek() {
                Token::Operator("*") => Operator::Multiply,
                Token::Operator("/") => Operator::Divide,
                Token::Operator("%") => Operator::Modulo,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.unary()?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
    }

    fn unary(&mut self) -> Parse<Expression> {
        let sign = match self.peek() {
            Token::Operator("!") => '!',
            Token::Operator("-") => '-',
            Token::Operator("+") => '+',
            _ => return self.power(),
        };
        self.at += 1;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error_as("nested too deep to be simulated here"));
        }
        let inside = self.unary()?;
        self.depth -= 1;
        Ok(Expression::Unary(sign, Box::new(inside)))
    }

    fn power(&mut self) -> Parse<Expression> {
        let base = self.postfix()?;
        if !self.eat("^") {
            return Ok(base);
        }
        let exponent = if self.is("-") || self.is("+") || self.is("!") {
            self.unary()?
        } else {
            self.power()?
        };
        Ok(Expression::Binary(Operator::Power, Box::new(base), Box::new(exponent)))
    }

    fn postfix(&mut self) -> Parse<Expression> {
        let inside = self.primary()?;
        if let Expression::Place(place) = &inside {
            for (operator, up) in [("++", true), ("--", false)] {
                if self.is(operator) {
                    let place = place.clone();
                    self.at += 1;
                    return Ok(Expression::Step(place, false, up));
                }
            }
        }
        Ok(inside)
    }

    fn primary(&mut self) -> Parse<Expression> {
        let token = self.next();
        Ok(match token {
            Token::Number(value) => Expression::Number(value.to_bits()),
            Token::String(text) => Expression::String(text),
            Token::Regex(text) => Expression::Regex(text),
            Token::Builtin(name) => {
                let args = if self.eat("(") { self.nested_list()? } else { Vec::new() };
                Expression::Builtin(name, args)
            }
            Token::Function(name) => {
                self.expect("(")?;
                Expression::Call(name, self.nested_list()?)
            }
            Token::Name(name) => {
                let variable = self.variable(&name);
                if self.eat("[") {
                    let index = self.list("]")?;
                    Expression::Place(Place::Element(variable, index))
                } else {
                    Expression::Place(Place::Variable(variable))
                }
            }
            Token::Keyword("getline") => self.getline()?,
            Token::Operator("$") => Expression::Place(Place::Field(Box::new(self.field()?))),
            Token::Operator("(") => self.group()?,
            Token::Operator(step @ ("++" | "--")) => {
                let Expression::Place(place) = self.primary()? else { return Err(self.error()) };
                Expression::Step(place, true, step == "++")
            }
            _ => {
                self.at -= 1;
                return Err(self.error());
            }
        })
    }

    fn nested_list(&mut self) -> Parse<Vec<Expression>> {
        let outer = (
            std::mem::replace(&mut self.no_greater, false),
            std::mem::replace(&mut self.no_in, false),
        );
        let list = self.list(")");
        (self.no_greater, self.no_in) = outer;
        list
    }

    /// After `$`: a primary, perhaps with a sign or a step before it.
    fn field(&mut self) -> Parse<Expression> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error_as("nested too deep to be simulated here"));
        }
        let inside = if self.is("-") || self.is("!") { self.unary()? } else { self.primary()? };
        self.depth -= 1;
        Ok(inside)
    }

    fn group(&mut self) -> Parse<Expression> {
        let mut list = self.nested_list()?;
        if list.len() > 1 {
            if !self.keyword("in") {
                return Err(self.error());
            }
            let Token::Name(array) = self.next() else { return Err(self.error()) };
            return Ok(Expression::In(list, self.variable(&array)));
        }
        match list.pop() {
            Some(inside) => Ok(Expression::Group(Box::new(inside))),
            None => Err(self.error()),
        }
    }

    fn getline(&mut self) -> Parse<Expression> {
        let mut place = None;
        if matches!(self.peek(), Token::Name(_)) || self.is("$") {
            match self.primary()? {
                Expression::Place(found) => place = Some(found),
                _ => return Err(self.error()),
            }
        }
        let mut file = None;
        if self.eat("<") {
            file = Some(Box::new(self.primary()?));
        } else {
            self.program.reads_lines_itself = true;
        }
        Ok(Expression::Getline(place, file))
    }
}
