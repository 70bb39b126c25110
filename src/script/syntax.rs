//! The syntax tree of a script: lists, pipelines, commands, words.

use std::rc::Rc;

use ecow::EcoString;

/// Commands one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct List {
    /// In order.
    pub items: Vec<Item>,
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// What runs.
    pub chain: Rc<Chain>,
    /// Ended by `&`.
    pub background: bool,
    /// The source text, for `jobs`.
    pub text: EcoString,
}

/// `&&` or `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connector {
    /// `&&`.
    And,
    /// `||`.
    Or,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chain {
    /// In order; the connector stands before the pipeline (ignored for the first).
    pub pipelines: Vec<(Connector, Rc<Pipeline>)>,
}

/// Commands joined by `|`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pipeline {
    /// `!` before it.
    pub negated: bool,
    /// `time` before it (`Some(true)`: `time -p`).
    pub timed: Option<bool>,
    /// In order.
    pub commands: Vec<Rc<Command>>,
}

/// One command with its redirections.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Command {
    /// Line of the script it begins in, from 1.
    pub line: u32,
    /// What it is.
    pub kind: Kind,
    /// In order.
    pub redirections: Vec<Redirection>,
}

/// The forms of a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `VAR=x cmd a b`.
    Simple(Simple),
    /// `{ list; }`.
    Group(Rc<List>),
    /// `( list )`.
    Subshell(Rc<List>),
    /// `if`: conditions with their bodies, and the `else`.
    If(Vec<(Rc<List>, Rc<List>)>, Option<Rc<List>>),
    /// `for name in words`; none: `"$@"`.
    For(EcoString, Option<Vec<Word>>, Rc<List>),
    /// `for ((a; b; c))`.
    ArithmeticFor(Box<[Word; 3]>, Rc<List>),
    /// `while` or (`true`) `until`.
    While(bool, Rc<List>, Rc<List>),
    /// `case word in`.
    Case(Word, Vec<Arm>),
    /// `name() command`.
    Function(EcoString, Rc<Command>),
    /// `[[ ... ]]`.
    Test(Condition),
    /// `(( ... ))`.
    Arithmetic(Word),
}

/// One arm of a `case`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arm {
    /// Patterns joined by `|`.
    pub patterns: Vec<Word>,
    /// What runs.
    pub body: Rc<List>,
    /// `;;`, `;&` or `;;&`.
    pub end: ArmEnd,
}

/// How an arm of a `case` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArmEnd {
    /// `;;`.
    Stop,
    /// `;&`: go on with the next body.
    FallThrough,
    /// `;;&`: try the next patterns.
    TryNext,
}

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Simple {
    /// Before the first word.
    pub assignments: Vec<Assignment>,
    /// The command and its arguments.
    pub words: Vec<Word>,
}

/// `name=value`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// The variable.
    pub name: EcoString,
    /// The text between `[` and `]`.
    pub index: Option<Word>,
    /// `+=`.
    pub append: bool,
    /// What it gets.
    pub value: AssignedValue,
}

/// The right side of an assignment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AssignedValue {
    /// One word.
    Word(Word),
    /// `( words )`, each perhaps with a `[key]=`.
    Array(Vec<(Option<Word>, Word)>),
}

/// A word before expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Word {
    /// In order.
    pub parts: Vec<Part>,
    /// `name=value` after `export` and the like: not split.
    pub assignment: bool,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Unquoted text: tilde, braces and patterns work.
    Literal(EcoString),
    /// Text taken as it is.
    Quoted(EcoString),
    /// Between double quotes.
    Double(Vec<Part>),
    /// `$name` or `${...}`.
    Parameter(Box<Parameter>),
    /// `$( ... )`.
    Command(Rc<List>),
    /// `$(( ... ))`.
    Arithmetic(Vec<Part>),
    /// `<( ... )`.
    ProcessOutput(Rc<List>),
}

/// A parameter expansion.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameter {
    /// Name, digit or special character.
    pub name: EcoString,
    /// The text between `[` and `]`.
    pub index: Option<Word>,
    /// `${!name}`.
    pub indirect: bool,
    /// What is done with the value.
    pub operation: Operation,
    /// As written, for messages.
    pub text: EcoString,
}

/// What `${...}` does with a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `${x}`.
    Plain,
    /// `${#x}`.
    Length,
    /// `${x-w} ${x:-w}`: the flag is the colon.
    Default(bool, Word),
    /// `${x=w} ${x:=w}`.
    Assign(bool, Word),
    /// `${x?w} ${x:?w}`.
    Error(bool, Word),
    /// `${x+w} ${x:+w}`.
    Alternative(bool, Word),
    /// `${x#p}`; the flag is for `##`.
    RemovePrefix(bool, Word),
    /// `${x%p}`; the flag is for `%%`.
    RemoveSuffix(bool, Word),
    /// `${x/p/w}`.
    Replace(Anchor, Word, Word),
    /// `${x:o:n}`.
    Slice(Word, Option<Word>),
    /// `${x^} ${x^^} ${x,} ${x,,}`: upper, all.
    Case(bool, bool),
    /// `${x@Q}` and friends.
    Transform(char),
    /// `${!prefix*}`.
    Names,
    /// `${!array[@]}`.
    Keys,
    /// Not a known form: an error when it is reached.
    Bad,
}

/// Where `${x/p/w}` looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// `/`: the first.
    First,
    /// `//`: all.
    All,
    /// `/#`: at the start.
    Start,
    /// `/%`: at the end.
    End,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redirection {
    /// The number before it.
    pub descriptor: Option<u32>,
    /// Which operator.
    pub operator: Redirect,
    /// The word after it; for here-documents the body.
    pub target: Word,
}

/// Redirection operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Redirect {
    /// `<`.
    Read,
    /// `>` and `>|`.
    Write,
    /// `>>`.
    Append,
    /// `<>`.
    ReadWrite,
    /// `<&`.
    CopyInput,
    /// `>&`.
    CopyOutput,
    /// `&>`.
    WriteBoth,
    /// `&>>`.
    AppendBoth,
    /// `<<`.
    HereDocument,
    /// `<<<`.
    HereString,
}

/// The inside of `[[ ]]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// `a && b`.
    And(Box<Condition>, Box<Condition>),
    /// `a || b`.
    Or(Box<Condition>, Box<Condition>),
    /// `! a`.
    Not(Box<Condition>),
    /// `-f word`.
    Unary(EcoString, Word),
    /// `a op b`.
    Binary(EcoString, Word, Word),
    /// A lone word.
    Word(Word),
}
