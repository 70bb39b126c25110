//! The terminal's input line: history, completion, keys, pasting.

use std::collections::BTreeMap;

use leptos::ev::{ClipboardEvent, KeyboardEvent, SubmitEvent};
use leptos::prelude::*;

use crate::playground::message::Message;
use crate::playground::view::terminal::Source;
use crate::ui::dispatch::{App, app};
use crate::ui::effect::focus;

/// What is being typed, and the memory of what was.
#[derive(Clone, Copy)]
struct Line {
    app: App,
    text: RwSignal<String>,
    // How many commands back the shown one is; 0 is what is being typed.
    back: RwSignal<usize>,
    offers: RwSignal<Vec<String>>,
    // What was typed, but not entered, in terminals that are not shown.
    drafts: RwSignal<BTreeMap<u32, String>>,
}

/// The input line of the shown terminal.
#[component]
pub fn Prompt() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let prompt = app.part(|view| view.terminal.prompt);
    let line = Line {
        app,
        text: RwSignal::new(String::new()),
        back: RwSignal::new(0),
        offers: RwSignal::new(Vec::new()),
        drafts: RwSignal::new(BTreeMap::new()),
    };
    let shown = app.part(|view| view.terminal.shown);
    Effect::new(move |before: Option<u32>| {
        let now = shown.get();
        if let Some(before) = before.filter(|before| *before != now) {
            line.change_terminal(before, now);
        }
        now
    });
    Effect::new(move |_| {
        let offered = app.offered.get();
        if !offered.is_empty() {
            app.offered.set(String::new());
            line.text.set(offered);
            line.back.set(0);
            line.offers.set(Vec::new());
            focus::focus("[data-terminal-input]");
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        line.enter();
    };
    let typed = move |event| {
        line.text.set(event_target_value(&event));
        line.offers.set(Vec::new());
        line.back.set(0);
    };
    view! {
        <form class="prompt" on:submit=submit>
            <Show when=move || !line.offers.get().is_empty()>
                <p class="prompt__offers" role="status">{move || line.offers.get().join("  ")}</p>
            </Show>
            <label class="prompt__row">
                <span class="prompt__sign" aria-hidden="true">{move || prompt.get()}</span>
                <span class="visually-hidden">{move || words.get().terminal_input}</span>
                <input
                    class="prompt__input"
                    data-terminal-input=""
                    type="text"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="send"
                    prop:value=move || line.text.get()
                    on:input=typed
                    on:keydown=move |event| line.key(event)
                    on:paste=move |event| line.paste(event)
                />
            </label>
        </form>
    }
}

impl Line {
    fn terminal(self) -> u32 {
        self.app.view.with_untracked(|view| view.terminal.shown)
    }

    fn change_terminal(self, before: u32, now: u32) {
        let typed = self.text.get_untracked();
        let kept = self.drafts.try_update(|drafts| {
            drafts.insert(before, typed);
            drafts.remove(&now)
        });
        self.text.set(kept.flatten().unwrap_or_default());
        self.back.set(0);
        self.offers.set(Vec::new());
    }

    fn enter(self) {
        let text = self.text.get_untracked();
        self.text.set(String::new());
        self.back.set(0);
        self.offers.set(Vec::new());
        self.app.send(Message::LineEntered { terminal: self.terminal(), text });
    }

    fn key(self, event: KeyboardEvent) {
        if event.is_composing() {
            return;
        }
        let handled = match (event.key().as_str(), event.ctrl_key()) {
            ("ArrowUp", false) => self.recall(self.back.get_untracked() + 1),
            ("ArrowDown", false) => self.recall(self.back.get_untracked().saturating_sub(1)),
            ("Tab", false) if !event.shift_key() => self.complete(),
            ("r", true) => self.search(),
            ("c", true) => self.interrupt(),
            ("d", true) => self.end_input(),
            _ => false,
        };
        if handled {
            event.prevent_default();
        }
    }

    fn history(self) -> Vec<String> {
        let mut history: Vec<String> = Vec::new();
        self.app.view.with_untracked(|view| {
            let entered = view.terminal.lines.iter().filter(|l| l.source == Source::Command);
            for line in entered {
                if history.last().is_none_or(|last| *last != line.text.as_str()) {
                    history.push(line.text.to_string());
                }
            }
        });
        history
    }

    fn recall(self, back: usize) -> bool {
        let history = self.history();
        if back > history.len() {
            return true;
        }
        self.back.set(back);
        let text = history.iter().rev().nth(back.wrapping_sub(1)).cloned();
        self.text.set(text.unwrap_or_default());
        true
    }

    // Each Ctrl-R goes to the next older command that contains what is typed.
    fn search(self) -> bool {
        let (wanted, back) = (self.text.get_untracked(), self.back.get_untracked());
        let history = self.history();
        let mut older = history.iter().rev().enumerate().skip(back);
        if let Some((index, found)) = older.find(|(_, text)| text.contains(&wanted)) {
            self.back.set(index + 1);
            self.text.set(found.clone());
        }
        true
    }

    fn complete(self) -> bool {
        let text = self.text.get_untracked();
        if text.is_empty() {
            // An empty line lets the key move the focus.
            return false;
        }
        let completion = self.app.complete(&text);
        let Some(first) = completion.words.first() else { return true };
        let common = completion.words.iter().skip(1).fold(first.as_str(), |a, b| shared(a, b));
        let kept = &text[..completion.start];
        let alone = completion.words.len() == 1;
        self.text.set(format!("{kept}{common}{}", if alone { " " } else { "" }));
        self.offers.set(if alone { Vec::new() } else { completion.words });
        true
    }

    fn interrupt(self) -> bool {
        self.text.set(String::new());
        self.app.send(Message::Interrupted { terminal: self.terminal() });
        true
    }

    fn end_input(self) -> bool {
        let reads = self.app.view.with_untracked(|view| view.terminal.reads_input);
        if reads && self.text.with_untracked(String::is_empty) {
            self.app.send(Message::InputEnded { terminal: self.terminal() });
        }
        true
    }

    // Several lines run one after another; one line is only put in.
    fn paste(self, event: ClipboardEvent) {
        let Some(data) = event.clipboard_data() else { return };
        let Ok(pasted) = data.get_data("text") else { return };
        if !pasted.trim_end().contains('\n') {
            return;
        }
        event.prevent_default();
        let text = format!("{}{}", self.text.get_untracked(), pasted.trim_end());
        self.text.set(String::new());
        self.app.send(Message::LineEntered { terminal: self.terminal(), text });
    }
}

fn shared<'a>(a: &'a str, b: &str) -> &'a str {
    let length = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8());
    &a[..length.sum()]
}
