//! The command line: which command, which flags, which arguments.
//!
//! Models `github.com/spf13/cobra` (finding the command) and `github.com/spf13/pflag` (parsing
//! its flags), with kubectl's words around their complaints.

use super::cmd::ORDER;
use super::command::{self, Command, Flag, FlagKind};
use super::errors::Failure;
use super::suggestion::{did_you_mean, suggestions};
use crate::api::go::quote;
use crate::api::value::EcoString;
use crate::text::duration;

/// A command line taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Parsed {
    /// Path of the command, "" for kubectl itself.
    pub command: &'static str,
    /// Flags as given, in order.
    pub flags: Vec<(&'static str, EcoString)>,
    /// Arguments that are no flags.
    pub args: Vec<EcoString>,
    /// How many arguments stand before `--`, if there is one.
    pub args_before_dash: Option<u32>,
    /// Lines for standard error about deprecated flags.
    pub notices: Vec<EcoString>,
}

/// Takes a command line apart.
pub fn parse(arguments: &[EcoString]) -> Result<Parsed, Failure> {
    let (command, rest) = find_command(arguments);
    let mut parsed = Parsed { command: command.path, ..Parsed::default() };
    if command.path.is_empty() {
        refuse_unknown_command(&rest)?;
    }
    if !command.simulated {
        // Its flags are unknown, but asking for its help is understood.
        if rest.iter().any(|word| word == "--help" || word == "-h") {
            parsed.flags.push(("help", "true".into()));
        }
        return Ok(parsed);
    }
    parse_flags(command, &rest, &mut parsed).map_err(|text| {
        let path = ["kubectl", command.path].join(" ");
        Failure::message(format!("{text}\nSee '{} --help' for usage.", path.trim_end()))
    })?;
    Ok(parsed)
}

/// Follows the command words (`cobra.Command.Find`): gives the command and the line without them.
fn find_command(arguments: &[EcoString]) -> (&'static Command, Vec<EcoString>) {
    let mut command = &command::ROOT;
    let mut rest = arguments.to_vec();
    while let Some(position) = first_argument(command, &rest) {
        let Some(child) = command::child(command.path, &rest[position]) else {
            break;
        };
        rest.remove(position);
        command = child;
    }
    (command, rest)
}

/// Where the first argument that is no flag and no flag's value stands (cobra's `stripFlags`).
fn first_argument(command: &Command, arguments: &[EcoString]) -> Option<usize> {
    let mut index = 0;
    while let Some(argument) = arguments.get(index) {
        let bare = |flag: Option<&'static Flag>| flag.is_some_and(|flag| flag.bare.is_some());
        if argument == "--" {
            return None;
        } else if let Some(name) = argument.strip_prefix("--") {
            let takes_next = !name.contains('=') && !bare(command.flag(name));
            index += 1 + usize::from(takes_next);
        } else if argument.starts_with('-') && argument.len() > 1 {
            let letter = argument.chars().nth(1).unwrap_or_default();
            let alone = argument.chars().count() == 2 && !argument.contains('=');
            index += 1 + usize::from(alone && !bare(command.short_flag(letter)));
        } else if argument.is_empty() {
            index += 1;
        } else {
            return Some(index);
        }
    }
    None
}

fn refuse_unknown_command(arguments: &[EcoString]) -> Result<(), Failure> {
    let Some(position) = first_argument(&command::ROOT, arguments) else {
        return Ok(());
    };
    let name = &arguments[position];
    let near = suggestions(name, ORDER.iter().copied());
    let sentence = format!("unknown command {} for \"kubectl\"", quote(name));
    Err(Failure::message(sentence + &did_you_mean(&near)))
}

/// Models pflag FlagSet.parseArgs.
fn parse_flags(
    command: &Command,
    arguments: &[EcoString],
    parsed: &mut Parsed,
) -> Result<(), String> {
    let mut rest = arguments.iter().cloned();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            parsed.args_before_dash = Some(parsed.args.len() as u32);
            parsed.args.extend(rest);
            break;
        } else if let Some(long) = argument.strip_prefix("--") {
            parse_long(command, long, &mut rest, parsed)?;
        } else if argument.starts_with('-') && argument.len() > 1 {
            parse_short(command, &argument, &mut rest, parsed)?;
        } else {
            parsed.args.push(argument);
        }
    }
    Ok(())
}

fn parse_long(
    command: &Command,
    text: &str,
    rest: &mut dyn Iterator<Item = EcoString>,
    parsed: &mut Parsed,
) -> Result<(), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(EcoString::from(value))),
        None => (text, None),
    };
    if name.is_empty() || name.starts_with('-') {
        return Err(format!("bad flag syntax: --{text}"));
    }
    let flag = command.flag(name).ok_or_else(|| format!("unknown flag: --{name}"))?;
    let value = match (value, flag.bare) {
        (Some(value), _) => value,
        (None, Some(bare)) => bare.into(),
        (None, None) => rest.next().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
    };
    set(flag, value, parsed)
}

