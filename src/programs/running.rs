//! Programs that run others or wait: env, nohup, sleep, timeout, watch, xargs, yes.

use ecow::{EcoString, eco_format};

use super::context::{Context, Pending};
use super::date;
use super::options::{Known, Options, parse};
use super::simple::host_name;
use crate::script::{Flavour, Poll, Run, Signal};

/// Seconds with a unit, as `sleep` and `timeout` read them; none: no number.
pub fn duration_ms(text: &str) -> Option<u64> {
    if matches!(text, "inf" | "infinity") {
        return Some(u64::MAX / 4);
    }
    let (digits, factor) = match text.chars().last()? {
        's' => (text.strip_suffix('s')?, 1000.0),
        'm' => (text.strip_suffix('m')?, 60_000.0),
        'h' => (text.strip_suffix('h')?, 3_600_000.0),
        'd' => (text.strip_suffix('d')?, 86_400_000.0),
        _ => (text, 1000.0),
    };
    let plain = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let value: f64 = digits.parse().ok().filter(|_| plain)?;
    Some((value * factor).min(1e18) as u64)
}

/// `sleep`: when it ends, or the exit code.
pub fn sleep(context: &mut Context<'_>) -> Result<u64, i32> {
    if context.args.is_empty() {
        return Err(context.missing_operand("missing operand"));
    }
    let mut total: u64 = 0;
    for text in context.args {
        match duration_ms(text) {
            Some(milliseconds) => total = total.saturating_add(milliseconds),
            None if context.busybox() => {
                context.complain(&format!("invalid number '{text}'"));
                return Err(1);
            }
            None => return Err(context.usage_error(&format!("invalid time interval ‘{text}’"))),
        }
    }
    Ok(context.now().saturating_add(total))
}

/// `yes`: as much as there is room for.
pub fn yes(context: &mut Context<'_>) -> Poll {
    if let Some(flag) = context.args.first().filter(|word| word.len() > 1 && word.starts_with('-'))
    {
        let letter = flag.chars().nth(1).unwrap_or('-');
        if !context.busybox() && flag != "--" {
            return Poll::Exited(context.usage_error(&format!("invalid option -- '{letter}'")));
        }
    }
    let text = if context.args.is_empty() { "y".into() } else { context.args.join(" ") };
    let line = format!("{text}\n");
    let count = (context.io.room / line.len()).min(4096);
    let count = if context.io.broken { 1 } else { count };
    context.out(&line.repeat(count));
    Poll::Running { until: None }
}

/// A running `time`: busybox's, and /usr/bin/time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    began: u64,
    started: bool,
}

impl Time {
    /// Not begun yet.
    pub fn new(context: &Context<'_>) -> Self {
        Self { began: context.now(), started: false }
    }

    /// Runs the command, then tells how long it took.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll {
        let argv: Vec<EcoString> =
            context.args.iter().skip_while(|word| word.starts_with('-')).cloned().collect();
        let Some(finished) = context.io.finished.take() else {
            if self.started {
                return Poll::Running { until: None };
            }
            if argv.is_empty() {
                return Poll::Exited(context.missing_operand("missing program to run"));
            }
            self.started = true;
            return Poll::Run(Run { argv, env: None, stdin: None, capture: false });
        };
        let passed = context.now().saturating_sub(self.began);
        let (minutes, seconds) = (passed / 60_000, passed / 1000 % 60);
        let hundredths = passed / 10 % 100;
        if context.args.first().is_some_and(|word| word == "-p") {
            let real = passed / 1000;
            context.err(&format!("real {real}.{hundredths:02}\nuser 0.00\nsys 0.00\n"));
        } else {
            context.err(&format!(
                "real\t{minutes}m {seconds:02}.{hundredths:02}s\nuser\t0m 00.00s\n\
                 sys\t0m 00.00s\n"
            ));
        }
        Poll::Exited(finished.code)
    }
}

/// A running `timeout`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Timeout {
    argv: Vec<EcoString>,
    deadline: u64,
    signal: Signal,
    kill_after: Option<u64>,
    preserve: bool,
    started: bool,
    expired: bool,
}

