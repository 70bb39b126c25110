//! `ls`, `stat`, `du`.

use ecow::{EcoString, eco_format};

use super::context::{Context, Whole};
use super::date;
use super::options::{Known, Options, parse};
use super::whole::{fill_columns, options};
use crate::script::user::{group_name, user_name};
use crate::script::{FileKind, Flavour, Metadata};

/// A name with what is known about it.
struct Entry {
    name: EcoString,
    path: EcoString,
    found: Metadata,
}

/// `ls`.
pub fn ls(context: &mut Context<'_>) -> Whole {
    let long = &[
        ("all", 'a'),
        ("almost-all", 'A'),
        ("directory", 'd'),
        ("recursive", 'R'),
        ("reverse", 'r'),
        ("human-readable", 'h'),
        ("classify", 'F'),
        ("color", 'K'),
    ];
    let known = Known { short: "laA1dRhtrSFpCxnigosKLH", long, permutes: true };
    let options = match parse(context, known) {
        Ok(options) => options,
        Err(code) => return Ok(code),
    };
    let here = [EcoString::from(".")];
    let operands = if options.operands.is_empty() { &here[..] } else { &options.operands };
    let mut status = 0;
    let (mut files, mut dirs) = (Vec::new(), Vec::new());
    for name in operands {
        let path = context.path(name);
        let long = options.has('l') && !name.ends_with('/');
        let found = match context.files().link_metadata(&path) {
            Ok(link) if link.kind == FileKind::Link && !long => {
                context.files().metadata(&path).or(Ok(link))
            }
            other => other,
        };
        match found {
            Ok(found) => {
                let entry = Entry { name: name.clone(), path, found };
                let lists = found.is_dir() && !options.has('d');
                if lists { dirs.push(entry) } else { files.push(entry) }
            }
            Err(error) => {
                context.complain(&match context.flavour {
                    Flavour::Gnu => format!("cannot access '{name}': {error}"),
                    Flavour::Busybox => format!("{name}: {error}"),
                });
                status = if context.busybox() { 1 } else { 2 };
            }
        }
    }
    let heads = operands.len() > 1 || options.has('R');
    sort(&mut files, &options);
    sort(&mut dirs, &options);
    let mut first = files.is_empty();
    show(context, &options, &files, false);
    for dir in dirs {
        if !directory(context, &options, &dir.name, &dir.path, heads, &mut first) {
            status = if context.busybox() { 1 } else { 2 };
        }
    }
    Ok(status)
}

// False if it, or one in it, cannot be read.
fn directory(
    context: &mut Context<'_>,
    options: &Options,
    name: &str,
    path: &str,
    heads: bool,
    first: &mut bool,
) -> bool {
    if heads {
        let before = if *first { "" } else { "\n" };
        context.out(&format!("{before}{name}:\n"));
    }
    *first = false;
    let names = match context.files().list(path) {
        Ok(names) => names,
        Err(error) => {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("cannot open directory '{name}': {error}"),
                Flavour::Busybox => format!("can't open '{name}': {error}"),
            });
            return false;
        }
    };
    let mut entries = Vec::new();
    if options.has('a') {
        for dots in [".", ".."] {
            let path = eco_format!("{path}/{dots}");
            if let Ok(found) = context.files().metadata(&path) {
                entries.push(Entry { name: dots.into(), path, found });
            }
        }
    }
    for entry in names {
        if entry.starts_with('.') && !options.has('a') && !options.has('A') {
            continue;
        }
        let path = eco_format!("{}/{entry}", path.trim_end_matches('/'));
        let found = match options.has('L') {
            true => context.files().metadata(&path),
            false => context.files().link_metadata(&path),
        };
        if let Ok(found) = found {
            entries.push(Entry { name: entry, path, found });
        }
    }
    sort(&mut entries, options);
    show(context, options, &entries, true);
    let mut ok = true;
    if options.has('R') {
        for entry in entries {
            if entry.found.is_dir() && entry.name != "." && entry.name != ".." {
                let name = eco_format!("{}/{}", name.trim_end_matches('/'), entry.name);
                ok &= directory(context, options, &name, &entry.path, true, first);
            }
        }
    }
    ok
}

fn sort(entries: &mut [Entry], options: &Options) {
    if options.has('t') {
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.found.modified_ms));
    } else if options.has('S') {
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.found.size));
    } else {
        entries.sort_by(|a, b| a.name.cmp(&b.name));
    }
    if options.has('r') {
        entries.reverse();
    }
}

