//! The terminal: a log in the DOM and a real input line under it.

use leptos::ev::{ClipboardEvent, KeyboardEvent, SubmitEvent};
use leptos::html::{Div, Input};
use leptos::prelude::*;

use crate::playground::message::Message;
use crate::playground::view::terminal::Source;
use crate::ui::dispatch::{App, app};

const MAIN: u32 = 0;

/// The main terminal.
#[component]
pub fn TerminalPanel() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let busy = app.part(|view| view.terminal.busy);
    view! {
        <section class="panel" data-panel="terminal" aria-labelledby="terminal-title">
            <div class="panel__bar">
                <h2 class="panel__title" id="terminal-title">{move || words.get().terminal}</h2>
                <Show when=move || busy.get()>
                    <span class="terminal__busy">{move || words.get().running}</span>
                    <button
                        class="button"
                        on:click=move |_| app.send(Message::Interrupted { terminal: MAIN })
                    >
                        {move || words.get().stop} " (Ctrl-C)"
                    </button>
                </Show>
            </div>
            <Log/>
            <Prompt/>
        </section>
    }
}

/// Everything entered and printed.
#[component]
fn Log() -> impl IntoView {
    let app = app();
    let lines = app.part(|view| view.terminal.lines.clone());
    let place = NodeRef::<Div>::new();
    Effect::new(move |_| {
        lines.track();
        // After the new lines are in the document.
        request_animation_frame(move || {
            if let Some(log) = place.get_untracked() {
                log.set_scroll_top(log.scroll_height());
            }
        });
    });
    let numbered = move || lines.get().iter().cloned().enumerate().collect::<Vec<_>>();
    view! {
        <div class="terminal" role="log" tabindex="0" aria-labelledby="terminal-title" node_ref=place>
            <For
                each=numbered
                key=|(index, line)| (*index, line.time, line.text.len())
                children=|(_, line)| stretch(line.source, &line.text)
            />
        </div>
    }
}

fn stretch(source: Source, text: &str) -> impl IntoView + use<> {
    let name = match source {
        Source::Command => "command",
        Source::Input => "input",
        Source::Output => "output",
        Source::Error => "error",
    };
    let text = match source {
        Source::Command => format!("$ {text}\n"),
        _ => text.to_string(),
    };
    view! { <span class="terminal__text" data-source=name>{text}</span> }
}

/// What is being typed, and the memory of what was.
#[derive(Clone, Copy)]
struct Line {
    app: App,
    text: RwSignal<String>,
    // How many commands back the shown one is; 0 is what is being typed.
    back: RwSignal<usize>,
    offers: RwSignal<Vec<String>>,
}

/// The input line.
#[component]
fn Prompt() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let prompt = app.part(|view| view.terminal.prompt);
    let line = Line {
        app,
        text: RwSignal::new(String::new()),
        back: RwSignal::new(0),
        offers: RwSignal::new(Vec::new()),
    };
    let input = NodeRef::<Input>::new();
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
                    node_ref=input
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
    fn enter(self) {
        let text = self.text.get_untracked();
        self.text.set(String::new());
        self.back.set(0);
        self.offers.set(Vec::new());
        self.app.send(Message::LineEntered { terminal: MAIN, text });
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
        self.app.send(Message::Interrupted { terminal: MAIN });
        true
    }

    fn end_input(self) -> bool {
        let reads = self.app.view.with_untracked(|view| view.terminal.reads_input);
        if reads && self.text.with_untracked(String::is_empty) {
            self.app.send(Message::InputEnded { terminal: MAIN });
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
        self.app.send(Message::LineEntered { terminal: MAIN, text });
    }
}

fn shared<'a>(a: &'a str, b: &str) -> &'a str {
    let length = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8());
    &a[..length.sum()]
}
