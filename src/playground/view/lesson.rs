//! The lesson panel and the teacher's page.

use std::sync::Arc;

use crate::lesson::catalog::{CATALOG, Entry};
use crate::lesson::class::{self, Row};
use crate::lesson::fence::Role;
use crate::lesson::format::{Block, Step};
use crate::lesson::goal::{Goal, Rule};
use crate::lesson::judge::{Outcome, Verdict};
use crate::lesson::predict::Prediction;
use crate::lesson::transcript::Item;
use crate::locale::Language;
use crate::locale::lesson as said;
use crate::playground::Playground;
use crate::playground::lesson::{OpenLesson, OpenQuestion};
use crate::shell::session::Input;
use crate::simulation::timeline::World;

pub use crate::lesson::prose::{Prose, Span};
pub use crate::locale::lesson::LessonWords;

/// Everything about lessons.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonsView {
    /// The words.
    pub words: &'static LessonWords,
    /// The catalogue.
    pub catalog: Arc<Vec<EntryView>>,
    /// What is wrong, "" if nothing is.
    pub complaint: String,
    /// Whether a text is awaited.
    pub loading: bool,
    /// The lesson that is open.
    pub open: Option<Arc<LessonView>>,
    /// The class that the learner belongs to: its exercises, and minutes for all.
    pub class: Option<(Arc<Vec<EntryView>>, Option<u32>)>,
    /// The learner's name.
    pub name: String,
    /// The end of the link for a class that was made last, "" if none was.
    pub class_link: String,
    /// What was graded.
    pub grading: Arc<GradingView>,
}

/// An entry of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryView {
    /// Its name in messages.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// How many minutes a learner takes.
    pub minutes: u32,
    /// Whether it is an exercise.
    pub is_exercise: bool,
    /// How many steps are done.
    pub done: usize,
}

/// A lesson that is open.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonView {
    /// Its name in the catalogue, "" for somebody's own.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// How many minutes a learner takes.
    pub minutes: u32,
    /// What it teaches.
    pub teaches: Vec<String>,
    /// Whether it is an exercise: one start, goals judged together, handed in.
    pub is_exercise: bool,
    /// What comes before the first step.
    pub introduction: Vec<BlockView>,
    /// All steps.
    pub steps: Vec<StepView>,
    /// The number of the shown step.
    pub shown: usize,
    /// What the shown step says.
    pub blocks: Vec<BlockView>,
    /// Its goals, or those of the exercise; `BlockView::Goals` says where they stand.
    pub goals: Vec<GoalView>,
    /// Whether all of them are reached at the shown instant.
    pub all_reached: bool,
    /// Whether there is another hint to open.
    pub has_hint: bool,
    /// Whether it can show how it is done.
    pub has_solution: bool,
    /// How many commands were entered since the start.
    pub commands: usize,
    /// Minutes that there are for it, or for all of the class's exercises.
    pub time_box: Option<u32>,
    /// Real seconds spent; for a class with a time box, on all its exercises.
    pub spent: u64,
    /// Whether they are more than there were to spend.
    pub is_over: bool,
    /// The code that was handed in.
    pub handed_in: Option<String>,
}

/// A step in the list of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    /// Its heading.
    pub title: String,
    /// Whether it has begun.
    pub has_begun: bool,
    /// Whether it was done, now or earlier.
    pub is_done: bool,
}

/// A part of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockView {
    /// Prose.
    Prose(Vec<Prose>),
    /// A file; the learner is to change it, or only to have it.
    File {
        /// Its name.
        name: String,
        /// Its text in the lesson.
        content: String,
        /// Whether it is to be changed.
        to_change: bool,
    },
    /// Commands to click (`Message::CommandGiven`), and comments between them.
    Console {
        /// Commands and comments in order.
        lines: Vec<LineView>,
        /// Whether it runs until it is stopped: best in a terminal of its own.
        watch: bool,
    },
    /// Goals number so to so of the shown step stand here.
    Goals(std::ops::Range<usize>),
    /// A question.
    Question(QuestionView),
    /// A hint that is open, with its number.
    Hint(usize, Vec<Prose>),
}

