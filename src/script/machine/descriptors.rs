//! Open files: reading, writing, opening, who still reads and writes a pipe.

use ecow::EcoString;

use super::{Body, Description, Descriptor, Machine};
use crate::script::files::{Errno, FileKind, FileSystem, absolute};
use crate::script::host::{Host, Pipe, Stream};

/// Bytes a pipe holds before its writer has to wait.
pub(super) const PIPE_MAX: usize = 1 << 16;
/// Bytes of output nobody takes, and of a substitution, before they are cut.
pub(super) const OUTPUT_MAX: usize = 4 << 20;

/// What reading one line gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::script) enum ReadLine {
    Line(Vec<u8>),
    End,
    WouldBlock,
    Error(Errno),
}

/// How a write went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Done,
    /// Nobody reads the pipe.
    Broken,
    Failed(Errno),
}

impl Machine {
    pub(super) fn describe(&mut self, description: Description) -> u32 {
        let id = self.next_description;
        self.next_description += 1;
        self.descriptions.insert(id, description);
        id
    }

    pub(super) fn descriptor(&self, pid: u32, number: u32) -> Option<Descriptor> {
        self.processes.get(&pid)?.descriptors.get(&number).copied()
    }

    /// Opens a path for a redirection.
    pub(super) fn open(
        &mut self,
        path: &str,
        cwd: &str,
        write: Option<bool>,
        host: &mut dyn Host,
    ) -> Result<Descriptor, Errno> {
        let (read, writes) = (write.is_none(), write.is_some());
        let special = match path {
            "/dev/null" => Some(self.describe(Description::Null)),
            "/dev/tty" if self.settings.terminal.is_some() => Some(if writes { 1 } else { 0 }),
            _ => None,
        };
        if let Some(description) = special {
            return Ok(Descriptor { description, read, write: writes });
        }
        let path = absolute(cwd, path);
        let now = host.now_ms();
        let files = host.files();
        let kind = files.metadata(&path).map(|found| found.kind);
        match write {
            None => {
                match kind? {
                    FileKind::Directory | FileKind::File | FileKind::Device => {}
                    _ => return Err(Errno::NotFound),
                }
                if kind != Ok(FileKind::Directory) {
                    files.read(&path)?;
                }
            }
            Some(_) if kind == Ok(FileKind::Directory) => return Err(Errno::IsADirectory),
            Some(true) => files.append(&path, b"", now)?,
            Some(false) => files.write(&path, b"", now)?,
        }
        let append = write == Some(true);
        let description = self.describe(Description::File { path, offset: 0, append });
        Ok(Descriptor { description, read, write: writes })
    }

    /// Writes to an open file of a process.
    pub(super) fn write(
        &mut self,
        pid: u32,
        number: u32,
        bytes: &[u8],
        host: &mut dyn Host,
    ) -> Written {
        let Some(open) = self.descriptor(pid, number).filter(|open| open.write) else {
            return Written::Failed(Errno::BadDescriptor);
        };
        let readers = self.has_reader(open.description);
        let Some(description) = self.descriptions.get_mut(&open.description) else {
            return Written::Failed(Errno::BadDescriptor);
        };
        match description {
            Description::Null => {}
            Description::Outside(stream) => {
                let stream = if *stream == 2 { Stream::Err } else { Stream::Out };
                if self.output.len() < OUTPUT_MAX {
                    self.output.write(stream, bytes);
                }
            }
            Description::Pipe(pipe) => {
                if !readers {
                    return Written::Broken;
                }
                if pipe.len() < OUTPUT_MAX {
                    pipe.push(bytes);
                }
            }
            Description::Capture(old) => {
                if old.len() < OUTPUT_MAX {
                    old.extend_from_slice(bytes);
                }
            }
            Description::Collect(owner) => {
                let stream = if number == 2 { Stream::Err } else { Stream::Out };
                let owner = *owner;
                if let Some(process) = self.processes.get_mut(&owner)
                    && process.collected.len() < OUTPUT_MAX
                {
                    process.collected.write(stream, bytes);
                }
            }
            Description::File { path, offset, append } => {
                let now = host.now_ms();
                return match write_file(host.files(), path, offset, *append, bytes, now) {
                    Ok(()) => Written::Done,
                    Err(error) => Written::Failed(error),
                };
            }
        }
        Written::Done
    }

