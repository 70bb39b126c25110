//! `diff`: normal and unified output, directories.

use ecow::{EcoString, eco_format};

use super::context::{Context, Pending, Trouble, Whole};
use super::date;
use super::options::{Known, Options, parse};
use crate::script::{Errno, Flavour};

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
fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn push_line(out: &mut String, mark: &str, line: &str) {
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

fn hunks(a: &[&str], b: &[&str], changes: &[Change], around: usize) -> String {
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

fn normal(a: &[&str], b: &[&str], changes: &[Change]) -> String {
    let mut out = String::new();
    for change in changes {
        let range = |(from, to): (usize, usize)| match to - from {
            0 => format!("{from}"),
            1 => format!("{}", from + 1),
            _ => format!("{},{to}", from + 1),
        };
        let kind = match (change.old.0 == change.old.1, change.new.0 == change.new.1) {
            (true, _) => 'a',
            (_, true) => 'd',
            _ => 'c',
        };
        out.push_str(&format!("{}{kind}{}\n", range(change.old), range(change.new)));
        for line in a.get(change.old.0..change.old.1).unwrap_or(&[]) {
            push_line(&mut out, "< ", line);
        }
        if kind == 'c' {
            out.push_str("---\n");
        }
        for line in b.get(change.new.0..change.new.1).unwrap_or(&[]) {
            push_line(&mut out, "> ", line);
        }
    }
    out
}

/// `diff`.
pub fn diff(context: &mut Context<'_>) -> Whole {
    let long = &[
        ("unified", 'U'),
        ("brief", 'q'),
        ("recursive", 'r'),
        ("new-file", 'N'),
        ("ignore-case", 'i'),
        ("ignore-all-space", 'w'),
        ("ignore-space-change", 'b'),
        ("ignore-blank-lines", 'B'),
        ("label", 'L'),
        ("report-identical-files", 's'),
        ("text", 'a'),
        ("color", 'K'),
    ];
    let args: Vec<EcoString> = context
        .args
        .iter()
        .map(|word| if word == "--unified" { "-u".into() } else { word.clone() })
        .collect();
    let known = Known { short: "uU:qrNiwbBL:sadtTpK", long, permutes: true };
    let options = match parse(&mut context.with_args(&args), known) {
        Ok(options) => options,
        Err(_) => return Ok(2),
    };
    let [left, right] = options.operands.as_slice() else {
        let text = match options.operands.as_slice() {
            [] => "missing operand after 'diff'".to_owned(),
            [only] => format!("missing operand after '{only}'"),
            [_, _, extra, ..] => format!("extra operand '{extra}'"),
            _ => String::new(),
        };
        if context.busybox() {
            context.busybox_usage();
        } else {
            context.complain(&text);
            context.err("diff: Try 'diff --help' for more information.\n");
        }
        return Ok(2);
    };
    let (mut left, mut right) = (left.clone(), right.clone());
    let is_dir = |context: &mut Context<'_>, name: &str| {
        let path = context.path(name);
        name != "-" && context.files().metadata(&path).is_ok_and(|found| found.is_dir())
    };
    let (left_dir, right_dir) = (is_dir(context, &left), is_dir(context, &right));
    let base = |name: &str| name.rsplit('/').next().unwrap_or("").to_owned();
    match (left_dir, right_dir) {
        (true, true) => return directories(context, &options, &left, &right),
        (true, false) => left = eco_format!("{left}/{}", base(&right)),
        (false, true) => right = eco_format!("{right}/{}", base(&left)),
        (false, false) => {}
    }
    files(context, &options, &left, &right, "")
}

/// Compares two directories name by name.
fn directories(context: &mut Context<'_>, options: &Options, left: &str, right: &str) -> Whole {
    let list = |context: &mut Context<'_>, name: &str| {
        let path = context.path(name);
        context.files().list(&path).unwrap_or_default()
    };
    let mut names = list(context, left);
    names.extend(list(context, right));
    names.sort();
    names.dedup();
    let mut status = 0;
    for name in names {
        let (a, b) = (eco_format!("{left}/{name}"), eco_format!("{right}/{name}"));
        let (path_a, path_b) = (context.path(&a), context.path(&b));
        let kind_a = context.files().metadata(&path_a).map(|found| found.is_dir());
        let kind_b = context.files().metadata(&path_b).map(|found| found.is_dir());
        let code = match (kind_a, kind_b) {
            (Ok(true), Ok(true)) if options.has('r') => directories(context, options, &a, &b)?,
            (Ok(true), Ok(true)) => {
                context.out(&format!("Common subdirectories: {a} and {b}\n"));
                0
            }
            (Ok(a_dir), Ok(b_dir)) if a_dir != b_dir => {
                let what = |dir: bool| if dir { "directory" } else { "regular file" };
                context.out(&format!(
                    "File {a} is a {} while file {b} is a {}\n",
                    what(a_dir),
                    what(b_dir)
                ));
                1
            }
            (Ok(false), Err(_)) | (Err(_), Ok(false)) if options.has('N') => {
                files(context, options, &a, &b, &header(context, &a, &b))?
            }
            (Ok(_), Err(_)) => {
                context.out(&format!("Only in {left}: {name}\n"));
                1
            }
            (Err(_), Ok(_)) => {
                context.out(&format!("Only in {right}: {name}\n"));
                1
            }
            _ => files(context, options, &a, &b, &header(context, &a, &b))?,
        };
        status = status.max(code);
    }
    Ok(status)
}

