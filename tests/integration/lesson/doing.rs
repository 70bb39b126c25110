//! A lesson done in the page, without the page.

use std::time::Duration;

use statefulset_playground::lesson::predict::Answer;
use statefulset_playground::locale::Language;
use statefulset_playground::playground::Playground;
use statefulset_playground::playground::effect::{Copied, Effect};
use statefulset_playground::playground::lesson::message::LessonMessage;
use statefulset_playground::playground::message::{Direction, Message};
use statefulset_playground::playground::motion::Motion as _;
use statefulset_playground::playground::scenario::SCENARIOS;
use statefulset_playground::playground::view::lesson::{
    BlockView, LessonView, LessonsView, QuestionView, lessons,
};

// The page: it carries the effects out that concern lessons.
struct Page {
    playground: Playground,
    progress: Option<String>,
    files: Vec<(String, String)>,
    copied: String,
}

impl Page {
    fn new() -> Page {
        Self::with(Playground::new(&SCENARIOS[0], 1, Language::En))
    }

    fn with(playground: Playground) -> Page {
        let mut page =
            Page { playground, progress: None, files: Vec::new(), copied: String::new() };
        page.carry_out(page.playground.first_effects());
        page
    }

    fn opened(slug: &str) -> Page {
        let mut page = Page::new();
        page.lesson(LessonMessage::Chosen { slug: slug.into() });
        page
    }

    fn send(&mut self, message: Message) {
        let effects = self.playground.update(message);
        self.carry_out(effects);
    }

    fn lesson(&mut self, message: LessonMessage) {
        self.send(Message::Lesson(message));
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::LoadText { slug, path } => {
                    let text = match path == format!("lessons/{slug}.zh.txt") {
                        true => Some(super::EXERCISE_ZH.to_string()),
                        false => Some(super::text(&slug).to_string()),
                    };
                    assert!(path.starts_with(&format!("lessons/{slug}.")), "{path}");
                    self.lesson(LessonMessage::Loaded { slug, text });
                }
                Effect::SaveProgress(text) => self.progress = Some(text),
                Effect::SaveFile { name, text } => self.files.push((name, text)),
                Effect::Copy { what: Copied::Text(text) | Copied::Address(text), .. } => {
                    self.copied = text
                }
                Effect::ContinueGrading => self.lesson(LessonMessage::GradingContinued),
                _ => {}
            }
        }
    }

    fn command(&mut self, line: &str) {
        self.send(Message::LineEntered { terminal: 0, text: line.into() });
        self.pass(30);
    }

    // Lets so many seconds pass at the speed of reality or faster.
    fn pass(&mut self, seconds: u64) {
        let end = self.playground.now().after(Duration::from_secs(seconds));
        if !self.playground.playback().playing {
            self.send(Message::PlayToggled);
        }
        while self.playground.now() < end && self.playground.playback().playing {
            self.send(Message::FramePassed(Duration::from_millis(100)));
        }
    }

    fn view(&self) -> LessonsView {
        lessons(&self.playground)
    }

    fn done(&self) -> usize {
        let view = self.view();
        let entry = view.catalog.iter().find(|entry| entry.slug == super::slug(false));
        entry.unwrap().done
    }

    fn open(&self) -> LessonView {
        (*self.view().open.unwrap()).clone()
    }

    fn outcomes(&self) -> Vec<(String, &'static str)> {
        self.open().goals.iter().map(|goal| (goal.id.clone(), goal.outcome)).collect()
    }

    #[track_caller]
    fn check(&self, expected: &[(&str, &str)]) {
        let found = self.outcomes();
        let found: Vec<(&str, &str)> = found.iter().map(|(id, o)| (id.as_str(), *o)).collect();
        assert_eq!(found, expected, "{:#?}", self.open().goals);
    }
}

