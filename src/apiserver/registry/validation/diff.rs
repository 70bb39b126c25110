//! What changed in a spec, as lines.
//!
//! Models `k8s.io/apimachinery/pkg/util/diff.Diff`: a unified diff with three lines around
//! each change.

/// How many equal lines stand around a change.
const CONTEXT: usize = 3;

#[derive(Clone, Copy, PartialEq)]
enum Op {
    Equal,
    Delete,
    Insert,
}

/// The difference of two texts; ends with an empty line.
pub fn unified(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let script = edit_script(&old, &new);
    let mut out = String::new();
    for (start, end) in hunks(&script) {
        write_hunk(&mut out, &script, start, end);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

type Line<'a> = (Op, &'a str);

// The longest common subsequence, deletions before insertions.
fn edit_script<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest);
    let tail = tail.take_while(|(a, b)| a == b).count();
    let (old_middle, new_middle) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut script: Vec<Line> = old[..head].iter().map(|line| (Op::Equal, *line)).collect();
    script.extend(middle_script(old_middle, new_middle));
    script.extend(old[old.len() - tail..].iter().map(|line| (Op::Equal, *line)));
    script
}

fn middle_script<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let width = new.len() + 1;
    let mut lengths = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i * width + j] = match old[i] == new[j] {
                true => lengths[(i + 1) * width + j + 1] + 1,
                false => lengths[(i + 1) * width + j].max(lengths[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut script) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            script.push((Op::Equal, old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len()
            || (i < old.len() && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])
        {
            script.push((Op::Delete, old[i]));
            i += 1;
        } else {
            script.push((Op::Insert, new[j]));
            j += 1;
        }
    }
    script
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
        let expected = "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n\n";
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
