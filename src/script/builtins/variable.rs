//! `export`, `readonly`, `local`, `declare`, `unset`, `let`.

use ecow::{EcoString, eco_format};

use super::Outcome;
use crate::script::arithmetic;
use crate::script::escape;
use crate::script::expand::{ShellNames, set_element};
use crate::script::host::Flavour;
use crate::script::machine::{Flow, Run};
use crate::script::parser::is_name;
use crate::script::shell::{Value, Variable};

/// What the flags of a declaration ask for.
#[derive(Default)]
struct Flags {
    export: Option<bool>,
    readonly: bool,
    integer: Option<bool>,
    indexed: bool,
    associative: bool,
    global: bool,
    print: bool,
    functions: bool,
}

pub(super) fn declare(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let name = words.first().cloned().unwrap_or_default();
    let mut flags = Flags::default();
    let mut args = words.get(1..).unwrap_or(&[]);
    while let Some(word) =
        args.first().filter(|word| word.starts_with(['-', '+']) && word.len() > 1)
    {
        let on = word.starts_with('-');
        for flag in word.chars().skip(1) {
            match flag {
                'x' => flags.export = Some(on),
                'r' => flags.readonly = on,
                'i' => flags.integer = Some(on),
                'a' => flags.indexed = on,
                'A' => flags.associative = on,
                'g' => flags.global = on,
                'p' => flags.print = true,
                'n' if name == "export" => flags.export = Some(false),
                'f' | 'F' => flags.functions = true,
                '-' => {}
                _ => {
                    run.complain(Some(&name), &eco_format!("-{flag}: invalid option"));
                    return Outcome::Status(2);
                }
            }
        }
        args = args.get(1..).unwrap_or(&[]);
    }
    match name.as_str() {
        "export" if flags.export.is_none() => flags.export = Some(true),
        "readonly" => flags.readonly = true,
        _ => {}
    }
    let local =
        name == "local" || (matches!(name.as_str(), "declare" | "typeset") && !flags.global);
    if name == "local" && run.shell().locals.is_empty() {
        let text = match run.shell().flavour {
            Flavour::Gnu => "can only be used in a function",
            Flavour::Busybox => "not in a function",
        };
        run.complain(Some("local"), text);
        return match run.shell().flavour {
            Flavour::Gnu => Outcome::Status(1),
            Flavour::Busybox => Outcome::Flow(Flow::Exit(2)),
        };
    }
    if args.is_empty() || flags.print {
        return print(run, &name, &flags, args);
    }
    if flags.functions {
        return functions(run, args);
    }
    let mut status = 0;
    for word in args {
        if let Err(text) = one(run, word, &flags, local) {
            match run.shell().flavour {
                Flavour::Busybox => {
                    run.complain(Some(&name), &text);
                    return Outcome::Flow(Flow::Exit(2));
                }
                Flavour::Gnu if text.ends_with("readonly variable") => run.complain(None, &text),
                Flavour::Gnu => run.complain(Some(&name), &text),
            }
            status = 1;
        }
    }
    Outcome::Status(status)
}

fn functions(run: &mut Run<'_>, args: &[EcoString]) -> Outcome {
    let missing = args.iter().any(|name| !run.shell().functions.contains_key(name));
    let found: String = args
        .iter()
        .filter(|name| run.shell().functions.contains_key(*name))
        .map(|name| format!("{name}\n"))
        .collect();
    run.out("declare", found.as_bytes());
    Outcome::Status(i32::from(missing))
}

fn one(run: &mut Run<'_>, word: &str, flags: &Flags, local: bool) -> Result<(), EcoString> {
    let (target, text) = match word.split_once('=') {
        Some((target, text)) => (target, Some(EcoString::from(text))),
        None => (word, None),
    };
    let (target, append) = match target.strip_suffix('+') {
        Some(name) if text.is_some() => (name, true),
        _ => (target, false),
    };
    let (name, index) = match target.split_once('[') {
        Some((name, key)) => (name, Some(key.trim_end_matches(']'))),
        None => (target, None),
    };
    let shell = run.shell();
    if !is_name(name) {
        return Err(match shell.flavour {
            Flavour::Gnu => eco_format!("`{word}': not a valid identifier"),
            Flavour::Busybox => eco_format!("{target}: bad variable name"),
        });
    }
    if local {
        let old = shell.get(name);
        shell.make_local(name);
        if append && let Some(old) = old {
            // `local x+=y` starts from the value outside; a local is never read-only yet.
            let _ = shell.set(name, old);
        }
    }
    let variable = shell.variables.entry(name.into()).or_insert_with(|| Variable {
        value: Value::Unset,
        exported: false,
        readonly: false,
        integer: false,
    });
    if flags.associative && !matches!(variable.value, Value::Associative(_)) {
        variable.value = Value::Associative(imbl::OrdMap::new());
    }
    if flags.indexed && !matches!(variable.value, Value::Indexed(_)) {
        variable.value = Value::Indexed(imbl::OrdMap::new());
    }
    variable.integer = flags.integer.unwrap_or(variable.integer);
    if let Some(text) = text {
        set_element(shell, name, index, text, append)?;
    }
    if let Some(variable) = shell.variables.get_mut(name) {
        variable.exported = flags.export.unwrap_or(variable.exported);
        variable.readonly |= flags.readonly;
    }
    Ok(())
}