#[test]
fn a_lesson_from_beginning_to_end() {
    let mut page = Page::opened(super::slug(false));
    assert_eq!(page.view().complaint, "");
    let open = page.open();
    assert_eq!(
        (open.title.as_str(), open.shown, open.steps.len()),
        ("Claims outlive their Pods", 0, 3)
    );
    page.check(&[("two-ready", "open"), ("in-order", "open")]);
    page.command("kubectl apply -f class.yaml -f web.yaml");
    page.check(&[("two-ready", "passed"), ("in-order", "passed")]);
    assert!(page.open().all_reached && page.open().steps[0].is_done);

    page.lesson(LessonMessage::StepChosen(1));
    page.check(&[("written", "open")]);
    page.command("kubectl exec web-1 -- sh -c 'echo by web-1 > /usr/share/nginx/html/note'");
    page.check(&[("written", "passed")]);

    page.lesson(LessonMessage::StepChosen(2));
    let start = page.playground.now();
    page.command("kubectl scale statefulset web --replicas=1");
    page.check(&[("web-1-anew", "open"), ("note-there", "passed"), ("web-0-untouched", "passed")]);
    page.command("kubectl scale statefulset web --replicas=2");
    page.check(&[
        ("web-1-anew", "passed"),
        ("note-there", "passed"),
        ("web-0-untouched", "passed"),
    ]);
    assert_eq!(page.done(), 3);

    // What was reached later is not reached at an earlier instant.
    let goal = page.open().goals.into_iter().find(|goal| goal.id == "web-1-anew").unwrap();
    assert!(goal.at_ms.is_some());
    page.lesson(LessonMessage::JumpedToGoal { id: "web-1-anew".into() });
    assert!(page.playground.now() > start && page.playground.is_in_past());
    page.check(&[
        ("web-1-anew", "passed"),
        ("note-there", "passed"),
        ("web-0-untouched", "passed"),
    ]);
    page.send(Message::JumpedToCommand(Direction::Back));
    page.check(&[("web-1-anew", "open"), ("note-there", "passed"), ("web-0-untouched", "passed")]);

    let saved = page.progress.clone().unwrap();
    let mut other = Page::new();
    other.lesson(LessonMessage::ProgressImported(saved));
    assert_eq!(other.done(), 3);
    other.lesson(LessonMessage::ProgressImported("{\"version\": 1}".into()));
    assert_eq!(other.view().complaint, "This is no file of progress; nothing was changed.");
}

#[test]
fn a_step_shows_itself_and_begins_anew() {
    let mut page = Page::opened(super::slug(false));
    page.lesson(LessonMessage::StepChosen(2));
    assert_eq!(page.open().shown, 2);
    page.check(&[("web-1-anew", "open"), ("note-there", "passed"), ("web-0-untouched", "passed")]);
    page.lesson(LessonMessage::SolutionRequested);
    page.pass(60);
    page.check(&[
        ("web-1-anew", "passed"),
        ("note-there", "passed"),
        ("web-0-untouched", "passed"),
    ]);
    page.lesson(LessonMessage::StepReset);
    page.check(&[("web-1-anew", "open"), ("note-there", "passed"), ("web-0-untouched", "passed")]);
    page.command("kubectl delete pod web-0");
    page.command("kubectl delete pod web-0 web-1 --force");
    let broken: Vec<_> = page.outcomes().into_iter().filter(|(_, o)| *o == "broken").collect();
    assert_eq!(broken, [("web-0-untouched".to_string(), "broken")]);
    // Before the step's commands nothing was broken.
    page.lesson(LessonMessage::JumpedToGoal { id: "web-0-untouched".into() });
    for _ in 0..2 {
        page.send(Message::JumpedToCommand(Direction::Back));
    }
    page.command("kubectl get pods");
    assert!(page.outcomes().iter().all(|(_, outcome)| *outcome != "broken"));
}

