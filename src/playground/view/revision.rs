//! Marks of ControllerRevisions: a letter and a hue each, the same everywhere on the page.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::client::Lister;

/// How a revision is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionMark {
    /// `A`, `B`, ..., in the order in which the revisions came into being.
    pub letter: String,
    /// Degrees of hue, far from those of its neighbours.
    pub hue: u32,
    /// Which of the page's patterns goes with it, counted from 0.
    pub pattern: u32,
    /// The ControllerRevision's name.
    pub name: String,
    /// Its number.
    pub number: i64,
}

/// Number of patterns that the page draws.
pub const PATTERNS: u32 = 4;
/// The golden angle: neighbours in a row of hues differ as much as they can.
const HUE_STEP: u32 = 137;
const HUE_START: u32 = 255;

/// The marks of a set's revisions, oldest first.
pub fn marks(lister: Lister<'_>, set: &Object) -> Vec<RevisionMark> {
    let mut revisions: Vec<&Object> =
        lister.owned_by(set.uid()).filter(|o| o.kind == Kind::ControllerRevision).collect();
    // Numbers change when a revision is taken up again; its age does not.
    revisions.sort_by_key(|r| (r.created_at(), r.name()));
    (0..).zip(revisions).map(|(index, revision)| mark(index, revision)).collect()
}

fn mark(index: u32, revision: &Object) -> RevisionMark {
    RevisionMark {
        letter: letter(index),
        hue: (HUE_START + index * HUE_STEP) % 360,
        pattern: index % PATTERNS,
        name: revision.name().into(),
        number: revision.value.get("revision").as_i64().unwrap_or(0),
    }
}

// A to Z, then A2 to Z2 and so on.
fn letter(index: u32) -> String {
    let letter = char::from(b'A' + (index % 26) as u8);
    match index / 26 {
        0 => letter.into(),
        round => format!("{letter}{}", round + 1),
    }
}