/// Starts `timeout`.
pub fn timeout(context: &mut Context<'_>) -> Result<Timeout, i32> {
    let long = &[
        ("signal", 's'),
        ("kill-after", 'k'),
        ("preserve-status", 'p'),
        ("foreground", 'f'),
        ("verbose", 'v'),
    ];
    let options = parse(context, Known { short: "s:k:pfv", long, permutes: false })?;
    let Some((text, argv)) = options.operands.split_first() else {
        return Err(match context.flavour {
            Flavour::Gnu => context.try_help(),
            Flavour::Busybox => context.missing_operand(""),
        });
    };
    let invalid = |context: &mut Context<'_>, text: &str| match context.flavour {
        Flavour::Gnu => context.usage_error(&format!("invalid time interval ‘{text}’")),
        Flavour::Busybox => {
            context.complain(&format!("invalid number '{text}'"));
            1
        }
    };
    if argv.is_empty() && context.flavour == Flavour::Gnu {
        return Err(context.try_help());
    }
    let Some(milliseconds) = duration_ms(text) else { return Err(invalid(context, text)) };
    if argv.is_empty() {
        return Err(context.missing_operand(""));
    }
    let signal = match options.value('s').map(|name| (name, Signal::parse(name))) {
        None => Signal::TERM,
        Some((_, Some(signal))) => signal,
        Some((name, None)) => return Err(context.usage_error(&format!("‘{name}’: invalid signal"))),
    };
    let kill_after = match options.value('k').map(|text| (text, duration_ms(text))) {
        None => None,
        Some((_, Some(milliseconds))) => Some(milliseconds),
        Some((text, None)) => {
            let text = text.clone();
            return Err(invalid(context, &text));
        }
    };
    // No time at all means no limit.
    let deadline =
        if milliseconds == 0 { u64::MAX } else { context.now().saturating_add(milliseconds) };
    Ok(Timeout {
        argv: argv.to_vec(),
        deadline,
        signal,
        kill_after,
        preserve: options.has('p'),
        started: false,
        expired: false,
    })
}

impl Timeout {
    /// Starts the command, then waits for its end or the deadline.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll {
        if let Some(finished) = context.io.finished.take() {
            if finished.missing {
                let name = self.argv.first().cloned().unwrap_or_default();
                context.complain(&match context.flavour {
                    Flavour::Gnu => {
                        format!("failed to run command ‘{name}’: No such file or directory")
                    }
                    Flavour::Busybox => {
                        format!("can't execute '{name}': No such file or directory")
                    }
                });
                return Poll::Exited(127);
            }
            let gnu = context.flavour == Flavour::Gnu;
            let code = match self.expired && gnu && !self.preserve {
                true if finished.code == 137 => 137,
                true => 124,
                false => finished.code,
            };
            return Poll::Exited(code);
        }
        if !self.started {
            self.started = true;
            let run = Run { argv: self.argv.clone(), env: None, stdin: None, capture: false };
            return Poll::RunUntil(run, self.deadline);
        }
        if context.now() < self.deadline {
            return Poll::Running { until: Some(self.deadline) };
        }
        let signal = if self.expired { Signal::KILL } else { self.signal };
        self.expired = true;
        let next = self.kill_after.take().map(|after| context.now().saturating_add(after));
        self.deadline = next.unwrap_or(u64::MAX);
        Poll::KillChild(signal, next)
    }
}

/// A running `xargs`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Xargs {
    /// The command lines still to run, last first.
    commands: Option<Vec<Vec<EcoString>>>,
    echo: bool,
    status: i32,
    current: EcoString,
}

impl Xargs {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self { commands: None, echo: false, status: 0, current: EcoString::new() }
    }

    /// Reads the input, then runs the commands one after the other.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll {
        if self.commands.is_none() {
            match self.read(context) {
                Ok(Ok(commands)) => self.commands = Some(commands),
                Ok(Err(code)) => return Poll::Exited(code),
                Err(Pending) => return Poll::Running { until: None },
            }
        }
        if let Some(finished) = context.io.finished.take() {
            match finished.code {
                0 => {}
                127 if finished.missing => {
                    context.complain(&format!("{}: No such file or directory", self.current));
                    return Poll::Exited(127);
                }
                255 => {
                    context
                        .complain(&format!("{}: exited with status 255; aborting", self.current));
                    return Poll::Exited(124);
                }
                _ => self.status = 123,
            }
        }
        match self.commands.as_mut().and_then(Vec::pop) {
            Some(argv) => {
                if self.echo {
                    context.err(&format!("{}\n", argv.join(" ")));
                }
                self.current = argv.first().cloned().unwrap_or_default();
                Poll::Run(Run { argv, env: None, stdin: Some(Vec::new()), capture: false })
            }
            None => Poll::Exited(self.status),
        }
    }

    fn read(
        &mut self,
        context: &mut Context<'_>,
    ) -> Result<Result<Vec<Vec<EcoString>>, i32>, Pending> {
        let known = Known { short: "n:I:0rtd:L:P:s:E:x", long: XARGS, permutes: false };
        let options = match parse(context, known) {
            Ok(options) => options,
            Err(code) => return Ok(Err(code)),
        };
        let input = String::from_utf8_lossy(&context.stdin()?).into_owned();
        self.echo = options.has('t');
        let mut commands = match commands(&options, &input) {
            Ok(commands) => commands,
            Err(text) => {
                context.complain(&text);
                return Ok(Err(1));
            }
        };
        commands.reverse();
        Ok(Ok(commands))
    }
}

