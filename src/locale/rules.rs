//! What the rules are that reasons name: a short explanation, and where upstream has it.
//!
//! Long texts that only who asks reads: `scripts/bundle.mjs` keeps them out of the page's first
//! part. One line each, the rule's name before a tab, in the order of the names.

use super::Language;

const SOURCES: &str = include_str!("rules/sources.txt");
const ENGLISH: &str = include_str!("rules/en.txt");
const CHINESE: &str = include_str!("rules/zh.txt");

/// A rule in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it says.
    pub text: &'static str,
    /// The file of Kubernetes (or of CoreDNS) that has the function of this name.
    pub source: &'static str,
}

/// The rule of this name (`Reason::rule`).
pub fn rule(name: &str, language: Language) -> Option<Rule> {
    let texts = match language {
        Language::En => ENGLISH,
        Language::Zh => CHINESE,
    };
    Some(Rule { text: find(texts, name)?, source: find(SOURCES, name)? })
}

fn find(texts: &'static str, name: &str) -> Option<&'static str> {
    let mut lines = texts.lines().filter_map(|line| line.split_once('\t'));
    lines.find(|(found, _)| *found == name).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    // The names that `rule` of the enums of reasons gives, from their sources.
    fn names() -> BTreeSet<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/controller/reason");
        let files = fs::read_dir(folder).expect("the folder of reasons is there");
        let texts = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        let mut names = BTreeSet::new();
        for text in texts {
            let from = text.find("pub fn rule").unwrap_or(text.len());
            let body = text[from..].split("\n    }\n").next().unwrap_or_default();
            names.extend(body.split('"').skip(1).step_by(2).map(str::to_owned));
        }
        names
    }

    #[test]
    fn every_rule_is_explained_in_both_languages() {
        let names = names();
        assert!(names.len() > 80, "{names:?}");
        for texts in [SOURCES, ENGLISH, CHINESE] {
            let explained = texts.lines().map(|line| line.split_once('\t').expect(line).0);
            let explained: BTreeSet<String> = explained.map(str::to_owned).collect();
            assert_eq!(explained, names);
        }
    }
}
