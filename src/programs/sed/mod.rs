//! `sed`: the stream editor with GNU's additions.
//!
//! Left out: the commands `e` and `l`'s line wrapping, the flags `e` and `m` of `s`.

mod parse;
mod run;

use std::collections::BTreeSet;
use std::rc::Rc;

use ecow::EcoString;

use super::context::{Context, Trouble};
use super::options::{Known, parse as parse_options};
use super::stream::{Filter, Stream};
use crate::script::Flavour;
use crate::script::regex::{Regex, Syntax};

/// Where a command applies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Address {
    Line(u64),
    Last,
    /// None: the last one used.
    Regex(Option<Regex>),
    /// `first~step`.
    Step(u64, u64),
    /// `addr,+n`.
    Plus(u64),
    /// `addr,~n`.
    Multiple(u64),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Action {
    /// The place of the matching `}`.
    Open(usize),
    Close,
    Substitute(Box<Substitute>),
    Translate(Vec<(char, char)>),
    Delete,
    DeleteFirst,
    Print,
    PrintFirst,
    Append(String),
    Insert(String),
    Change(String),
    Next,
    AppendNext,
    Quit(i32, bool),
    LineNumber,
    List,
    Get,
    GetAppend,
    Hold,
    HoldAppend,
    Exchange,
    Read(EcoString),
    Write(EcoString),
    /// Place of the label, none: the end.
    Branch(Option<usize>),
    BranchIf(Option<usize>, bool),
    Label,
    Zap,
    FileName,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Substitute {
    regex: Option<Regex>,
    with: Vec<Replacement>,
    global: bool,
    print: bool,
    nth: usize,
    write: Option<EcoString>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Replacement {
    Text(String),
    Group(usize),
    /// `\U \L \u \l \E`.
    Case(char),
}

/// A running `sed`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sed {
    commands: Rc<Vec<Command>>,
    quiet: bool,
    in_place: Option<EcoString>,
    separate: bool,
    /// Per command: inside its range, and where that ends.
    ranges: Vec<Range>,
    pattern: String,
    hold: String,
    line: u64,
    /// Where to go on when the next line comes.
    resume: Option<(usize, bool)>,
    queue: Vec<Queued>,
    substituted: bool,
    last_regex: Option<Regex>,
    file: EcoString,
    edited: String,
    owes_newline: bool,
    written: BTreeSet<EcoString>,
    ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Range {
    Outside,
    Inside,
    Until(u64),
    /// A `0,/re/` that is over.
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Queued {
    Text(String),
    File(EcoString),
}

/// Starts `sed`.
pub fn sed(context: &mut Context<'_>) -> Result<Stream, i32> {
    let long = &[
        ("quiet", 'n'),
        ("silent", 'n'),
        ("expression", 'e'),
        ("file", 'f'),
        ("regexp-extended", 'E'),
        ("in-place", 'i'),
        ("separate", 's'),
        ("unbuffered", 'u'),
        ("posix", 'p'),
        ("null-data", 'z'),
    ];
    // `-i` takes its suffix only glued on, which getopt's own syntax cannot say here.
    let mut suffix = None;
    let args: Vec<EcoString> = context
        .args
        .iter()
        .map(|word| {
            if let Some(after) = word.strip_prefix("--in-place=") {
                suffix = Some(EcoString::from(after));
                return "-i".into();
            }
            if !word.starts_with('-') || word.starts_with("--") {
                return word.clone();
            }
            match word.find('i') {
                Some(at) if !word.get(..at).is_some_and(|head| head.contains(['e', 'f'])) => {
                    let (head, tail) = word.split_at(at + 1);
                    let flags = !tail.is_empty() && tail.chars().all(|c| "nErsuz".contains(c));
                    if !flags {
                        suffix = Some(tail.into());
                        return head.into();
                    }
                    // GNU takes `-iE` for a suffix too.
                    suffix = Some(tail.into());
                    head.into()
                }
                _ => word.clone(),
            }
        })
        .collect();
    let known = Known { short: "ne:f:Erisupz", long, permutes: true };
    let mut inner = Context {
        name: context.name.clone(),
        args: &args,
        env: context.env,
        cwd: context.cwd,
        flavour: context.flavour,
        host: context.host,
        io: context.io,
    };
    let mut options = parse_options(&mut inner, known)?;
    let mut scripts: Vec<(bool, EcoString)> = Vec::new();
    for (flag, value) in &options.flags {
        match flag {
            'e' => scripts.push((true, value.clone())),
            'f' => match context.read_text(value) {
                Ok(text) => scripts.push((false, text.trim_end_matches('\n').into())),
                Err(Trouble::Pending) => {}
                Err(Trouble::Failed(error)) => {
                    context.complain(&format!("couldn't open file {value}: {error}"));
                    return Err(1);
                }
            },
            _ => {}
        }
    }
    if scripts.is_empty() {
        if options.operands.is_empty() {
            return Err(usage(context));
        }
        scripts.push((true, options.operands.remove(0)));
    }
    let extended = options.has('E') || options.has('r');
    let syntax = if extended { Syntax::Extended } else { Syntax::Basic };
    let parsed = parse::parse(&scripts, syntax, context.flavour).map_err(|text| {
        context.complain(&text);
        1
    })?;
    let in_place = options.has('i').then(|| suffix.unwrap_or_default());
    if in_place.is_some() && options.operands.is_empty() {
        context.complain(match context.flavour {
            Flavour::Gnu => "no input files",
            Flavour::Busybox => "no input files",
        });
        return Err(if context.flavour == Flavour::Gnu { 4 } else { 1 });
    }
    let ranges = parsed.commands.iter().map(|command| match command.from {
        Some(Address::Line(0)) => Range::Inside,
        _ => Range::Outside,
    });
    let sed = Sed {
        ranges: ranges.collect(),
        commands: Rc::new(parsed.commands),
        quiet: options.has('n') || parsed.quiet,
        separate: in_place.is_some() || options.has('s'),
        in_place,
        pattern: String::new(),
        hold: String::new(),
        line: 0,
        resume: None,
        queue: Vec::new(),
        substituted: false,
        last_regex: None,
        file: "-".into(),
        edited: String::new(),
        owes_newline: false,
        written: BTreeSet::new(),
        ended: false,
    };
    Ok(Stream::new(Filter::Sed(Box::new(sed)), &options.operands))
}

fn usage(context: &mut Context<'_>) -> i32 {
    match context.flavour {
        Flavour::Gnu => {
            context
                .err("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
            context.err("(the list of options is not simulated here)\n");
        }
        Flavour::Busybox => context.busybox_usage(),
    }
    1
}
