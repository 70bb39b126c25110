//! Running a sed script over lines.

use ecow::EcoString;

use super::{Action, Address, Queued, Range, Replacement, Sed, Substitute};
use crate::programs::context::Context;
use crate::programs::stream::{Control, Line};
use crate::script::regex::{Groups, Regex};

/// Commands run for one line at most.
const STEPS_MAX: u32 = 100_000;

/// How the commands ended for a line.
enum Cycle {
    /// At the end: print unless quiet.
    End,
    /// `d`: print nothing.
    Deleted,
    /// `D` with more in the pattern space.
    Again,
    /// Waiting for the next line.
    Wait,
    /// `q` or `Q`.
    Quit(i32, bool),
}

impl Sed {
    pub(in crate::programs) fn in_place(&self) -> bool {
        self.in_place.is_some()
    }

    /// Each file is a stream of its own.
    pub(in crate::programs) fn is_separate(&self) -> bool {
        self.separate
    }

    /// Whether it matters to know the last line when it is handled.
    pub(in crate::programs) fn looks_ahead(&self) -> bool {
        self.commands.iter().any(|command| {
            command.from == Some(Address::Last)
                || command.to == Some(Address::Last)
                || matches!(command.action, Action::Next | Action::AppendNext)
        })
    }

    pub(in crate::programs) fn begin_file(&mut self, name: &str) {
        self.file = name.into();
        if self.separate {
            self.line = 0;
            self.edited.clear();
        }
    }

    pub(in crate::programs) fn line(&mut self, context: &mut Context<'_>, line: Line) -> Control {
        self.line += 1;
        let start = match self.resume.take() {
            Some((at, true)) => {
                self.pattern.push('\n');
                self.pattern.push_str(&line.text);
                at
            }
            Some((at, false)) => {
                self.pattern = line.text.clone();
                at
            }
            None => {
                self.pattern = line.text.clone();
                self.substituted = false;
                0
            }
        };
        let mut start = start;
        for _ in 0..1000 {
            let cycle = self.cycle(context, start, &line);
            match cycle {
                Cycle::Wait => return Control::Continue,
                Cycle::End => {
                    if !self.quiet {
                        self.print(context, self.pattern.clone(), line.newline);
                    }
                    self.flush_queue(context);
                }
                Cycle::Deleted => self.flush_queue(context),
                Cycle::Again => {
                    self.flush_queue(context);
                    start = 0;
                    continue;
                }
                Cycle::Quit(code, prints) => {
                    if prints && !self.quiet {
                        self.print(context, self.pattern.clone(), line.newline);
                    }
                    self.flush_queue(context);
                    self.finish_in_place(context, true);
                    self.ended = true;
                    return Control::Exit(code);
                }
            }
            break;
        }
        Control::Continue
    }

    fn cycle(&mut self, context: &mut Context<'_>, start: usize, line: &Line) -> Cycle {
        let commands = self.commands.clone();
        let mut at = start;
        for _ in 0..STEPS_MAX {
            let Some(command) = commands.get(at) else { return Cycle::End };
            let applies = self.applies(at, line) != command.negated;
            if !applies {
                at = match command.action {
                    Action::Open(close) => close + 1,
                    _ => at + 1,
                };
                continue;
            }
            match &command.action {
                Action::Branch(target) => {
                    let Some(target) = target else { return Cycle::End };
                    at = *target;
                    continue;
                }
                Action::BranchIf(target, wanted) => {
                    let jumps = self.substituted == *wanted;
                    self.substituted = false;
                    if jumps {
                        let Some(target) = target else { return Cycle::End };
                        at = *target;
                        continue;
                    }
                }
                Action::Change(text) => {
                    let ends = command.to.is_none()
                        || command.negated
                        || !matches!(self.ranges.get(at), Some(Range::Inside | Range::Until(_)));
                    if ends {
                        self.write(context, text);
                    }
                    return Cycle::Deleted;
                }
                action => {
                    if let Some(cycle) = self.act(context, action, at, line) {
                        return cycle;
                    }
                }
            }
            at += 1;
        }
        context.complain("the script does not end for this line; stopped here");
        Cycle::Quit(1, false)
    }

