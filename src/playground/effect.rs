//! What the application asks of the browser.

use super::share::Problem;

/// One thing for the browser to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Call back with the time that passed when the next frame is drawn.
    RequestFrame,
    /// Keep the session so that a reload finds it.
    Save,
    /// Show that a link or a file could not be used, and why.
    Complain(Problem),
}