fn show(context: &mut Context<'_>, options: &Options, entries: &[Entry], total: bool) {
    if options.has('l') || options.has('n') || options.has('g') || options.has('o') {
        return show_long(context, options, entries, total);
    }
    let names: Vec<String> = entries.iter().map(|entry| decorated(entry, options)).collect();
    let width = context.io.columns.filter(|_| !options.has('1'));
    match width.or(options.has('C').then_some(80)) {
        Some(width) if !names.is_empty() => {
            let longest = names.iter().map(|name| name.chars().count() + 2).sum::<usize>();
            if longest <= width as usize + 2 {
                context.out(&format!("{}\n", names.join("  ")));
            } else {
                let table = fill_columns(&names, width as usize, false);
                context.out(&table);
            }
        }
        _ => {
            for name in names {
                context.out(&format!("{name}\n"));
            }
        }
    }
}

fn decorated(entry: &Entry, options: &Options) -> String {
    let mark = match entry.found.kind {
        FileKind::Directory if options.has('F') || options.has('p') => "/",
        FileKind::Link if options.has('F') => "@",
        FileKind::File if options.has('F') && entry.found.mode & 0o111 != 0 => "*",
        _ => "",
    };
    format!("{}{mark}", entry.name)
}

fn show_long(context: &mut Context<'_>, options: &Options, entries: &[Entry], total: bool) {
    let blocks = |entry: &Entry| match entry.found.kind {
        FileKind::Link => 0,
        _ => entry.found.size.div_ceil(4096) * 4,
    };
    if total {
        let sum: u64 = entries.iter().map(blocks).sum();
        let sum = if options.has('h') { human(sum * 1024) } else { sum.to_string() };
        context.out(&format!("total {sum}\n"));
    }
    let size = |entry: &Entry| match options.has('h') {
        true => human(entry.found.size),
        false => entry.found.size.to_string(),
    };
    let width = entries.iter().map(|entry| size(entry).len()).max().unwrap_or(0);
    let now = context.now();
    for entry in entries {
        let found = &entry.found;
        let links = if found.is_dir() { 2 } else { 1 };
        let old = now.saturating_sub(found.modified_ms) > 182 * 86_400_000
            || found.modified_ms > now + 86_400_000;
        let format = if old { "%b %e  %Y" } else { "%b %e %H:%M" };
        let time = date::format(format, found.modified_ms as i64);
        let named = !options.has('n');
        let user = user_name(context.files(), found.uid).filter(|_| named);
        let user = user.unwrap_or_else(|| found.uid.to_string());
        let group = group_name(context.files(), found.gid).filter(|_| named);
        let group = group.unwrap_or_else(|| found.gid.to_string());
        let mut name = decorated(entry, options);
        if found.kind == FileKind::Link {
            let target = context.files().read_link(&entry.path).unwrap_or_default();
            name = format!("{} -> {target}", entry.name);
        }
        let mode = mode_text(found);
        let size = size(entry);
        let line = match context.flavour {
            Flavour::Gnu => {
                format!("{mode} {links} {user} {group} {size:>width$} {time} {name}\n")
            }
            Flavour::Busybox => {
                format!("{mode} {links:4} {user:<8} {group:<8} {size:>9} {time} {name}\n")
            }
        };
        context.out(&line);
    }
}

/// `drwxr-xr-x`.
pub fn mode_text(found: &Metadata) -> String {
    let kind = match found.kind {
        FileKind::File => '-',
        FileKind::Directory => 'd',
        FileKind::Link => 'l',
        FileKind::Device => 'c',
        FileKind::Socket => 's',
    };
    let mut out = String::from(kind);
    for (shift, special) in [(6, 0o4000), (3, 0o2000), (0, 0)] {
        let bits = found.mode >> shift;
        for (bit, letter) in [(4, 'r'), (2, 'w'), (1, 'x')] {
            out.push(if bits & bit != 0 { letter } else { '-' });
        }
        if found.mode & special != 0 {
            out.pop();
            out.push(if bits & 1 != 0 { 's' } else { 'S' });
        }
    }
    if found.mode & 0o1000 != 0 {
        out.pop();
        out.push(if found.mode & 1 != 0 { 't' } else { 'T' });
    }
    out
}

/// `1.5K`, as `-h` shows sizes.
pub fn human(size: u64) -> String {
    let mut value = size as f64;
    let mut unit = 0;
    const UNITS: [&str; 6] = ["", "K", "M", "G", "T", "P"];
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let unit_text = UNITS.get(unit).copied().unwrap_or("");
    if unit > 0 && value < 10.0 {
        format!("{:.1}{unit_text}", (value * 10.0).ceil() / 10.0)
    } else {
        format!("{}{unit_text}", value.ceil())
    }
}