    /// Performs a command that does not jump.
    fn act(
        &mut self,
        context: &mut Context<'_>,
        action: &Action,
        at: usize,
        line: &Line,
    ) -> Option<Cycle> {
        match action {
            Action::Open(_) | Action::Close | Action::Label => {}
            Action::Branch(_) | Action::BranchIf(..) | Action::Change(_) => {}
            Action::Substitute(substitute) => self.substitute(context, substitute, line.newline),
            Action::Translate(pairs) => {
                let change =
                    |c: char| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
                self.pattern = self.pattern.chars().map(change).collect();
            }
            Action::Delete => return Some(Cycle::Deleted),
            Action::DeleteFirst => return Some(self.delete_first()),
            Action::Print => self.print(context, self.pattern.clone(), line.newline),
            Action::PrintFirst => {
                let first = self.pattern.split('\n').next().unwrap_or("").to_owned();
                self.print(context, first, true);
            }
            Action::Append(text) => self.queue.push(Queued::Text(text.clone())),
            Action::Insert(text) => self.write(context, text),
            Action::Next => return Some(self.next(context, at, line, false)),
            Action::AppendNext => return Some(self.next(context, at, line, true)),
            Action::Quit(code, prints) => return Some(Cycle::Quit(*code, *prints)),
            Action::LineNumber => {
                let text = format!("{}\n", self.line);
                self.write(context, &text);
            }
            Action::List => {
                let text = format!("{}$\n", self.pattern.escape_default());
                self.write(context, &text);
            }
            Action::Get => self.pattern = self.hold.clone(),
            Action::GetAppend => {
                self.pattern.push('\n');
                self.pattern.push_str(&self.hold);
            }
            Action::Hold => self.hold = self.pattern.clone(),
            Action::HoldAppend => {
                self.hold.push('\n');
                self.hold.push_str(&self.pattern);
            }
            Action::Exchange => std::mem::swap(&mut self.pattern, &mut self.hold),
            Action::Read(name) => self.queue.push(Queued::File(name.clone())),
            Action::Write(name) => self.write_to(context, name),
            Action::Zap => self.pattern.clear(),
            Action::FileName => {
                let text = format!("{}\n", self.file);
                self.write(context, &text);
            }
        }
        None
    }

    /// `n` and `N`: on with the next line.
    fn next(&mut self, context: &mut Context<'_>, at: usize, line: &Line, joins: bool) -> Cycle {
        if line.last {
            // GNU prints the pattern space and ends without the rest of the script.
            return Cycle::End;
        }
        if !joins && !self.quiet {
            self.print(context, self.pattern.clone(), true);
        }
        self.flush_queue(context);
        self.resume = Some((at + 1, joins));
        Cycle::Wait
    }

    fn delete_first(&mut self) -> Cycle {
        match self.pattern.split_once('\n') {
            Some((_, rest)) => {
                self.pattern = rest.into();
                Cycle::Again
            }
            None => Cycle::Deleted,
        }
    }

    /// Whether the addresses of a command hold now; keeps the state of ranges.
    fn applies(&mut self, at: usize, line: &Line) -> bool {
        let commands = self.commands.clone();
        let Some(command) = commands.get(at) else { return false };
        let Some(from) = &command.from else { return true };
        let Some(to) = &command.to else { return self.matches(from, line) };
        let state = self.ranges.get(at).copied().unwrap_or(Range::Outside);
        let (applies, next) = match state {
            Range::Done => (false, Range::Done),
            Range::Outside if self.matches(from, line) => (true, self.range_start(to, line)),
            Range::Outside => (false, Range::Outside),
            Range::Until(end) => {
                let inside = self.line <= end;
                let over = self.line >= end;
                if !inside && self.matches(from, line) {
                    (true, self.range_start(to, line))
                } else {
                    (inside, if over { Range::Outside } else { state })
                }
            }
            Range::Inside => {
                let ends = match to {
                    Address::Last => line.last,
                    to => self.matches(to, line),
                };
                let after = if *from == Address::Line(0) { Range::Done } else { Range::Outside };
                (true, if ends { after } else { Range::Inside })
            }
        };
        if let Some(place) = self.ranges.get_mut(at) {
            *place = next;
        }
        applies
    }

