//! `diff`: normal and unified output, directories.

use ecow::{EcoString, eco_format};

use super::context::{Context, Pending, Trouble, Whole};
use super::date;
use super::options::{Known, Options, parse};
use crate::script::{Errno, Flavour};
use crate::text::difference::{Change, changes, hunks, push_line, split};

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