#[test]
fn questions_are_answered_by_the_simulation() {
    let mut page = Page::opened(super::slug(false));
    page.lesson(LessonMessage::StepChosen(2));
    let id = || "claim-of-web-1".to_string();
    page.lesson(LessonMessage::Asked { id: id() });
    let asked =
        page.playground.lessons().open.as_ref().unwrap().questions["claim-of-web-1"].clone();
    assert_eq!(asked.question.right, Answer::Text("www-web-1".into()));
    let right = asked.question.choices.iter().position(|c| *c == asked.question.right).unwrap();
    assert!(asked.question.choices.len() > 1);
    page.lesson(LessonMessage::Answered { id: id(), choice: right });
    let question = page.open().blocks.into_iter().find_map(|block| match block {
        BlockView::Question(question) => Some(question),
        _ => None,
    });
    assert_eq!(question.unwrap().answered, Some((right, true)));
}

// The question about web-1's claim, and which choice is right.
fn asked(page: &mut Page) -> (QuestionView, usize) {
    let asked = &page.playground.lessons().open.as_ref().unwrap().questions["claim-of-web-1"];
    let right = asked.question.choices.iter().position(|c| *c == asked.question.right).unwrap();
    let question = page.open().blocks.into_iter().find_map(|block| match block {
        BlockView::Question(question) => Some(question),
        _ => None,
    });
    (question.unwrap(), right)
}

#[test]
fn questions_follow_what_is_done_meanwhile() {
    let mut page = Page::opened(super::slug(false));
    page.lesson(LessonMessage::StepChosen(2));
    let id = || "claim-of-web-1".to_string();
    page.lesson(LessonMessage::Asked { id: id() });
    let before = asked(&mut page).0;
    // Nothing is left that could get a claim.
    page.command("kubectl delete statefulset web");
    let (after, right) = asked(&mut page);
    assert_eq!(before.choices[asked_right(&before)], "www-web-1");
    assert_eq!(after.choices[right], "none");
    page.lesson(LessonMessage::Answered { id: id(), choice: right });
    assert_eq!(asked(&mut page).0.answered, Some((right, true)));

    // What the question is about may be done; something else makes the answer a former one.
    page.command("kubectl scale statefulset web --replicas=1");
    assert!(!asked(&mut page).0.is_past);
    page.command("kubectl get pods");
    assert!(asked(&mut page).0.is_past);
    page.lesson(LessonMessage::Asked { id: id() });
    assert_eq!(asked(&mut page).0.answered, None);

    // Whoever goes back to before the question was not asked it.
    page.send(Message::ReturnedToStart);
    page.command("kubectl get pods");
    assert!(page.playground.lessons().open.as_ref().unwrap().questions.is_empty());
}

fn asked_right(question: &QuestionView) -> usize {
    question.choices.iter().position(|choice| choice == "www-web-1").unwrap()
}

#[test]
fn a_lesson_starts_over() {
    let mut page = Page::opened(super::slug(false));
    page.command("kubectl apply -f class.yaml -f web.yaml");
    page.lesson(LessonMessage::StepChosen(1));
    page.lesson(LessonMessage::Restarted);
    page.check(&[("two-ready", "open"), ("in-order", "open")]);
    assert_eq!((page.open().shown, page.open().commands, page.done()), (0, 0, 0));
}

#[test]
fn the_time_of_a_class_runs_out_and_is_kept() {
    let mut teacher = Page::new();
    let exercises = vec![super::slug(true).to_string(), "canary".into()];
    let (seed, hints, time_box) = (None, true, Some(2));
    teacher.lesson(LessonMessage::ClassRequested { exercises, seed, hints, time_box });
    let mut page = Page::new();
    page.lesson(LessonMessage::PlaceOpened(teacher.copied.clone()));
    page.lesson(LessonMessage::TimePassed(Duration::from_secs(110)));
    assert!(!page.open().is_over);
    // The box is for all exercises together, and a reload gives nothing back.
    page.lesson(LessonMessage::Chosen { slug: "canary".into() });
    page.lesson(LessonMessage::TimePassed(Duration::from_secs(5)));
    assert_eq!((page.open().spent, page.open().is_over), (115, false));
    let mut again = Page::new();
    again.lesson(LessonMessage::ClassRestored(teacher.copied.replace("#c=", "")));
    let saved = page.playground.link();
    again.send(Message::LinkOpened(saved));
    again.lesson(LessonMessage::PlaceOpened(teacher.copied.clone()));
    again.lesson(LessonMessage::TimePassed(Duration::from_secs(10)));
    assert_eq!((again.open().spent, again.open().is_over), (125, true));
}

