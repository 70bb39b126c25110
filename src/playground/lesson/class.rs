//! Handing in, and what the teacher's page does with what was handed in.

use std::collections::{BTreeMap, VecDeque};

use super::Lessons;
use super::message::LessonMessage;
use crate::api::value::EcoString;
use crate::lesson::catalog::Entry;
use crate::lesson::class::{self, Class, Row};
use crate::lesson::format;
use crate::lesson::grade::{Grader, Run};
use crate::lesson::hand_in::{self, CODE_LENGTH_MAX, HandIn, Problem, Work};
use crate::lesson::progress::Progress;
use crate::locale::lesson as said;
use crate::playground::Playground;
use crate::playground::effect::{Copied, Effect};
use crate::simulation::timeline::World;

/// What the teacher's page shows.
#[derive(Clone, Default)]
pub struct Grading {
    /// What was graded.
    pub rows: Vec<Row>,
    // What is to be graded, and what is being graded.
    waiting: VecDeque<(EcoString, HandIn)>,
    running: Option<(EcoString, Run)>,
    // The exercises whose texts have come; nothing for one that cannot be read.
    graders: BTreeMap<String, Option<Grader>>,
    asked: Vec<String>,
}

/// So many hand-ins are taken at once.
const ANSWERS_MAX: usize = 500;
/// So many steps of a hand-in are played before the page may draw again.
const SLICE: u32 = 400;

impl Grading {
    /// How many hand-ins are still to be graded.
    pub fn left(&self) -> usize {
        self.waiting.len() + usize::from(self.running.is_some())
    }

    /// How much of the one that is being graded is done, in percent.
    pub fn percent(&self) -> u32 {
        self.running.as_ref().map_or(0, |(_, run)| run.percent())
    }

    /// Takes an exercise's text, if it was asked for.
    pub(super) fn takes(&mut self, slug: &str, text: &str) -> bool {
        let Some(at) = self.asked.iter().position(|asked| asked == slug) else { return false };
        self.asked.remove(at);
        let grader = format::parse(text).ok().map(|lesson| Grader::new(slug, lesson));
        self.graders.insert(slug.into(), grader);
        true
    }

    // Grades for a while. False if there is nothing to do, or texts have to come first.
    fn go_on(&mut self) -> bool {
        let Some((source, mut run)) = self.running.take() else { return self.begin_next() };
        match run.go_on(SLICE) {
            Some(graded) => self.rows.push((source, graded)),
            None => self.running = Some((source, run)),
        }
        true
    }

    // Begins with a hand-in whose exercise's text is here.
    fn begin_next(&mut self) -> bool {
        let is_here = |(_, hand_in): &(EcoString, HandIn)| {
            self.graders.contains_key(hand_in.exercise.as_str())
        };
        let Some(at) = self.waiting.iter().position(is_here) else { return false };
        let Some((source, hand_in)) = self.waiting.remove(at) else { return false };
        let begun = match self.graders.get_mut(hand_in.exercise.as_str()) {
            Some(Some(grader)) => grader.begin(&hand_in),
            _ => Err(Problem::ChangedExercise),
        };
        match begun {
            Ok(run) => self.running = Some((source, run)),
            Err(problem) => self.rows.push((source, Err(problem))),
        }
        true
    }

    // Those that were not graded stay in the table and say so.
    fn stop(&mut self) {
        let running = self.running.take().map(|(source, _)| source);
        let waiting = self.waiting.drain(..).map(|(source, _)| source);
        let left = running.into_iter().chain(waiting);
        self.rows.extend(left.map(|source| (source, Err(Problem::Stopped))));
    }
}

impl Playground {
    pub(super) fn update_class(&mut self, message: LessonMessage) -> Vec<Effect> {
        match message {
            LessonMessage::HandInRequested => self.hand_in(Copied::Text),
            LessonMessage::HandInLinked => {
                self.hand_in(|code| Copied::Address(format!("{}{code}", hand_in::LINK_MARK)))
            }
            LessonMessage::HandInSaved => self.save_hand_in(),
            LessonMessage::ClassRestored(code) => {
                self.lessons.class = Class::read(&code).ok();
                Vec::new()
            }
            LessonMessage::ProgressExported => {
                let text = self.lessons.progress.text();
                vec![Effect::SaveFile { name: "progress.json".into(), text }]
            }
            LessonMessage::ProgressImported(text) => self.import_progress(&text),
            LessonMessage::ProgressRestored(text) => {
                if let Ok(progress) = Progress::read(&text) {
                    self.lessons.progress.merge(progress);
                }
                Vec::new()
            }
            LessonMessage::ClassRequested { exercises, seed, hints, time_box } => {
                let exercises = exercises.iter().map(|slug| slug.as_str().into()).collect();
                let text = Class::new(exercises, seed, hints, time_box).text();
                match Class::read(&text) {
                    Ok(_) => {
                        let link = format!("{}{text}", class::LINK_MARK);
                        self.lessons.class_link.clone_from(&link);
                        let said = said::words(self.language).class_link_copied.into();
                        vec![Effect::Copy { what: Copied::Address(link), said }]
                    }
                    Err(problem) => self.complain_of(&problem),
                }
            }
            LessonMessage::AnswersGiven(answers) => self.take_answers(answers),
            LessonMessage::GradingContinued => match self.lessons.grading.go_on() {
                true => vec![Effect::ContinueGrading],
                false => Vec::new(),
            },
            LessonMessage::GradingStopped => {
                self.lessons.grading.stop();
                Vec::new()
            }
            LessonMessage::TableSaved => {
                let problem = |why: &Problem| said::hand_in(why, self.language);
                let text = class::csv(&self.lessons.grading.rows, problem);
                vec![Effect::SaveFile { name: "grades.csv".into(), text }]
            }
            LessonMessage::TableCleared => {
                self.lessons.grading = super::Grading::default();
                Vec::new()
            }
            LessonMessage::LessonRecorded { title } => {
                vec![Effect::SaveFile { name: "lesson.md".into(), text: self.recorded(&title) }]
            }
            _ => Vec::new(),
        }
    }

