//! A question about what comes: asked, answered, then compared with what happens.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::lesson_block::console;
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;
use crate::playground::view::lesson::{LineView, QuestionView};
use crate::ui::dispatch::app;
use crate::ui::effect::focus;

/// The question as it stands.
pub fn question(asked: &QuestionView) -> AnyView {
    let words = app().part(|view| view.lessons.words);
    let place = format!("question-{}", asked.id);
    let rest = match asked.answered {
        Some((chosen, is_right)) => answered(asked, chosen, is_right),
        None if asked.choices.is_empty() => closed(asked),
        None => choices(asked),
    };
    view! {
        <section class="lesson__question" id=place>
            <h4 class="lesson__label">{move || words.get().predict}</h4>
            <p>{asked.ask.clone()}</p>
            {rest}
        </section>
    }
    .into_any()
}

fn closed(asked: &QuestionView) -> AnyView {
    let app = app();
    let words = app.part(|view| view.lessons.words);
    let id = asked.id.clone();
    let ask = move |_| {
        app.send(Message::Lesson(LessonMessage::Asked { id: id.clone() }));
        focus::focus(&format!("#question-{id} input"));
    };
    let run = asked.run.join("\n");
    view! {
        {(!run.is_empty()).then(|| view! { <pre tabindex="0"><code>{run}</code></pre> })}
        <button class="button" on:click=ask>
            {move || words.get().answer} <span class="visually-hidden">{asked.ask.clone()}</span>
        </button>
    }
    .into_any()
}

fn choices(asked: &QuestionView) -> AnyView {
    let app = app();
    let words = app.part(|view| view.lessons.words);
    let chosen = RwSignal::new(None::<usize>);
    let id = asked.id.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(choice) = chosen.get_untracked() {
            app.send(Message::Lesson(LessonMessage::Answered { id: id.clone(), choice }));
            focus::focus(&format!("#question-{id} .lesson__verdict"));
        }
    };
    let group = format!("answers-{}", asked.id);
    let choice = |(index, text): (usize, &String)| {
        let text = text.clone();
        view! {
            <label class="lesson__choice">
                <input
                    type="radio"
                    name=group.clone()
                    on:change=move |_| chosen.set(Some(index))
                />
                <span>{text}</span>
            </label>
        }
    };
    let choices = asked.choices.iter().enumerate().map(choice).collect_view();
    view! {
        <form on:submit=submit>
            <fieldset class="lesson__choices">
                <legend class="visually-hidden">{asked.ask.clone()}</legend>
                {choices}
            </fieldset>
            <button class="button button--primary" disabled=move || chosen.get().is_none()>
                {move || words.get().answer}
            </button>
        </form>
    }
    .into_any()
}

fn answered(asked: &QuestionView, chosen: usize, is_right: bool) -> AnyView {
    let words = app().part(|view| view.lessons.words);
    let own = asked.choices.get(chosen).cloned().unwrap_or_default();
    let right = asked.right.clone().unwrap_or_default();
    let verdict = move || match is_right {
        true => words.get().right.to_string(),
        false => format!("{} {right}", words.get().wrong),
    };
    let run: Vec<LineView> = asked.run.iter().cloned().map(LineView::Command).collect();
    view! {
        <p class="lesson__verdict" data-right=is_right.to_string() tabindex="-1">
            <span aria-hidden="true">{if is_right { "✓ " } else { "✕ " }}</span>
            <span class="lesson__own">{own}</span> " — " <strong>{verdict}</strong>
        </p>
        {asked.is_past.then(|| ask_again(&asked.id))}
        {(!run.is_empty()).then(|| console(&run))}
    }
    .into_any()
}

fn ask_again(id: &str) -> impl IntoView + use<> {
    let app = app();
    let words = app.part(|view| view.lessons.words);
    let id = id.to_string();
    let ask = move |_| {
        app.send(Message::Lesson(LessonMessage::Asked { id: id.clone() }));
        focus::focus(&format!("#question-{id} input"));
    };
    view! {
        <p class="quiet">{move || words.get().asked_before}</p>
        <button class="button" on:click=ask>{move || words.get().ask_again}</button>
    }
}
