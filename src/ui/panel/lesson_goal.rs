//! Goals with what has become of them at the shown instant.

use std::ops::Range;

use leptos::prelude::*;

use super::lesson::OpenLesson;
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;
use crate::playground::view::lesson::{GoalView, LessonWords};
use crate::ui::dispatch::app;

/// Some of the goals, as they stand now.
#[component]
pub fn Goals(range: Range<usize>) -> impl IntoView {
    let words = app().part(|view| view.lessons.words);
    let lesson = expect_context::<OpenLesson>();
    let (start, end) = (range.start, range.end);
    let goals = lesson.part(move |lesson| {
        let end = end.min(lesson.goals.len());
        lesson.goals.get(start..end).map(<[GoalView]>::to_vec).unwrap_or_default()
    });
    let count = Memo::new(move |_| goals.with(Vec::len));
    let at = move |index: usize| {
        let one = Memo::new(move |_| goals.with(|goals| goals.get(index).cloned()));
        move || one.get().map(|one| goal(&one, words.get()))
    };
    view! {
        <section class="lesson__goals">
            <h4 class="lesson__label">{move || words.get().goals}</h4>
            <ul>{move || (0..count.get()).map(at).collect_view()}</ul>
        </section>
    }
}

fn goal(goal: &GoalView, words: &'static LessonWords) -> impl IntoView + use<> {
    let app = app();
    let id = goal.id.clone();
    let jump = move |_| app.send(Message::Lesson(LessonMessage::JumpedToGoal { id: id.clone() }));
    let (shape, word) = outcome(goal.outcome, goal.is_guard, words);
    let jumps = goal.outcome == "broken" && goal.at_ms.is_some();
    view! {
        <li class="goal" data-goal=goal.id.clone() data-outcome=goal.outcome>
            <span class="goal__shape" aria-hidden="true">{shape}</span>
            <div>
                <p>{goal.say.clone()}" "<strong class="goal__word">{word}</strong></p>
                {(!goal.why.is_empty()).then(|| view! { <p class="quiet">{goal.why.clone()}</p> })}
                {jumps.then(|| {
                    view! { <button class="button" on:click=jump>{words.show_instant}</button> }
                })}
            </div>
        </li>
    }
}

/// The shape and the word of an outcome.
pub fn outcome(
    outcome: &str,
    is_guard: bool,
    words: &'static LessonWords,
) -> (&'static str, &'static str) {
    match (outcome, is_guard) {
        ("passed", false) => ("✓", words.reached),
        ("passed", true) => ("◆", words.held),
        ("broken", _) => ("✕", words.broken),
        _ => ("○", words.not_yet),
    }
}
