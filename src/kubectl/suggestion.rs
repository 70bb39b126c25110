//! "Did you mean this?"
//!
//! Models `cobra.Command.SuggestionsFor` and `findSuggestions`.

/// The names that `typed` may have been meant for, in the order given.
pub fn suggestions<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let typed = typed.to_lowercase();
    names
        .filter(|name| {
            let name = name.to_lowercase();
            distance(&typed, &name) <= 2 || name.starts_with(&typed)
        })
        .collect()
}

/// The words cobra puts after the sentence about an unknown command.
pub fn did_you_mean(suggestions: &[&str]) -> String {
    if suggestions.is_empty() {
        return String::new();
    }
    let lines: String = suggestions.iter().map(|name| format!("\t{name}\n")).collect();
    format!("\n\nDid you mean this?\n{lines}")
}

/// Levenshtein distance.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let changed = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_and_longer_names_are_suggested() {
        let names = ["set", "get", "apply", "rollout", "logs"];
        assert_eq!(suggestions("gett", names.into_iter()), ["set", "get"]);
        assert_eq!(suggestions("aply", names.into_iter()), ["apply"]);
        assert_eq!(suggestions("delpoy", names.into_iter()), [""; 0]);
        assert_eq!(suggestions("roll", names.into_iter()), ["rollout"]);
    }
}
