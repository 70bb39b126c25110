//! The frame of the page: a header and the panels.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::editor::{self, Editor, EditorOptions};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <header class="header">
            <h1 class="header__title">"StatefulSet Playground"</h1>
        </header>
        <main class="panels">
            <EditorPanel/>
        </main>
    }
}

/// The YAML editor, loaded after the first picture.
#[component]
fn EditorPanel() -> impl IntoView {
    let place = NodeRef::<leptos::html::Div>::new();
    let (failure, set_failure) = signal(None::<String>);
    let kept: Rc<RefCell<Option<Editor>>> = Rc::default();
    Effect::new(move |_| {
        let Some(element) = place.get() else {
            return;
        };
        let kept = kept.clone();
        spawn_local(async move {
            match editor::create(element.into(), options()).await {
                Ok(editor) => *kept.borrow_mut() = Some(editor),
                Err(message) => set_failure.set(Some(message)),
            }
        });
    });
    view! {
        <section class="panel" aria-label="Editor">
            <div class="panel__body" node_ref=place></div>
            {move || failure.get().map(|message| view! { <p role="alert">{message}</p> })}
        </section>
    }
}

fn options() -> EditorOptions {
    EditorOptions {
        doc: String::new(),
        label: "YAML".into(),
        theme: "light",
        read_only: false,
        on_change: Box::new(|_| {}),
        on_apply: Box::new(|| {}),
        complete: Box::new(|_, _, _| String::new()),
        hover: Box::new(|_, _, _| String::new()),
        lint: Box::new(|_| String::new()),
    }
}
