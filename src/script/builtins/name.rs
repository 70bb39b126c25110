//! `type`, `command -v`, `alias`.

use ecow::{EcoString, eco_format};

use super::Outcome;
use crate::script::host::Flavour;
use crate::script::machine::Run;

const KEYWORDS: [&str; 20] = [
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac",
    "in", "function", "time", "{", "}", "!", "[[", "]]",
];

/// What a name is.
enum Meaning {
    Alias(EcoString),
    Keyword,
    Function,
    Builtin,
    File(EcoString),
    Nothing,
}

fn meaning(run: &mut Run<'_>, name: &str) -> Meaning {
    let shell = run.shell();
    if let Some(text) = shell.aliases.get(name) {
        return Meaning::Alias(text.clone());
    }
    if KEYWORDS.contains(&name) {
        return Meaning::Keyword;
    }
    if shell.functions.contains_key(name) {
        return Meaning::Function;
    }
    let flavour = shell.flavour;
    if super::find(name, flavour).is_some() {
        return Meaning::Builtin;
    }
    if name.contains('/') {
        let path = crate::script::files::absolute(&run.shell().cwd, name);
        let found = run.files().metadata(&path);
        if found.is_ok_and(|found| !found.is_dir() && found.mode & 0o111 != 0) {
            return Meaning::File(name.into());
        }
    }
    match run.host.find_program(name) {
        Some(path) => Meaning::File(path),
        None => Meaning::Nothing,
    }
}

pub(super) fn type_(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut args = words.get(1..).unwrap_or(&[]);
    let mut kind_only = false;
    let mut path_only = false;
    while let Some(flag) = args.first().filter(|word| word.starts_with('-') && word.len() > 1) {
        kind_only |= flag.contains('t');
        path_only |= flag.contains(['p', 'P']);
        args = args.get(1..).unwrap_or(&[]);
    }
    let mut status = 0;
    for name in args {
        let bash = run.shell().flavour == Flavour::Gnu;
        let found = meaning(run, name);
        if matches!(found, Meaning::Nothing) {
            status = if bash { 1 } else { 127 };
            if bash && !kind_only && !path_only {
                run.complain(Some("type"), &eco_format!("{name}: not found"));
            } else if !bash {
                run.out("type", eco_format!("{name}: not found\n").as_bytes());
            }
            continue;
        }
        let line = if kind_only {
            kind(&found).into()
        } else if path_only {
            match found {
                Meaning::File(path) => path,
                _ => continue,
            }
        } else {
            describe(name, &found, bash)
        };
        run.out("type", eco_format!("{line}\n").as_bytes());
    }
    Outcome::Status(status)
}

fn kind(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Alias(_) => "alias",
        Meaning::Keyword => "keyword",
        Meaning::Function => "function",
        Meaning::Builtin => "builtin",
        Meaning::File(_) => "file",
        Meaning::Nothing => "",
    }
}

fn describe(name: &str, meaning: &Meaning, bash: bool) -> EcoString {
    match meaning {
        Meaning::Alias(text) if bash => eco_format!("{name} is aliased to `{text}'"),
        Meaning::Alias(text) => eco_format!("{name} is an alias for {text}"),
        Meaning::Keyword => eco_format!("{name} is a shell keyword"),
        Meaning::Function => eco_format!("{name} is a function"),
        Meaning::Builtin => eco_format!("{name} is a shell builtin"),
        Meaning::File(path) => eco_format!("{name} is {path}"),
        Meaning::Nothing => EcoString::new(),
    }
}

/// `command -v` and `-V`; running a command is done where commands are run.
pub(super) fn command(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let args = words.get(1..).unwrap_or(&[]);
    let Some((flag, names)) = args.split_first() else {
        return Outcome::Status(0);
    };
    if flag == "-V" {
        let mut words: Vec<EcoString> = vec!["type".into()];
        words.extend_from_slice(names);
        return type_(run, &words);
    }
    if flag != "-v" {
        run.complain(Some("command"), &eco_format!("{flag}: invalid option"));
        run.err("command: usage: command [-pVv] command [arg ...]\n");
        return Outcome::Status(2);
    }
    let mut status = 1;
    // busybox looks at the first name only.
    let only_first = run.shell().flavour == Flavour::Busybox;
    for name in names.iter().take(if only_first { 1 } else { names.len() }) {
        let line = match meaning(run, name) {
            Meaning::Nothing => continue,
            Meaning::Alias(text) => eco_format!("alias {name}='{text}'"),
            Meaning::File(path) => path,
            _ => name.clone(),
        };
        status = 0;
        run.out("command", eco_format!("{line}\n").as_bytes());
    }
    if status != 0 && only_first {
        status = 127;
    }
    Outcome::Status(status)
}

/// The places of programs are not remembered here, so there is never anything to show.
pub(super) fn hash(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    if words.len() == 1 && run.shell().flavour == Flavour::Gnu {
        run.out("hash", b"hash: hash table empty\n");
    }
    Outcome::Status(0)
}

pub(super) fn alias(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let args = words.get(1..).unwrap_or(&[]);
    let bash = run.shell().flavour == Flavour::Gnu;
    let show = |name: &str, text: &str| {
        let text = crate::script::escape::single(text);
        if bash { eco_format!("alias {name}={text}\n") } else { eco_format!("{name}={text}\n") }
    };
    if args.is_empty() {
        let aliases = run.shell().aliases.clone();
        let lines: String =
            aliases.iter().map(|(name, text)| show(name, text).to_string()).collect();
        return Outcome::Status(run.out("alias", lines.as_bytes()));
    }
    let mut status = 0;
    for word in args {
        if let Some((name, text)) = word.split_once('=') {
            run.shell().aliases.insert(name.into(), text.into());
            continue;
        }
        match run.shell().aliases.get(word).cloned() {
            Some(text) => {
                run.out("alias", show(word, &text).as_bytes());
            }
            None => {
                status = 1;
                if bash {
                    run.complain(Some("alias"), &eco_format!("{word}: not found"));
                } else {
                    run.err(&eco_format!("alias: {word} not found\n"));
                }
            }
        }
    }
    Outcome::Status(status)
}

pub(super) fn unalias(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut status = 0;
    for word in words.get(1..).unwrap_or(&[]) {
        if word == "-a" {
            run.shell().aliases.clear();
        } else if run.shell().aliases.remove(word).is_none() {
            run.complain(Some("unalias"), &eco_format!("{word}: not found"));
            status = 1;
        }
    }
    Outcome::Status(status)
}