/// `diff -r a/x b/x`, before the differences of a file in a directory.
fn header(context: &Context<'_>, a: &str, b: &str) -> String {
    let flags = context.args.iter().filter(|word| word.starts_with('-'));
    let flags: String = flags.map(|word| format!(" {word}")).collect();
    if context.flavour == Flavour::Busybox {
        return String::new();
    }
    format!("diff{flags} {a} {b}\n")
}

/// Compares two files; `head` is printed before differences.
fn files(
    context: &mut Context<'_>,
    options: &Options,
    left: &str,
    right: &str,
    head: &str,
) -> Whole {
    let mut texts = Vec::new();
    let mut failed = false;
    for name in [left, right] {
        match context.read_text(name) {
            Ok(text) => texts.push(text),
            Err(Trouble::Pending) => return Err(Pending),
            Err(Trouble::Failed(Errno::NotFound)) if options.has('N') => texts.push(String::new()),
            Err(Trouble::Failed(error)) => {
                context.complain(&match context.flavour {
                    Flavour::Gnu => format!("{name}: {error}"),
                    Flavour::Busybox => format!("can't stat '{name}': {error}"),
                });
                failed = true;
                if context.busybox() {
                    return Ok(2);
                }
            }
        }
    }
    let ([old, new], false) = (texts.as_slice(), failed) else { return Ok(2) };
    let (a, b) = (split(old), split(new));
    let (keys_a, keys_b) = (keys(&a, options), keys(&b, options));
    let refs_a: Vec<&str> = keys_a.iter().map(String::as_str).collect();
    let refs_b: Vec<&str> = keys_b.iter().map(String::as_str).collect();
    let mut found = changes(&refs_a, &refs_b);
    if options.has('B') {
        found.retain(|change| {
            let blank = |lines: &[&str], (from, to): (usize, usize)| {
                lines.get(from..to).unwrap_or(&[]).iter().all(|line| line.trim().is_empty())
            };
            !(blank(&a, change.old) && blank(&b, change.new))
        });
    }
    if found.is_empty() {
        if options.has('s') {
            context.out(&format!("Files {left} and {right} are identical\n"));
        }
        return Ok(0);
    }
    if options.has('q') {
        context.out(&format!("Files {left} and {right} differ\n"));
        return Ok(1);
    }
    let around = options.value('U').and_then(|text| text.parse().ok());
    let unified = options.has('u') || around.is_some() || context.busybox();
    if !unified {
        context.out(&format!("{head}{}", normal(&a, &b, &found)));
        return Ok(1);
    }
    let mut labels = options.values('L').cloned();
    let mut line = |mark: &str, name: &str, context: &mut Context<'_>| match labels.next() {
        Some(label) => format!("{mark} {label}\n"),
        None if context.busybox() => format!("{mark} {name}\n"),
        None => format!("{mark} {name}\t{}\n", stamp(context, name)),
    };
    let first = line("---", left, context);
    let second = line("+++", right, context);
    context.out(&format!("{head}{first}{second}{}", hunks(&a, &b, &found, around.unwrap_or(3))));
    Ok(1)
}

fn stamp(context: &mut Context<'_>, name: &str) -> String {
    let path = context.path(name);
    let now = context.now();
    let missing = if name == "-" { now } else { 0 };
    let time = context.files().metadata(&path).map_or(missing, |found| found.modified_ms);
    date::format("%Y-%m-%d %H:%M:%S.%N %z", time as i64)
}

/// The lines as they are compared.
fn keys(lines: &[&str], options: &Options) -> Vec<String> {
    let key = |line: &&str| {
        let mut text = (*line).to_owned();
        if options.has('w') {
            text.retain(|c| !c.is_whitespace());
        } else if options.has('b') {
            text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        if options.has('i') { text.to_lowercase() } else { text }
    };
    lines.iter().map(key).collect()
}
