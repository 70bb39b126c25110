//! What differs between two texts, line by line.
//!
//! Models GNU diff, which `diff` and `kubectl diff` run. Leaves out its shortcuts for big files.

/// Lines `old` of the first text are replaced by lines `new` of the second.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// First line and one past the last, from 0.
    pub old: (usize, usize),
    /// As `old`.
    pub new: (usize, usize),
}

/// Distances beyond this give one big change instead of the smallest script.
const DISTANCE_MAX: usize = 2000;

/// The changes between two lists of lines.
///
/// Models GNU diff's result: a shortest script whose changes are moved down as far as they go.
pub fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = |lines: &[&str]| lines.len() - head;
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(rest(old).min(rest(new)))
        .take_while(|(a, b)| a == b)
        .count();
    let (a, b) = (
        old.get(head..old.len() - tail).unwrap_or(&[]),
        new.get(head..new.len() - tail).unwrap_or(&[]),
    );
    let (mut deleted, mut inserted) = (vec![false; old.len()], vec![false; new.len()]);
    for (at, gone) in shortest(a, b).into_iter() {
        let flags = if gone { &mut deleted } else { &mut inserted };
        if let Some(flag) = flags.get_mut(head + at) {
            *flag = true;
        }
    }
    slide(old, &mut deleted);
    slide(new, &mut inserted);
    collect(&deleted, &inserted)
}

/// Myers' greedy walk: the lines to delete (`true`) and insert.
fn shortest(a: &[&str], b: &[&str]) -> Vec<(usize, bool)> {
    let (n, m) = (a.len() as isize, b.len() as isize);
    let most = ((n + m) as usize).min(DISTANCE_MAX);
    let offset = most as isize + 1;
    let mut reach = vec![0_isize; most * 2 + 3];
    let get = |reach: &[isize], k: isize| reach.get((k + offset) as usize).copied().unwrap_or(0);
    let mut trace: Vec<Vec<isize>> = Vec::new();
    for d in 0..=most as isize {
        trace.push(reach.clone());
        let mut k = -d;
        while k <= d {
            let down = k == -d || (k != d && get(&reach, k - 1) < get(&reach, k + 1));
            let mut x = if down { get(&reach, k + 1) } else { get(&reach, k - 1) + 1 };
            let mut y = x - k;
            while x < n && y < m && a.get(x as usize) == b.get(y as usize) {
                (x, y) = (x + 1, y + 1);
            }
            if let Some(place) = reach.get_mut((k + offset) as usize) {
                *place = x;
            }
            if x >= n && y >= m {
                return backtrack(&trace, n, m, d, offset);
            }
            k += 2;
        }
    }
    let all_old = (0..a.len()).map(|at| (at, true));
    all_old.chain((0..b.len()).map(|at| (at, false))).collect()
}

fn backtrack(
    trace: &[Vec<isize>],
    n: isize,
    m: isize,
    distance: isize,
    offset: isize,
) -> Vec<(usize, bool)> {
    let (mut x, mut y) = (n, m);
    let mut script = Vec::new();
    for d in (1..=distance).rev() {
        let Some(reach) = trace.get(d as usize) else { break };
        let get = |k: isize| reach.get((k + offset) as usize).copied().unwrap_or(0);
        let k = x - y;
        let down = k == -d || (k != d && get(k - 1) < get(k + 1));
        let before = if down { k + 1 } else { k - 1 };
        x = get(before);
        y = x - before;
        script.push(if down { (y as usize, false) } else { (x as usize, true) });
    }
    script
}

/// Moves runs of changed lines down while the line after equals their first.
fn slide(lines: &[&str], changed: &mut [bool]) {
    let mut end = changed.len();
    while let Some(last) = changed.get(..end).and_then(|flags| flags.iter().rposition(|flag| *flag))
    {
        let flags = changed.get(..=last).unwrap_or(&[]);
        let start = flags.iter().rposition(|flag| !*flag).map_or(0, |at| at + 1);
        let (mut from, mut to) = (start, last + 1);
        while to < changed.len()
            && changed.get(to) == Some(&false)
            && lines.get(from) == lines.get(to)
        {
            if let Some(flag) = changed.get_mut(from) {
                *flag = false;
            }
            if let Some(flag) = changed.get_mut(to) {
                *flag = true;
            }
            (from, to) = (from + 1, to + 1);
        }
        end = start;
    }
}

fn collect(deleted: &[bool], inserted: &[bool]) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut a, mut b) = (0, 0);
    while a < deleted.len() || b < inserted.len() {
        let (from_a, from_b) = (a, b);
        while deleted.get(a) == Some(&true) {
            a += 1;
        }
        while inserted.get(b) == Some(&true) {
            b += 1;
        }
        if (a, b) != (from_a, from_b) {
            changes.push(Change { old: (from_a, a), new: (from_b, b) });
        } else {
            (a, b) = (a + 1, b + 1);
        }
    }
    changes
}

/// A text cut into lines that keep their newlines.
pub fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// A line behind its mark; says when it has no newline.
pub fn push_line(out: &mut String, mark: &str, line: &str) {
    out.push_str(mark);
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// The hunks of a unified diff, without the two header lines; empty if the texts are equal.
pub fn unified(old: &str, new: &str, around: usize) -> String {
    let (a, b) = (split(old), split(new));
    hunks(&a, &b, &changes(&a, &b), around)
}

/// The hunks of these changes, with `around` lines of context.
pub fn hunks(a: &[&str], b: &[&str], changes: &[Change], around: usize) -> String {
    let mut out = String::new();
    let mut rest = changes;
    while let Some(first) = rest.first() {
        let near = rest.windows(2).take_while(|pair| match pair {
            [one, two] => two.old.0 - one.old.1 <= around * 2,
            _ => false,
        });
        let (group, others) = rest.split_at(near.count() + 1);
        let last = group.last().unwrap_or(first);
        let before = first.old.0.min(around);
        let after = (a.len() - last.old.1).min(around);
        let (from_a, to_a) = (first.old.0 - before, last.old.1 + after);
        let (from_b, to_b) = (first.new.0 - before, last.new.1 + after);
        let range = |from: usize, to: usize| match to - from {
            0 => format!("{from},0"),
            1 => format!("{}", from + 1),
            count => format!("{},{count}", from + 1),
        };
        out.push_str(&format!("@@ -{} +{} @@\n", range(from_a, to_a), range(from_b, to_b)));
        let mut at = from_a;
        for change in group {
            for line in a.get(at..change.old.0).unwrap_or(&[]) {
                push_line(&mut out, " ", line);
            }
            for line in a.get(change.old.0..change.old.1).unwrap_or(&[]) {
                push_line(&mut out, "-", line);
            }
            for line in b.get(change.new.0..change.new.1).unwrap_or(&[]) {
                push_line(&mut out, "+", line);
            }
            at = change.old.1;
        }
        for line in a.get(at..to_a).unwrap_or(&[]) {
            push_line(&mut out, " ", line);
        }
        rest = others;
    }
    out
}