#[test]
fn a_closed_terminal_stays_closed_after_a_reload() {
    let mut page = Page::opened(super::slug(false));
    for terminal in [1, 2] {
        page.send(Message::TerminalOpened);
        page.send(Message::LineEntered { terminal, text: "kubectl get pods".into() });
    }
    page.send(Message::TerminalClosed { terminal: 1 });
    let again = Page::with(Playground::begin(None, Some(&page.playground.link()), "en"));
    assert_eq!(again.playground.terminals().open().collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn a_reload_keeps_work() {
    let mut page = Page::opened(super::slug(false));
    page.command("kubectl apply -f class.yaml -f web.yaml");
    page.lesson(LessonMessage::StepChosen(1));
    page.command("kubectl exec web-1 -- sh -c 'echo by web-1 > /usr/share/nginx/html/note'");
    let saved = page.playground.link();
    let again = Page::with(Playground::begin(None, Some(&saved), "en"));
    assert_eq!(again.playground.notice(), "");
    assert_eq!(again.open().shown, 1);
    again.check(&[("written", "passed")]);
    assert_eq!(again.playground.now(), page.playground.now());

    // Somebody's own lesson is carried along.
    let mut own = Page::new();
    let text = super::LESSON.to_string();
    own.lesson(LessonMessage::TextOpened { name: "own.md".into(), text });
    own.command("kubectl apply -f class.yaml -f web.yaml");
    let again = Page::with(Playground::begin(None, Some(&own.playground.link()), "en"));
    again.check(&[("two-ready", "passed"), ("in-order", "passed")]);
}

#[test]
fn a_class_from_link_to_table() {
    let mut teacher = Page::new();
    teacher.lesson(LessonMessage::ClassRequested {
        exercises: vec![super::slug(true).into()],
        seed: Some(7),
        hints: false,
        time_box: Some(20),
    });
    let mut answers = Vec::new();
    for (name, command) in [
        ("A", "kubectl scale statefulset web --replicas=5"),
        ("B", "kubectl delete statefulset web"),
        ("C", "kubectl scale statefulset web --replicas=4"),
    ] {
        let mut learner = Page::new();
        learner.lesson(LessonMessage::PlaceOpened(teacher.copied.clone()));
        assert_eq!(learner.view().class.unwrap().1, Some(20));
        assert!(!learner.open().has_hint && !learner.open().has_solution);
        learner.lesson(LessonMessage::HintOpened);
        assert!(!learner.open().blocks.iter().any(|b| matches!(b, BlockView::Hint(..))));
        learner.lesson(LessonMessage::NameTyped(name.into()));
        learner.command(command);
        learner.lesson(LessonMessage::HandInRequested);
        assert!(learner.copied.len() < 4_000);
        assert_eq!(learner.open().handed_in.as_deref(), Some(learner.copied.as_str()));
        answers.push((format!("{name}.txt"), learner.copied.clone()));
    }
    answers.push(("odd.txt".into(), "no code at all".into()));
    teacher.lesson(LessonMessage::AnswersGiven(answers));
    let grading = teacher.view().grading;
    let rows: Vec<_> = grading.rows.iter().map(|r| (r.source.as_str(), r.has_passed)).collect();
    assert_eq!(rows, [("odd.txt", false), ("A.txt", true), ("B.txt", false), ("C.txt", false)]);
    assert!(grading.rows[0].problem.contains("damaged"), "{}", grading.rows[0].problem);
    assert_eq!(grading.left, 0);
    let five = (super::slug(true).to_string(), "five".to_string(), 2);
    assert!(grading.failed.contains(&five), "{:?}", grading.failed);
    teacher.lesson(LessonMessage::TableSaved);
    assert_eq!(teacher.files[0].0, "grades.csv");
    assert_eq!(teacher.files[0].1.lines().count(), 5);
}

#[test]
fn broken_lessons_say_what_is_wrong() {
    let mut page = Page::new();
    let text = super::LESSON.replace("podsReady", "podsReddy");
    page.lesson(LessonMessage::TextOpened { name: "own.md".into(), text });
    assert!(page.view().open.is_none());
    assert!(page.view().complaint.contains("podsReddy"), "{}", page.view().complaint);
    page.lesson(LessonMessage::Chosen { slug: "../../etc".into() });
    assert_eq!(page.view().complaint, "There is no such exercise here.");
    page.lesson(LessonMessage::PlaceOpened("c=%%%".into()));
    assert!(page.view().complaint.contains("damaged"));
    for message in [
        LessonMessage::StepChosen(99),
        LessonMessage::StepReset,
        LessonMessage::SolutionRequested,
        LessonMessage::HandInRequested,
        LessonMessage::HintOpened,
        LessonMessage::Asked { id: "x".into() },
        LessonMessage::Answered { id: "x".into(), choice: 9 },
        LessonMessage::Closed,
    ] {
        page.lesson(message);
    }
}

#[test]
fn what_was_done_is_saved_as_a_lesson() {
    let mut page = Page::new();
    page.command("kubectl scale statefulset web --replicas=2");
    page.lesson(LessonMessage::LessonRecorded { title: "Mine".into() });
    let (name, text) = page.files[0].clone();
    assert_eq!(name, "lesson.md");
    let recorded = statefulset_playground::lesson::format::parse(&text).unwrap();
    assert!(recorded.goals().any(|goal| goal.id == "web-ready"), "{text}");
}

#[test]
fn marks_become_steps() {
    let mut page = Page::new();
    page.command("kubectl scale statefulset web --replicas=2");
    page.send(Message::MarkToggled);
    page.command("kubectl set image statefulset/web nginx=nginx:1.27");
    page.pass(60);
    page.send(Message::MarkToggled);
    page.lesson(LessonMessage::LessonRecorded { title: "Scaled: then updated".into() });
    let (_, text) = page.files.remove(0);
    let recorded = statefulset_playground::lesson::format::parse(&text).unwrap();
    let titles: Vec<&str> = recorded.steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(
        (recorded.front.title.as_str(), &titles[..]),
        ("Scaled: then updated", &["Step 1", "Step 2"][..])
    );
    let goals = |step: usize| -> Vec<String> {
        recorded.steps[step].goals.iter().map(|goal| goal.id.to_string()).collect()
    };
    assert!(goals(0).contains(&"web-ready-1".to_string()), "{text}");
    assert!(goals(1).contains(&"web-image-2".to_string()), "{text}");
    // What was recorded holds, and prints what was printed.
    super::headless::holds("recorded.md", &text, &["statefulset.apps/web scaled"]);
}

#[test]
fn an_exercise_goes_on_in_the_other_language() {
    let mut page = Page::opened(super::slug(true));
    page.command("kubectl scale statefulset web --replicas=4");
    let before = page.outcomes();
    page.send(Message::LanguageToggled);
    assert_eq!(page.open().title, "扩到五个，一个也不少");
    assert_eq!(page.outcomes(), before);
    assert_eq!(page.open().goals[0].say, "五个 Pod 都是 Ready。");
    assert_eq!(page.open().goals[0].why, "现在：web 有 4 个 Pod 是 Ready。");
    page.lesson(LessonMessage::Restarted);
    assert_eq!(page.open().commands, 0);
}