fn print(run: &mut Run<'_>, name: &str, flags: &Flags, names: &[EcoString]) -> Outcome {
    let bash = run.shell().flavour == Flavour::Gnu;
    let mut text = String::new();
    let mut status = 0;
    let variables = run.shell().variables.clone();
    for missing in names.iter().filter(|name| !variables.contains_key(*name)) {
        run.complain(Some(name), &eco_format!("{missing}: not found"));
        status = 1;
    }
    for (key, variable) in &variables {
        let wanted = if names.is_empty() {
            match name {
                "export" => variable.exported,
                "readonly" => variable.readonly,
                _ => !flags.readonly || variable.readonly,
            }
        } else {
            names.contains(key)
        };
        if !wanted {
            continue;
        }
        let shown = match &variable.value {
            Value::Unset => None,
            Value::Scalar(value) if bash => Some(double_quoted(value)),
            Value::Scalar(value) => Some(escape::single(value)),
            array => Some(array_text(array)),
        };
        let mut letters = String::new();
        letters.push_str(match &variable.value {
            Value::Indexed(_) => "a",
            Value::Associative(_) => "A",
            _ => "",
        });
        for (on, letter) in
            [(variable.integer, 'i'), (variable.readonly, 'r'), (variable.exported, 'x')]
        {
            if on {
                letters.push(letter);
            }
        }
        let head = match (bash, letters.is_empty()) {
            (true, true) => "declare --".to_owned(),
            (true, false) => format!("declare -{letters}"),
            (false, _) => name.to_owned(),
        };
        match shown {
            Some(shown) => text.push_str(&format!("{head} {key}={shown}\n")),
            None => text.push_str(&format!("{head} {key}\n")),
        }
    }
    run.out(name, text.as_bytes());
    Outcome::Status(status)
}

fn double_quoted(text: &str) -> EcoString {
    let mut out = EcoString::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// `([0]="a" [1]="b")`.
pub(super) fn array_text(value: &Value) -> EcoString {
    let pairs: Vec<EcoString> = match value {
        Value::Indexed(elements) => elements
            .iter()
            .map(|(key, text)| eco_format!("[{key}]={}", double_quoted(text)))
            .collect(),
        Value::Associative(elements) => elements
            .iter()
            .map(|(key, text)| eco_format!("[{key}]={}", double_quoted(text)))
            .collect(),
        _ => Vec::new(),
    };
    eco_format!("({})", pairs.join(" "))
}

pub(super) fn unset(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut status = 0;
    let mut functions = false;
    let mut variables = false;
    for word in words.get(1..).unwrap_or(&[]) {
        match word.as_str() {
            "-f" => functions = true,
            "-v" => variables = true,
            name => {
                let shell = run.shell();
                if let Some((array, key)) = name.split_once('[') {
                    let key = key.trim_end_matches(']');
                    let removed = shell.update(array, |value| match value {
                        Value::Indexed(elements) => {
                            elements.remove(&key.parse().unwrap_or(-1));
                        }
                        Value::Associative(elements) => {
                            elements.remove(key);
                        }
                        _ => {}
                    });
                    status |= i32::from(removed.is_err());
                    continue;
                }
                let is_variable = shell.variables.contains_key(name);
                if functions || (!variables && !is_variable) {
                    shell.functions.remove(name);
                    continue;
                }
                if shell.unset(name).is_err() {
                    let text = match shell.flavour {
                        Flavour::Gnu => {
                            eco_format!("{name}: cannot unset: readonly variable")
                        }
                        Flavour::Busybox => eco_format!("{name}: is read only"),
                    };
                    run.complain(Some("unset"), &text);
                    status = 1;
                }
            }
        }
    }
    Outcome::Status(status)
}

pub(super) fn let_(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut last = 0;
    let args = words.get(1..).unwrap_or(&[]);
    if args.is_empty() {
        run.complain(Some("let"), "expression expected");
        return Outcome::Status(1);
    }
    for word in args {
        match arithmetic::evaluate(word, &mut ShellNames(run.shell())) {
            Ok(value) => last = value,
            Err(error) => {
                let text = match run.shell().flavour {
                    Flavour::Gnu => error.bash(word),
                    Flavour::Busybox => error.ash(),
                };
                run.complain(Some("let"), &text);
                return Outcome::Status(1);
            }
        }
    }
    Outcome::Status(i32::from(last == 0))
}
