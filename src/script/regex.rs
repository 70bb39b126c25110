//! POSIX regular expressions, basic and extended, with GNU's additions.
//!
//! A program of small instructions is walked with backtracking. States already tried are
//! remembered, so the time is bounded by length of program times length of text; only
//! back-references need a step limit instead. The longest of the leftmost matches wins, as POSIX
//! says. Left out: collating elements, equivalence classes.

use std::collections::BTreeSet;

use super::pattern::in_class;

/// Basic or extended syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// `\( \) \{ \}` group and count.
    Basic,
    /// `( ) { } + ? |` are special.
    Extended,
}

/// Why an expression is refused, in GNU's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RegexError(pub &'static str);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Node {
    Char(char),
    Any,
    Set(Set),
    Start,
    End,
    WordEdge(Edge),
    Group(u32, Box<Node>),
    BackReference(u32),
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
    Repeat(Box<Node>, u32, Option<u32>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Edge {
    Start,
    End,
    Either,
    Neither,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Set {
    negated: bool,
    ranges: Vec<(char, char)>,
    classes: Vec<String>,
}

impl Set {
    fn has(&self, c: char, ignore_case: bool) -> bool {
        let plain = |c: char| {
            self.ranges.iter().any(|(low, high)| *low <= c && c <= *high)
                || self.classes.iter().any(|name| in_class(name, c))
        };
        let found = plain(c) || (ignore_case && other_cases(c).any(plain));
        found != self.negated
    }
}

fn other_cases(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().chain(c.to_uppercase())
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Char(char),
    Any,
    Set(Set),
    Start,
    End,
    Edge(Edge),
    Save(usize),
    BackReference(u32),
    Split(usize, usize),
    Jump(usize),
    Match,
}

/// A compiled expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Regex {
    program: Vec<Step>,
    groups: u32,
    ignore_case: bool,
    back_references: bool,
}

/// Start and end (in characters) of the match and of each group.
pub type Groups = Vec<Option<(usize, usize)>>;

/// Longer programs than this are refused.
const PROGRAM_MAX: usize = 20_000;
/// States tried at most when back-references forbid remembering.
const STEPS_MAX: usize = 200_000;

impl Regex {
    /// Compiles an expression.
    pub fn new(pattern: &str, syntax: Syntax, ignore_case: bool) -> Result<Self, RegexError> {
        let mut parser = Parser {
            chars: pattern.chars().collect(),
            at: 0,
            syntax,
            groups: 0,
            open: 0,
            depth: 0,
            back_references: false,
        };
        let node = parser.alternation()?;
        if parser.at < parser.chars.len() {
            return Err(RegexError("Unmatched ) or \\)"));
        }
        let mut program = vec![Step::Save(0)];
        emit(&node, &mut program)?;
        program.push(Step::Save(1));
        program.push(Step::Match);
        let back_references = parser.back_references;
        Ok(Self { program, groups: parser.groups, ignore_case, back_references })
    }

    /// How many groups the expression has.
    pub fn groups(&self) -> u32 {
        self.groups
    }

    /// Whether the text has a match anywhere.
    pub fn is_match(&self, text: &[char]) -> bool {
        self.find_at(text, 0).is_some()
    }

    /// The leftmost longest match that begins at or after `from`.
    pub fn find_at(&self, text: &[char], from: usize) -> Option<Groups> {
        let mut seen = BTreeSet::new();
        let mut steps = 0;
        for start in from..=text.len() {
            let found = self.match_at(text, start, &mut seen, &mut steps);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn match_at(
        &self,
        text: &[char],
        start: usize,
        seen: &mut BTreeSet<(usize, usize)>,
        steps: &mut usize,
    ) -> Option<Groups> {
        let slots = vec![None; (self.groups as usize + 1) * 2];
        let mut todo: Vec<(usize, usize, Vec<Option<usize>>)> = vec![(0, start, slots)];
        let mut best: Option<(usize, Vec<Option<usize>>)> = None;
        while let Some((mut at, mut position, mut slots)) = todo.pop() {
            loop {
                *steps += 1;
                if self.back_references {
                    if *steps > STEPS_MAX {
                        return None;
                    }
                } else if matches!(self.program.get(at), Some(Step::Split(..) | Step::Jump(_)))
                    && !seen.insert((at, position))
                {
                    break;
                }
                match self.program.get(at) {
                    Some(Step::Match) => {
                        if best.as_ref().is_none_or(|(end, _)| position > *end) {
                            best = Some((position, slots));
                        }
                        break;
                    }
                    Some(Step::Split(first, second)) => {
                        todo.push((*second, position, slots.clone()));
                        at = *first;
                    }
                    Some(Step::Jump(target)) => at = *target,
                    Some(Step::Save(slot)) => {
                        if let Some(place) = slots.get_mut(*slot) {
                            *place = Some(position);
                        }
                        at += 1;
                    }
                    Some(step) => match self.advance(step, text, position, &slots) {
                        Some(next) => {
                            position = next;
                            at += 1;
                        }
                        None => break,
                    },
                    None => break,
                }
            }
        }
        best.map(|(_, slots)| {
            slots
                .chunks(2)
                .map(|pair| match pair {
                    [Some(from), Some(to)] => Some((*from, *to)),
                    _ => None,
                })
                .collect()
        })
    }

    /// The position after a step that looks at the text; none if it does not match.
    fn advance(
        &self,
        step: &Step,
        text: &[char],
        position: usize,
        slots: &[Option<usize>],
    ) -> Option<usize> {
        let here = text.get(position).copied();
        let before = position.checked_sub(1).and_then(|at| text.get(at)).copied();
        let ok = match step {
            Step::Char(wanted) => return self.same(here?, *wanted).then_some(position + 1),
            Step::Any => return here.map(|_| position + 1),
            Step::Set(set) => return set.has(here?, self.ignore_case).then_some(position + 1),
            Step::Start => position == 0,
            Step::End => position == text.len(),
            Step::Edge(edge) => {
                let left = before.is_some_and(is_word);
                let right = here.is_some_and(is_word);
                match edge {
                    Edge::Start => !left && right,
                    Edge::End => left && !right,
                    Edge::Either => left != right,
                    Edge::Neither => left == right,
                }
            }
            Step::BackReference(group) => {
                let slot = *group as usize * 2;
                let (from, to) = ((*slots.get(slot)?)?, (*slots.get(slot + 1)?)?);
                let wanted = text.get(from..to)?;
                let found = text.get(position..position + wanted.len())?;
                let same = wanted.iter().zip(found).all(|(a, b)| self.same(*a, *b));
                return same.then_some(position + wanted.len());
            }
            _ => false,
        };
        ok.then_some(position)
    }

    fn same(&self, a: char, b: char) -> bool {
        a == b || (self.ignore_case && a.to_lowercase().eq(b.to_lowercase()))
    }
}

/// Letters, digits and the underscore.
pub fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn emit(node: &Node, program: &mut Vec<Step>) -> Result<(), RegexError> {
    if program.len() > PROGRAM_MAX {
        return Err(RegexError("Regular expression too big"));
    }
    match node {
        Node::Char(c) => program.push(Step::Char(*c)),
        Node::Any => program.push(Step::Any),
        Node::Set(set) => program.push(Step::Set(set.clone())),
        Node::Start => program.push(Step::Start),
        Node::End => program.push(Step::End),
        Node::WordEdge(edge) => program.push(Step::Edge(*edge)),
        Node::BackReference(group) => program.push(Step::BackReference(*group)),
        Node::Group(number, inside) => {
            program.push(Step::Save(*number as usize * 2));
            emit(inside, program)?;
            program.push(Step::Save(*number as usize * 2 + 1));
        }
        Node::Concat(nodes) => {
            for node in nodes {
                emit(node, program)?;
            }
        }
        Node::Alternate(nodes) => emit_alternatives(nodes, program)?,
        Node::Repeat(inside, low, high) => emit_repeat(inside, *low, *high, program)?,
    }
    Ok(())
}

fn emit_alternatives(nodes: &[Node], program: &mut Vec<Step>) -> Result<(), RegexError> {
    let mut jumps = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        if index + 1 < nodes.len() {
            let split = program.len();
            program.push(Step::Split(split + 1, 0));
            emit(node, program)?;
            jumps.push(program.len());
            program.push(Step::Jump(0));
            let next = program.len();
            set(program, split, Step::Split(split + 1, next));
        } else {
            emit(node, program)?;
        }
    }
    let end = program.len();
    for jump in jumps {
        set(program, jump, Step::Jump(end));
    }
    Ok(())
}

fn emit_repeat(
    inside: &Node,
    low: u32,
    high: Option<u32>,
    program: &mut Vec<Step>,
) -> Result<(), RegexError> {
    for _ in 0..low {
        emit(inside, program)?;
    }
    match high {
        None => {
            let split = program.len();
            program.push(Step::Split(split + 1, 0));
            emit(inside, program)?;
            program.push(Step::Jump(split));
            let end = program.len();
            set(program, split, Step::Split(split + 1, end));
        }
        Some(high) => {
            let mut splits = Vec::new();
            for _ in low..high {
                splits.push(program.len());
                program.push(Step::Split(0, 0));
                emit(inside, program)?;
            }
            let end = program.len();
            for split in splits {
                set(program, split, Step::Split(split + 1, end));
            }
        }
    }
    Ok(())
}

fn set(program: &mut [Step], at: usize, step: Step) {
    if let Some(place) = program.get_mut(at) {
        *place = step;
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    syntax: Syntax,
    groups: u32,
    open: u32,
    depth: u32,
    back_references: bool,
}

type Parse<T> = Result<T, RegexError>;

impl Parser {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// A special character: bare in extended syntax, after a backslash in basic.
    fn special(&self, c: char) -> bool {
        match self.syntax {
            Syntax::Extended => self.peek(0) == Some(c),
            Syntax::Basic => self.peek(0) == Some('\\') && self.peek(1) == Some(c),
        }
    }

    fn skip_special(&mut self) {
        self.at += if self.syntax == Syntax::Basic { 2 } else { 1 };
    }

    fn alternation(&mut self) -> Parse<Node> {
        self.depth += 1;
        if self.depth > 100 {
            return Err(RegexError("Regular expression too big"));
        }
        let mut branches = vec![self.concatenation()?];
        while self.special('|') {
            self.skip_special();
            branches.push(self.concatenation()?);
        }
        self.depth -= 1;
        if branches.len() == 1 {
            return branches.pop().ok_or(RegexError("Invalid regular expression"));
        }
        Ok(Node::Alternate(branches))
    }

    fn concatenation(&mut self) -> Parse<Node> {
        let mut nodes = Vec::new();
        while self.at < self.chars.len() && !self.special('|') {
            if self.special(')') && (self.open > 0 || self.syntax == Syntax::Basic) {
                break;
            }
            let first = nodes.is_empty();
            let atom = self.atom(first)?;
            nodes.push(self.repeats(atom)?);
        }
        Ok(Node::Concat(nodes))
    }

    fn atom(&mut self, first: bool) -> Parse<Node> {
        if self.special('(') {
            self.skip_special();
            self.groups += 1;
            self.open += 1;
            let number = self.groups;
            let inside = self.alternation()?;
            if !self.special(')') {
                return Err(RegexError("Unmatched ( or \\("));
            }
            self.skip_special();
            self.open -= 1;
            return Ok(Node::Group(number, Box::new(inside)));
        }
        let c = self.peek(0).unwrap_or_default();
        self.at += 1;
        let extended = self.syntax == Syntax::Extended;
        Ok(match c {
            '.' => Node::Any,
            '[' => Node::Set(self.bracket()?),
            '^' if extended || first => Node::Start,
            '$' if extended || self.ends_branch() => Node::End,
            '\\' => return self.escaped(),
            c => Node::Char(c),
        })
    }

    /// Whether a `$` of a basic expression stands at the end of its branch.
    fn ends_branch(&self) -> bool {
        matches!((self.peek(0), self.peek(1)), (None, _) | (Some('\\'), Some(')' | '|')))
    }

    fn escaped(&mut self) -> Parse<Node> {
        let Some(c) = self.peek(0) else {
            return Err(RegexError("Trailing backslash"));
        };
        self.at += 1;
        let class = |negated: bool, classes: &[&str], ranges: &[(char, char)]| {
            Node::Set(Set {
                negated,
                ranges: ranges.to_vec(),
                classes: classes.iter().map(ToString::to_string).collect(),
            })
        };
        Ok(match c {
            'w' => class(false, &["alnum"], &[('_', '_')]),
            'W' => class(true, &["alnum"], &[('_', '_')]),
            's' => class(false, &["space"], &[]),
            'S' => class(true, &["space"], &[]),
            'b' => Node::WordEdge(Edge::Either),
            'B' => Node::WordEdge(Edge::Neither),
            '<' => Node::WordEdge(Edge::Start),
            '>' => Node::WordEdge(Edge::End),
            '`' => Node::Start,
            '\'' => Node::End,
            'n' => Node::Char('\n'),
            't' => Node::Char('\t'),
            digit @ '1'..='9' => {
                let number = digit.to_digit(10).unwrap_or(0);
                if number > self.groups {
                    return Err(RegexError("Invalid back reference"));
                }
                self.back_references = true;
                Node::BackReference(number)
            }
            c => Node::Char(c),
        })
    }

    fn repeats(&mut self, mut node: Node) -> Parse<Node> {
        let first_is_star = matches!(node, Node::Char('*') | Node::Start);
        loop {
            let (low, high) = if self.peek(0) == Some('*') {
                if self.syntax == Syntax::Basic && first_is_star && matches!(node, Node::Start) {
                    return Ok(node);
                }
                self.at += 1;
                (0, None)
            } else if self.special('+') {
                self.skip_special();
                (1, None)
            } else if self.special('?') {
                self.skip_special();
                (0, Some(1))
            } else if self.special('{') {
                match self.counts()? {
                    Some(counts) => counts,
                    None => return Ok(node),
                }
            } else {
                return Ok(node);
            };
            node = Node::Repeat(Box::new(node), low, high);
        }
    }

    /// `{n}`, `{n,}`, `{n,m}`, `{,m}`; none if an extended `{` stands for itself.
    fn counts(&mut self) -> Parse<Option<(u32, Option<u32>)>> {
        let start = self.at;
        self.skip_special();
        let low = self.count();
        let mut high = low;
        if self.peek(0) == Some(',') {
            self.at += 1;
            high = self.count();
            if low.is_none() && high.is_none() && self.syntax == Syntax::Extended {
                self.at = start;
                return Ok(None);
            }
        } else if low.is_none() {
            if self.syntax == Syntax::Extended {
                self.at = start;
                return Ok(None);
            }
            return Err(RegexError("Invalid preceding regular expression"));
        }
        if !self.special('}') {
            if self.syntax == Syntax::Extended && self.peek(0).is_some() {
                self.at = start;
                return Ok(None);
            }
            return Err(RegexError("Unmatched { or \\{"));
        }
        self.skip_special();
        let low = low.unwrap_or(0);
        if high.is_some_and(|high| high < low) {
            return Err(RegexError("Invalid content of \\{\\}"));
        }
        if low.max(high.unwrap_or(0)) > 1000 {
            return Err(RegexError("Regular expression too big"));
        }
        Ok(Some((low, high)))
    }

    fn count(&mut self) -> Option<u32> {
        let mut digits = String::new();
        while let Some(c) = self.peek(0).filter(char::is_ascii_digit) {
            digits.push(c);
            self.at += 1;
        }
        digits.parse().ok()
    }

    fn bracket(&mut self) -> Parse<Set> {
        const OPEN: RegexError = RegexError("Unmatched [, [^, [:, [., or [=");
        let mut set = Set::default();
        if self.peek(0) == Some('^') {
            set.negated = true;
            self.at += 1;
        }
        let first = self.at;
        loop {
            let low = self.peek(0).ok_or(OPEN)?;
            if low == ']' && self.at > first {
                self.at += 1;
                return Ok(set);
            }
            if low == '[' && self.peek(1) == Some(':') {
                let rest = self.chars.get(self.at + 2..).unwrap_or(&[]);
                let end = rest.windows(2).position(|pair| pair == [':', ']']).ok_or(OPEN)?;
                let name: String = rest.get(..end).unwrap_or(&[]).iter().collect();
                const KNOWN: [&str; 12] = [
                    "alpha", "digit", "alnum", "upper", "lower", "space", "blank", "punct",
                    "print", "graph", "cntrl", "xdigit",
                ];
                if !KNOWN.contains(&name.as_str()) {
                    return Err(RegexError("Invalid character class name"));
                }
                set.classes.push(name);
                self.at += end + 4;
                continue;
            }
            self.at += 1;
            let high = match (self.peek(0), self.peek(1)) {
                (Some('-'), Some(high)) if high != ']' => {
                    self.at += 2;
                    high
                }
                _ => low,
            };
            if high < low {
                return Err(RegexError("Invalid range end"));
            }
            set.ranges.push((low, high));
        }
    }
}
