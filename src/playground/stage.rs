//! What the page is about: a recorded session, until something is done that needs a live one.

use super::Playground;
use super::effect::Effect;
use super::message::Message;
use super::motion::Motion as _;
use super::recording::reel::Reel;
use super::view::{ViewModel, view_model};

/// What the page is about.
pub enum Stage {
    /// A session that was recorded.
    Recorded(Box<Reel>),
    /// A session that is computed.
    Live(Box<Playground>),
}

impl Stage {
    /// Takes a message in and says what the browser has to do.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        if let Stage::Recorded(reel) = self {
            if let Some(effects) = reel.update(&message) {
                return effects;
            }
        }
        self.live().update(message)
    }

    /// Whether only a live session can answer a message, and none is there yet.
    pub fn needs_live(&self, message: &Message) -> bool {
        match self {
            Stage::Recorded(reel) => reel.as_ref().clone().update(message).is_none(),
            Stage::Live(_) => false,
        }
    }

    /// What the page shows; what cannot have changed is taken from `previous`.
    pub fn view(&mut self, previous: Option<&ViewModel>) -> ViewModel {
        if let Stage::Recorded(reel) = self {
            if let Some(view) = reel.view(previous) {
                return view;
            }
        }
        view_model(self.live(), previous)
    }

    /// What the API server would say of a file, as JSON for the editor.
    pub fn lint(&mut self, text: &str) -> String {
        if let Stage::Recorded(reel) = self {
            if let Some(problems) = reel.lint(text) {
                return problems;
            }
        }
        self.live().lint(text)
    }

    /// Whether it is a recorded session still.
    pub fn is_recorded(&self) -> bool {
        matches!(self, Stage::Recorded(_))
    }

    /// Whether time flows.
    pub fn is_playing(&self) -> bool {
        let controls = match self {
            Stage::Recorded(reel) => reel.controls(),
            Stage::Live(playground) => playground.controls(),
        };
        controls.playback.playing
    }

    /// What the browser has to do first.
    pub fn first_effects(&self) -> Vec<Effect> {
        match self {
            Stage::Recorded(_) => Vec::new(),
            Stage::Live(playground) => playground.first_effects(),
        }
    }

    /// The live session: a recorded one goes on as one from here.
    pub fn live(&mut self) -> &mut Playground {
        if let Stage::Recorded(reel) = self {
            let live = reel.live().unwrap_or_else(|problem| {
                let mut anew = Playground::begin(None, None, reel.language().tag());
                anew.complain(problem);
                anew
            });
            *self = Stage::Live(Box::new(live));
        }
        match self {
            Stage::Live(playground) => playground,
            Stage::Recorded(_) => unreachable!("it was made live above"),
        }
    }
}
