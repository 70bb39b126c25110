//! The frame's side of an embedded playground: its options, and messages with the page around it.

use std::cell::RefCell;

use leptos::prelude::window;
use wasm_bindgen::prelude::*;

use super::opening::Opening;
use super::{storage, theme};
use crate::playground::Playground;
use crate::playground::embed::protocol::Event;
use crate::playground::embed::{Mode, Options, Refusal, Reporter};
use crate::playground::message::Message;
use crate::playground::stage::Stage;
use crate::playground::view::ViewModel;

#[wasm_bindgen(module = "/src/ui/effect/embed.js")]
extern "C" {
    fn host_origin() -> String;
    fn frame_name() -> String;
    #[wasm_bindgen(js_name = listen)]
    fn listen_to(host: &str, receive: &JsValue);
    #[wasm_bindgen(js_name = tell)]
    fn tell_host(host: &str, json: &str);
}

const PREFIX: &str = "#embed=";

/// The options in the address, if the page is embedded.
pub fn options() -> Option<Result<Options, Refusal>> {
    let hash = window().location().hash().ok()?;
    let written = hash.strip_prefix(PREFIX)?;
    let json = js_sys::decode_uri_component(written).map(String::from);
    Some(json.map_err(|_| Refusal::NotEncoded).and_then(|json| Options::read(&json)))
}

/// Whether the page is embedded.
pub fn is_embedded() -> bool {
    window().location().hash().is_ok_and(|hash| hash.starts_with(PREFIX))
}

/// Whether only the picture and the time bar are shown.
pub fn is_player() -> bool {
    options().is_some_and(|options| options.is_ok_and(|options| options.mode == Mode::Player))
}

/// Whether nothing can be changed here.
pub fn is_readonly() -> bool {
    let root = leptos::prelude::document().document_element();
    root.is_some_and(|root| root.has_attribute("data-readonly"))
}

/// What the page around calls this frame: landmarks of several frames need names of their own.
pub fn name() -> Option<String> {
    let name = Some(frame_name()).filter(|name| !name.is_empty())?;
    is_embedded().then_some(name)
}

/// A landmark's name, which several frames of a page must not share.
pub fn label(text: &str) -> String {
    match name() {
        Some(frame) => format!("{frame}: {text}"),
        None => text.into(),
    }
}

/// Sets storage, theme and layout before anything is drawn.
pub fn prepare() {
    let Some(options) = options() else { return };
    let options = options.unwrap_or_default();
    storage::keep_apart(options.storage_name());
    theme::set("data-embed", Some(options.mode.name()));
    theme::set("data-readonly", options.limits().readonly.then_some(""));
    if !options.theme.is_empty() {
        theme::set("data-theme", Some(&options.theme));
    }
}

/// The connection with the page around.
pub struct Connection {
    host: String,
    reporter: RefCell<Reporter>,
    is_refused: bool,
}

impl Connection {
    /// Begins what the options ask for; gives what is to be sent to it then.
    pub fn begin(
        options: Result<Options, Refusal>,
        opening: Option<Opening>,
        saved: Option<&str>,
        language: &str,
    ) -> (Stage, Vec<Message>, Connection) {
        let given = options.as_ref().map(|options| options.host.clone()).unwrap_or_default();
        let host = if given.is_empty() { host_origin() } else { given };
        let live = |playground| Stage::Live(Box::new(playground));
        let begun = options.and_then(|options| match opening.filter(|_| saved.is_none()) {
            Some(opening) => {
                Stage::embedded(opening, &options, language).map(|stage| (stage, Vec::new()))
            }
            None => Playground::embedded(&options, saved, language)
                .map(|(playground, messages)| (live(playground), messages)),
        });
        let connection =
            Connection { host, reporter: RefCell::default(), is_refused: begun.is_err() };
        let (stage, messages) = begun.unwrap_or_else(|why| {
            let message = why.sentence(language);
            connection.refuse(None, "options", message.clone());
            (live(Playground::refused(&message, language)), Vec::new())
        });
        (stage, messages, connection)
    }

    /// Hands over what the page around says, as JSON.
    pub fn listen(&self, receive: impl FnMut(String) + 'static) {
        // For as long as the page is there.
        let receive = Closure::<dyn FnMut(String)>::new(receive).into_js_value();
        listen_to(&self.host, &receive);
    }

    /// Tells the page around.
    pub fn tell(&self, event: &Event) {
        tell_host(&self.host, &event.write());
    }

    /// Tells the page around that something cannot be done.
    pub fn refuse(&self, id: Option<u32>, code: &'static str, message: String) {
        self.tell(&Event::Error { id, code, message });
    }

    /// Tells the page around what is new.
    pub fn report(&self, view: &ViewModel) {
        if !self.is_refused {
            let events = self.reporter.borrow_mut().report(view);
            events.iter().for_each(|event| self.tell(event));
        }
    }
}
