//! Programs that change files: mkdir, rmdir, rm, cp, mv, ln, touch, chmod, chown, truncate, mktemp.

use ecow::{EcoString, eco_format};

use super::context::{Context, Whole};
use super::date;
use super::options::{Known, Options, parse};
use super::whole::options;
use crate::script::files::{join, split};
use crate::script::user::number_of;
use crate::script::{Errno, FileKind, Flavour};

/// `mkdir`.
pub fn mkdir(context: &mut Context<'_>) -> Whole {
    let long = &[("parents", 'p'), ("mode", 'm'), ("verbose", 'v')];
    let options = options!(context, Known { short: "pm:v", long, permutes: true });
    if options.operands.is_empty() {
        return Ok(context.missing_operand("missing operand"));
    }
    let mode = options.value('m').and_then(|text| u32::from_str_radix(text, 8).ok());
    let mut status = 0;
    for name in &options.operands {
        let path = context.path(name);
        let result = if options.has('p') {
            make_parents(context, &path)
        } else {
            let now = context.now();
            context.files().make_dir(&path, mode.unwrap_or(0o755), now)
        };
        match result {
            Ok(()) => {
                if let Some(mode) = mode {
                    // The directory was made just above.
                    let _ = context.files().set_mode(&path, mode);
                }
                if options.has('v') {
                    context.out(&format!("mkdir: created directory '{name}'\n"));
                }
            }
            Err(error) => {
                context.complain(&match context.flavour {
                    Flavour::Gnu => format!("cannot create directory ‘{name}’: {error}"),
                    Flavour::Busybox => format!("can't create directory '{name}': {error}"),
                });
                status = 1;
            }
        }
    }
    Ok(status)
}

fn make_parents(context: &mut Context<'_>, path: &str) -> Result<(), Errno> {
    let now = context.now();
    let mut at = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        at.push('/');
        at.push_str(part);
        match context.files().metadata(&at) {
            Ok(found) if found.is_dir() => continue,
            Ok(_) => return Err(Errno::Exists),
            Err(Errno::NotFound) => context.files().make_dir(&at, 0o755, now)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// `rmdir`.
pub fn rmdir(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("pv"));
    if options.operands.is_empty() {
        return Ok(context.missing_operand("missing operand"));
    }
    let mut status = 0;
    for name in &options.operands {
        let path = context.path(name);
        if let Err(error) = context.files().remove_dir(&path) {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("failed to remove '{name}': {error}"),
                Flavour::Busybox => format!("'{name}': {error}"),
            });
            status = 1;
        }
    }
    Ok(status)
}

/// `rm`.
pub fn rm(context: &mut Context<'_>) -> Whole {
    let long = &[("force", 'f'), ("recursive", 'r'), ("verbose", 'v'), ("dir", 'd')];
    let options = options!(context, Known { short: "rRfivdI", long, permutes: true });
    let recursive = options.has('r') || options.has('R');
    if options.operands.is_empty() {
        return Ok(if options.has('f') { 0 } else { context.missing_operand("missing operand") });
    }
    let mut status = 0;
    for name in &options.operands {
        let base = name.trim_end_matches('/').rsplit('/').next().unwrap_or("");
        if base == "." || base == ".." {
            context.complain(&match context.flavour {
                Flavour::Gnu => {
                    format!("refusing to remove '.' or '..' directory: skipping '{name}'")
                }
                Flavour::Busybox => "can't remove '.' or '..'".into(),
            });
            status = 1;
            continue;
        }
        let path = context.path(name);
        if !remove(context, name, &path, recursive, &options, true) {
            status = 1;
        }
    }
    Ok(status)
}

