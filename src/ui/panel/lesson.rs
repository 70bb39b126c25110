//! The lesson panel: what a lesson or an exercise says, step by step.

use std::sync::Arc;

use leptos::prelude::*;

use super::lesson_block::Blocks;
use super::lesson_goal::Goals;
use super::lesson_hand_in::{ClassList, HandIn};
use super::lesson_prose::prose;
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;
use crate::playground::view::lesson::{BlockView, LessonView, LessonWords};
use crate::ui::dispatch::app;
use crate::ui::effect::{embed, focus, scorm};

/// Picks a word.
pub type LessonWord = fn(&'static LessonWords) -> &'static str;

/// A button that sends a message.
pub fn lesson_button(
    word: LessonWord,
    class: &'static str,
    message: impl Fn() -> LessonMessage + 'static,
) -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.lessons.words);
    let click = move |_| app.send(Message::Lesson(message()));
    view! { <button class=class on:click=click>{move || word(words.get())}</button> }
}

/// The lesson that is open, for the parts of the panel.
#[derive(Clone, Copy)]
pub struct OpenLesson(Memo<Option<Arc<LessonView>>>);

impl OpenLesson {
    /// A part of it that wakes its readers only when it changes.
    pub fn part<T: Default + PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&LessonView) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.0.with(|open| open.as_deref().map(&part).unwrap_or_default()))
    }
}

/// Shows a step, and goes where a reader begins.
pub fn show_step(step: usize) {
    app().send(Message::Lesson(LessonMessage::StepChosen(step)));
    focus::focus("#lesson-step");
}

/// The panel, if a lesson is open.
#[component]
pub fn LessonPanel() -> impl IntoView {
    let app = app();
    let open = app.part(|view| view.lessons.open.clone());
    let is_open = Memo::new(move |_| open.with(Option::is_some));
    let lesson = OpenLesson(open);
    provide_context(lesson);
    tell_frame(lesson);
    view! {
        <Show when=move || is_open.get()>
            <Panel/>
        </Show>
    }
}

#[component]
fn Panel() -> impl IntoView {
    let lesson = expect_context::<OpenLesson>();
    let title = lesson.part(|lesson| lesson.title.clone());
    let is_exercise = lesson.part(|lesson| lesson.is_exercise);
    view! {
        <section class="panel lesson" data-panel="lesson" aria-labelledby="frame-name lesson-title">
            <div class="panel__bar lesson__bar">
                <h2 class="lesson__title" id="lesson-title">{move || title.get()}</h2>
                {lesson_button(|words| words.close_lesson, "button", || LessonMessage::Closed)}
            </div>
            <ClassList/>
            <StepList/>
            <div class="panel__body lesson__body" tabindex="0">
                <Introduction/>
                <StepTitle/>
                <Blocks/>
                <Show when=move || is_exercise.get()>
                    <Goals range=0..usize::MAX/>
                </Show>
                <Actions/>
                <Show when=move || is_exercise.get()>
                    <HandIn/>
                </Show>
            </div>
        </section>
    }
}