    fn complain_of(&mut self, problem: &Problem) -> Vec<Effect> {
        self.lessons.complaint = said::hand_in(problem, self.language);
        Vec::new()
    }

    /// What was done in the open exercise, as it is handed in.
    pub fn work(&self) -> Option<HandIn> {
        let Lessons { open: Some(open), name, .. } = &self.lessons else { return None };
        let entries = self.timeline.entries().get(..self.timeline.applied())?;
        let work = Work {
            exercise: open.slug.as_str().into(),
            seed: open.seed,
            name: name.as_str().into(),
            hints: open.hints.values().sum::<usize>() as u32,
            seconds: open.spent.as_secs() as u32,
        };
        let start = self.timeline.genesis().now();
        Some(HandIn::new(&open.lesson, work, entries, start, self.now()))
    }

    fn hand_in(&mut self, copied: impl FnOnce(String) -> Copied) -> Vec<Effect> {
        let Some(code) = self.work().map(|work| work.text()) else { return Vec::new() };
        let words = said::words(self.language);
        if code.len() >= CODE_LENGTH_MAX {
            self.lessons.complaint = words.code_too_long.into();
            return vec![Effect::Announce(words.code_too_long.into())];
        }
        if let Some(open) = &mut self.lessons.open {
            open.handed_in = Some(code.clone());
        }
        vec![Effect::Copy { what: copied(code), said: words.hand_in_copied.into() }]
    }

    fn save_hand_in(&mut self) -> Vec<Effect> {
        let Some(work) = self.work() else { return Vec::new() };
        let is_plain = |c: &char| c.is_alphanumeric() || *c == '-' || *c == ' ';
        let name: String = work.name.chars().filter(is_plain).collect();
        let name = format!("{} {}.txt", work.exercise, name.trim());
        vec![Effect::SaveFile { name, text: work.text() }]
    }

    fn import_progress(&mut self, text: &str) -> Vec<Effect> {
        match Progress::read(text) {
            Ok(progress) => {
                self.lessons.progress.merge(progress);
                let said = said::words(self.language).progress_imported;
                self.lessons.complaint.clear();
                vec![self.save_progress(), Effect::Announce(said.into())]
            }
            Err(problem) => {
                self.lessons.complaint = said::progress(problem, self.language).into();
                Vec::new()
            }
        }
    }

    pub(super) fn take_answers(&mut self, answers: Vec<(String, String)>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (source, text) in answers.into_iter().take(ANSWERS_MAX) {
            let source: EcoString = source.chars().take(100).collect::<String>().into();
            let grading = &mut self.lessons.grading;
            let hand_in = match hand_in::HandIn::read(&text) {
                Ok(hand_in) => hand_in,
                Err(problem) => {
                    grading.rows.push((source, Err(problem)));
                    continue;
                }
            };
            let slug = hand_in.exercise.to_string();
            if Entry::named(&slug).is_none() && !grading.graders.contains_key(&slug) {
                grading.rows.push((source, Err(Problem::OtherExercise(slug.as_str().into()))));
                continue;
            }
            if !grading.graders.contains_key(&slug) && !grading.asked.contains(&slug) {
                grading.asked.push(slug.clone());
                effects.extend(self.load(&slug));
            }
            self.lessons.grading.waiting.push_back((source, hand_in));
        }
        effects.push(Effect::ContinueGrading);
        effects
    }

    fn recorded(&self, title: &str) -> String {
        let tongue = said::tongue(self.language);
        let start = match (&self.lessons.open, self.scenario.slug) {
            (None, "nginx") => "nginx",
            _ => crate::lesson::start::EMPTY,
        };
        let skipped = match start {
            "nginx" => self.scenario.files.len() + self.scenario.commands.len(),
            _ => 0,
        };
        let entries = self.timeline.entries().get(skipped..).unwrap_or_default();
        let marks = &self.controls.marks;
        crate::lesson::recorder::record(title, tongue, start, self.seed, entries, marks)
    }
}