fn remove(
    context: &mut Context<'_>,
    name: &str,
    path: &str,
    recursive: bool,
    options: &Options,
    top: bool,
) -> bool {
    let is_dir = match context.files().link_metadata(path) {
        Ok(found) => found.is_dir(),
        Err(Errno::NotFound) if options.has('f') => return true,
        Err(error) => {
            remove_failed(context, name, error);
            return false;
        }
    };
    if is_dir && !recursive && !(options.has('d') && top) {
        context.complain(&match context.flavour {
            Flavour::Gnu => format!("cannot remove '{name}': Is a directory"),
            Flavour::Busybox => format!("'{name}' is a directory"),
        });
        return false;
    }
    let mut ok = true;
    if is_dir && recursive {
        for entry in context.files().list(path).unwrap_or_default() {
            let name = eco_format!("{}/{entry}", name.trim_end_matches('/'));
            let path = eco_format!("{}/{entry}", path.trim_end_matches('/'));
            ok &= remove(context, &name, &path, recursive, options, false);
        }
    }
    let removed =
        if is_dir { context.files().remove_dir(path) } else { context.files().remove_file(path) };
    match removed {
        Ok(()) => {
            if options.has('v') {
                let what = if is_dir { "removed directory" } else { "removed" };
                context.out(&format!("{what} '{name}'\n"));
            }
            ok
        }
        // What could not be emptied was complained about already.
        Err(Errno::NotEmpty) if !ok => false,
        Err(error) => {
            remove_failed(context, name, error);
            false
        }
    }
}

fn remove_failed(context: &mut Context<'_>, name: &str, error: Errno) {
    context.complain(&match context.flavour {
        Flavour::Gnu => format!("cannot remove '{name}': {error}"),
        Flavour::Busybox => format!("can't remove '{name}': {error}"),
    });
}

/// Sources and the target of `cp`, `mv`, `ln`: with the full name of each target.
fn targets(
    context: &mut Context<'_>,
    options: &Options,
) -> Result<Vec<(EcoString, EcoString)>, i32> {
    let mut operands = options.operands.clone();
    let target = match options.value('t').cloned().or_else(|| operands.pop()) {
        Some(target) => target,
        None => return Err(context.missing_operand("missing file operand")),
    };
    if operands.is_empty() {
        let text = format!("missing destination file operand after '{target}'");
        return Err(context.missing_operand(&text));
    }
    let path = context.path(&target);
    let is_dir = context.files().metadata(&path).is_ok_and(|found| found.is_dir());
    let several = operands.len() > 1 && context.busybox() && !context.files().exists(&path);
    let into = (is_dir && !options.has('T')) || options.value('t').is_some() || several;
    if operands.len() > 1 && !into {
        let exists = context.files().exists(&path);
        let error = if exists { Errno::NotADirectory } else { Errno::NotFound };
        context.complain(&match context.flavour {
            Flavour::Gnu => format!("target '{target}': {error}"),
            Flavour::Busybox => format!("{target}: Not a directory"),
        });
        return Err(1);
    }
    let full = |source: &EcoString| {
        if !into {
            return target.clone();
        }
        let base = source.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_owned();
        eco_format!("{}/{base}", target.trim_end_matches('/'))
    };
    Ok(operands.iter().map(|source| (source.clone(), full(source))).collect())
}

/// `cp`.
pub fn cp(context: &mut Context<'_>) -> Whole {
    let long = &[
        ("recursive", 'r'),
        ("archive", 'a'),
        ("force", 'f'),
        ("no-clobber", 'n'),
        ("verbose", 'v'),
        ("preserve", 'p'),
        ("update", 'u'),
        ("target-directory", 't'),
        ("no-target-directory", 'T'),
    ];
    let options = options!(context, Known { short: "rRafinvpuPdLHt:T", long, permutes: true });
    let pairs = match targets(context, &options) {
        Ok(pairs) => pairs,
        Err(code) => return Ok(code),
    };
    let mut ok = true;
    for (source, target) in pairs {
        ok &= copy(context, &options, &source, &target);
    }
    Ok(i32::from(!ok))
}

