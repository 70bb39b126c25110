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
    /// Load a text from a place relative to the page and answer with
    /// `LessonMessage::Loaded { slug, text }`.
    LoadText {
        /// The entry of the catalogue that it is for.
        slug: String,
        /// The place: `lessons/SLUG.LANGUAGE.txt`.
        path: String,
    },
    /// Keep this progress so that a reload finds it.
    SaveProgress(String),
    /// Offer this text as a file to be saved.
    SaveFile {
        /// The file's name.
        name: String,
        /// Its text.
        text: String,
    },
    /// Copy this text.
    CopyText(String),
    /// Copy the page's address with this in place of what stands behind `#`.
    CopyAddress(String),
    /// Answer with `LessonMessage::GradingContinued` after the page was drawn.
    ContinueGrading,
}