/// A line of a block of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineView {
    /// A command.
    Command(String),
    /// What is said about the next one.
    Comment(String),
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionView {
    /// Its id in messages.
    pub id: String,
    /// The question.
    pub ask: String,
    /// The commands that are thought to be given first.
    pub run: Vec<String>,
    /// The choices; empty until it is opened (`LessonMessage::Asked`).
    pub choices: Vec<String>,
    /// What was chosen, and whether that is right.
    pub answered: Option<(usize, bool)>,
    /// The right answer, once one was given.
    pub right: Option<String>,
    /// Whether other things were done after the answer than it was about.
    pub is_past: bool,
}

/// A goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalView {
    /// Its id in messages.
    pub id: String,
    /// What is to be reached.
    pub say: String,
    /// `passed`, `open`, `broken`
    pub outcome: &'static str,
    /// Whether it holds at the start and can only be broken.
    pub is_guard: bool,
    /// Why it is not reached, "" if it is.
    pub why: String,
    /// The instant to jump to, in milliseconds after the start.
    pub at_ms: Option<u64>,
}

/// The teacher's page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GradingView {
    /// One row for each hand-in.
    pub rows: Vec<RowView>,
    /// Goals that were missed most: exercise, goal, how often.
    pub failed: Vec<(String, String, u32)>,
    /// How many hand-ins are still to be graded.
    pub left: usize,
    /// How much of the present one is, in percent.
    pub percent: u32,
}

/// A hand-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowView {
    /// What it is called: a file's name, a number.
    pub source: String,
    /// Who handed it in.
    pub name: String,
    /// The exercise's title.
    pub exercise: String,
    /// Whether all goals are reached.
    pub has_passed: bool,
    /// The goals: what is to be reached, `passed`, `open` or `broken`, why not, and at which
    /// second.
    pub goals: Vec<(String, &'static str, String, Option<u64>)>,
    /// How many commands were entered.
    pub commands: u32,
    /// How many seconds the cluster ran.
    pub lasted: u64,
    /// Real minutes that it took, as the learner's page counted.
    pub minutes: u32,
    /// Whether they are more than the exercise gives.
    pub is_late: bool,
    /// How many hints were read.
    pub hints: u32,
    /// Why it could not be graded, "" if it was.
    pub problem: String,
}

/// The view of everything about lessons.
pub fn lessons(playground: &Playground) -> LessonsView {
    let lessons = playground.lessons();
    let all: Vec<EntryView> = CATALOG.iter().map(|e| entry(e, playground)).collect();
    let class = lessons.class.as_ref().map(|class| {
        let chosen = class.exercises.iter().filter_map(|slug| Entry::named(slug));
        (Arc::new(chosen.map(|e| entry(e, playground)).collect()), class.time_box)
    });
    LessonsView {
        words: said::words(playground.language()),
        catalog: Arc::new(all),
        complaint: lessons.complaint.clone(),
        loading: lessons.awaited.is_some(),
        open: lessons.open.as_ref().map(|open| Arc::new(lesson(open, playground))),
        class,
        name: lessons.name.clone(),
        class_link: lessons.class_link.clone(),
        grading: Arc::new(grading(playground)),
    }
}

fn entry(entry: &Entry, playground: &Playground) -> EntryView {
    EntryView {
        slug: entry.slug,
        title: entry.title[usize::from(playground.language() == Language::Zh)],
        minutes: entry.minutes,
        is_exercise: entry.is_exercise,
        done: playground.lessons().progress.of(entry.slug).done.len(),
    }
}