const XARGS: &[(&str, char)] = &[
    ("max-args", 'n'),
    ("replace", 'I'),
    ("null", '0'),
    ("no-run-if-empty", 'r'),
    ("verbose", 't'),
    ("delimiter", 'd'),
    ("max-lines", 'L'),
    ("max-procs", 'P'),
];

/// The command lines `xargs` runs, in order.
fn commands(options: &Options, input: &str) -> Result<Vec<Vec<EcoString>>, String> {
    let command = match options.operands.is_empty() {
        true => vec![EcoString::from("echo")],
        false => options.operands.clone(),
    };
    let delimiter = match options.value('d') {
        _ if options.has('0') => Some('\0'),
        Some(text) if text == "\\n" => Some('\n'),
        Some(text) => text.chars().next(),
        None => None,
    };
    if let Some(place) = options.value('I') {
        let items: Vec<String> = match delimiter {
            Some(delimiter) => cut(input, delimiter),
            None => input.lines().map(|line| line.trim_start().to_owned()).collect(),
        };
        let replaced =
            |item: &String| command.iter().map(|word| word.replace(place.as_str(), item)).collect();
        return Ok(items.iter().filter(|item| !item.is_empty()).map(replaced).collect());
    }
    let items = match delimiter {
        Some(delimiter) => cut(input, delimiter),
        None => words(input)?,
    };
    if items.is_empty() {
        return Ok(if options.has('r') { Vec::new() } else { vec![command] });
    }
    let number = |flag| options.value(flag).and_then(|text| text.parse::<usize>().ok());
    let most = number('n').or(number('L')).unwrap_or(5000).max(1);
    let full = |chunk: &[String]| {
        command.iter().cloned().chain(chunk.iter().map(EcoString::from)).collect()
    };
    Ok(items.chunks(most).map(full).collect())
}

fn cut(input: &str, delimiter: char) -> Vec<String> {
    let mut items: Vec<String> = input.split(delimiter).map(str::to_owned).collect();
    if items.last().is_some_and(String::is_empty) {
        items.pop();
    }
    items
}

/// Words as xargs reads them: quotes and backslashes protect.
fn words(input: &str) -> Result<Vec<String>, String> {
    let mut items = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = input.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some(close) if close == c => break,
                        Some('\n') | None => {
                            let kind = if c == '"' { "double" } else { "single" };
                            return Err(format!(
                                "unmatched {kind} quote; by default quotes are special to xargs \
                                 unless you use the -0 option"
                            ));
                        }
                        Some(inside) => word.push(inside),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c if c.is_whitespace() => items.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    items.extend(word);
    Ok(items)
}

/// A running `watch`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    command: EcoString,
    interval: u64,
    title: bool,
    next: u64,
    running: bool,
    exits_on_error: bool,
}

/// Starts `watch`.
pub fn watch(context: &mut Context<'_>) -> Result<Watch, i32> {
    let long = &[
        ("interval", 'n'),
        ("no-title", 't'),
        ("differences", 'd'),
        ("exec", 'x'),
        ("color", 'c'),
        ("errexit", 'e'),
        ("beep", 'b'),
    ];
    let options = parse(context, Known { short: "n:tdxcebpgw", long, permutes: false })?;
    if options.operands.is_empty() {
        context.err(
            "Usage:\n watch [options] command\n\n(the list of options is not simulated here)\n",
        );
        return Err(1);
    }
    let interval = options.value('n').map_or(Some(2000), |text| duration_ms(text));
    let Some(interval) = interval else {
        let text = options.value('n').cloned().unwrap_or_default();
        context.complain(&format!("failed to parse argument: '{text}'"));
        return Err(1);
    };
    Ok(Watch {
        command: options.operands.join(" ").into(),
        interval: interval.max(100),
        title: !options.has('t'),
        next: 0,
        running: false,
        exits_on_error: options.has('e'),
    })
}

