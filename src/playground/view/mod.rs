//! What the panels show at the shown instant, as plain values.
//!
//! A view says everything in words, numbers and marks, so that components only place it. Lists
//! are shared (`Arc`), because signals want values that may cross threads.

pub mod because;
pub mod files;
pub mod lesson;
pub mod names;
pub mod picture;
pub mod related;
pub mod revision;
pub mod terminal;
pub mod time;
pub mod volume;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Playground;
use crate::locale::words::words;

pub use crate::locale::words::Words;

/// Names an object on the page.
pub type Key = crate::api::object::ObjectKey;

/// How many reasons the why panel shows.
const BECAUSE_COUNT: usize = 80;

/// Everything that the page shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewModel {
    /// The page's words.
    pub words: &'static Words,
    /// What stands around the panels.
    pub frame: FrameView,
    /// The picture.
    pub picture: picture::PictureView,
    /// The why panel.
    pub because: Arc<Vec<because::BecauseView>>,
    /// The names panel.
    pub names: names::NamesView,
    /// The time bar.
    pub time: time::TimeView,
    /// The terminal.
    pub terminal: terminal::TerminalView,
    /// The editor.
    pub files: files::FilesView,
    /// Lessons, exercises and the teacher's page.
    pub lessons: lesson::LessonsView,
    pub(super) stamp: Stamp,
}

// What the slow views depend on: while it is the same, they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    version: u64,
    revision: u64,
    reasons: u64,
    second: i64,
}

impl Stamp {
    /// The stamp of a recorded scene: no computed view has it.
    pub(super) fn recorded(scene: u32) -> Stamp {
        Stamp { version: u64::MAX, revision: scene.into(), reasons: u64::MAX, second: i64::MAX }
    }

    fn of(playground: &Playground) -> Stamp {
        let cluster = playground.session().cluster();
        Stamp {
            version: playground.version(),
            revision: cluster.api().storage().revision(),
            reasons: cluster.trace().total(),
            second: cluster.now().seconds(),
        }
    }
}

/// What stands around the panels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameView {
    /// The scenario's name in links.
    pub scenario: &'static str,
    /// All scenarios with their titles.
    pub scenarios: Arc<Vec<(&'static str, &'static str)>>,
    /// What to try first, until the learner has done something.
    pub hint: &'static str,
    /// The selected object.
    pub selected: Option<Key>,
    /// What belongs to it, itself included.
    pub related: Arc<BTreeSet<Key>>,
    /// The nodes, and whether they have power.
    pub nodes: Arc<Vec<(String, bool)>>,
    /// A sentence that must be read, about a link for example.
    pub notice: String,
    /// What is to be copied by hand, "" if nothing is.
    pub uncopied: Arc<str>,
}

impl ViewModel {
    /// Whether a page shows the same with it.
    pub fn shows_same(&self, other: &ViewModel) -> bool {
        ViewModel { stamp: other.stamp, ..self.clone() } == *other
    }
}

/// The view of the application as it stands; what cannot have changed is taken from `previous`.
pub fn view_model(playground: &Playground, previous: Option<&ViewModel>) -> ViewModel {
    let stamp = Stamp::of(playground);
    let session = playground.session();
    if let Some(previous) = previous.filter(|previous| previous.stamp == stamp) {
        return ViewModel {
            time: time_view(playground),
            terminal: terminal::terminal(playground),
            ..previous.clone()
        };
    }
    let language = playground.language();
    // Sentences in another language are other sentences.
    let previous_files = previous.filter(|previous| previous.words == words(language));
    let previous_files = previous_files.map(|previous| &previous.files);
    let selected = playground.selected();
    let entries = playground.timeline().entries();
    ViewModel {
        words: words(language),
        frame: frame(playground),
        picture: picture::picture(session, language),
        because: Arc::new(because::because(session, entries, selected, language, BECAUSE_COUNT)),
        names: names::names(playground),
        time: time_view(playground),
        terminal: terminal::terminal(playground),
        files: files::files(playground, previous_files),
        lessons: lesson::lessons(playground),
        stamp,
    }
}

fn time_view(playground: &Playground) -> time::TimeView {
    let branches = playground.branches().iter().map(|branch| because::clock(branch.forked_at));
    time::time(playground, time::spoken(playground), branches.collect())
}

fn frame(playground: &Playground) -> FrameView {
    let language = playground.language();
    let scenarios = super::scenario::SCENARIOS.iter();
    let cluster = playground.session().cluster();
    let nodes = cluster.lister().all(crate::api::scheme::Kind::Node);
    FrameView {
        scenario: playground.scenario().slug,
        scenarios: Arc::new(scenarios.map(|s| (s.slug, s.title(language))).collect()),
        // A lesson says itself what to do.
        hint: match playground.has_acted() || playground.lessons.open.is_some() {
            true => "",
            false => playground.scenario().hint(language),
        },
        selected: playground.selected().cloned(),
        related: Arc::new(match playground.selected() {
            Some(key) => related::related(cluster.lister(), key),
            None => BTreeSet::new(),
        }),
        nodes: Arc::new(
            nodes
                .map(|node| {
                    (node.name().into(), !cluster.faults().lost_nodes.contains(node.name()))
                })
                .collect(),
        ),
        notice: playground.notice().into(),
        uncopied: playground.uncopied().into(),
    }
}