    /// Reads one line for `read` or a shell.
    pub(super) fn read_line(
        &mut self,
        pid: u32,
        number: u32,
        delimiter: Option<u8>,
        host: &mut dyn Host,
    ) -> ReadLine {
        let Some(open) = self.descriptor(pid, number).filter(|open| open.read) else {
            return ReadLine::Error(Errno::BadDescriptor);
        };
        match self.descriptions.get_mut(&open.description) {
            None | Some(Description::Null) => ReadLine::End,
            Some(Description::Outside(_)) => take_line(&mut self.input, delimiter),
            Some(Description::Pipe(pipe)) => take_line(pipe, delimiter),
            Some(Description::Capture(_) | Description::Collect(_)) => ReadLine::End,
            Some(Description::File { path, offset, .. }) => {
                let bytes = match host.files().read(path) {
                    Ok(bytes) => bytes,
                    Err(error) => return ReadLine::Error(error),
                };
                let mut pipe = Pipe::ending(bytes.get(*offset..).unwrap_or(&[]));
                let before = pipe.len();
                let line = take_line(&mut pipe, delimiter);
                *offset += before - pipe.len();
                line
            }
        }
    }

    /// Whether writing to this number should wait until somebody has read.
    pub(super) fn is_full(&self, pid: u32, number: u32) -> bool {
        let open = self.descriptor(pid, number);
        match open.and_then(|open| self.descriptions.get(&open.description)) {
            Some(Description::Pipe(pipe)) => pipe.len() >= PIPE_MAX,
            _ => false,
        }
    }

    pub(super) fn has_reader(&self, description: u32) -> bool {
        self.holders(description, |open| open.read)
    }

    fn holders(&self, description: u32, wanted: impl Fn(&Descriptor) -> bool) -> bool {
        let holds = |open: &Descriptor| open.description == description && wanted(open);
        self.processes.values().filter(|process| process.exit.is_none()).any(|process| {
            let hidden = process.saved.iter().flatten().filter_map(|(_, open)| open.as_ref());
            process.descriptors.values().chain(hidden).any(holds)
        })
    }

    /// Closes pipes without writers, forgets descriptions nobody holds.
    pub(super) fn refresh_pipes(&mut self) {
        let ids: Vec<u32> = self.descriptions.keys().copied().filter(|id| *id > 2).collect();
        for id in ids {
            if !self.holders(id, |_| true) && !self.awaited(id) {
                self.descriptions.remove(&id);
                continue;
            }
            let closed = !self.holders(id, |open| open.write);
            if let Some(Description::Pipe(pipe)) = self.descriptions.get_mut(&id) {
                pipe.closed = closed;
            }
        }
    }

    /// A substitution's output is kept until the shell has taken it.
    fn awaited(&self, id: u32) -> bool {
        matches!(self.descriptions.get(&id), Some(Description::Capture(_)))
            && self
                .processes
                .values()
                .any(|process| matches!(process.body, Body::Shell(_) | Body::Gone))
    }

    pub(super) fn take_capture(&mut self, id: u32) -> EcoString {
        let Some(Description::Capture(bytes)) = self.descriptions.remove(&id) else {
            return EcoString::new();
        };
        String::from_utf8_lossy(&bytes).into()
    }
}

fn take_line(pipe: &mut Pipe, delimiter: Option<u8>) -> ReadLine {
    let line = match delimiter {
        None => pipe.take_line(),
        Some(end) => {
            let mut line = Vec::new();
            let all = pipe.take_all();
            match all.iter().position(|byte| *byte == end) {
                Some(at) => {
                    line.extend_from_slice(all.get(..at).unwrap_or(&[]));
                    line.push(b'\n');
                    pipe.put_back(all.get(at + 1..).unwrap_or(&[]));
                    Some(line)
                }
                None if pipe.closed && !all.is_empty() => Some(all),
                None => {
                    pipe.put_back(&all);
                    None
                }
            }
        }
    };
    match line {
        Some(line) => ReadLine::Line(line),
        None if pipe.at_end() => ReadLine::End,
        None => ReadLine::WouldBlock,
    }
}

/// Writes at the offset, which other writers of the same description share.
fn write_file(
    files: &mut dyn FileSystem,
    path: &str,
    offset: &mut usize,
    append: bool,
    bytes: &[u8],
    now: u64,
) -> Result<(), Errno> {
    if append {
        return files.append(path, bytes, now);
    }
    let size = files.metadata(path).map_or(0, |found| found.size as usize);
    if *offset >= size {
        *offset += bytes.len();
        return files.append(path, bytes, now);
    }
    let mut content = files.read(path)?.to_vec();
    let end = (*offset + bytes.len()).min(content.len());
    content.splice(*offset..end, bytes.iter().copied());
    *offset += bytes.len();
    files.write(path, &content, now)
}