fn copy(context: &mut Context<'_>, options: &Options, source: &str, target: &str) -> bool {
    let (from, to) = (context.path(source), context.path(target));
    let recursive = options.has('r') || options.has('R') || options.has('a');
    let keeps_links = recursive && !options.has('L');
    let found = if keeps_links {
        context.files().link_metadata(&from)
    } else {
        context.files().metadata(&from)
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("cannot stat '{source}': {error}"),
                Flavour::Busybox => format!("can't stat '{source}': {error}"),
            });
            return false;
        }
    };
    let now = context.now();
    if found.is_dir() {
        return copy_directory(context, options, source, target, recursive);
    }
    if join("/", &from) == join("/", &to) {
        context.complain(&format!("'{source}' and '{target}' are the same file"));
        return false;
    }
    if options.has('n') && context.files().exists(&to) {
        return true;
    }
    let done = if found.kind == FileKind::Link {
        let link = context.files().read_link(&from);
        link.and_then(|link| context.files().symlink(&link, &to, now))
    } else {
        let bytes = context.files().read(&from);
        bytes.and_then(|bytes| context.files().write(&to, &bytes, now))
    };
    if let Err(error) = done {
        context.complain(&match context.flavour {
            Flavour::Gnu => format!("cannot create regular file '{target}': {error}"),
            Flavour::Busybox => format!("can't create '{target}': {error}"),
        });
        return false;
    }
    // The target exists now; a file system without modes or times may refuse.
    let _ = context.files().set_mode(&to, found.mode);
    if options.has('a') || options.has('p') {
        let _ = context.files().set_modified(&to, found.modified_ms);
    }
    if options.has('v') {
        context.out(&format!("'{source}' -> '{target}'\n"));
    }
    true
}

fn copy_directory(
    context: &mut Context<'_>,
    options: &Options,
    source: &str,
    target: &str,
    recursive: bool,
) -> bool {
    if !recursive {
        context.complain(&match context.flavour {
            Flavour::Gnu => format!("-r not specified; omitting directory '{source}'"),
            Flavour::Busybox => format!("omitting directory '{source}'"),
        });
        return false;
    }
    let (from, to) = (context.path(source), context.path(target));
    let (inside, outer) = (join("/", &to), join("/", &from));
    if inside.starts_with(&*format!("{outer}/")) || inside == outer {
        context.complain(&format!("cannot copy a directory, '{source}', into itself, '{target}'"));
        return false;
    }
    let now = context.now();
    match context.files().make_dir(&to, 0o755, now) {
        Ok(()) | Err(Errno::Exists) => {}
        Err(error) => {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("cannot create directory '{target}': {error}"),
                Flavour::Busybox => format!("can't create directory '{target}': {error}"),
            });
            return false;
        }
    }
    let mut ok = true;
    for entry in context.files().list(&from).unwrap_or_default() {
        let source = eco_format!("{}/{entry}", source.trim_end_matches('/'));
        let target = eco_format!("{}/{entry}", target.trim_end_matches('/'));
        ok &= copy(context, options, &source, &target);
    }
    ok
}

/// `mv`.
pub fn mv(context: &mut Context<'_>) -> Whole {
    let long = &[
        ("force", 'f'),
        ("no-clobber", 'n'),
        ("verbose", 'v'),
        ("target-directory", 't'),
        ("no-target-directory", 'T'),
    ];
    let options = options!(context, Known { short: "finvut:T", long, permutes: true });
    let pairs = match targets(context, &options) {
        Ok(pairs) => pairs,
        Err(code) => return Ok(code),
    };
    let mut ok = true;
    for (source, target) in pairs {
        ok &= rename(context, &options, &source, &target);
    }
    Ok(i32::from(!ok))
}

fn rename(context: &mut Context<'_>, options: &Options, source: &str, target: &str) -> bool {
    let (from, to) = (context.path(source), context.path(target));
    if options.has('n') && context.files().exists(&to) {
        return true;
    }
    if let Err(error) = context.files().link_metadata(&from) {
        context.complain(&match context.flavour {
            Flavour::Gnu => format!("cannot stat '{source}': {error}"),
            Flavour::Busybox => format!("can't rename '{source}': {error}"),
        });
        return false;
    }
    if join("/", &from) == join("/", &to) {
        context.complain(&format!("'{source}' and '{target}' are the same file"));
        return false;
    }
    let moved = match context.files().rename(&from, &to) {
        Err(Errno::CrossDevice) => move_across(context, source, target, &from),
        other => other.map(|()| true),
    };
    match moved {
        Ok(ok) => {
            if ok && options.has('v') {
                context.out(&format!("renamed '{source}' -> '{target}'\n"));
            }
            ok
        }
        Err(error) => {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("cannot move '{source}' to '{target}': {error}"),
                Flavour::Busybox => format!("can't rename '{source}': {error}"),
            });
            false
        }
    }
}

