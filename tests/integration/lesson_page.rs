//! Lessons as the page does them: messages go in, views and effects come out.

use std::time::Duration;

use statefulset_playground::lesson::catalog::Entry;
use statefulset_playground::lesson::packed::{pack, unpack};
use statefulset_playground::playground::Playground;
use statefulset_playground::playground::effect::{Copied, Effect};
use statefulset_playground::playground::lesson::message::LessonMessage;
use statefulset_playground::playground::message::Message;
use statefulset_playground::playground::view::lesson::{LessonView, LessonsView, lessons};

const EXERCISE: &str = "five-replicas-none-lost";

struct Page {
    playground: Playground,
    effects: Vec<Effect>,
}

impl Page {
    fn new() -> Page {
        Page { playground: Playground::begin(None, None, "en"), effects: Vec::new() }
    }

    // What is asked for at once is given at once.
    fn send(&mut self, message: LessonMessage) {
        self.effects = self.playground.update(Message::Lesson(message));
        let effects = self.effects.clone();
        for effect in effects {
            if let Effect::LoadText { slug, .. } = effect {
                let text = Entry::named(&slug).map(|entry| entry.text[0].to_string());
                let more =
                    self.playground.update(Message::Lesson(LessonMessage::Loaded { slug, text }));
                self.effects.extend(more);
            }
        }
    }

    fn open(&mut self, slug: &str) {
        self.send(LessonMessage::Chosen { slug: slug.into() });
    }

    fn copied(&self, end: &str) -> bool {
        let is_it = |effect: &Effect| matches!(effect, Effect::Copy { what: Copied::Address(text), .. } if text == end);
        self.effects.iter().any(is_it)
    }

    fn view(&self) -> LessonsView {
        lessons(&self.playground)
    }

    fn lesson(&self) -> LessonView {
        self.view().open.expect("a lesson is open").as_ref().clone()
    }

    fn play(&mut self) {
        for _ in 0..20_000 {
            let effects = self.playground.update(Message::FramePassed(Duration::from_millis(50)));
            if !effects.contains(&Effect::RequestFrame) {
                return;
            }
        }
    }

    fn hand_in(&mut self, name: &str) -> String {
        self.send(LessonMessage::NameTyped(name.into()));
        self.send(LessonMessage::HandInRequested);
        self.lesson().handed_in.expect("a code")
    }

    fn grade(&mut self) {
        while self.view().grading.left > 0 {
            self.send(LessonMessage::GradingContinued);
        }
    }
}

#[test]
fn a_lesson_is_shown_how_step_by_step() {
    let mut page = Page::new();
    page.open("first-set");
    let count = page.lesson().steps.len();
    for step in 0..count {
        page.send(LessonMessage::StepChosen(step));
        assert_eq!(page.lesson().shown, step);
        page.send(LessonMessage::SolutionRequested);
        page.play();
        let lesson = page.lesson();
        assert!(lesson.goals.is_empty() || lesson.all_reached, "{step}: {:?}", lesson.goals);
    }
    let done = page.view().catalog.iter().find(|entry| entry.slug == "first-set").map(|e| e.done);
    assert!(done >= Some(count - 1), "{done:?} of {count}");
}

#[test]
fn hand_ins_are_graded_as_they_deserve() {
    let mut page = Page::new();
    page.open(EXERCISE);
    let idle = page.hand_in("Bo");
    page.send(LessonMessage::StepReset);
    page.send(LessonMessage::SolutionRequested);
    page.play();
    assert!(page.lesson().all_reached, "{:?}", page.lesson().goals);
    let good = page.hand_in("Ada");
    page.send(LessonMessage::HandInLinked);
    assert!(page.copied(&format!("#h={good}")));

    let mut teacher = Page::new();
    teacher.send(LessonMessage::PlaceOpened(format!("#h={good}")));
    let answers = vec![("b.txt".into(), idle), ("c.txt".into(), "<script>".into())];
    teacher.send(LessonMessage::AnswersGiven(answers));
    teacher.grade();
    let grading = teacher.view().grading;
    let outcome =
        |name: &str| grading.rows.iter().find(|row| row.name == name).map(|row| row.has_passed);
    assert_eq!((outcome("Ada"), outcome("Bo")), (Some(true), Some(false)));
    assert_eq!(grading.rows.iter().filter(|row| !row.problem.is_empty()).count(), 1);
    assert!(grading.failed.iter().any(|(_, goal, count)| goal == "five" && *count == 1));
}

