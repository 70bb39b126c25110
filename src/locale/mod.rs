//! Sentences in the languages of the page.
//!
//! Everything shown that is not Kubernetes output is worded here. Each enum of reasons has one
//! function per language in a file of its own, `{en,zh}/<area>.rs`; a missing sentence does not
//! compile. Kubernetes terms stay in English.

pub mod en;
pub mod lesson;
pub mod repair;
pub mod rules;
pub mod words;
pub mod zh;

use crate::controller::Reason;

/// The languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

impl Language {
    /// The language for a browser that prefers this one (`zh-CN`).
    pub fn of_browser(tag: &str) -> Language {
        match tag.to_lowercase().starts_with("zh") {
            true => Language::Zh,
            false => Language::En,
        }
    }

    /// `zh-CN`, `en`
    pub fn tag(self) -> &'static str {
        words::words(self).tag
    }
}

/// A reason as one sentence.
pub fn sentence(reason: &Reason, language: Language) -> String {
    match language {
        Language::Zh => zh::reason(reason),
        Language::En => en::reason(reason),
    }
}

/// Why the name server answers so, as one sentence.
pub fn dns(reason: &crate::dns::AnswerReason, language: Language) -> String {
    match language {
        Language::Zh => zh::dns::sentence(reason),
        Language::En => en::dns::sentence(reason),
    }
}