/// The steps as numbers; there is only one list of them, however narrow the panel is.
#[component]
fn StepList() -> impl IntoView {
    let words = app().part(|view| view.lessons.words);
    let lesson = expect_context::<OpenLesson>();
    let steps = lesson.part(|lesson| lesson.steps.clone());
    let shown = lesson.part(|lesson| lesson.shown);
    let count = lesson.part(|lesson| lesson.steps.len());
    let step = move |index: usize| {
        let is_done = move || steps.with(|all| all.get(index).is_some_and(|step| step.is_done));
        let label = move || {
            let title = steps.with(|all| all.get(index).map(|step| step.title.clone()));
            let done = if is_done() { format!(" ({})", words.get().done) } else { String::new() };
            format!("{} {}: {}{done}", words.get().step, index + 1, title.unwrap_or_default())
        };
        view! {
            <li>
                <button
                    class="lesson__step"
                    aria-label=label
                    title=label
                    aria-current=move || (shown.get() == index).then_some("step")
                    data-done=move || is_done().to_string()
                    on:click=move |_| show_step(index)
                >
                    {index + 1}
                    <span aria-hidden="true">{move || if is_done() { "✓" } else { "" }}</span>
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || { count.get() > 1 }>
            <nav aria-label=move || embed::label(words.get().steps)>
                <ol class="lesson__steps">{move || (0..count.get()).map(step).collect_view()}</ol>
            </nav>
        </Show>
    }
}

/// What comes before the first step.
#[component]
fn Introduction() -> impl IntoView {
    let words = app().part(|view| view.lessons.words);
    let lesson = expect_context::<OpenLesson>();
    let shown = lesson.part(|lesson| lesson.shown);
    let parts = lesson.part(|lesson| lesson.introduction.clone());
    let teaches = lesson.part(|lesson| lesson.teaches.clone());
    let minutes = lesson.part(|lesson| lesson.minutes);
    let part = |part: &BlockView| match part {
        BlockView::Prose(parts) => prose(parts),
        _ => ().into_any(),
    };
    view! {
        <Show when=move || shown.get() == 0>
            <p class="quiet">
                {move || format!("{} {}", minutes.get(), words.get().minutes)}
                {move || {
                    let list = teaches.get().join(if words.get().minutes == "分钟" { "、" } else { ", " });
                    (!list.is_empty()).then(|| format!(" · {}: {list}", words.get().teaches))
                }}
            </p>
            <div class="prose">{move || parts.get().iter().map(part).collect_view()}</div>
        </Show>
    }
}

#[component]
fn StepTitle() -> impl IntoView {
    let lesson = expect_context::<OpenLesson>();
    let own = |lesson: &LessonView| {
        lesson.steps.get(lesson.shown).map(|step| step.title.clone()).filter(|t| *t != lesson.title)
    };
    let title = lesson.part(own);
    let whole = lesson.part(|lesson| lesson.title.clone());
    view! {
        <h3
            class="lesson__heading"
            class:visually-hidden=move || title.with(Option::is_none)
            id="lesson-step"
            tabindex="-1"
        >
            {move || title.get().unwrap_or_else(|| whole.get())}
        </h3>
    }
}

/// Hints, "show me", and the way on.
#[component]
fn Actions() -> impl IntoView {
    let words = app().part(|view| view.lessons.words);
    let lesson = expect_context::<OpenLesson>();
    let shown = lesson.part(|lesson| lesson.shown);
    let last = lesson.part(|lesson| lesson.steps.len().saturating_sub(1));
    let has_hint = lesson.part(|lesson| lesson.has_hint);
    let has_solution = lesson.part(|lesson| lesson.has_solution);
    let is_exercise = lesson.part(|lesson| lesson.is_exercise);
    let all_reached = lesson.part(|lesson| lesson.all_reached);
    let is_done = move || match is_exercise.get() {
        true => words.get().exercise_done,
        false => words.get().step_done,
    };
    let next_class = move || if all_reached.get() { "button button--primary" } else { "button" };
    view! {
        <Show when=move || all_reached.get()>
            <p class="lesson__done"><span aria-hidden="true">"✓ "</span>{is_done}</p>
        </Show>
        <div class="lesson__actions lesson__acts">
            <Show when=move || has_hint.get()>
                {lesson_button(|words| words.next_hint, "button", || LessonMessage::HintOpened)}
            </Show>
            <Show when=move || has_solution.get()>
                {lesson_button(|words| words.show_me, "button", || LessonMessage::SolutionRequested)}
            </Show>
            {lesson_button(|words| words.reset_step, "button", || LessonMessage::StepReset)}
            {lesson_button(|words| words.restart, "button", || LessonMessage::Restarted)}
        </div>
        <div class="lesson__actions lesson__way">
            <Show when=move || { shown.get() > 0 }>
                <button class="button" on:click=move |_| show_step(shown.get_untracked() - 1)>
                    {move || words.get().previous_step}
                </button>
            </Show>
            <span class="header__space"></span>
            <Show when=move || { shown.get() < last.get() }>
                <button class=next_class on:click=move |_| show_step(shown.get_untracked() + 1)>
                    {move || words.get().next_step}
                </button>
            </Show>
        </div>
    }
}

// Whoever holds the page in a frame learns how far an exercise is, with every command and goal.
fn tell_frame(lesson: OpenLesson) {
    let app = app();
    let reached = |lesson: &LessonView| {
        let reached = lesson.goals.iter().filter(|goal| goal.outcome == "passed").count();
        (reached, lesson.goals.len(), lesson.commands)
    };
    let state = lesson.part(move |lesson| lesson.is_exercise.then(|| reached(lesson)));
    Effect::new(move |_| {
        if let Some((reached, total, _)) = state.get() {
            scorm::tell(reached, total, &app.work());
        }
    });
}
