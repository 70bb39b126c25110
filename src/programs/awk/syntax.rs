//! The syntax tree of an awk program.

use std::rc::Rc;

use ecow::EcoString;

/// A whole program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Program {
    pub begins: Vec<Rc<Vec<Statement>>>,
    pub rules: Vec<Rule>,
    pub ends: Vec<Rc<Vec<Statement>>>,
    pub functions: Vec<Function>,
    /// Global variables by number.
    pub names: Vec<EcoString>,
    /// Plain `getline` is used.
    pub reads_lines_itself: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    pub pattern: Pattern,
    /// None: print.
    pub body: Option<Rc<Vec<Statement>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    Always,
    When(Expression),
    Range(Expression, Expression),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    pub name: EcoString,
    pub parameters: Vec<EcoString>,
    pub body: Rc<Vec<Statement>>,
}

/// Where `print` goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    Standard,
    File(Expression),
    Append(Expression),
    Command(Expression),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Statement {
    Expression(Expression),
    Print(Vec<Expression>, Output),
    Printf(Vec<Expression>, Output),
    If(Expression, Vec<Statement>, Vec<Statement>),
    While(Expression, Vec<Statement>),
    Do(Vec<Statement>, Expression),
    For(Box<[Option<Statement>; 2]>, Option<Expression>, Vec<Statement>),
    ForIn(Variable, Variable, Vec<Statement>),
    Block(Vec<Statement>),
    Next,
    NextFile,
    Exit(Option<Expression>),
    Return(Option<Expression>),
    Break,
    Continue,
    Delete(Variable, Option<Vec<Expression>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variable {
    Global(usize),
    Local(usize),
}

/// What can be assigned to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Variable(Variable),
    Element(Variable, Vec<Expression>),
    Field(Box<Expression>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expression {
    Number(u64),
    String(EcoString),
    /// Alone: matches `$0`.
    Regex(EcoString),
    Place(Place),
    Assign(Place, Option<Operator>, Box<Expression>),
    /// Before or after, by one or minus one.
    Step(Place, bool, bool),
    Unary(char, Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Conditional(Box<[Expression; 3]>),
    /// Text, pattern, negated.
    Match(Box<Expression>, Box<Expression>, bool),
    In(Vec<Expression>, Variable),
    Call(EcoString, Vec<Expression>),
    Builtin(EcoString, Vec<Expression>),
    /// `getline [place] [< file]`.
    Getline(Option<Place>, Option<Box<Expression>>),
    Group(Box<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
    Concat,
    Less,
    LessEqual,
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
}
