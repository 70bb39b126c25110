//! A lesson that is being done: its steps, goals, hints, questions, and what is handed in.

mod class;
pub mod message;
mod open;
mod step;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::Playground;
use super::effect::Effect;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::lesson::class::Class;
use crate::lesson::format::Lesson;
use crate::lesson::goal::Goal;
use crate::lesson::hand_in::HandIn;
use crate::lesson::judge::{Judge, Outcome, Verdict};
use crate::lesson::predict::Question;
use crate::lesson::progress::Progress;
use crate::playground::motion::Motion as _;
use crate::shell::session::Session;
use crate::simulation::timeline::World;

use message::LessonMessage;

pub use class::Grading;

/// What the page knows of lessons, whether one is open or not.
#[derive(Clone, Default)]
pub struct Lessons {
    /// The lesson that is open.
    pub open: Option<OpenLesson>,
    /// How far the learner has come.
    pub progress: Progress,
    /// The class that the learner belongs to.
    pub class: Option<Class>,
    /// Real time spent on the class's exercises, all together.
    pub class_spent: Duration,
    /// The learner's name.
    pub name: String,
    /// The end of the link for a class that was made last, "" if none was.
    pub class_link: String,
    /// What the teacher's page shows.
    pub grading: Grading,
    /// The entry whose text is awaited.
    pub awaited: Option<String>,
    /// Why a lesson could not be opened, "" if nothing is wrong.
    pub complaint: String,
    // What was handed in earlier and waits for its exercise's text.
    resumed: Option<HandIn>,
    // A saved session that waits for its lesson's text.
    waiting: Option<super::share::Document>,
}

impl Lessons {
    /// Whether a text, or its end, stands in a field of the page: a hand-in or a class's link.
    pub fn shows(&self, text: &str) -> bool {
        let handed_in = self.open.as_ref().and_then(|open| open.handed_in.as_deref());
        let shown = handed_in.into_iter().chain([self.class_link.as_str()]);
        shown.into_iter().any(|shown| !shown.is_empty() && text.ends_with(shown))
    }
}

/// The lesson that is open.
#[derive(Clone)]
pub struct OpenLesson {
    /// Its name in the catalogue, "" for somebody's own.
    pub slug: String,
    /// Its text.
    pub text: Rc<str>,
    /// What it says.
    pub lesson: Rc<Lesson>,
    /// The seed that it is done with.
    pub seed: u64,
    /// The step that is shown.
    pub shown: usize,
    /// How many hints of each step are open.
    pub hints: BTreeMap<usize, usize>,
    /// Questions that were opened.
    pub questions: BTreeMap<EcoString, OpenQuestion>,
    /// The code of what was handed in.
    pub handed_in: Option<String>,
    /// Real time spent.
    pub spent: Duration,
    // The steps that have begun, in order; an exercise has one.
    begun: Vec<Begun>,
    // When it was looked last whether a step is done.
    looked_at: (u64, usize, usize),
}

/// A question that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenQuestion {
    /// Its answers.
    pub question: Question,
    /// What was chosen.
    pub answered: Option<usize>,
    /// When it was last asked.
    pub asked_at: Time,
    /// After how many inputs.
    pub asked_after: usize,
}

#[derive(Clone)]
struct Begun {
    step: usize,
    judge: Judge,
}

/// Where a step began: which, when, and after how many inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The step's number.
    pub step: usize,
    /// When.
    pub at: Time,
    /// How many inputs had been given.
    pub entries: usize,
}

impl OpenLesson {
    /// Whether the step has begun.
    pub fn has_begun(&self, step: usize) -> bool {
        self.lesson.is_exercise() || self.begun.iter().any(|begun| begun.step == step)
    }

    /// The goals of a step with what has become of them at the shown instant.
    pub fn verdicts(&self, step: usize, playground: &Playground) -> Vec<(Goal, Verdict)> {
        let Some(begun) = self.judged(step) else { return Vec::new() };
        let verdicts = begun.judge.verdicts(playground.now(), playground.timeline().entries());
        let all = begun.judge.goals().iter().cloned().zip(verdicts);
        if self.lesson.is_exercise() {
            return all.collect();
        }
        let goals = self.lesson.steps.get(step).map(|step| step.goals.as_slice());
        let is_here = |goal: &Goal| goals.is_some_and(|g| g.iter().any(|own| own.id == goal.id));
        all.filter(|(goal, _)| is_here(goal)).collect()
    }

    fn judged(&self, step: usize) -> Option<&Begun> {
        match self.lesson.is_exercise() {
            true => self.begun.first(),
            false => self.begun.iter().find(|begun| begun.step == step),
        }
    }

    /// Where its steps began.
    pub fn marks(&self) -> Vec<Mark> {
        let mark = |begun: &Begun| Mark {
            step: begun.step,
            at: begun.judge.begun_at(),
            entries: begun.judge.entries(),
        };
        self.begun.iter().map(mark).collect()
    }

    fn observe(&mut self, session: &Session) {
        if let Some(begun) = self.begun.last_mut() {
            begun.judge.observe(session);
        }
    }

    // The learner acts in the past: what began later has not.
    fn forget_after(&mut self, session: &Session) {
        let now = session.now();
        while self.begun.len() > 1 && self.begun.last().is_some_and(|b| b.judge.begun_at() > now) {
            self.begun.pop();
        }
        if let Some(begun) = self.begun.last_mut() {
            begun.judge.forget_after(session);
            if !self.lesson.is_exercise() {
                self.shown = begun.step;
            }
        }
    }

