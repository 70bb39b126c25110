//! `sed`: the stream editor with GNU's additions.
//!
//! Left out: the commands `e` and `l`'s line wrapping, the flags `e` and `m` of `s`.

mod parse;
mod run;

use std::collections::BTreeSet;
use std::rc::Rc;

use ecow::EcoString;

use super::context::{Context, Trouble};
use super::options::{Known, Options, parse as parse_options};
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

const LONG: &[(&str, char)] = &[
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

/// Starts `sed`.
pub fn sed(context: &mut Context<'_>) -> Result<Stream, i32> {
    let (suffix, args) = in_place_suffix(context.args);
    let known = Known { short: "ne:f:Erisupz", long: LONG, permutes: true };
    let mut options = parse_options(&mut context.with_args(&args), known)?;
    let mut scripts = scripts(context, &options)?;
    if scripts.is_empty() {
        if options.operands.is_empty() {
            return Err(usage(context));
        }
        scripts.push(options.operands.remove(0));
    }
    let extended = options.has('E') || options.has('r');
    let syntax = if extended { Syntax::Extended } else { Syntax::Basic };
    let parsed = parse::parse(&scripts, syntax, context.flavour).map_err(|text| {
        context.complain(&text);
        1
    })?;
    let in_place = options.has('i').then(|| suffix.unwrap_or_default());
    if in_place.is_some() && options.operands.is_empty() {
        context.complain("no input files");
        return Err(if context.flavour == Flavour::Gnu { 4 } else { 1 });
    }
    let sed = Sed::new(parsed, &options, in_place);
    Ok(Stream::new(Filter::Sed(Box::new(sed)), &options.operands))
}

/// `-i` takes its suffix only glued on, which getopt cannot say: the suffix, and the arguments
/// without it.
fn in_place_suffix(args: &[EcoString]) -> (Option<EcoString>, Vec<EcoString>) {
    let mut suffix = None;
    let rest = args.iter().map(|word| {
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
                suffix = Some(tail.into());
                head.into()
            }
            _ => word.clone(),
        }
    });
    let rest = rest.collect();
    (suffix, rest)
}

/// The scripts of `-e` and `-f`.
fn scripts(context: &mut Context<'_>, options: &Options) -> Result<Vec<EcoString>, i32> {
    let mut scripts = Vec::new();
    for (flag, value) in &options.flags {
        match flag {
            'e' => scripts.push(value.clone()),
            'f' => match context.read_text(value) {
                Ok(text) => scripts.push(text.trim_end_matches('\n').into()),
                Err(Trouble::Pending) => {}
                Err(Trouble::Failed(error)) => {
                    context.complain(&format!("couldn't open file {value}: {error}"));
                    return Err(1);
                }
            },
            _ => {}
        }
    }
    Ok(scripts)
}

impl Sed {
    fn new(parsed: parse::Parsed, options: &Options, in_place: Option<EcoString>) -> Self {
        let ranges = parsed.commands.iter().map(|command| match command.from {
            Some(Address::Line(0)) => Range::Inside,
            _ => Range::Outside,
        });
        Self {
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
        }
    }
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