fn lesson(open: &OpenLesson, playground: &Playground) -> LessonView {
    let (lesson, shown) = (&open.lesson, open.shown);
    let goals: Vec<GoalView> = open
        .verdicts(shown, playground)
        .iter()
        .map(|(goal, verdict)| goal_view(goal, verdict, playground))
        .collect();
    let step = lesson.steps.get(shown).cloned().unwrap_or_default();
    let hints = step.blocks.iter().filter(|block| matches!(block, Block::Hint(_))).count();
    let opened = open.hints.get(&shown).copied().unwrap_or(0);
    let allowed = playground.lessons().class.as_ref().is_none_or(|class| class.hints);
    let is_solution = |block: &Block| {
        matches!(
            block,
            Block::Console { role: Role::Solution, .. } | Block::File { role: Role::Solution, .. }
        )
    };
    let class_box = playground.lessons().class.as_ref().and_then(|class| class.time_box);
    let (time_box, spent) = match class_box {
        Some(minutes) => (Some(minutes), playground.lessons().class_spent),
        None => (lesson.front.time_box, open.spent),
    };
    let inputs = playground.timeline().entries().iter().filter(|e| e.at <= playground.now());
    let is_command = |input: &_| matches!(input, Input::Command { .. });
    LessonView {
        slug: open.slug.clone(),
        title: lesson.front.title.to_string(),
        minutes: lesson.front.minutes,
        teaches: lesson.front.teaches.iter().map(|text| text.to_string()).collect(),
        is_exercise: lesson.is_exercise(),
        introduction: lesson.introduction.iter().filter_map(prose_only).collect(),
        steps: steps(open, playground),
        shown,
        blocks: blocks(&step, open, playground),
        all_reached: !goals.is_empty() && goals.iter().all(|goal| goal.outcome == "passed"),
        goals,
        has_hint: allowed && opened < hints,
        has_solution: allowed && (!lesson.is_exercise() || lesson.blocks().any(is_solution)),
        commands: inputs.filter(|entry| is_command(&entry.input)).count(),
        time_box,
        spent: spent.as_secs(),
        is_over: time_box.is_some_and(|most| spent.as_secs() >= u64::from(most) * 60),
        handed_in: open.handed_in.clone(),
    }
}

fn prose_only(block: &Block) -> Option<BlockView> {
    match block {
        Block::Prose(prose) => Some(BlockView::Prose(prose.clone())),
        _ => None,
    }
}

fn steps(open: &OpenLesson, playground: &Playground) -> Vec<StepView> {
    let progress = playground.lessons().progress.of(&open.slug);
    let steps = open.lesson.steps.iter().enumerate();
    steps
        .map(|(index, step)| StepView {
            title: match step.title.is_empty() {
                true => open.lesson.front.title.to_string(),
                false => step.title.to_string(),
            },
            has_begun: open.has_begun(index),
            is_done: progress.done.contains_key(&(index as u32)),
        })
        .collect()
}

fn blocks(step: &Step, open: &OpenLesson, playground: &Playground) -> Vec<BlockView> {
    let (mut goals, mut hints) = (0, 0);
    let opened = open.hints.get(&open.shown).copied().unwrap_or(0);
    let mut shown = Vec::new();
    for block in &step.blocks {
        match block {
            Block::Prose(prose) => shown.push(BlockView::Prose(prose.clone())),
            Block::File { name, content, role: role @ (Role::Plain | Role::Edit) } => {
                let (name, content) = (name.to_string(), content.to_string());
                shown.push(BlockView::File { name, content, to_change: *role == Role::Edit });
            }
            Block::Console { items, watch, role: Role::Plain, .. } => {
                let lines = items.iter().filter_map(line).collect();
                shown.push(BlockView::Console { lines, watch: *watch });
            }
            Block::File { .. } | Block::Console { .. } => {}
            Block::Goals(count) => {
                shown.push(BlockView::Goals(goals..goals + count));
                goals += count;
            }
            Block::Predict(question) => {
                shown.push(BlockView::Question(question_view(question, open, playground)));
            }
            Block::Hint(prose) => {
                hints += 1;
                if hints <= opened {
                    shown.push(BlockView::Hint(hints, prose.clone()));
                }
            }
        }
    }
    shown
}

// How replays let time pass is nothing to click: in the page it passes by itself.
fn line(item: &Item) -> Option<LineView> {
    match item {
        Item::Command { command, .. } if command.trim() == "settle" => None,
        Item::Command { command, .. } => {
            let command = command.trim_end().trim_end_matches("# no-settle").trim_end();
            Some(LineView::Command(command.into()))
        }
        Item::Comment(text) => Some(LineView::Comment(text.trim_start_matches("## ").into())),
    }
}