impl Watch {
    /// Runs the command, shows what it printed on a cleared screen, waits.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll {
        if let Some(finished) = context.io.finished.take() {
            self.running = false;
            self.next = context.now() + self.interval;
            let mut screen = String::from("\x1b[H\x1b[2J");
            if self.title {
                let seconds = self.interval as f64 / 1000.0;
                let left = format!("Every {seconds:.1}s: {}", self.command);
                let time = date::format("%a %b %e %H:%M:%S %Y", context.now() as i64);
                let right = format!("{}: {time}", host_name(context));
                let width = context.io.columns.unwrap_or(80) as usize;
                let blanks = width.saturating_sub(left.chars().count() + right.chars().count());
                screen.push_str(&format!("{left}{}{right}\n\n", " ".repeat(blanks.max(1))));
            }
            screen.push_str(&finished.output.both());
            context.out(&screen);
            if self.exits_on_error && finished.code != 0 {
                return Poll::Exited(finished.code);
            }
            return Poll::Running { until: Some(self.next) };
        }
        if self.running || context.now() < self.next {
            return Poll::Running { until: Some(self.next) };
        }
        self.running = true;
        let argv = vec!["sh".into(), "-c".into(), self.command.clone()];
        Poll::Run(Run { argv, env: None, stdin: Some(Vec::new()), capture: true })
    }
}

/// Variables in the order in which they are listed: those of a container's runtime stand first
/// and, what it adds at the end, last.
pub fn listed(env: &crate::script::Environment, container: bool) -> Vec<(&EcoString, &EcoString)> {
    let mut all: Vec<_> = env.iter().collect();
    if container {
        all.sort_by_key(|(name, _)| match name.as_str() {
            "PATH" => 0,
            "TERM" => 1,
            "HOSTNAME" => 2,
            "HOME" => 4,
            _ => 3,
        });
    }
    all
}

/// `env`: prints the environment or becomes the command.
pub fn env(context: &mut Context<'_>) -> Poll {
    let mut env = context.env.clone();
    let mut args = context.args.iter().cloned();
    let mut argv: Vec<EcoString> = Vec::new();
    while let Some(word) = args.next() {
        match word.as_str() {
            "-i" | "-" | "--ignore-environment" => env.clear(),
            "-u" => {
                env.remove(&args.next().unwrap_or_default());
            }
            "-0" | "--" => {}
            flag if flag.starts_with("--unset=") => {
                env.remove(flag.get(8..).unwrap_or(""));
            }
            flag if flag.starts_with('-') && flag.len() > 1 => {
                let letter = flag.chars().nth(1).unwrap_or('-');
                let code = context.usage_error(&format!("invalid option -- '{letter}'"));
                return Poll::Exited(code);
            }
            assignment => match assignment.split_once('=') {
                Some((name, text)) => {
                    env.insert(name.into(), text.into());
                }
                None => {
                    argv.push(word);
                    argv.extend(args);
                    break;
                }
            },
        }
    }
    if argv.is_empty() {
        for (name, text) in listed(&env, context.busybox()) {
            context.out(&format!("{name}={text}\n"));
        }
        return Poll::Exited(0);
    }
    become_or_complain(context, argv, Some(env))
}

/// `nohup`, `nice`, `busybox`: they become the command after their own options.
pub fn wrapper(context: &mut Context<'_>) -> Poll {
    let mut argv: Vec<EcoString> = context.args.to_vec();
    while argv.first().is_some_and(|word| word.starts_with('-')) {
        let flag = argv.remove(0);
        let takes = matches!(flag.as_str(), "-n" | "-o" | "-e" | "-i" | "-u");
        if takes && !argv.is_empty() {
            argv.remove(0);
        }
    }
    if argv.is_empty() {
        return Poll::Exited(context.missing_operand("missing operand"));
    }
    become_or_complain(context, argv, None)
}

fn become_or_complain(
    context: &mut Context<'_>,
    argv: Vec<EcoString>,
    env: Option<crate::script::Environment>,
) -> Poll {
    let name = argv.first().cloned().unwrap_or_default();
    let path = context.path(&name);
    let known = match name.contains('/') {
        true => context.host.find_program(&name).is_some() || context.files().exists(&path),
        false => context.host.find_program(&name).is_some(),
    };
    if known {
        return Poll::Become(Run { argv, env, stdin: None, capture: false });
    }
    let text = match (context.flavour, context.name.as_str()) {
        (_, "busybox") => eco_format!("{name}: applet not found"),
        (Flavour::Gnu, "env") => eco_format!("‘{name}’: No such file or directory"),
        (Flavour::Gnu, _) => {
            eco_format!("failed to run command ‘{name}’: No such file or directory")
        }
        (Flavour::Busybox, _) => {
            eco_format!("can't execute '{name}': No such file or directory")
        }
    };
    context.complain(&text);
    Poll::Exited(127)
}