    fn begin(&mut self, step: usize, session: &Session, entries: usize) {
        let goals = match self.lesson.is_exercise() {
            true => self.lesson.goals().cloned().collect(),
            false => self.lesson.steps.get(step).map(|s| s.goals.clone()).unwrap_or_default(),
        };
        self.begun.push(Begun { step, judge: Judge::new(goals, session, entries) });
    }
}

impl Lessons {
    /// Real time has passed.
    pub(super) fn spend(&mut self, elapsed: Duration) {
        let Some(open) = &mut self.open else { return };
        open.spent += elapsed;
        let exercises = self.class.as_ref().map(|class| class.exercises.as_slice());
        if exercises.unwrap_or_default().iter().any(|slug| *slug == open.slug) {
            self.class_spent += elapsed;
        }
    }

    /// The same with no lesson open.
    pub(super) fn without_open(&mut self) -> Lessons {
        Lessons { open: None, ..std::mem::take(self) }
    }
}

impl Playground {
    /// What the page knows of lessons.
    pub fn lessons(&self) -> &Lessons {
        &self.lessons
    }

    /// What the browser has to do first.
    pub fn first_effects(&self) -> Vec<Effect> {
        match &self.lessons.awaited {
            Some(slug) => self.load(slug),
            None => Vec::new(),
        }
    }

    /// Everything that looks at the world looks at its present.
    pub(super) fn observe(&mut self) {
        let session = self.timeline.world();
        self.history.observe(session);
        if let Some(open) = &mut self.lessons.open {
            open.observe(session);
        }
    }

    /// Everything that remembers what came after the shown instant forgets it.
    pub(super) fn forget_after(&mut self) {
        let session = self.timeline.world();
        self.history.forget_after(session);
        let now = session.now();
        self.controls.marks.retain(|mark| *mark <= now);
        if let Some(open) = &mut self.lessons.open {
            open.questions.retain(|_, asked| asked.asked_at <= now);
            open.forget_after(session);
        }
    }

    pub(super) fn update_lessons(&mut self, message: LessonMessage) -> Vec<Effect> {
        match message {
            LessonMessage::Chosen { slug } => self.choose_lesson(&slug),
            LessonMessage::Loaded { slug, text } => self.loaded(&slug, text),
            LessonMessage::TextOpened { name, text } => {
                self.open_text("", &text, None);
                if !self.lessons.complaint.is_empty() {
                    let complaint = std::mem::take(&mut self.lessons.complaint);
                    self.lessons.complaint = format!("{name}: {complaint}");
                }
                self.frames()
            }
            LessonMessage::PlaceOpened(place) => self.open_place(&place),
            LessonMessage::Closed => self.close_lesson(),
            LessonMessage::Restarted => self.restart_lesson(),
            LessonMessage::ComplaintClosed => {
                self.lessons.complaint.clear();
                Vec::new()
            }
            LessonMessage::TimePassed(elapsed) => {
                self.lessons.spend(elapsed);
                // A reload gives nobody his time back.
                vec![Effect::Save]
            }
            LessonMessage::StepChosen(step) => self.choose_step(step),
            LessonMessage::StepReset => self.reset_step(),
            LessonMessage::HintOpened => self.open_hint(),
            LessonMessage::FileOpened { name } => self.open_lesson_file(&name),
            LessonMessage::SolutionRequested => self.show_solution(),
            LessonMessage::Asked { id } => self.ask(&id),
            LessonMessage::Answered { id, choice } => self.answer_question(&id, choice),
            LessonMessage::JumpedToGoal { id } => self.jump_to_goal(&id),
            LessonMessage::NameTyped(name) => {
                self.lessons.name = name;
                Vec::new()
            }
            message => self.update_class(message),
        }
    }

    /// Notes that a step is done, if it has become so.
    pub(super) fn look_at_goals(&mut self) -> Vec<Effect> {
        let now = self.now();
        let storage = self.session().cluster().api().storage();
        let is_in_past = self.is_in_past();
        let entries = self.timeline.entries();
        let stamp = (storage.revision(), self.timeline.applied(), entries.len());
        let Some(open) = &mut self.lessons.open else { return Vec::new() };
        if is_in_past || open.looked_at == stamp && !open.reads_files() {
            return Vec::new();
        }
        open.looked_at = stamp;
        let Some(begun) = open.begun.last() else { return Vec::new() };
        let verdicts = begun.judge.verdicts(now, entries);
        let is_done = verdicts.iter().all(|verdict| verdict.outcome == Outcome::Passed);
        if verdicts.is_empty() || !is_done {
            return Vec::new();
        }
        let (slug, step) = (open.slug.clone(), begun.step as u32);
        let commands = entries.len().saturating_sub(begun.judge.entries()) as u32;
        let is_exercise = open.lesson.is_exercise();
        self.note_done(&slug, step, commands, is_exercise)
    }

    fn note_done(
        &mut self,
        slug: &str,
        step: u32,
        commands: u32,
        is_exercise: bool,
    ) -> Vec<Effect> {
        if slug.is_empty() || self.lessons.progress.of(slug).done.contains_key(&step) {
            return Vec::new();
        }
        self.lessons.progress.change(slug, |progress| {
            progress.done.insert(step, commands);
        });
        self.version = self.version.wrapping_add(1);
        let words = crate::locale::lesson::words(self.language);
        let said = if is_exercise { words.exercise_done } else { words.step_done };
        vec![self.save_progress(), Effect::Announce(said.into())]
    }

    fn save_progress(&self) -> Effect {
        Effect::SaveProgress(self.lessons.progress.text())
    }
}

impl OpenLesson {
    fn reads_files(&self) -> bool {
        let goals = self.begun.last().map(|begun| begun.judge.goals()).unwrap_or_default();
        goals.iter().any(|goal| goal.rule.conditions().any(|condition| condition.reads_files()))
    }
}