fn question_view(
    question: &Prediction,
    open: &OpenLesson,
    playground: &Playground,
) -> QuestionView {
    let language = playground.language();
    let asked = open.questions.get(&question.id);
    let text = |answer| said::answer(answer, language);
    let choices = asked.map(|asked| asked.question.choices.as_slice()).unwrap_or_default();
    let answered = asked.and_then(|asked| {
        let chosen = asked.answered?;
        Some((chosen, choices.get(chosen) == Some(&asked.question.right)))
    });
    QuestionView {
        id: question.id.to_string(),
        ask: question.ask.to_string(),
        run: question.run.iter().map(|line| line.to_string()).collect(),
        choices: choices.iter().map(text).collect(),
        right: asked.filter(|a| a.answered.is_some()).map(|asked| text(&asked.question.right)),
        is_past: asked
            .is_some_and(|a| a.answered.is_some() && has_gone_on(question, a, playground)),
        answered,
    }
}

// An answer is about what the question's own commands do: after others it may be another one.
fn has_gone_on(question: &Prediction, asked: &OpenQuestion, playground: &Playground) -> bool {
    let timeline = playground.timeline();
    let since = timeline.entries().get(asked.asked_after..timeline.applied()).unwrap_or_default();
    let commands = since.iter().filter_map(|entry| match &entry.input {
        Input::Command { line, .. } => Some(line.trim()),
        _ => None,
    });
    let mut pairs = question.run.iter().map(|line| line.trim()).zip(commands);
    pairs.any(|(meant, given)| meant != given)
}

fn outcome(verdict: &Verdict) -> &'static str {
    match verdict.outcome {
        Outcome::Passed => "passed",
        Outcome::Open => "open",
        Outcome::Broken => "broken",
    }
}

fn say(goal: &Goal, language: Language) -> String {
    match &goal.rule {
        Rule::AtMost(most) if goal.say.is_empty() => said::max_commands(*most, language),
        _ => goal.say.to_string(),
    }
}

fn goal_view(goal: &Goal, verdict: &Verdict, playground: &Playground) -> GoalView {
    let language = playground.language();
    let start = playground.timeline().genesis().now();
    GoalView {
        id: goal.id.to_string(),
        say: say(goal, language),
        outcome: outcome(verdict),
        is_guard: goal.rule.is_guard(),
        why: verdict.why.as_ref().map(|why| said::why(why, language)).unwrap_or_default(),
        at_ms: verdict.at.map(|at| at.since(start).as_millis() as u64),
    }
}

fn grading(playground: &Playground) -> GradingView {
    let grading = &playground.lessons().grading;
    let failed = class::failed_goals(&grading.rows).into_iter();
    GradingView {
        rows: grading.rows.iter().map(|one| row(one, playground.language())).collect(),
        failed: failed.map(|(e, g, count)| (e.to_string(), g.to_string(), count)).collect(),
        left: grading.left(),
        percent: grading.percent(),
    }
}

fn row((source, row): &Row, language: Language) -> RowView {
    let empty = RowView {
        source: source.to_string(),
        name: String::new(),
        exercise: String::new(),
        has_passed: false,
        goals: Vec::new(),
        commands: 0,
        lasted: 0,
        minutes: 0,
        is_late: false,
        hints: 0,
        problem: String::new(),
    };
    let graded = match row {
        Ok(graded) => graded,
        Err(why) => return RowView { problem: said::hand_in(why, language), ..empty },
    };
    let title = Entry::named(&graded.exercise)
        .map(|entry| entry.title[usize::from(language == Language::Zh)]);
    let goal = |(goal, verdict): &(Goal, Verdict)| {
        let why = verdict.why.as_ref().map(|why| said::why(why, language)).unwrap_or_default();
        let second = graded.after_start(verdict).map(|span| span.as_secs());
        (say(goal, language), outcome(verdict), why, second)
    };
    RowView {
        name: graded.name.to_string(),
        exercise: title.unwrap_or(graded.exercise.as_str()).into(),
        has_passed: graded.has_passed(),
        goals: graded.goals.iter().map(goal).collect(),
        commands: graded.commands,
        lasted: graded.lasted.as_secs(),
        minutes: graded.seconds.div_ceil(60),
        is_late: graded.is_late(),
        hints: graded.hints,
        ..empty
    }
}
