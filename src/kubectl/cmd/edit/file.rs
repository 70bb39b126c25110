//! The file that is edited.
//!
//! Models `editHeader`, `cmdutil.StripComments` and the validation of `pkg/validation`.

use crate::api::go;
use crate::api::value::{EcoString, Value};
use crate::api::yaml;
use crate::kubectl::output::without_managed_fields;

/// Why a file is opened again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reason {
    pub head: EcoString,
    pub other: Vec<EcoString>,
}

/// The comment at the top.
pub(super) fn header(last_applied: bool, reasons: &[Reason]) -> String {
    let mut text = String::from(match last_applied {
        true => {
            "# Please edit the 'last-applied-configuration' annotations below.\n\
             # Lines beginning with a '#' will be ignored, and an empty file will abort the edit.\n\
             #\n"
        }
        false => {
            "# Please edit the object below. Lines beginning with a '#' will be ignored,\n\
             # and an empty file will abort the edit. If an error occurs while saving this file \
             will be\n# reopened with the relevant failures.\n#\n"
        }
    });
    for reason in reasons {
        let colon = if reason.other.is_empty() { "" } else { ":" };
        text.push_str(&format!("# {}{colon}\n", hash_breaks(&reason.head)));
        for other in &reason.other {
            text.push_str(&format!("# * {}\n", hash_breaks(other)));
        }
        text.push_str("#\n");
    }
    text
}

fn hash_breaks(text: &str) -> String {
    text.trim_end_matches('\n').replace('\n', "\n# ")
}

/// The object as it is edited.
pub(super) fn content(value: &Value, json: bool) -> String {
    let shown = without_managed_fields(value);
    match json {
        true => go::json_indented(&shown, "    ") + "\n",
        false => yaml::write(&shown),
    }
}

/// The text without comments and empty lines (`ManualStrip`).
pub(super) fn manual_strip(text: &str) -> String {
    let kept = text.split_inclusive('\n').filter(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    kept.collect()
}

/// Whether two texts say the same, comments aside.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    match (yaml::read(a), yaml::read(b)) {
        (Ok(a), Ok(b)) => a == b,
        (Err(_), Err(_)) => manual_strip(a) == manual_strip(b),
        _ => false,
    }
}

/// Whether it is an object with a kind (`ValidateBytes`).
pub(super) fn validate(text: &str) -> Result<(), String> {
    let value = yaml::read(text).map_err(|why| why.to_string())?;
    if value.as_object().is_none() {
        return Err("invalid object to validate".into());
    }
    let missing: Vec<String> = ["apiVersion", "kind"]
        .iter()
        .filter(|field| value.get(field).is_null())
        .map(|field| format!("{field} not set"))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(go::aggregate(&missing)) }
}
