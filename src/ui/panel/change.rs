//! What applying or repairing the shown file would change, side by side with the offer to do it.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::editor::Aside;
use crate::playground::message::Message;
use crate::ui::dispatch::{App, app};
use crate::ui::editor::{self, DiffView};
use crate::ui::effect::theme;

/// The offer to repair what was copied from a page; nothing is done unasked.
#[component]
pub fn RepairOffer(aside: RwSignal<Aside>) -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let repair = app.part(|view| view.files.repair.clone());
    let can_apply = move || repair.get().is_some_and(|repair| repair.can_apply);
    let intro = move || match can_apply() {
        true => words.get().repair_offer,
        false => words.get().repair_cannot,
    };
    let notes = move || {
        let notes = repair.get().map(|repair| repair.notes.clone()).unwrap_or_default();
        notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view()
    };
    let send = move |message: Message| {
        aside.set(Aside::None);
        app.send(message);
    };
    view! {
        <Show when=move || repair.get().is_some()>
            <div class="offer" role="status">
                <p>{intro}</p>
                <ul class="offer__notes">{notes}</ul>
                <div class="offer__buttons">
                    <Show when=can_apply>
                        <button class="button" on:click=move |_| aside.set(Aside::Repair)>
                            {move || words.get().repair_show}
                        </button>
                        <button
                            class="button button--primary"
                            on:click=move |_| send(Message::RepairAccepted)
                        >
                            {move || words.get().repair_accept}
                        </button>
                    </Show>
                    <button class="button" on:click=move |_| send(Message::RepairDeclined)>
                        {move || words.get().repair_keep}
                    </button>
                </div>
            </div>
        </Show>
    }
}

type Kept = StoredValue<Rc<RefCell<Option<DiffView>>>, LocalStorage>;

/// The two texts as one, with what goes and what comes.
#[component]
pub fn ChangeView(aside: RwSignal<Aside>) -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let stand = app.part(|view| (view.files.text.clone(), view.files.comparison.clone()));
    let place = NodeRef::<leptos::html::Div>::new();
    let kept: Kept = StoredValue::new_local(Rc::default());
    let label = move || match aside.get() {
        Aside::Changes => words.get().changes_of,
        _ => words.get().repair_show,
    };
    Effect::new(move |_| {
        stand.track();
        let (Some(element), Some((before, after))) = (place.get(), texts(app, aside.get())) else {
            return;
        };
        kept.with_value(|kept| kept.borrow_mut().take());
        let theme = if theme::is_dark() { "dark" } else { "light" };
        spawn_local(async move {
            let made = editor::diff(element.into(), &before, &after, theme, label()).await;
            // The panel may have been closed meanwhile.
            kept.try_with_value(|kept| *kept.borrow_mut() = made.ok());
        });
    });
    let remark = move || {
        let comparison = stand.get().1;
        match (aside.get(), comparison.broken) {
            (Aside::Changes, true) => Some(words.get().broken_changes),
            (Aside::Changes, _) if comparison.changes + comparison.creations == 0 => {
                Some(words.get().changes_none)
            }
            _ => None,
        }
    };
    let is_changes = move || aside.get() == Aside::Changes;
    view! {
        <Show when=is_changes>
            <p class="offer quiet">{move || remark().unwrap_or_else(label)}</p>
        </Show>
        <div class="panel__body" node_ref=place></div>
    }
}

fn texts(app: App, aside: Aside) -> Option<(String, String)> {
    match aside {
        Aside::None => None,
        Aside::Changes => {
            let change = app.change();
            Some((change.before, change.after))
        }
        Aside::Repair => app.view.with_untracked(|view| {
            let repair = view.files.repair.as_ref()?;
            Some((view.files.text.to_string(), repair.text.clone()))
        }),
    }
}
