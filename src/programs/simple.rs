//! Programs without input: names, numbers, who and where.

use ecow::EcoString;

use super::context::{Context, Whole};
use super::options::{Known, parse};
use super::whole::options;
use crate::api::placement;
use crate::script::files::FileSystem;
use crate::script::format::Spec;
use crate::script::{Flavour, echo as echo_builtin, files, printf as printf_builtin, test};

/// `echo`.
pub fn echo(context: &mut Context<'_>) -> Whole {
    let bytes = echo_builtin::text(context.args);
    context.bytes(&bytes);
    Ok(0)
}

/// `printf`.
pub fn printf(context: &mut Context<'_>) -> Whole {
    let Some((format, args)) = context.args.split_first() else {
        return Ok(context.missing_operand("missing operand"));
    };
    let owner = match context.flavour {
        Flavour::Gnu => printf_builtin::Owner::Coreutils,
        Flavour::Busybox => printf_builtin::Owner::Busybox,
    };
    let printed = printf_builtin::format(format, args, owner);
    for error in &printed.errors {
        context.complain(error);
    }
    context.bytes(&printed.bytes);
    Ok(printed.status)
}

/// `test` and `[`.
pub fn test_program(context: &mut Context<'_>) -> Whole {
    let mut args = context.args.to_vec();
    if context.name == "[" && args.pop().is_none_or(|last| last != "]") {
        context.complain(if context.busybox() { "missing ]" } else { "missing ‘]’" });
        return Ok(2);
    }
    let columns = context.io.columns.is_some();
    let terminals = [context.io.stdin_is_terminal, columns, columns];
    let (cwd, flavour, env) = (context.cwd, context.flavour, context.env);
    let is_set = |name: &str| env.contains_key(name);
    let files: &dyn FileSystem = &*context.host.files();
    let world = test::World { files, cwd, flavour, terminals, is_set: &is_set };
    match test::evaluate(&args, &world) {
        Ok(holds) => Ok(i32::from(!holds)),
        Err(text) => {
            context.complain(&text);
            Ok(2)
        }
    }
}

/// `basename`.
pub fn basename(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known { short: "as:z", long: &[], permutes: false });
    let several = options.has('a') || options.has('s');
    let Some(first) = options.operands.first().cloned() else {
        return Ok(context.missing_operand("missing operand"));
    };
    let (names, suffix) = if several {
        (options.operands.clone(), options.value('s').cloned())
    } else {
        (vec![first], options.operands.get(1).cloned())
    };
    for name in names {
        let trimmed = name.trim_end_matches('/');
        let base = trimmed.rsplit('/').next().unwrap_or("");
        let base = if base.is_empty() && !name.is_empty() { "/" } else { base };
        let suffix = suffix.as_deref().unwrap_or("");
        let shown = base.strip_suffix(suffix).filter(|rest| !rest.is_empty()).unwrap_or(base);
        context.out(&format!("{shown}\n"));
    }
    Ok(0)
}

/// `dirname`.
pub fn dirname(context: &mut Context<'_>) -> Whole {
    if context.args.is_empty() {
        return Ok(context.missing_operand("missing operand"));
    }
    for name in context.args {
        let (parent, _) = files::split(name);
        let parent = if name.starts_with('/') && parent == "." { "/" } else { parent };
        let parent = parent.trim_end_matches('/');
        context.out(&format!("{}\n", if parent.is_empty() { "/" } else { parent }));
    }
    Ok(0)
}

/// More numbers than this are not printed by one `seq`.
const SEQ_MAX: u64 = 100_000;