/// Between mounts a file is copied and then removed.
fn move_across(
    context: &mut Context<'_>,
    source: &str,
    target: &str,
    from: &str,
) -> Result<bool, Errno> {
    let archive = Options { flags: vec![('a', EcoString::new())], operands: Vec::new() };
    if !copy(context, &archive, source, target) {
        return Ok(false);
    }
    Ok(remove(context, source, from, true, &Options::default(), true))
}

/// `ln`.
pub fn ln(context: &mut Context<'_>) -> Whole {
    let long = &[("symbolic", 's'), ("force", 'f'), ("no-dereference", 'n'), ("verbose", 'v')];
    let options = options!(context, Known { short: "sfnvrTt:b", long, permutes: true });
    let mut pairs = options.clone();
    if pairs.operands.len() == 1 {
        pairs.operands.push(".".into());
    }
    let pairs = match targets(context, &pairs) {
        Ok(pairs) => pairs,
        Err(code) => return Ok(code),
    };
    let mut status = 0;
    let now = context.now();
    for (source, target) in pairs {
        let path = context.path(&target);
        if options.has('f') && context.files().link_metadata(&path).is_ok() {
            // If it cannot be removed, making the link says why.
            let _ = context.files().remove_file(&path);
        }
        let done = if options.has('s') {
            context.files().symlink(&source, &path, now)
        } else {
            let from = context.path(&source);
            let bytes = context.files().read(&from);
            let taken = context.files().link_metadata(&path).is_ok();
            match bytes {
                Ok(_) if taken => Err(Errno::Exists),
                Ok(bytes) => context.files().write(&path, &bytes, now),
                Err(error) => Err(error),
            }
        };
        if let Err(error) = done {
            let kind = if options.has('s') { "symbolic" } else { "hard" };
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("failed to create {kind} link '{target}': {error}"),
                Flavour::Busybox => format!("{target}: {error}"),
            });
            status = 1;
        }
    }
    Ok(status)
}

/// `touch`.
pub fn touch(context: &mut Context<'_>) -> Whole {
    let long = &[("no-create", 'c'), ("date", 'd'), ("reference", 'r')];
    let options = options!(context, Known { short: "camhd:r:t:", long, permutes: true });
    if options.operands.is_empty() {
        return Ok(context.missing_operand("missing file operand"));
    }
    let now = context.now();
    let mut when = now;
    if let Some(text) = options.value('d') {
        match date::read(text, now as i64) {
            Some(found) => when = found.max(0) as u64,
            None => {
                context.complain(&format!("invalid date format ‘{text}’"));
                return Ok(1);
            }
        }
    }
    if let Some(reference) = options.value('r') {
        let path = context.path(reference);
        match context.files().metadata(&path) {
            Ok(found) => when = found.modified_ms,
            Err(error) => {
                let text = format!("failed to get attributes of '{reference}': {error}");
                context.complain(&text);
                return Ok(1);
            }
        }
    }
    let mut status = 0;
    for name in &options.operands {
        let path = context.path(name);
        let exists = context.files().metadata(&path);
        let done = match exists {
            Ok(_) => context.files().set_modified(&path, when),
            Err(Errno::NotFound) if options.has('c') => Ok(()),
            Err(Errno::NotFound) => context.files().write(&path, b"", when),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("cannot touch '{name}': {error}"),
                Flavour::Busybox => format!("{name}: {error}"),
            });
            status = 1;
        }
    }
    Ok(status)
}