#[test]
fn a_class_link_opens_its_first_exercise_and_is_kept() {
    let mut page = Page::new();
    page.send(LessonMessage::ClassRequested {
        exercises: vec![EXERCISE.into(), "canary".into()],
        seed: Some(7),
        hints: false,
        time_box: Some(25),
    });
    let link = page.view().class_link;
    assert!(page.copied(&link));
    // It stands in a field of the page: a browser that copies nothing is no loss.
    page.playground.update(Message::CopyRefused { text: format!("https://here/{link}") });
    assert_eq!(page.playground.uncopied(), "");
    page.playground.update(Message::CopyRefused { text: "https://here/#s=x".into() });
    assert_eq!(page.playground.uncopied(), "https://here/#s=x");

    let mut learner = Page::new();
    learner.send(LessonMessage::PlaceOpened(link.clone()));
    assert_eq!(learner.lesson().slug, EXERCISE);
    assert!(!learner.lesson().has_hint && !learner.lesson().has_solution);
    let mut later = Page::new();
    later.send(LessonMessage::ClassRestored(link.trim_start_matches("#c=").into()));
    assert_eq!(later.view().class.map(|(all, minutes)| (all.len(), minutes)), Some((2, Some(25))));
    assert!(later.view().open.is_none());
}

#[test]
fn a_broken_lesson_names_its_file_and_line() {
    let mut page = Page::new();
    let text = "---\ntitle: a\nlanguage: en\nkind: lesson\nminutes: 1\ncolour: red\n---\n";
    let name = "mine.md".to_string();
    page.send(LessonMessage::TextOpened { name, text: text.into() });
    let complaint = page.view().complaint;
    assert!(complaint.starts_with("mine.md: line 6: ") && complaint.contains("colour"));
    page.send(LessonMessage::ComplaintClosed);
    assert_eq!(page.view().complaint, "");
}

#[test]
fn time_is_counted_while_the_cluster_stands_still() {
    let mut page = Page::new();
    page.open(EXERCISE);
    page.send(LessonMessage::TimePassed(Duration::from_secs(90)));
    assert!(page.lesson().spent >= 90);
}

#[test]
fn what_was_handed_in_is_gone_on_with() {
    let mut page = Page::new();
    page.open(EXERCISE);
    page.send(LessonMessage::SolutionRequested);
    page.play();
    let before = page.lesson();
    let code = page.hand_in("Ada");
    let mut later = Page::new();
    later.send(LessonMessage::PlaceOpened(format!("#r={code}")));
    let after = later.lesson();
    assert!(after.all_reached, "{:?}", after.goals);
    assert_eq!((after.slug, after.commands), (before.slug, before.commands));
    assert_eq!(later.view().name, "Ada");
}

// A code of somebody who lets much happen.
fn heavy(page: &mut Page) -> String {
    let code = page.hand_in("Eve");
    let json = unpack(&code).unwrap();
    let mut work: serde_json::Value = serde_json::from_slice(&json).unwrap();
    work["until"] = (24_u64 * 3_600 * 1_000_000).into();
    let line = "while true; do sleep 0.2; done";
    work["inputs"] = serde_json::json!([{"at": 1_000_000, "run": [0, line]}]);
    pack(&work)
}

#[test]
fn a_heavy_link_is_given_up_and_the_exercise_begins_anew() {
    let mut page = Page::new();
    page.open(EXERCISE);
    let code = heavy(&mut page);
    let mut later = Page::new();
    later.send(LessonMessage::PlaceOpened(format!("#r={code}")));
    assert!(later.view().complaint.contains("played again"), "{}", later.view().complaint);
    assert_eq!(later.lesson().commands, 0);
    assert!(!later.lesson().goals.is_empty());
}

#[test]
fn grading_goes_on_in_pieces_and_can_be_stopped() {
    let mut page = Page::new();
    page.open(EXERCISE);
    let (heavy, plain) = (heavy(&mut page), page.hand_in("Bo"));
    let mut teacher = Page::new();
    let answers = vec![("heavy.txt".into(), heavy), ("plain.txt".into(), plain)];
    teacher.send(LessonMessage::AnswersGiven(answers));
    for _ in 0..5 {
        teacher.send(LessonMessage::GradingContinued);
    }
    assert_eq!(teacher.view().grading.left, 2);
    teacher.send(LessonMessage::GradingStopped);
    let grading = teacher.view().grading;
    assert_eq!(grading.left, 0);
    let problems: Vec<_> = grading.rows.iter().map(|row| row.problem.as_str()).collect();
    assert_eq!(problems, ["Not graded: grading was stopped."; 2]);
}