/// `seq`.
pub fn seq(context: &mut Context<'_>) -> Whole {
    let mut separator = EcoString::from("\n");
    let mut equal_width = false;
    let mut format = None;
    let mut numbers: Vec<EcoString> = Vec::new();
    let mut args = context.args.iter();
    while let Some(word) = args.next() {
        match word.as_str() {
            "-w" => equal_width = true,
            "-s" => separator = args.next().cloned().unwrap_or_default(),
            "-f" => format = args.next().cloned(),
            other if other.starts_with("-s") => separator = other.get(2..).unwrap_or("").into(),
            _ => numbers.push(word.clone()),
        }
    }
    let mut values = Vec::new();
    for text in &numbers {
        match text.parse::<f64>().ok().filter(|value| value.is_finite()) {
            Some(value) => values.push(value),
            None => {
                let text = format!("invalid floating point argument: ‘{text}’");
                return Ok(match context.flavour {
                    Flavour::Gnu => context.usage_error(&text),
                    Flavour::Busybox => context.missing_operand(""),
                });
            }
        }
    }
    let (first, step, last) = match values.as_slice() {
        [last] => (1.0, 1.0, *last),
        [first, last] => (*first, 1.0, *last),
        [first, step, last] => (*first, *step, *last),
        [] => return Ok(context.missing_operand("missing operand")),
        _ => {
            let extra = numbers.get(3).cloned().unwrap_or_default();
            return Ok(context.usage_error(&format!("extra operand ‘{extra}’")));
        }
    };
    if step == 0.0 {
        let text = numbers.get(1).cloned().unwrap_or_default();
        return Ok(context.usage_error(&format!("invalid Zero increment value: ‘{text}’")));
    }
    let decimals = |text: &EcoString| text.split_once('.').map_or(0, |(_, tail)| tail.len());
    let precision = numbers.iter().take(2).map(decimals).max().unwrap_or(0).min(20);
    let count = ((last - first) / step + 1e-9).floor();
    if count < 0.0 {
        return Ok(0);
    }
    let count = (count as u64).min(SEQ_MAX);
    let mut shown: Vec<String> = (0..=count)
        .map(|index| number(first + step * index as f64, precision, format.as_deref()))
        .collect();
    if equal_width {
        let width = shown.iter().map(String::len).max().unwrap_or(0);
        shown = shown.iter().map(|text| zero_padded(text, width)).collect();
    }
    context.out(&format!("{}\n", shown.join(&separator)));
    Ok(0)
}

fn number(value: f64, precision: usize, format: Option<&str>) -> String {
    let Some(format) = format else { return format!("{value:.precision$}") };
    let Some((head, rest)) = format.split_once('%') else { return format.to_owned() };
    let chars: Vec<char> = rest.chars().collect();
    let mut at = 0;
    let Some(spec) = Spec::parse(&chars, &mut at, &mut || 0) else { return format.to_owned() };
    let tail: String = chars.get(at..).unwrap_or(&[]).iter().collect();
    format!("{head}{}{tail}", spec.float(value))
}

fn zero_padded(text: &str, width: usize) -> String {
    match text.strip_prefix('-') {
        Some(digits) => format!("-{}{digits}", "0".repeat(width.saturating_sub(text.len()))),
        None => format!("{}{text}", "0".repeat(width.saturating_sub(text.len()))),
    }
}

/// The name of the machine: `$HOSTNAME`, or what /etc/hostname says.
pub fn host_name(context: &mut Context<'_>) -> String {
    if let Ok(text) = context.read_text("/etc/hostname") {
        return text.trim().to_owned();
    }
    context.env.get("HOSTNAME").map_or_else(|| "localhost".into(), ToString::to_string)
}

/// `hostname`.
pub fn hostname(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("sifdIF:"));
    let name = host_name(context);
    if !options.operands.is_empty() {
        context.complain("you must be root to change the host name");
        return Ok(1);
    }
    let hosts = context.read_text("/etc/hosts").unwrap_or_default();
    let line = hosts.lines().find(|line| {
        !line.trim_start().starts_with('#')
            && line.split_whitespace().skip(1).any(|word| word == name)
    });
    let mut words = line.unwrap_or("").split_whitespace();
    let address = words.next();
    let full = words.next().unwrap_or(&name).to_owned();
    let text = if options.has('i') || options.has('I') {
        match address {
            Some(address) => format!("{address}\n"),
            None => {
                context.complain(&format!("{name}: Unknown host"));
                return Ok(1);
            }
        }
    } else if options.has('f') {
        format!("{full}\n")
    } else if options.has('d') {
        full.split_once('.').map_or_else(String::new, |(_, domain)| format!("{domain}\n"))
    } else if options.has('s') {
        format!("{}\n", name.split('.').next().unwrap_or(&name))
    } else {
        format!("{name}\n")
    };
    context.out(&text);
    Ok(0)
}

