//! What the application asks of the browser.

/// One thing for the browser to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Call back with the time that passed when the next frame is drawn.
    RequestFrame,
    /// Keep the session so that a reload finds it.
    Save,
    /// Put this session's text behind the page's address and copy that.
    CopyLink(String),
    /// Read this to people who listen to the page.
    Announce(String),
}
