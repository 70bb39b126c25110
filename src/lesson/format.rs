//! The format of lessons and exercises (docs/lesson-format.md): from Markdown to steps and goals.

use super::fence::{self, Fence, Role};
use super::front_matter::{self, FrontMatter, Purpose};
use super::goal::{self, Goal, MAX_COMMANDS, Rule};
use super::predict::{self, Prediction};
use super::problem::{LoadError, Problem};
use super::prose::{self, Prose};
use super::transcript::{Item, Part, items};
use crate::api::value::EcoString;

/// A lesson or an exercise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// What stands before it.
    pub front: FrontMatter,
    /// What comes before the first step: prose, and the start state.
    pub introduction: Vec<Block>,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Its heading, "" if what it has stands before the first one.
    pub title: EcoString,
    /// The line of its heading.
    pub line: usize,
    /// What it says, in order.
    pub blocks: Vec<Block>,
    /// Its goals, in order.
    pub goals: Vec<Goal>,
}

/// A part of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Prose.
    Prose(Vec<Prose>),
    /// A file.
    File {
        /// Its name.
        name: EcoString,
        /// Its text.
        content: EcoString,
        /// Who saves it.
        role: Role,
    },
    /// Commands.
    Console {
        /// Commands and comments.
        items: Vec<Item>,
        /// Whether its command runs to the end of its step.
        watch: bool,
        /// Who enters them.
        role: Role,
        /// The goals that a wrong solution fails.
        fails: Vec<EcoString>,
        /// The line of its fence.
        line: usize,
    },
    /// Goals stand here; so many of them.
    Goals(usize),
    /// A question about what comes.
    Predict(Prediction),
    /// Help.
    Hint(Vec<Prose>),
}

/// A way through a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// As it should be done.
    Solution,
    /// The wrong way of this name.
    Mutant(EcoString),
}

/// A longer text is no lesson.
pub const TEXT_MAX: usize = 256 * 1024;
/// A lesson has no more steps.
const STEPS_MAX: usize = 100;
/// A lesson has no more blocks.
const BLOCKS_MAX: usize = 600;
/// A lesson has no more goals.
const GOALS_MAX: usize = 100;

/// Reads a lesson.
///
/// # Errors
/// Names the line, what is wrong and what would be right.
pub fn parse(text: &str) -> Result<Lesson, LoadError> {
    if text.len() > TEXT_MAX {
        return Err(LoadError::new(1, Problem::TooLong { most: TEXT_MAX }));
    }
    let lines: Vec<&str> = text.lines().collect();
    let (front, first) = front(&lines)?;
    let mut reader = Reader::new(front.as_ref().map(|front| front.title.clone()));
    reader.read(&lines, first)?;
    let lesson = reader.finish(front)?;
    check(&lesson)?;
    Ok(lesson)
}

// The front matter, if there is one, and the number of lines that it takes.
fn front(lines: &[&str]) -> Result<(Option<FrontMatter>, usize), LoadError> {
    if lines.first().map(|line| line.trim_end()) != Some("---") {
        return Ok((None, 0));
    }
    let rest = lines.get(1..).unwrap_or_default();
    let Some(length) = rest.iter().position(|line| line.trim_end() == "---") else {
        return Err(LoadError::new(1, Problem::OpenFrontMatter));
    };
    let text = rest.get(..length).unwrap_or_default().join("\n");
    Ok((Some(front_matter::parse(2, &text)?), length + 2))
}

struct Reader {
    // The title in the front matter.
    given_title: Option<EcoString>,
    title: EcoString,
    steps: Vec<Step>,
    prose: String,
    blocks: usize,
}

impl Reader {
    fn new(given_title: Option<EcoString>) -> Self {
        let steps = vec![Step { line: 1, ..Step::default() }];
        Reader { given_title, title: EcoString::new(), steps, prose: String::new(), blocks: 0 }
    }

    fn read(&mut self, lines: &[&str], first: usize) -> Result<(), LoadError> {
        let mut at = first;
        while let Some(line) = lines.get(at) {
            let number = at + 1;
            let rest = lines.get(number..).unwrap_or_default();
            if let Some(info) = line.strip_prefix("```").filter(|info| !info.starts_with('`')) {
                let Some(length) = rest.iter().position(|line| line.trim_end() == "```") else {
                    return Err(LoadError::new(number, Problem::OpenBlock));
                };
                self.block(number, info, rest.get(..length).unwrap_or_default())?;
                at += length + 2;
            } else if let Some(length) = shown_length(line, rest) {
                for line in lines.get(at..=at + length).unwrap_or_default() {
                    self.prose_line(line);
                }
                at += length + 1;
            } else {
                self.line(number, line)?;
                at += 1;
            }
        }
        self.end_prose();
        Ok(())
    }

