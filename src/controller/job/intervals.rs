//! Sets of completion indexes as a Job's status writes them: `1,3-5,7`.
//!
//! Models `orderedIntervals` of `indexed_job_utils.go`: what is between two numbers is never
//! spelt out, whatever numbers a status names.

use std::fmt;

/// Indexes in order, as stretches from a first to a last one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intervals(Vec<(i64, i64)>);

impl Intervals {
    /// Reads indexes below `completions`; what is malformed is left out.
    ///
    /// Models parseIndexesFromString.
    pub fn parse(text: &str, completions: i64) -> Self {
        let read = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (first.parse::<i64>().ok()?, last.parse::<i64>().ok()?);
            let last = last.min(completions - 1);
            (0 <= first && first <= last).then_some((first, last))
        };
        Self::of(text.split(',').filter_map(read).collect())
    }

    /// These indexes.
    pub fn from_indexes(indexes: impl Iterator<Item = i64>) -> Self {
        Self::of(indexes.map(|index| (index, index)).collect())
    }

    fn of(mut stretches: Vec<(i64, i64)>) -> Self {
        stretches.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::new();
        for (first, last) in stretches {
            match merged.last_mut() {
                Some((_, end)) if first <= *end + 1 => *end = last.max(*end),
                _ => merged.push((first, last)),
            }
        }
        Intervals(merged)
    }

    /// Those of both.
    pub fn merge(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).copied().collect())
    }

    /// How many indexes there are.
    pub fn total(&self) -> i64 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Whether an index is among them.
    pub fn has(&self, index: i64) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= index);
        after > 0 && self.0.get(after - 1).is_some_and(|(_, last)| index <= *last)
    }

    /// How many of them are in `other` too.
    pub fn shared(&self, other: &Self) -> i64 {
        self.total() + other.total() - self.merge(other).total()
    }

    /// The first `count` indexes below `completions` that are not among them.
    ///
    /// Models firstPendingIndexes.
    pub fn first_missing(&self, count: i64, completions: i64) -> Vec<i64> {
        let mut missing = Vec::new();
        let mut candidate = 0;
        for (first, last) in self.0.iter().copied().chain([(completions, completions)]) {
            let left = count - missing.len() as i64;
            missing.extend((candidate..first.min(completions)).take(left.max(0) as usize));
            candidate = candidate.max(last + 1);
        }
        missing
    }
}

impl fmt::Display for Intervals {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (place, (first, last)) in self.0.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            match last - first {
                0 => write!(f, "{comma}{first}")?,
                1 => write!(f, "{comma}{first},{last}")?,
                _ => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_written_as_stretches() {
        for (text, written) in [
            ("", ""),
            ("0", "0"),
            ("0,1", "0,1"),
            ("0,1,2,5", "0-2,5"),
            ("3-4", "3,4"),
            ("x,7-2,1-3", "1-3"),
            ("2-99999999999", "2-9"),
            ("11", ""),
        ] {
            assert_eq!(Intervals::parse(text, 10).to_string(), written, "{text}");
        }
    }

    #[test]
    fn the_first_indexes_that_are_missing_come_first() {
        let some = Intervals::parse("1,3-5", 10);
        assert_eq!((some.total(), some.has(4), some.has(2), some.has(0)), (4, true, false, false));
        assert_eq!(some.first_missing(3, 10), [0, 2, 6]);
        assert_eq!(some.first_missing(9, 7), [0, 2, 6]);
        assert!(some.first_missing(0, 7).is_empty());
        assert_eq!(some.shared(&Intervals::parse("0-3", 10)), 2);
        assert_eq!(Intervals::default().first_missing(2, 1_000_000_000), [0, 1]);
    }
}