fn parse_short(
    command: &Command,
    argument: &EcoString,
    rest: &mut dyn Iterator<Item = EcoString>,
    parsed: &mut Parsed,
) -> Result<(), String> {
    let letters = argument.strip_prefix('-').unwrap_or(argument);
    for (position, letter) in letters.char_indices() {
        let here = &letters[position..];
        let flag = command
            .short_flag(letter)
            .ok_or_else(|| format!("unknown shorthand flag: '{letter}' in -{here}"))?;
        let after = &here[letter.len_utf8()..];
        let value: EcoString = match (after.strip_prefix('='), flag.bare) {
            (Some(value), _) => value.into(),
            (None, Some(bare)) => {
                set(flag, bare.into(), parsed)?;
                continue;
            }
            (None, None) if !after.is_empty() => after.into(),
            (None, None) => rest
                .next()
                .ok_or_else(|| format!("flag needs an argument: '{letter}' in -{here}"))?,
        };
        return set(flag, value, parsed);
    }
    Ok(())
}

fn set(flag: &'static Flag, value: EcoString, parsed: &mut Parsed) -> Result<(), String> {
    check(flag.kind, &value).map_err(|why| {
        let name = match flag.short {
            Some(letter) => format!("-{letter}, --{}", flag.name),
            None => format!("--{}", flag.name),
        };
        format!("invalid argument {} for {} flag: {why}", quote(&value), quote(&name))
    })?;
    if let Some(why) = flag.deprecated {
        let notice = format!("Flag --{} has been deprecated, {why}", flag.name);
        parsed.notices.push(notice.into());
    }
    parsed.flags.push((flag.name, value));
    Ok(())
}

fn check(kind: FlagKind, value: &str) -> Result<(), String> {
    match kind {
        FlagKind::Text | FlagKind::Slice | FlagKind::Array => Ok(()),
        FlagKind::Bool => match parse_bool(value) {
            Some(_) => Ok(()),
            None => Err(format!("strconv.ParseBool: parsing {}: invalid syntax", quote(value))),
        },
        FlagKind::Int => parse_int(value, i64::MIN, i64::MAX).map(|_| ()),
        FlagKind::Int32 => parse_int(value, i32::MIN.into(), i32::MAX.into()).map(|_| ()),
        FlagKind::Duration => check_duration(value),
    }
}

fn check_duration(value: &str) -> Result<(), String> {
    let positive = value.strip_prefix('-').unwrap_or(value);
    if duration::parse(positive).is_some() {
        return Ok(());
    }
    let number =
        positive.parse::<f64>().is_ok() && positive.starts_with(|c: char| c.is_ascii_digit());
    Err(match number {
        true => format!("time: missing unit in duration {}", quote(value)),
        false => format!("time: invalid duration {}", quote(value)),
    })
}

/// `strconv.ParseBool`
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// `strconv.ParseInt` with base 0.
pub fn parse_int(text: &str, least: i64, most: i64) -> Result<i64, String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some(_) if lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    let wrong = |why: &str| format!("strconv.ParseInt: parsing {}: {why}", quote(text));
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(wrong("invalid syntax"));
    }
    let number = i128::from_str_radix(digits, radix).map_err(|_| wrong("value out of range"))?;
    let number = if negative { -number } else { number };
    match i64::try_from(number) {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(wrong("value out of range")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<EcoString> {
        line.split_whitespace().map(EcoString::from).collect()
    }

    #[track_caller]
    fn check_error(line: &str, text: &str) {
        let failure = parse(&words(line)).expect_err("a wrong command line");
        assert_eq!(failure.sentence(), text);
    }

    #[test]
    fn flags_are_found_in_all_their_forms() {
        let parsed =
            parse(&words("-n a get -oyaml pods --watch -l=x --show-labels=false")).unwrap();
        assert_eq!((parsed.command, parsed.args.as_slice()), ("get", words("pods").as_slice()));
        let flags: Vec<String> = parsed.flags.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let wanted =
            ["namespace=a", "output=yaml", "watch=true", "selector=x", "show-labels=false"];
        assert_eq!(flags, wanted);
    }

    #[test]
    fn wrong_flags_are_worded_as_pflag_does() {
        let see = "\nSee 'kubectl get --help' for usage.";
        check_error("get pods -z", &format!("unknown shorthand flag: 'z' in -z{see}"));
        check_error("get pods -n", &format!("flag needs an argument: 'n' in -n{see}"));
        check_error("get pods --replicas", &format!("unknown flag: --replicas{see}"));
        check_error(
            "get pods -w=maybe",
            &format!(
                "invalid argument \"maybe\" for \"-w, --watch\" flag: strconv.ParseBool: parsing \
                 \"maybe\": invalid syntax{see}"
            ),
        );
    }

    #[test]
    fn unknown_commands_get_suggestions() {
        let text = "unknown command \"gett\" for \"kubectl\"\n\nDid you mean this?\n\tset\n\tget\n";
        check_error("gett pods", text);
        check_error("frobnicate sts", "unknown command \"frobnicate\" for \"kubectl\"");
    }
}
