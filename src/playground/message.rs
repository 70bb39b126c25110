//! Everything that the page can do.
//!
//! Plain data in the page's own terms, so that components need no word of Kubernetes.

use std::time::Duration;

use super::lesson::message::LessonMessage;
use super::playback::Speed;
use super::view::Key;

/// Something that happened in the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A frame was drawn this much real time after the last one.
    FramePassed(Duration),
    /// A line was entered in a terminal.
    LineEntered {
        /// The terminal's number.
        terminal: u32,
        /// One line, or several pasted at once.
        text: String,
    },
    /// A gesture gave this command: it runs in a terminal that is free.
    CommandGiven(String),
    /// Another terminal is wanted.
    TerminalOpened,
    /// Another terminal is to be shown.
    TerminalChosen {
        /// The terminal's number.
        terminal: u32,
    },
    /// A terminal is no longer wanted.
    TerminalClosed {
        /// The terminal's number.
        terminal: u32,
    },
    /// Ctrl-C in a terminal.
    Interrupted {
        /// The terminal's number.
        terminal: u32,
    },
    /// Ctrl-D in a terminal.
    InputEnded {
        /// The terminal's number.
        terminal: u32,
    },
    /// A file was edited.
    FileEdited {
        /// Its name.
        path: String,
        /// Its text.
        text: String,
    },
    /// A file was made, empty.
    FileCreated,
    /// A file was deleted.
    FileDeleted {
        /// Its name.
        path: String,
    },
    /// Another file is to be shown in the editor.
    FileChosen {
        /// Its name.
        path: String,
    },
    /// The offered repair of the shown file is taken.
    RepairAccepted,
    /// The shown file is meant as it is.
    RepairDeclined,
    /// The shown file is to be applied.
    Applied,
    /// An object was selected, or nothing.
    Selected(Option<Key>),
    /// A node loses its power, or gets it back.
    NodePowered {
        /// The node.
        node: String,
        /// Whether it gets it back.
        on: bool,
    },
    /// The name server keeps its answers for a while, or does not.
    NameCacheToggled,
    /// Time flows, or stands still.
    PlayToggled,
    /// How fast time flows.
    SpeedChosen(Speed),
    /// Whether idle stretches pass quickly.
    SkipWaitingToggled,
    /// One step.
    Stepped(Unit, Direction),
    /// What counts as a step from now on.
    UnitChosen(Unit),
    /// Show the instant so many milliseconds after the start.
    Sought {
        /// Milliseconds after the start.
        at_ms: u64,
    },
    /// Show the instant of the next or former command.
    JumpedToCommand(Direction),
    /// Mark the shown instant, or take its mark away.
    MarkToggled,
    /// Show the next or former marked instant.
    JumpedToMark(Direction),
    /// Show the first instant.
    ReturnedToStart,
    /// Show the latest instant known.
    ReturnedToNow,
    /// Take a former future up again.
    BranchChosen(usize),
    /// Begin anew with the scenario of this name.
    ScenarioChosen(String),
    /// Show the page in the other language.
    LanguageToggled,
    /// A name to look up in the names panel.
    NameTyped(String),
    /// Copy a link of the whole session.
    ShareRequested,
    /// Copy HTML that shows this session in another page.
    EmbedCodeRequested {
        /// The playground's address up to its folder.
        page: String,
    },
    /// Open a link's session.
    LinkOpened(String),
    /// The browser did not let the page copy a text.
    CopyRefused {
        /// The text.
        text: String,
    },
    /// It was copied by hand, or is not wanted.
    UncopiedClosed,
    /// The message about a link or a file has been read.
    NoticeClosed,
    /// Something that has to do with lessons.
    Lesson(LessonMessage),
}

impl Message {
    /// Whether it changes the session: what a reader may not do where only looking is allowed.
    pub fn acts(&self) -> bool {
        matches!(
            self,
            Message::LineEntered { .. }
                | Message::CommandGiven(_)
                | Message::TerminalClosed { .. }
                | Message::Interrupted { .. }
                | Message::InputEnded { .. }
                | Message::FileEdited { .. }
                | Message::FileCreated
                | Message::FileDeleted { .. }
                | Message::RepairAccepted
                | Message::Applied
                | Message::NodePowered { .. }
                | Message::NameCacheToggled
                | Message::ScenarioChosen(_)
                | Message::LinkOpened(_)
                | Message::Lesson(
                    LessonMessage::StepReset
                        | LessonMessage::Restarted
                        | LessonMessage::SolutionRequested
                        | LessonMessage::FileOpened { .. }
                )
        )
    }

    /// Whether it may print what fields mean, for which the page has to load the texts.
    pub fn explains(&self) -> bool {
        match self {
            Message::LineEntered { text, .. } | Message::CommandGiven(text) => {
                text.contains("explain")
            }
            _ => false,
        }
    }
}

/// What counts as a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// A control loop gave a reason.
    Decision,
    /// Something was written to the API server (not events or heartbeats).
    #[default]
    Write,
    /// A Pod, claim or volume changed its phase or readiness, came or went.
    Phase,
}

impl Unit {
    /// All of them.
    pub const ALL: [Unit; 3] = [Unit::Decision, Unit::Write, Unit::Phase];
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the future.
    Forward,
    /// Towards the past.
    Back,
}
