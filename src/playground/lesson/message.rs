//! Everything that the page can do with lessons.

use std::time::Duration;

/// Something that happened in the lesson panel or on the teacher's page.
#[derive(Clone, Debug, PartialEq)]
pub enum LessonMessage {
    /// An entry of the catalogue was chosen.
    Chosen {
        /// Its name.
        slug: String,
    },
    /// The text that [`super::super::effect::Effect::LoadText`] asked for has come, or not.
    Loaded {
        /// The entry's name.
        slug: String,
        /// The text, if it came.
        text: Option<String>,
    },
    /// A lesson of somebody's own was opened.
    TextOpened {
        /// What the file is called.
        name: String,
        /// Its text.
        text: String,
    },
    /// What stands in the page's address behind `#`: `l=SLUG`, `c=CLASS`, `h=HAND-IN`.
    PlaceOpened(String),
    /// The lesson was left.
    Closed,
    /// The lesson begins anew, and what was done in it is forgotten.
    Restarted,
    /// What was wrong has been read.
    ComplaintClosed,
    /// A step is to be shown; if it has not begun yet, it begins.
    StepChosen(usize),
    /// The shown step begins anew.
    StepReset,
    /// The next hint of the shown step was opened.
    HintOpened,
    /// A file of the shown step is to be in the editor as the lesson has it.
    FileOpened {
        /// Its name.
        name: String,
    },
    /// The shown step is to be done by itself, for all to see.
    SolutionRequested,
    /// A question was opened.
    Asked {
        /// Its id.
        id: String,
    },
    /// A question was answered.
    Answered {
        /// Its id.
        id: String,
        /// Which of the choices.
        choice: usize,
    },
    /// Show the instant that decided a goal of the shown step.
    JumpedToGoal {
        /// Its id.
        id: String,
    },
    /// The learner's name.
    NameTyped(String),
    /// What was done is to be handed in as a code.
    HandInRequested,
    /// What was done is to be handed in as a link.
    HandInLinked,
    /// What was done is to be handed in as a file.
    HandInSaved,
    /// Real time passed while the cluster's stood still.
    TimePassed(Duration),
    /// The class that the learner belongs to, which the browser kept.
    ClassRestored(String),
    /// Progress is to be saved to a file.
    ProgressExported,
    /// Progress was read from a file.
    ProgressImported(String),
    /// Progress that the browser kept; nothing is said about what cannot be read.
    ProgressRestored(String),
    /// A class was put together: its exercises, seed, whether hints are on, minutes.
    ClassRequested {
        /// The exercises' names.
        exercises: Vec<String>,
        /// The seed for all.
        seed: Option<u64>,
        /// Whether hints can be opened.
        hints: bool,
        /// Minutes for all.
        time_box: Option<u32>,
    },
    /// Hand-ins came in: what each is called, and its text.
    AnswersGiven(Vec<(String, String)>),
    /// The grading can go on for a while.
    GradingContinued,
    /// What is not graded yet is not to be graded.
    GradingStopped,
    /// The table is to be saved as CSV.
    TableSaved,
    /// The table is to be emptied.
    TableCleared,
    /// What was done so far is to be saved as a lesson.
    LessonRecorded {
        /// Its title.
        title: String,
    },
}