    fn range_start(&self, to: &Address, line: &Line) -> Range {
        let end = match to {
            Address::Line(number) => *number,
            Address::Plus(count) => self.line + count,
            Address::Multiple(0) => self.line,
            Address::Multiple(count) => self.line.div_ceil(*count) * count,
            Address::Last if line.last => return Range::Outside,
            _ => return Range::Inside,
        };
        if end <= self.line { Range::Outside } else { Range::Until(end) }
    }

    fn matches(&mut self, address: &Address, line: &Line) -> bool {
        match address {
            Address::Line(number) => self.line == *number,
            Address::Last => line.last,
            Address::Step(first, 0) => self.line == *first,
            Address::Step(first, step) => {
                self.line >= *first && (self.line - first).is_multiple_of(*step)
            }
            Address::Regex(regex) => {
                let Some(regex) = self.regex(regex.as_ref()) else { return false };
                let chars: Vec<char> = self.pattern.chars().collect();
                regex.is_match(&chars)
            }
            Address::Plus(_) | Address::Multiple(_) => false,
        }
    }

    /// The expression, or the last one used for an empty one.
    fn regex(&mut self, regex: Option<&Regex>) -> Option<Regex> {
        if let Some(regex) = regex {
            self.last_regex = Some(regex.clone());
        }
        self.last_regex.clone()
    }

    fn substitute(&mut self, context: &mut Context<'_>, substitute: &Substitute, newline: bool) {
        let Some(regex) = self.regex(substitute.regex.as_ref()) else {
            context.complain("no previous regular expression");
            return;
        };
        let chars: Vec<char> = self.pattern.chars().collect();
        let mut out = String::new();
        let mut at = 0;
        let mut count = 0;
        let mut changed = false;
        let mut last_end = None;
        while let Some(groups) = regex.find_at(&chars, at) {
            let Some(Some((start, end))) = groups.first().copied() else { break };
            out.extend(chars.get(at..start).unwrap_or(&[]));
            let empty_after_match = start == end && last_end == Some(start);
            if !empty_after_match {
                count += 1;
            }
            let replaces = !empty_after_match
                && (count == substitute.nth || (substitute.global && count > substitute.nth));
            if replaces {
                expand(&substitute.with, &groups, &chars, &mut out);
                changed = true;
            } else {
                out.extend(chars.get(start..end).unwrap_or(&[]));
            }
            last_end = Some(end);
            at = end;
            if start == end {
                out.extend(chars.get(at));
                at += 1;
            }
            if at > chars.len() || (changed && !substitute.global) {
                break;
            }
        }
        if !changed {
            return;
        }
        out.extend(chars.get(at.min(chars.len())..).unwrap_or(&[]));
        self.pattern = out;
        self.substituted = true;
        if substitute.print {
            self.print(context, self.pattern.clone(), newline);
        }
        if let Some(name) = &substitute.write {
            self.write_to(context, name);
        }
    }

    fn print(&mut self, context: &mut Context<'_>, mut text: String, newline: bool) {
        if newline {
            text.push('\n');
        }
        self.write(context, &text);
        self.owes_newline = !newline;
    }

    fn write(&mut self, context: &mut Context<'_>, text: &str) {
        let before = if std::mem::take(&mut self.owes_newline) { "\n" } else { "" };
        if self.in_place() {
            self.edited.push_str(before);
            self.edited.push_str(text);
        } else {
            context.out(before);
            context.out(text);
        }
    }

