//! `tail`, also following a growing file.

use ecow::EcoString;

use super::context::{Context, Pending, Trouble, open_error};
use super::filter::{bad_count, count, count_options, header};
use crate::script::{Poll, Stream};

/// How often a followed file is looked at.
const FOLLOW_MS: u64 = 1000;

/// A running `tail -f`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Follow {
    /// Name, and how much of it has been printed.
    files: Vec<(EcoString, u64)>,
    stdin: bool,
    headers: bool,
    last: Option<usize>,
}

/// What the start of `tail` came to.
pub enum Started {
    Ended(i32),
    Following(Follow),
}

/// Prints the ends of the inputs.
pub fn start(context: &mut Context<'_>) -> Result<Started, Pending> {
    let args = plus_is_an_option(context.args);
    let options = match count_options(&mut context.with_args(&args)) {
        Ok(options) => options,
        Err(code) => return Ok(Started::Ended(code)),
    };
    let bytes = options.has('c');
    let text = options.value(if bytes { 'c' } else { 'n' }).cloned();
    let text = text.unwrap_or_else(|| "10".into());
    let from_start = text.starts_with('+');
    let Some(number) = count(text.trim_start_matches(['+', '-'])) else {
        return Ok(Started::Ended(bad_count(context, bytes, &text)));
    };
    let old_style = context.args.iter().find(|word| {
        let digits = word.strip_prefix('-').unwrap_or("");
        !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
    });
    if let (Some(word), true) = (old_style, options.operands.len() > 1 && !context.busybox()) {
        let text = format!("option used in invalid context -- {}", word.trim_start_matches('-'));
        context.complain(&text);
        return Ok(Started::Ended(1));
    }
    let follows = options.has('f') || options.has('F');
    let stdin = [EcoString::from("-")];
    let operands = if options.operands.is_empty() { &stdin[..] } else { &options.operands };
    let headers = (operands.len() > 1 || options.has('v')) && !options.has('q');
    let mut status = 0;
    let mut contents = Vec::new();
    for operand in operands {
        match context.read(operand) {
            Ok(bytes) => contents.push((operand.clone(), bytes)),
            Err(Trouble::Pending) if follows => contents.push((operand.clone(), Vec::new())),
            Err(Trouble::Pending) => return Err(Pending),
            Err(Trouble::Failed(error)) => {
                let text = open_error("tail", operand, error, context.flavour);
                context.complain(&text);
                status = 1;
            }
        }
    }
    let mut follow =
        Follow { files: Vec::new(), stdin: false, headers, last: contents.len().checked_sub(1) };
    for (at, (name, content)) in contents.iter().enumerate() {
        if headers {
            header(context, name, at == 0);
        }
        let piece = end(content, number as usize, bytes, from_start);
        context.bytes(piece);
        follow.stdin |= name == "-";
        follow.files.push((name.clone(), content.len() as u64));
    }
    if follow.files.is_empty() && context.busybox() {
        context.complain("no files");
        return Ok(Started::Ended(1));
    }
    if follow.files.is_empty() && follows {
        context.complain("no files remaining");
        return Ok(Started::Ended(1));
    }
    Ok(if follows { Started::Following(follow) } else { Started::Ended(status) })
}

/// `tail +5` is old for `tail -n +5`.
fn plus_is_an_option(args: &[EcoString]) -> Vec<EcoString> {
    match args.split_first() {
        Some((first, rest)) if first.len() > 1 && first.starts_with('+') => {
            let mut all = vec!["-n".into(), first.clone()];
            all.extend_from_slice(rest);
            all
        }
        _ => args.to_vec(),
    }
}

/// The last lines or bytes; or those from a place on.
fn end(content: &[u8], number: usize, bytes: bool, from_start: bool) -> &[u8] {
    let start = match (bytes, from_start) {
        (true, true) => number.saturating_sub(1).min(content.len()),
        (true, false) => content.len().saturating_sub(number),
        (false, true) => line_start(content, number.saturating_sub(1)),
        (false, false) => {
            let count = content.split_inclusive(|byte| *byte == b'\n').count();
            line_start(content, count.saturating_sub(number))
        }
    };
    content.get(start..).unwrap_or(&[])
}

/// Where the line after so many lines begins.
fn line_start(content: &[u8], skipped: usize) -> usize {
    content.split_inclusive(|byte| *byte == b'\n').take(skipped).map(<[u8]>::len).sum()
}

impl Follow {
    /// Prints what was added since.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll {
        if self.stdin {
            let bytes = context.io.stdin.take_all();
            context.io.output.write(Stream::Out, &bytes);
            if self.files.len() == 1 {
                let ended = context.io.stdin.at_end();
                return if ended { Poll::Exited(0) } else { Poll::Running { until: None } };
            }
        }
        let mut files = std::mem::take(&mut self.files);
        for (at, (name, seen)) in files.iter_mut().enumerate() {
            let path = context.path(name);
            let Ok(content) = context.files().read(&path) else { continue };
            if (content.len() as u64) < *seen {
                let complaint = format!("{name}: file truncated");
                context.complain(&complaint);
                *seen = 0;
            }
            let Some(added) = content.get(*seen as usize..).filter(|bytes| !bytes.is_empty())
            else {
                continue;
            };
            if self.headers && self.last != Some(at) {
                header(context, name, false);
                self.last = Some(at);
            }
            context.bytes(added);
            *seen = content.len() as u64;
        }
        self.files = files;
        let nothing = self.files.iter().all(|(name, _)| name == "/dev/null");
        let until = (!nothing).then(|| context.now() + FOLLOW_MS);
        Poll::Running { until }
    }
}