    fn line(&mut self, number: usize, line: &str) -> Result<(), LoadError> {
        if let Some(title) = line.strip_prefix("## ") {
            self.end_prose();
            if self.steps.len() > STEPS_MAX {
                let problem = Problem::TooMany { what: "steps", most: STEPS_MAX };
                return Err(LoadError::new(number, problem));
            }
            let title = title.trim().into();
            self.steps.push(Step { title, line: number, ..Step::default() });
            return Ok(());
        }
        match line.strip_prefix("# ").map(str::trim) {
            Some(title) if self.given_title.as_deref() == Some(title) => {}
            Some(title) if self.given_title.is_none() && self.title.is_empty() => {
                self.title = title.into();
            }
            _ => self.prose_line(line),
        }
        Ok(())
    }

    fn prose_line(&mut self, line: &str) {
        self.prose.push_str(line);
        self.prose.push('\n');
    }

    fn end_prose(&mut self) {
        let prose = std::mem::take(&mut self.prose);
        let prose = prose::parse(&prose);
        if !prose.is_empty() {
            self.push(Block::Prose(prose));
        }
    }

    fn push(&mut self, block: Block) {
        if let Some(step) = self.steps.last_mut() {
            step.blocks.push(block);
        }
    }

    fn block(&mut self, line: usize, info: &str, body: &[&str]) -> Result<(), LoadError> {
        self.end_prose();
        self.blocks += 1;
        if self.blocks > BLOCKS_MAX {
            let problem = Problem::TooMany { what: "blocks", most: BLOCKS_MAX };
            return Err(LoadError::new(line, problem));
        }
        let fence = fence::parse(info).map_err(|problem| LoadError::new(line, problem))?;
        let text = || body.iter().map(|line| format!("{line}\n")).collect::<String>();
        let block = match fence {
            Fence::File(name, role) => Block::File { name, content: text().into(), role },
            Fence::Console(role, fails) => {
                Block::Console { items: items(body), watch: false, role, fails, line }
            }
            Fence::Watch => {
                let (role, fails) = (Role::Plain, Vec::new());
                Block::Console { items: items(body), watch: true, role, fails, line }
            }
            Fence::Goal => {
                let goals = goal::parse(line + 1, &text())?;
                let count = goals.len();
                if let Some(step) = self.steps.last_mut() {
                    step.goals.extend(goals);
                }
                Block::Goals(count)
            }
            Fence::Predict => Block::Predict(predict::parse(line + 1, &text())?),
            Fence::Hint => Block::Hint(prose::parse(&text())),
            Fence::Code => Block::Prose(vec![Prose::Code(text().into())]),
        };
        self.push(block);
        Ok(())
    }

    fn finish(mut self, front: Option<FrontMatter>) -> Result<Lesson, LoadError> {
        let has_front = front.is_some();
        let front = front.unwrap_or_else(|| FrontMatter {
            title: self.title.clone(),
            start: super::start::EMPTY.into(),
            ..FrontMatter::default()
        });
        let mut introduction = Vec::new();
        let first = self.steps.remove(0);
        match first.blocks.iter().all(is_introduction) {
            true => introduction = first.blocks,
            false if has_front && front.kind == Purpose::Lesson => {
                return Err(LoadError::new(first.line, Problem::OutsideStep));
            }
            false => self.steps.insert(0, first),
        }
        if let Some(most) = front.max_commands.filter(|_| front.kind == Purpose::Exercise) {
            let goal = Goal {
                id: MAX_COMMANDS.into(),
                say: EcoString::new(),
                already_true: false,
                rule: Rule::AtMost(most),
                line: 1,
            };
            match self.steps.last_mut() {
                Some(step) => step.goals.push(goal),
                None => self.steps.push(Step { goals: vec![goal], ..Step::default() }),
            }
        }
        Ok(Lesson { front, introduction, steps: self.steps })
    }
}

// How many lines a block of shown code goes on for: longer fences and those of tildes.
fn shown_length(line: &str, rest: &[&str]) -> Option<usize> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    let is_long = length > 3 || mark == '~' && length == 3;
    let closes = |line: &&str| {
        let line = line.trim();
        line.len() >= length && line.chars().all(|c| c == mark)
    };
    is_long.then(|| rest.iter().position(closes).map_or(rest.len(), |at| at + 1))
}

fn is_introduction(block: &Block) -> bool {
    match block {
        Block::Prose(_) => true,
        Block::File { role, .. } | Block::Console { role, .. } => *role == Role::Start,
        _ => false,
    }
}