    fn write_to(&mut self, context: &mut Context<'_>, name: &EcoString) {
        let text = format!("{}\n", self.pattern);
        match name.as_str() {
            "/dev/stdout" => return context.out(&text),
            "/dev/stderr" => return context.err(&text),
            _ => {}
        }
        let path = context.path(name);
        let now = context.now();
        let first = self.written.insert(name.clone());
        let done = if first {
            context.files().write(&path, text.as_bytes(), now)
        } else {
            context.files().append(&path, text.as_bytes(), now)
        };
        if let Err(error) = done {
            context.complain(&format!("couldn't open file {name}: {error}"));
        }
    }

    fn flush_queue(&mut self, context: &mut Context<'_>) {
        for queued in std::mem::take(&mut self.queue) {
            match queued {
                Queued::Text(text) => self.write(context, &text),
                Queued::File(name) => {
                    // A file that cannot be read is as an empty one.
                    if let Ok(text) = context.read_text(&name) {
                        self.write(context, &text);
                    }
                }
            }
        }
    }

    /// Ends a file: with `-i` it gets its new content. An exit code if that failed.
    pub(in crate::programs) fn end_file(
        &mut self,
        _name: &str,
        context: &mut Context<'_>,
    ) -> Option<i32> {
        if self.in_place() {
            self.owes_newline = false;
        }
        self.finish_in_place(context, false)
    }

    fn finish_in_place(&mut self, context: &mut Context<'_>, quits: bool) -> Option<i32> {
        let suffix = self.in_place.clone()?;
        let name = self.file.clone();
        let path = context.path(&name);
        let now = context.now();
        if quits {
            // `q` leaves the rest of the file as it is.
            let whole = context.read_text(&name).unwrap_or_default();
            let rest: String = whole.split_inclusive('\n').skip(self.line as usize).collect();
            self.edited.push_str(&rest);
        }
        if !suffix.is_empty() {
            let backup = match suffix.contains('*') {
                true => suffix.as_str().replace('*', &name),
                false => format!("{name}{suffix}"),
            };
            let backup = context.path(&backup);
            let old = context.files().read(&path).unwrap_or_default();
            if let Err(error) = context.files().write(&backup, &old, now) {
                context.complain(&format!("cannot rename {name}: {error}"));
                return Some(4);
            }
        }
        let text = std::mem::take(&mut self.edited);
        match context.files().write(&path, text.as_bytes(), now) {
            Ok(()) => None,
            Err(error) => {
                context.complain(&format!("couldn't open temporary file: {error}"));
                Some(4)
            }
        }
    }

    /// The input is over while `N` or `n` waited for more.
    pub(in crate::programs) fn end(&mut self, context: &mut Context<'_>) {
        if self.resume.take().is_some() && !self.quiet && !self.ended {
            self.print(context, self.pattern.clone(), true);
        }
    }
}

fn expand(with: &[Replacement], groups: &Groups, chars: &[char], out: &mut String) {
    let mut all: Option<char> = None;
    let mut next: Option<char> = None;
    for part in with {
        let text: String = match part {
            Replacement::Case(case) => {
                match case {
                    'U' | 'L' => all = Some(*case),
                    'E' => all = None,
                    case => next = Some(*case),
                }
                continue;
            }
            Replacement::Text(text) => text.clone(),
            Replacement::Group(number) => {
                let range = groups.get(*number).copied().flatten();
                range.and_then(|(from, to)| chars.get(from..to)).unwrap_or(&[]).iter().collect()
            }
        };
        for c in text.chars() {
            match next.take().or(all) {
                Some('U' | 'u') => out.extend(c.to_uppercase()),
                Some('L' | 'l') => out.extend(c.to_lowercase()),
                _ => out.push(c),
            }
        }
    }
}