/// `uname`.
pub fn uname(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("asnrvmpio"));
    if context.busybox() && (options.has('a') || options.has('v')) {
        context.complain(
            "not simulated here yet: how the node's kernel was built; the real one would print it",
        );
        return Ok(1);
    }
    let name = host_name(context);
    let release = if context.busybox() { placement::NODE_KERNEL } else { "6.1.0" };
    let facts = [
        ('s', "Linux".to_owned()),
        ('n', name),
        ('r', release.to_owned()),
        ('v', "#1 SMP".to_owned()),
        ('m', "x86_64".to_owned()),
        ('o', "GNU/Linux".to_owned()),
    ];
    let none = options.flags.is_empty();
    let chosen: Vec<String> = facts
        .into_iter()
        .filter(|(flag, _)| options.has('a') || options.has(*flag) || (none && *flag == 's'))
        .map(|(_, text)| text)
        .collect();
    context.out(&format!("{}\n", chosen.join(" ")));
    Ok(0)
}

/// `printenv`.
pub fn printenv(context: &mut Context<'_>) -> Whole {
    let env = context.env.clone();
    if context.args.is_empty() {
        for (name, text) in super::running::listed(&env, context.busybox()) {
            context.out(&format!("{name}={text}\n"));
        }
        return Ok(0);
    }
    let mut status = 0;
    for name in context.args {
        match env.get(name) {
            Some(text) => context.out(&format!("{text}\n")),
            None => status = 1,
        }
    }
    Ok(status)
}

/// `which`.
pub fn which(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("a"));
    let mut status = i32::from(options.operands.is_empty());
    for name in &options.operands {
        match context.host.find_program(name) {
            Some(path) => context.out(&format!("{path}\n")),
            None => status = 1,
        }
    }
    Ok(status)
}

/// `pwd`.
pub fn pwd(context: &mut Context<'_>) -> Whole {
    let cwd = context.cwd;
    context.out(&format!("{cwd}\n"));
    Ok(0)
}

/// `clear`.
pub fn clear(context: &mut Context<'_>) -> Whole {
    context.out("\x1b[H\x1b[2J\x1b[3J");
    Ok(0)
}

/// `kill`.
pub fn kill(context: &mut Context<'_>) -> Whole {
    use crate::script::Signal;
    let mut args = context.args.to_vec();
    let mut signal = Signal::TERM;
    if let Some(first) =
        args.first().filter(|word| word.starts_with('-') && word.len() > 1).cloned()
    {
        let mut name = first.trim_start_matches('-').to_owned();
        args.remove(0);
        if name == "s" && !args.is_empty() {
            name = args.remove(0).to_string();
        }
        if name == "l" {
            let names: Vec<&str> = Signal::all().map(|(name, _)| name).collect();
            context.out(&format!("{}\n", names.join("\n")));
            return Ok(0);
        }
        match Signal::parse(&name) {
            Some(found) => signal = found,
            None => {
                context.complain(&match context.flavour {
                    Flavour::Gnu => format!("unknown signal: {name}"),
                    Flavour::Busybox => format!("bad signal name '{name}'"),
                });
                return Ok(1);
            }
        }
    }
    if args.is_empty() {
        context.complain(match context.flavour {
            Flavour::Gnu => "not enough arguments",
            Flavour::Busybox => "you need to specify whom to kill",
        });
        return Ok(1);
    }
    let mut status = 0;
    for word in args {
        let Ok(pid) = word.parse::<u32>() else {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("failed to parse argument: '{word}'"),
                Flavour::Busybox => format!("invalid number '{word}'"),
            });
            status = 1;
            continue;
        };
        if let Err(error) = context.host.kill_outside(pid, signal) {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("({pid}): {error}"),
                Flavour::Busybox => format!("can't kill pid {pid}: {error}"),
            });
            status = 1;
        }
    }
    Ok(status)
}

/// `nproc`, `arch`, `tty`: one fact each.
pub fn fact(context: &mut Context<'_>) -> Whole {
    let text = match context.name.as_str() {
        "nproc" => "2",
        "arch" => "x86_64",
        _ if context.io.stdin_is_terminal => "/dev/pts/0",
        _ => {
            context.out("not a tty\n");
            return Ok(1);
        }
    };
    context.out(&format!("{text}\n"));
    Ok(0)
}
