//! What changed in a spec, as lines.
//!
//! Models `k8s.io/apimachinery/pkg/util/diff.Diff`: a unified diff with three lines around
//! each change.

use std::collections::BTreeMap;
use std::ops::Range;

/// How many equal lines stand around a change.
const CONTEXT: usize = 3;

#[derive(Clone, Copy, PartialEq)]
enum Op {
    Equal,
    Delete,
    Insert,
}

/// The difference of two texts.
pub fn unified(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let script = edit_script(&old, &new);
    let mut out = String::new();
    for (start, end) in hunks(&script) {
        write_hunk(&mut out, &script, start, end);
    }
    out
}

type Line<'a> = (Op, &'a str);

fn edit_script<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let (mut i, mut j, mut script) = (0, 0, Vec::new());
    let end = Block { old: old.len(), new: new.len(), length: 0 };
    for block in matching_blocks(old, new).into_iter().chain([end]) {
        script.extend(old[i..block.old].iter().map(|line| (Op::Delete, *line)));
        script.extend(new[j..block.new].iter().map(|line| (Op::Insert, *line)));
        (i, j) = (block.old + block.length, block.new + block.length);
        script.extend(old[block.old..i].iter().map(|line| (Op::Equal, *line)));
    }
    script
}

/// Equal lines in both texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Block {
    old: usize,
    new: usize,
    length: usize,
}

/// Where lines stand in the new text, without those that are too frequent to tell anything.
type Places<'a> = BTreeMap<&'a str, Vec<usize>>;

// Models SequenceMatcher of github.com/pmezard/go-difflib: the longest block of equal lines
// first, then the longest ones before and after it.
fn matching_blocks(old: &[&str], new: &[&str]) -> Vec<Block> {
    let mut places = Places::new();
    for (index, line) in new.iter().enumerate() {
        places.entry(line).or_default().push(index);
    }
    if new.len() >= 200 {
        places.retain(|_, indexes| indexes.len() <= new.len() / 100 + 1);
    }
    let (mut blocks, mut queue) = (Vec::new(), vec![(0..old.len(), 0..new.len())]);
    while let Some((in_old, in_new)) = queue.pop() {
        let block = longest_block(old, new, &places, &in_old, &in_new);
        if block.length == 0 {
            continue;
        }
        queue.push((in_old.start..block.old, in_new.start..block.new));
        let (after_old, after_new) = (block.old + block.length, block.new + block.length);
        queue.push((after_old..in_old.end, after_new..in_new.end));
        blocks.push(block);
    }
    blocks.sort();
    blocks
}

fn longest_block(
    old: &[&str],
    new: &[&str],
    places: &Places,
    in_old: &Range<usize>,
    in_new: &Range<usize>,
) -> Block {
    let mut best = Block { old: in_old.start, new: in_new.start, length: 0 };
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for i in in_old.clone() {
        let mut next = BTreeMap::new();
        let found = places.get(old[i]).map_or(&[][..], Vec::as_slice);
        for &j in found.iter().filter(|j| in_new.contains(j)) {
            let before = if j == 0 { None } else { lengths.get(&(j - 1)) };
            let length = before.copied().unwrap_or(0) + 1;
            next.insert(j, length);
            if length > best.length {
                best = Block { old: i + 1 - length, new: j + 1 - length, length };
            }
        }
        lengths = next;
    }
    // Frequent lines around the block belong to it too.
    while best.old > in_old.start
        && best.new > in_new.start
        && old[best.old - 1] == new[best.new - 1]
    {
        best = Block { old: best.old - 1, new: best.new - 1, length: best.length + 1 };
    }
    while best.old + best.length < in_old.end
        && best.new + best.length < in_new.end
        && old[best.old + best.length] == new[best.new + best.length]
    {
        best.length += 1;
    }
    best
}

// Ranges of lines to show: changes with their surroundings, joined where they touch.
fn hunks(script: &[Line]) -> Vec<(usize, usize)> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for (index, _) in script.iter().enumerate().filter(|(_, (op, _))| *op != Op::Equal) {
        let start = index.saturating_sub(CONTEXT);
        let end = (index + 1 + CONTEXT).min(script.len());
        match hunks.last_mut() {
            Some(last) if start <= last.1 => last.1 = end,
            _ => hunks.push((start, end)),
        }
    }
    hunks
}

fn write_hunk(out: &mut String, script: &[Line], start: usize, end: usize) {
    let count = |lines: &[Line], other: Op| lines.iter().filter(|(op, _)| *op != other).count();
    let (before, lines) = (&script[..start], &script[start..end]);
    let range = |other: Op| {
        let length = count(lines, other);
        let first = count(before, other) + usize::from(length > 0);
        match length {
            1 => format!("{first}"),
            length => format!("{first},{length}"),
        }
    };
    let (old, new) = (range(Op::Insert), range(Op::Delete));
    out.push_str(&format!("@@ -{old} +{new} @@\n"));
    for (op, line) in lines {
        let sign = match op {
            Op::Equal => ' ',
            Op::Delete => '-',
            Op::Insert => '+',
        };
        out.push(sign);
        out.push_str(line);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stand_among_three_lines() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = "a\nb\nc\nd\nE\nf\ng\nh\n";
        let expected = "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n";
        assert_eq!(unified(old, new), expected);
        assert_eq!(unified(old, old), "");
    }

    #[test]
    fn far_changes_have_hunks_of_their_own() {
        let old: String = (0..20).map(|i| format!("{i}\n")).collect();
        let new = old.replace("2\n3\n", "2\nx\n3\n").replace("19\n", "y\n");
        assert_eq!(unified(&old, &new).matches("@@ -").count(), 2);
    }
}
