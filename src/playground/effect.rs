//! What the application asks of the browser.

/// One thing for the browser to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Call back with the time that passed when the next frame is drawn.
    RequestFrame,
    /// Keep the session so that a reload finds it.
    Save,
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
    /// Copy this and then read `said` to people who listen to the page; answer with
    /// `Message::CopyRefused` if the browser does not allow it.
    Copy {
        /// What is copied.
        what: Copied,
        /// What is said once it is.
        said: String,
    },
    /// Answer with `LessonMessage::GradingContinued` after the page was drawn.
    ContinueGrading,
}

/// What is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// This text.
    Text(String),
    /// The page's address with this in place of what stands behind `#`.
    Address(String),
    /// The page's address with this session's text behind it, which the page then has, too.
    Link(String),
}