/// `stat -c`; the table without `-c` has facts that are not simulated.
pub fn stat(context: &mut Context<'_>) -> Whole {
    let long = &[("format", 'c'), ("dereference", 'L'), ("printf", 'P')];
    let options = options!(context, Known { short: "c:LftP:", long, permutes: true });
    if options.operands.is_empty() {
        return Ok(context.missing_operand("missing operand"));
    }
    let mut status = 0;
    for name in &options.operands {
        let path = context.path(name);
        let found = match options.has('L') {
            true => context.files().metadata(&path),
            false => context.files().link_metadata(&path),
        };
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                context.complain(&match context.flavour {
                    Flavour::Gnu => format!("cannot statx '{name}': {error}"),
                    Flavour::Busybox => format!("can't stat '{name}': {error}"),
                });
                status = 1;
                continue;
            }
        };
        let (format, end) = match (options.value('c'), options.value('P')) {
            (Some(format), _) => (format.to_string(), "\n"),
            (None, Some(format)) => {
                let style = crate::script::escape::Style::Printf;
                let bytes = crate::script::escape::decode(format, style).bytes;
                (String::from_utf8_lossy(&bytes).into_owned(), "")
            }
            (None, None) => (
                "  File: %n\n  Size: %s\t%F\nAccess: (0%a/%A)  Uid: (%u/%U)   Gid: (%g/%G)\n\
                 Modify: %y\n(device, inode and blocks are not simulated here)"
                    .to_owned(),
                "\n",
            ),
        };
        let user = user_name(context.files(), found.uid).unwrap_or_else(|| "UNKNOWN".into());
        let group = group_name(context.files(), found.gid).unwrap_or_else(|| "UNKNOWN".into());
        let text = stat_text(&format, name, &found, (&user, &group));
        context.out(&format!("{text}{end}"));
    }
    Ok(status)
}

fn stat_text(format: &str, name: &str, found: &Metadata, owner: (&str, &str)) -> String {
    let mut out = String::new();
    let mut chars = format.chars();
    let kind = match found.kind {
        FileKind::File if found.size == 0 => "regular empty file",
        FileKind::File => "regular file",
        FileKind::Directory => "directory",
        FileKind::Link => "symbolic link",
        FileKind::Device => "character special file",
        FileKind::Socket => "socket",
    };
    let seconds = found.modified_ms / 1000;
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push_str(name),
            Some('N') => out.push_str(&format!("'{name}'")),
            Some('s') => out.push_str(&found.size.to_string()),
            Some('F') => out.push_str(kind),
            Some('a') => out.push_str(&format!("{:o}", found.mode)),
            Some('A') => out.push_str(&mode_text(found)),
            Some('u') => out.push_str(&found.uid.to_string()),
            Some('g') => out.push_str(&found.gid.to_string()),
            Some('U') => out.push_str(owner.0),
            Some('G') => out.push_str(owner.1),
            Some('X' | 'Y' | 'Z') => out.push_str(&seconds.to_string()),
            Some('x' | 'y' | 'z') => {
                let time = date::format("%Y-%m-%d %H:%M:%S.%N %z", found.modified_ms as i64);
                out.push_str(&time);
            }
            Some('%') | None => out.push('%'),
            Some(other) => {
                out.push('%');
                out.push(other);
            }
        }
    }
    out
}

/// `du`: sizes in blocks of 4 KiB.
pub fn du(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("shakcd:"));
    let here = [EcoString::from(".")];
    let operands = if options.operands.is_empty() { &here[..] } else { &options.operands };
    let mut status = 0;
    let mut total = 0;
    for name in operands {
        let path = context.path(name);
        if let Err(error) = context.files().link_metadata(&path) {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("cannot access '{name}': {error}"),
                Flavour::Busybox => format!("{name}: {error}"),
            });
            status = 1;
            continue;
        }
        total += usage(context, &options, name, &path, 0);
    }
    if options.has('c') {
        print_usage(context, &options, total, "total");
    }
    Ok(status)
}

fn usage(context: &mut Context<'_>, options: &Options, name: &str, path: &str, depth: u32) -> u64 {
    let Ok(found) = context.files().link_metadata(path) else { return 0 };
    let mut sum = found.size.div_ceil(4096) * 4;
    if found.is_dir() {
        for entry in context.files().list(path).unwrap_or_default() {
            let name = eco_format!("{}/{entry}", name.trim_end_matches('/'));
            let path = eco_format!("{}/{entry}", path.trim_end_matches('/'));
            sum += usage(context, options, &name, &path, depth + 1);
        }
    }
    let deepest = options.value('d').and_then(|text| text.parse().ok());
    let deepest = if options.has('s') { Some(0) } else { deepest };
    let shown = depth == 0 || found.is_dir() || options.has('a');
    if shown && deepest.is_none_or(|deepest| depth <= deepest) {
        print_usage(context, options, sum, name);
    }
    sum
}

fn print_usage(context: &mut Context<'_>, options: &Options, kilobytes: u64, name: &str) {
    let size = match options.has('h') {
        true => human(kilobytes * 1024),
        false => kilobytes.to_string(),
    };
    context.out(&format!("{size}\t{name}\n"));
}