/// `chmod`.
pub fn chmod(context: &mut Context<'_>) -> Whole {
    // A mode may begin with a minus sign.
    let mode_at = context.args.iter().position(|word| {
        let minus = word.strip_prefix('-');
        !word.starts_with('-')
            || minus
                .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| "rwxXst".contains(c)))
    });
    let recursive = context.args.iter().any(|word| matches!(word.as_str(), "-R" | "--recursive"));
    let Some(mode) = mode_at.and_then(|at| context.args.get(at)).cloned() else {
        return Ok(context.missing_operand("missing operand"));
    };
    let rest = context.args.get(mode_at.unwrap_or(0) + 1..).unwrap_or(&[]);
    let names: Vec<EcoString> = rest.iter().filter(|word| *word != "-R").cloned().collect();
    if names.is_empty() {
        return Ok(context.missing_operand(&format!("missing operand after ‘{mode}’")));
    }
    if changed_mode(&mode, 0, false).is_none() {
        return Ok(match context.flavour {
            Flavour::Gnu => context.usage_error(&format!("invalid mode: ‘{mode}’")),
            Flavour::Busybox => {
                context.complain(&format!("invalid mode '{mode}'"));
                1
            }
        });
    }
    let mut ok = true;
    for name in names {
        ok &= change_mode(context, &mode, &name, recursive);
    }
    Ok(i32::from(!ok))
}

fn change_mode(context: &mut Context<'_>, mode: &str, name: &str, recursive: bool) -> bool {
    let path = context.path(name);
    let found = context.files().metadata(&path);
    let done = found.and_then(|found| {
        let new = changed_mode(mode, found.mode, found.is_dir()).unwrap_or(found.mode);
        context.files().set_mode(&path, new).map(|()| found)
    });
    let found = match done {
        Ok(found) => found,
        Err(error) => {
            let missing = error == Errno::NotFound;
            context.complain(&match context.flavour {
                Flavour::Gnu if missing => format!("cannot access '{name}': {error}"),
                Flavour::Gnu => format!("changing permissions of '{name}': {error}"),
                Flavour::Busybox => format!("{name}: {error}"),
            });
            return false;
        }
    };
    let mut ok = true;
    if recursive && found.is_dir() {
        for entry in context.files().list(&path).unwrap_or_default() {
            let name = eco_format!("{}/{entry}", name.trim_end_matches('/'));
            ok &= change_mode(context, mode, &name, true);
        }
    }
    ok
}

/// `755`, `u+x,go-w`; none if it is no mode.
fn changed_mode(text: &str, old: u32, is_dir: bool) -> Option<u32> {
    if text.chars().all(|c| c.is_digit(8)) {
        return u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, change) = clause.split_at(at);
        let mut mask = 0;
        for c in who.chars() {
            mask |= match c {
                'u' => 0o700,
                'g' => 0o070,
                'o' => 0o007,
                'a' => 0o777,
                _ => return None,
            };
        }
        let mask = if mask == 0 { 0o777 } else { mask };
        let mut bits = 0;
        for c in change.chars().skip(1) {
            bits |= match c {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                'X' if is_dir || old & 0o111 != 0 => 0o111,
                'X' | 's' | 't' => 0,
                _ => return None,
            };
        }
        match change.chars().next()? {
            '+' => mode |= bits & mask,
            '-' => mode &= !(bits & mask),
            _ => mode = (mode & !mask) | (bits & mask),
        }
    }
    Some(mode)
}

/// `chown` and `chgrp`.
pub fn chown(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("Rhfv"));
    let Some((owner, names)) = options.operands.split_first() else {
        return Ok(context.missing_operand("missing operand"));
    };
    if names.is_empty() {
        return Ok(context.missing_operand(&format!("missing operand after ‘{owner}’")));
    }
    let (user, group) = match owner.split_once([':', '.']) {
        Some((user, group)) => (user, group),
        None if context.name == "chgrp" => ("", owner.as_str()),
        None => (owner.as_str(), ""),
    };
    let files = context.files();
    let number =
        |file: &str, name: &str| name.parse().ok().or_else(|| number_of(files, file, name));
    let (uid, gid) = (number("/etc/passwd", user), number("/etc/group", group));
    if !user.is_empty() && uid.is_none() || !group.is_empty() && gid.is_none() {
        context.complain(&match context.flavour {
            Flavour::Gnu => format!("invalid user: ‘{owner}’"),
            Flavour::Busybox => format!("unknown user/group {owner}"),
        });
        return Ok(1);
    }
    let mut ok = true;
    for name in names {
        ok &= change_owner(context, (uid, gid), name, options.has('R'));
    }
    Ok(i32::from(!ok))
}