// What only the whole text shows.
fn check(lesson: &Lesson) -> Result<(), LoadError> {
    let mut ids: Vec<EcoString> = Vec::new();
    let is_exercise = lesson.front.kind == Purpose::Exercise;
    for goal in lesson.goals() {
        if ids.contains(&goal.id) {
            return Err(LoadError::new(goal.line, Problem::DuplicateId(goal.id.clone())));
        }
        ids.push(goal.id.clone());
    }
    if ids.len() > GOALS_MAX {
        return Err(LoadError::new(1, Problem::TooMany { what: "goals", most: GOALS_MAX }));
    }
    let mut predictions: Vec<&EcoString> = Vec::new();
    for step in &lesson.steps {
        let mut has_begun = !step.title.is_empty();
        for block in &step.blocks {
            match block {
                Block::File { role: Role::Start, .. } if has_begun => {
                    return Err(LoadError::new(step.line, Problem::StartTooLate));
                }
                Block::Console { role: Role::Start, line, .. } if has_begun => {
                    return Err(LoadError::new(*line, Problem::StartTooLate));
                }
                Block::Console { role: Role::Mutant(_), line, .. } if !is_exercise => {
                    return Err(LoadError::new(*line, Problem::OnlyInExercise));
                }
                Block::Console { fails, line, .. } => {
                    if let Some(id) = fails.iter().find(|id| !ids.contains(id)) {
                        return Err(LoadError::new(*line, Problem::UnknownGoal(id.clone())));
                    }
                    has_begun |= !block_role(block).is_some_and(|role| *role == Role::Start);
                }
                Block::File { role, .. } => has_begun |= *role != Role::Start,
                Block::Predict(prediction) => {
                    if predictions.contains(&&prediction.id) {
                        let problem = Problem::DuplicateId(prediction.id.clone());
                        return Err(LoadError::new(prediction.line, problem));
                    }
                    predictions.push(&prediction.id);
                }
                Block::Prose(_) | Block::Goals(_) | Block::Hint(_) => {}
            }
        }
    }
    match lesson.mutants().iter().find(|(_, fails, _)| fails.is_empty()) {
        Some((name, _, line)) => {
            Err(LoadError::new(*line, Problem::MutantWithoutFails(name.clone())))
        }
        None => Ok(()),
    }
}

fn block_role(block: &Block) -> Option<&Role> {
    match block {
        Block::File { role, .. } | Block::Console { role, .. } => Some(role),
        _ => None,
    }
}

impl Lesson {
    /// Whether all goals are judged together at the end.
    pub fn is_exercise(&self) -> bool {
        self.front.kind == Purpose::Exercise
    }

    /// All goals in order.
    pub fn goals(&self) -> impl Iterator<Item = &Goal> {
        self.steps.iter().flat_map(|step| &step.goals)
    }

    /// All blocks in order.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.introduction.iter().chain(self.steps.iter().flat_map(|step| &step.blocks))
    }

    /// The wrong solutions: their names, the goals that they fail, and where they begin.
    pub fn mutants(&self) -> Vec<(EcoString, Vec<EcoString>, usize)> {
        let mut found: Vec<(EcoString, Vec<EcoString>, usize)> = Vec::new();
        for block in self.blocks() {
            let Block::Console { role: Role::Mutant(name), fails, line, .. } = block else {
                continue;
            };
            match found.iter_mut().find(|(known, ..)| known == name) {
                Some((_, known, _)) => known.extend(fails.iter().cloned()),
                None => found.push((name.clone(), fails.clone(), *line)),
            }
        }
        found
    }

    /// What makes the start state, beside the start that the front matter names.
    pub fn start_parts(&self) -> Vec<Part> {
        self.blocks().filter_map(|block| part(block, |role| *role == Role::Start)).collect()
    }

    /// What is done in a step on a way through the lesson.
    pub fn parts(&self, step: usize, way: &Way) -> Vec<Part> {
        let blocks = self.steps.get(step).map(|step| step.blocks.as_slice()).unwrap_or_default();
        let goes = |role: &Role| match (role, way) {
            (Role::Plain | Role::Edit, _) => true,
            (Role::Solution, Way::Solution) => true,
            (Role::Mutant(name), Way::Mutant(wanted)) => name == wanted,
            _ => false,
        };
        blocks.iter().filter_map(|block| part(block, goes)).collect()
    }

    /// The files that a step opens in the editor, and whether the learner is to change them.
    pub fn files(&self, step: usize) -> Vec<(EcoString, EcoString, bool)> {
        let blocks = self.steps.get(step).map(|step| step.blocks.as_slice()).unwrap_or_default();
        blocks
            .iter()
            .filter_map(|block| match block {
                Block::File { name, content, role: role @ (Role::Plain | Role::Edit) } => {
                    Some((name.clone(), content.clone(), *role == Role::Edit))
                }
                _ => None,
            })
            .collect()
    }
}

fn part(block: &Block, goes: impl Fn(&Role) -> bool) -> Option<Part> {
    match block {
        Block::File { name, content, role } if goes(role) => Some(Part::File {
            fence: String::new(),
            name: name.to_string(),
            content: content.to_string(),
        }),
        Block::Console { items, watch, role, .. } if goes(role) => {
            Some(Part::Console { fence: String::new(), watch: *watch, items: items.clone() })
        }
        _ => None,
    }
}
