//! The table of what was handed in: who, which goals, when, how many commands.

use leptos::prelude::*;

use super::lesson::lesson_button;
use super::lesson_goal::outcome;
use crate::playground::lesson::message::LessonMessage;
use crate::playground::view::lesson::{LessonWords, RowView};
use crate::ui::dispatch::app;

/// The table, once there is something in it.
#[component]
pub fn Table() -> impl IntoView {
    let app = app();
    let said = app.part(|view| view.lessons.words);
    let grading = app.part(|view| view.lessons.grading.clone());
    let percent = Memo::new(move |_| grading.with(|grading| grading.percent));
    let left = Memo::new(move |_| grading.with(|grading| grading.left));
    let count = Memo::new(move |_| grading.with(|grading| grading.rows.len()));
    let at = move |index: usize| {
        let one = Memo::new(move |_| grading.with(|grading| grading.rows.get(index).cloned()));
        move || one.get().map(|one| row(&one, said.get()))
    };
    let head = move || {
        let words = said.get();
        let heads = [
            words.source,
            words.who,
            words.exercise,
            words.goals,
            words.when,
            words.real_time,
            words.commands,
            words.hints,
        ];
        heads.map(|head| view! { <th scope="col">{head}</th> }).collect_view()
    };
    view! {
        <p role="status">
            {move || {
                let words = said.get();
                (left.get() > 0).then(|| format!("{}: {} {}", words.grading, left.get(), words.left))
            }}
        </p>
        <Show when=move || { left.get() > 0 }>
            <div class="lesson__actions">
                <progress
                    max="100"
                    aria-label=move || said.get().grading
                    prop:value=move || percent.get().to_string()
                ></progress>
                {lesson_button(|words| words.stop_grading, "button", || LessonMessage::GradingStopped)}
            </div>
        </Show>
        <Show when=move || { count.get() > 0 }>
            <div class="class__scroll" tabindex="0" role="region" aria-label=move || said.get().table>
                <table class="class__table">
                    <caption class="visually-hidden">{move || said.get().table}</caption>
                    <thead><tr>{head}</tr></thead>
                    <tbody>{move || (0..count.get()).map(at).collect_view()}</tbody>
                </table>
            </div>
            <Failed/>
            <div class="lesson__actions">
                {lesson_button(|words| words.save_table, "button", || LessonMessage::TableSaved)}
                {lesson_button(|words| words.clear_table, "button", || LessonMessage::TableCleared)}
            </div>
        </Show>
    }
}

fn row(row: &RowView, words: &'static LessonWords) -> AnyView {
    if !row.problem.is_empty() {
        return view! {
            <tr data-outcome="broken">
                <th scope="row">{row.source.clone()}</th>
                <td colspan="7">{row.problem.clone()}</td>
            </tr>
        }
        .into_any();
    }
    view! {
        <tr data-outcome=if row.has_passed { "passed" } else { "open" }>
            <th scope="row">{row.source.clone()}</th>
            <td>{row.name.clone()}</td>
            <td>{row.exercise.clone()}</td>
            <td>{goals(row, words)}</td>
            <td>{row.lasted} " " {words.seconds}</td>
            <td>{row.minutes} " " {words.minutes} {row.is_late.then(|| format!(" ({})", words.late))}</td>
            <td>{row.commands}</td>
            <td>{row.hints}</td>
        </tr>
    }
    .into_any()
}

// The sum, and on demand each goal: why it was missed, and when.
fn goals(row: &RowView, words: &'static LessonWords) -> impl IntoView + use<> {
    let reached = row.goals.iter().filter(|(_, outcome, ..)| *outcome == "passed").count();
    let sum = match row.has_passed {
        true => format!("✓ {}", words.all_reached),
        false => format!("{reached}/{} {}", row.goals.len(), words.reached),
    };
    let goal = |(say, result, why, second): &(String, &'static str, String, Option<u64>)| {
        let (shape, word) = outcome(result, false, words);
        let when = second.map(|second| format!(" ({second} {})", words.seconds));
        view! {
            <li class="goal" data-outcome=*result>
                <span class="goal__shape" aria-hidden="true">{shape}</span>
                <span>
                    {say.clone()} " " <strong class="goal__word">{word}</strong> {when} " "
                    <span class="quiet">{why.clone()}</span>
                </span>
            </li>
        }
    };
    view! {
        <details>
            <summary>{sum}</summary>
            <ul>{row.goals.iter().map(goal).collect_view()}</ul>
        </details>
    }
}

/// The goals that were missed most.
#[component]
fn Failed() -> impl IntoView {
    let app = app();
    let said = app.part(|view| view.lessons.words);
    let failed = app.part(|view| view.lessons.grading.failed.clone());
    let row = |(exercise, goal, count): &(String, String, u32)| {
        view! {
            <tr>
                <th scope="row"><code>{exercise.clone()}</code></th>
                <td><code>{goal.clone()}</code></td>
                <td>{*count}</td>
            </tr>
        }
    };
    view! {
        <Show when=move || !failed.with(Vec::is_empty)>
            <table class="class__table class__failed">
                <caption>{move || said.get().failed_goals}</caption>
                <thead>
                    <tr>
                        <th scope="col">{move || said.get().exercise}</th>
                        <th scope="col">{move || said.get().goals}</th>
                        <th scope="col">{move || said.get().missed_by}</th>
                    </tr>
                </thead>
                <tbody>{move || failed.get().iter().map(row).collect_view()}</tbody>
            </table>
        </Show>
    }
}
