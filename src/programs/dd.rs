//! dd: copies blocks.

use crate::api::value::EcoString;
use crate::script::files::{Errno, FileSystem, absolute};
use crate::script::{Io, Poll, Stream};

/// A running dd.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dd {
    argv: Vec<EcoString>,
    cwd: EcoString,
    input: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
struct Options {
    from: Option<String>,
    to: Option<String>,
    block: u64,
    count: Option<u64>,
    skip: u64,
    quiet: bool,
}

/// More than this is not copied: no disk here is that large.
const BYTES_MAX: u64 = 16 << 20;

impl Dd {
    /// `dd if=/dev/zero of=big bs=1M count=4`
    pub fn new(argv: &[EcoString], cwd: &str) -> Self {
        Dd { argv: argv.to_vec(), cwd: cwd.into(), input: Vec::new() }
    }

    /// Lets it run as far as it can.
    pub fn poll(&mut self, files: &mut dyn FileSystem, now_ms: u64, io: &mut Io) -> Poll {
        let options = match options(&self.argv) {
            Ok(options) => options,
            Err(complaint) => {
                io.output.err(&complaint);
                return Poll::Exited(1);
            }
        };
        let wanted = options.count.map(|count| count.saturating_mul(options.block));
        let mut bytes = match options.from.as_deref() {
            None => {
                self.input.extend(io.stdin.take_all());
                if !io.stdin.closed {
                    return Poll::Running { until: None };
                }
                std::mem::take(&mut self.input)
            }
            Some("/dev/zero" | "/dev/urandom" | "/dev/random") => {
                let length = wanted.unwrap_or(BYTES_MAX + 1).min(BYTES_MAX + 1);
                vec![0; usize::try_from(length).unwrap_or(0)]
            }
            Some(file) => match files.read(&absolute(&self.cwd, file)) {
                Ok(bytes) => bytes.to_vec(),
                Err(error) => {
                    io.output.err(&format!("dd: can't open '{file}': {}\n", error.words()));
                    return Poll::Exited(1);
                }
            },
        };
        let skip = usize::try_from(options.skip * options.block).unwrap_or(usize::MAX);
        bytes.drain(..skip.min(bytes.len()));
        if let Some(wanted) = wanted {
            bytes.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
        }
        let (written, problem) = self.write(files, now_ms, io, &options, &bytes);
        if let Some(error) = problem {
            let target = options.to.as_deref().unwrap_or("standard output");
            io.output.err(&format!("dd: error writing '{target}': {}\n", error.words()));
        }
        if !options.quiet {
            let records = |length: usize| {
                let block = options.block.max(1) as usize;
                format!("{}+{}", length / block, u32::from(!length.is_multiple_of(block)))
            };
            io.output.err(&format!(
                "{} records in\n{} records out\n",
                records(bytes.len()),
                records(written)
            ));
        }
        Poll::Exited(i32::from(problem.is_some()))
    }

    fn write(
        &self,
        files: &mut dyn FileSystem,
        now_ms: u64,
        io: &mut Io,
        options: &Options,
        bytes: &[u8],
    ) -> (usize, Option<Errno>) {
        let Some(target) = &options.to else {
            io.output.write(Stream::Out, bytes);
            return (bytes.len(), None);
        };
        if target == "/dev/null" {
            return (bytes.len(), None);
        }
        let path = absolute(&self.cwd, target);
        match files.write(&path, bytes, now_ms) {
            Ok(()) => (bytes.len(), None),
            // What fits is written.
            Err(Errno::NoSpace) => {
                let (mut low, mut high) = (0, bytes.len());
                while low + 1 < high {
                    let middle = (low + high) / 2;
                    match files.write(&path, &bytes[..middle], now_ms) {
                        Ok(()) => low = middle,
                        Err(_) => high = middle,
                    }
                }
                (low, Some(Errno::NoSpace))
            }
            Err(error) => (0, Some(error)),
        }
    }
}

fn options(argv: &[EcoString]) -> Result<Options, String> {
    let mut found = Options { block: 512, ..Options::default() };
    for word in argv.iter().skip(1) {
        let Some((name, value)) = word.split_once('=') else {
            return Err(format!("dd: unrecognized operand '{word}'\n"));
        };
        let amount = || size(value).ok_or_else(|| format!("dd: invalid number '{value}'\n"));
        match name {
            "if" => found.from = Some(value.to_string()),
            "of" => found.to = Some(value.to_string()),
            "bs" | "ibs" | "obs" => found.block = amount()?.max(1),
            "count" => found.count = Some(amount()?),
            "skip" => found.skip = amount()?,
            "status" => found.quiet = value == "none",
            "conv" | "oflag" | "iflag" | "seek" => {}
            _ => return Err(format!("dd: unrecognized operand '{word}'\n")),
        }
    }
    Ok(found)
}

// `4096`, `1k`, `1M`
fn size(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text.get(..end)?.parse().ok()?;
    let factor = match text.get(end..)? {
        "" | "c" => 1,
        "b" => 512,
        "k" | "K" | "KiB" => 1 << 10,
        "kB" | "kD" | "KB" => 1000,
        "M" | "MiB" => 1 << 20,
        "MB" => 1_000_000,
        "G" | "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Tree;

    #[test]
    fn a_full_disk_is_told() {
        let mut files = Tree::new().with_limit(1000);
        let words = ["dd", "if=/dev/zero", "of=/big", "bs=1k", "count=2"];
        let argv: Vec<EcoString> = words.map(Into::into).to_vec();
        let mut io = Io::default();
        let poll = Dd::new(&argv, "/").poll(&mut files, 0, &mut io);
        assert_eq!(poll, Poll::Exited(1));
        let text = io.output.text(Stream::Err);
        assert!(text.starts_with("dd: error writing '/big': No space left on device\n"), "{text}");
        assert!(files.read("/big").is_ok_and(|bytes| bytes.len() == 1000));
    }
}
