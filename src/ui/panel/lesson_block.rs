//! The blocks of a step: prose, files, commands, goals, questions, hints.

use leptos::prelude::*;

use super::lesson::OpenLesson;
use super::lesson_goal::Goals;
use super::lesson_prose::prose;
use super::lesson_question::question;
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;
use crate::playground::view::lesson::{BlockView, LineView};
use crate::ui::app::{Places, Tab};
use crate::ui::dispatch::app;
use crate::ui::effect::embed;

/// The shown step's blocks. Each is drawn anew only when it changes, so that the focus stays.
#[component]
pub fn Blocks() -> impl IntoView {
    let lesson = expect_context::<OpenLesson>();
    let count = lesson.part(|lesson| lesson.blocks.len());
    let at = move |index: usize| {
        let block = lesson.part(move |lesson| {
            // The goals of an exercise stand together at its end.
            let is_shown =
                |block: &&BlockView| !lesson.is_exercise || !matches!(block, BlockView::Goals(_));
            lesson.blocks.get(index).filter(is_shown).cloned()
        });
        move || block.get().map(|block| block_view(&block))
    };
    view! { <div class="lesson__blocks">{move || (0..count.get()).map(at).collect_view()}</div> }
}

fn block_view(block: &BlockView) -> AnyView {
    match block {
        BlockView::Prose(parts) => view! { <div class="prose">{prose(parts)}</div> }.into_any(),
        BlockView::File { name, content, to_change } => file(name, content, *to_change),
        BlockView::Console { lines, .. } => console(lines),
        BlockView::Goals(range) => view! { <Goals range=range.clone()/> }.into_any(),
        BlockView::Question(asked) => question(asked),
        BlockView::Hint(number, parts) => {
            let words = app().part(|view| view.lessons.words);
            let number = *number;
            view! {
                <section class="lesson__hint prose">
                    <h4 class="lesson__label">{move || format!("{} {number}", words.get().hint)}</h4>
                    {prose(parts)}
                </section>
            }
            .into_any()
        }
    }
}

fn file(name: &str, content: &str, to_change: bool) -> AnyView {
    let (app, places) = (app(), expect_context::<Places>());
    let words = app.part(|view| view.lessons.words);
    let (shown, wanted) = (name.to_string(), name.to_string());
    let open = move |_| {
        places.show(Tab::Files);
        app.send(Message::Lesson(LessonMessage::FileOpened { name: wanted.clone() }));
    };
    view! {
        <details class="lesson__file">
            <summary>
                <code>{shown.clone()}</code>
                {to_change.then(|| view! { " " <em>{move || words.get().change_this}</em> })}
            </summary>
            <pre tabindex="0"><code>{content.to_string()}</code></pre>
        </details>
        <button class="button lesson__open" on:click=open>
            {move || words.get().open_file} <span class="visually-hidden">{shown.clone()}</span>
        </button>
    }
    .into_any()
}

/// Commands: a click puts one into the terminal, another runs it there.
pub fn console(lines: &[LineView]) -> AnyView {
    let line = |line: &LineView| match line {
        LineView::Comment(text) => {
            view! { <li class="lesson__comment">{text.clone()}</li> }.into_any()
        }
        LineView::Command(command) => command_row(command),
    };
    view! { <ul class="lesson__console">{lines.iter().map(line).collect_view()}</ul> }.into_any()
}

fn command_row(command: &str) -> AnyView {
    let (app, places) = (app(), expect_context::<Places>());
    let words = app.part(|view| view.lessons.words);
    let (offered, wanted, shown) = (command.to_string(), command.to_string(), command.to_string());
    // An input line has no room for a here-document.
    let is_one_line = !command.contains('\n');
    let run = move || {
        places.show(Tab::Terminal);
        app.send(Message::CommandGiven(wanted.clone()));
    };
    let run_it = run.clone();
    let put = move |_| match is_one_line {
        true => {
            places.show(Tab::Terminal);
            app.offer(&offered);
        }
        false => run(),
    };
    let put_word = move || if is_one_line { words.get().put } else { words.get().run };
    view! {
        <li class="lesson__command">
            <button class="lesson__put" title=put_word disabled=embed::is_readonly() on:click=put>
                <code>{command.to_string()}</code>
            </button>
            <button class="button lesson__run" on:click=move |_| run_it()>
                {move || words.get().run} <span class="visually-hidden">{shown.clone()}</span>
            </button>
        </li>
    }
    .into_any()
}
