//! Doing a lesson: steps, files, hints, questions, "show me".

use super::OpenQuestion;
use crate::lesson::format::{Block, Way};
use crate::lesson::predict::Prediction;
use crate::lesson::replay::Player;
use crate::lesson::walk;
use crate::playground::Playground;
use crate::playground::effect::Effect;
use crate::playground::motion::Motion as _;
use crate::playground::view;
use crate::shell::session::Input;

impl Playground {
    /// Begins a step at the shown instant: its files come into the editor.
    pub(super) fn begin_step(&mut self, step: usize) {
        let entries = self.timeline.applied();
        let Some(open) = &mut self.lessons.open else { return };
        open.begin(step, self.timeline.world(), entries);
        open.shown = step;
        let files = match open.lesson.is_exercise() {
            true => (0..open.lesson.steps.len()).flat_map(|s| open.lesson.files(s)).collect(),
            false => open.lesson.files(step),
        };
        let slug = open.slug.clone();
        if !slug.is_empty() {
            self.lessons.progress.change(&slug, |progress| progress.step = step as u32);
        }
        let to_change = files.iter().find(|(_, _, edit)| *edit).or(files.first());
        if let Some((name, ..)) = to_change {
            self.shown_file = Some(name.to_string());
        }
        for (name, content, _) in files {
            self.write_lesson_file(&name, &content);
        }
    }

    fn write_lesson_file(&mut self, name: &str, content: &str) -> Vec<Effect> {
        if view::files::text(self.session(), name) == content {
            return Vec::new();
        }
        self.act(Input::WriteFile { path: name.into(), content: content.into() })
    }

    pub(super) fn choose_step(&mut self, step: usize) -> Vec<Effect> {
        let Some(open) = &mut self.lessons.open else { return Vec::new() };
        if step >= open.lesson.steps.len() {
            return Vec::new();
        }
        if open.has_begun(step) {
            open.shown = step;
            return Vec::new();
        }
        let last = open.begun.last().map_or(0, |begun| begun.step);
        let has_goals = open.lesson.steps.get(last).is_some_and(|s| !s.goals.is_empty());
        let slug = open.slug.clone();
        match step == last + 1 {
            true => {
                // A step without goals is done when the learner goes on.
                let mut effects = match has_goals {
                    true => Vec::new(),
                    false => self.note_done(&slug, last as u32, 0, false),
                };
                if self.is_in_past() {
                    self.seek(self.history.horizon());
                }
                self.begin_step(step);
                effects.extend([self.save_progress(), Effect::RequestFrame, Effect::Save]);
                effects
            }
            false => {
                self.jump_to_step(step);
                self.controls.playback.playing = true;
                vec![self.save_progress(), Effect::RequestFrame, Effect::Save]
            }
        }
    }

    /// Takes the shown step back to its beginning; an exercise as a whole.
    pub(super) fn reset_step(&mut self) -> Vec<Effect> {
        let Some(open) = &self.lessons.open else { return Vec::new() };
        let step = if open.lesson.is_exercise() { 0 } else { open.shown };
        let Some(mark) = open.marks().into_iter().find(|mark| mark.step == step) else {
            return Vec::new();
        };
        self.keep_branch();
        match mark.entries < self.timeline.entries().len() {
            true => self.timeline.seek_before_input(mark.entries),
            false => self.timeline.seek(mark.at),
        }
        self.timeline.plan(Vec::new());
        if let Some(open) = &mut self.lessons.open {
            open.begun.retain(|begun| begun.judge.entries() < mark.entries || begun.step < step);
            open.handed_in = None;
            open.questions.retain(|_, asked| asked.asked_after < mark.entries);
        }
        self.forget_after();
        self.begin_step(step);
        self.controls.playback.playing = true;
        vec![Effect::RequestFrame, Effect::Save]
    }

    pub(super) fn show_solution(&mut self) -> Vec<Effect> {
        let effects = self.reset_step();
        let Some(open) = &self.lessons.open else { return Vec::new() };
        let lesson = open.lesson.clone();
        let mut player = Player::new(self.session().clone());
        player.interrupt();
        let steps = match lesson.is_exercise() {
            true => 0..lesson.steps.len(),
            false => open.shown..open.shown + 1,
        };
        for step in steps {
            walk::play(&mut player, &lesson, step, &Way::Solution);
        }
        self.timeline.plan(player.entries().to_vec());
        self.controls.playback.rests = false;
        effects
    }