fn change_owner(
    context: &mut Context<'_>,
    owner: (Option<u32>, Option<u32>),
    name: &str,
    recursive: bool,
) -> bool {
    let path = context.path(name);
    let found = context.files().metadata(&path);
    let done = found.and_then(|found| {
        let (uid, gid) = (owner.0.unwrap_or(found.uid), owner.1.unwrap_or(found.gid));
        context.files().set_owner(&path, uid, gid).map(|()| found)
    });
    match done {
        Ok(found) if recursive && found.is_dir() => {
            let mut ok = true;
            for entry in context.files().list(&path).unwrap_or_default() {
                let name = eco_format!("{}/{entry}", name.trim_end_matches('/'));
                ok &= change_owner(context, owner, &name, true);
            }
            ok
        }
        Ok(_) => true,
        Err(error) => {
            context.complain(&match context.flavour {
                Flavour::Gnu if error == Errno::NotPermitted => {
                    format!("changing ownership of '{name}': {error}")
                }
                Flavour::Gnu => format!("cannot access '{name}': {error}"),
                Flavour::Busybox => format!("{name}: {error}"),
            });
            false
        }
    }
}

/// `truncate`.
pub fn truncate(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known { short: "s:c", long: &[("size", 's')], permutes: true });
    let Some(size) = options.value('s').and_then(|text| super::filter::count(text)) else {
        return Ok(context.usage_error("you must specify either ‘--size’ or ‘--reference’"));
    };
    let mut status = 0;
    for name in &options.operands {
        let path = context.path(name);
        let mut bytes = context.files().read(&path).unwrap_or_default().to_vec();
        bytes.resize((size.max(0) as usize).min(16 << 20), 0);
        let now = context.now();
        if let Err(error) = context.files().write(&path, &bytes, now) {
            context.complain(&format!("cannot open '{name}' for writing: {error}"));
            status = 1;
        }
    }
    Ok(status)
}

/// `mktemp`.
pub fn mktemp(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("dqup:t"));
    let default = EcoString::from(if context.busybox() { "tmp.XXXXXX" } else { "tmp.XXXXXXXXXX" });
    let template = options.operands.first().cloned().unwrap_or(default);
    let directory = options.value('p').cloned().unwrap_or_else(|| "/tmp".into());
    let path: EcoString = if options.operands.is_empty() || options.has('p') {
        eco_format!("{directory}/{template}")
    } else {
        template
    };
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let count = path.chars().rev().take_while(|c| *c == 'X').count();
    let mut name = path.trim_end_matches('X').to_owned();
    for _ in 0..count {
        let at = context.host.random() as usize % LETTERS.len();
        name.push(LETTERS.get(at).copied().map_or('x', char::from));
    }
    let (full, now) = (context.path(&name), context.now());
    let made = if options.has('d') {
        context.files().make_dir(&full, 0o700, now)
    } else {
        context.files().write(&full, b"", now)
    };
    match made {
        Ok(()) => {
            context.out(&format!("{name}\n"));
            Ok(0)
        }
        Err(error) => {
            let what = if options.has('d') { "directory" } else { "file" };
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("failed to create {what} via template ‘{path}’: {error}"),
                Flavour::Busybox => format!("{path}: {error}"),
            });
            Ok(1)
        }
    }
}

/// `readlink` and `realpath`.
pub fn readlink(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("fnemqsz"));
    if options.operands.is_empty() {
        return Ok(context.missing_operand("missing operand"));
    }
    let mut status = 0;
    let follows =
        options.has('f') || options.has('e') || options.has('m') || context.name == "realpath";
    for name in &options.operands {
        let path = context.path(name);
        let found = if follows {
            let real = crate::script::real_path(context.files(), &path);
            let (parent, _) = split(&real);
            let parent_exists = context.files().exists(parent);
            let must_exist = options.has('e') || context.name == "realpath" && context.busybox();
            match context.files().metadata(&real) {
                Err(error) if must_exist || !parent_exists => Err(error),
                _ => Ok(real),
            }
        } else {
            context.files().read_link(&path)
        };
        let end = if options.has('n') { "" } else { "\n" };
        match found {
            Ok(target) => context.out(&format!("{target}{end}")),
            Err(error) => {
                status = 1;
                if context.name == "realpath" {
                    context.complain(&format!("{name}: {error}"));
                }
            }
        }
    }
    Ok(status)
}