    pub(super) fn open_hint(&mut self) -> Vec<Effect> {
        let allowed = self.lessons.class.as_ref().is_none_or(|class| class.hints);
        let Some(open) = self.lessons.open.as_mut().filter(|_| allowed) else { return Vec::new() };
        let step = open.shown;
        let blocks = open.lesson.steps.get(step).map(|s| s.blocks.as_slice()).unwrap_or_default();
        let count = blocks.iter().filter(|block| matches!(block, Block::Hint(_))).count();
        let known = open.hints.entry(step).or_insert(0);
        *known = (*known + 1).min(count);
        let (slug, known) = (open.slug.clone(), *known as u32);
        if slug.is_empty() {
            return Vec::new();
        }
        self.lessons.progress.change(&slug, |progress| {
            let before = progress.hints.entry(step as u32).or_insert(0);
            *before = known.max(*before);
        });
        vec![self.save_progress()]
    }

    pub(super) fn open_lesson_file(&mut self, name: &str) -> Vec<Effect> {
        let Some(open) = &self.lessons.open else { return Vec::new() };
        let files = open.lesson.files(open.shown);
        let Some((name, content, _)) = files.into_iter().find(|(known, ..)| known == name) else {
            return Vec::new();
        };
        self.shown_file = Some(name.to_string());
        self.write_lesson_file(&name, &content)
    }

    pub(super) fn ask(&mut self, id: &str) -> Vec<Effect> {
        let Some(lesson) = self.lesson() else { return Vec::new() };
        let found = lesson.blocks().find_map(|block| match block {
            Block::Predict(prediction) if prediction.id == id => Some(prediction),
            _ => None,
        });
        let Some(prediction) = found else { return Vec::new() };
        let asked = self.asked(prediction);
        if let Some(open) = &mut self.lessons.open {
            open.questions.insert(id.into(), asked);
        }
        Vec::new()
    }

    fn asked(&self, prediction: &Prediction) -> OpenQuestion {
        OpenQuestion {
            question: prediction.question(self.timeline.world()),
            answered: None,
            asked_at: self.now(),
            asked_after: self.timeline.applied(),
        }
    }

    /// Questions that wait for an answer are asked of the cluster as it has become.
    pub(in crate::playground) fn ask_anew(&mut self) {
        let applied = self.timeline.applied();
        let Some(open) = &self.lessons.open else { return };
        let is_old = |asked: &OpenQuestion| {
            asked.answered.is_none() && asked.asked_after != applied && asked.asked_at <= self.now()
        };
        let lesson = open.lesson.clone();
        let old: Vec<_> =
            open.questions.iter().filter(|(_, asked)| is_old(asked)).map(|(id, _)| id).collect();
        let predictions = lesson.blocks().filter_map(|block| match block {
            Block::Predict(prediction) if old.contains(&&prediction.id) => Some(prediction),
            _ => None,
        });
        let anew: Vec<_> = predictions.map(|p| (p.id.clone(), self.asked(p))).collect();
        if let Some(open) = &mut self.lessons.open {
            open.questions.extend(anew);
        }
    }

    pub(super) fn answer_question(&mut self, id: &str, choice: usize) -> Vec<Effect> {
        let Some(open) = &mut self.lessons.open else { return Vec::new() };
        let slug = open.slug.clone();
        let Some(asked) = open.questions.get_mut(id) else { return Vec::new() };
        let Some(chosen) = asked.question.choices.get(choice) else { return Vec::new() };
        let is_right = *chosen == asked.question.right;
        asked.answered = Some(choice);
        self.lessons.progress.change(&slug, |progress| {
            progress.answered.entry(id.into()).or_insert(is_right);
        });
        vec![self.save_progress()]
    }

    pub(super) fn jump_to_goal(&mut self, id: &str) -> Vec<Effect> {
        let Some(open) = &self.lessons.open else { return Vec::new() };
        let verdicts = open.verdicts(open.shown, self);
        let found = verdicts.into_iter().find(|(goal, _)| goal.id == id);
        match found.and_then(|(_, verdict)| verdict.at) {
            Some(at) => self.seek(at),
            None => Vec::new(),
        }
    }
}
