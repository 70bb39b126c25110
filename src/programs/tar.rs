//! tar, as far as copying files into and out of containers needs it.
//!
//! Creates, lists and extracts plain archives; compression is not simulated.

use crate::api::value::EcoString;
use crate::script::files::{Errno, FileKind, FileSystem, absolute, split};
use crate::script::{Flavour, Io, Poll, Stream};
use crate::text::tar::{self, Entry, Kind};

/// A running tar.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tar {
    argv: Vec<EcoString>,
    cwd: EcoString,
    flavour: Flavour,
    input: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
struct Options {
    action: Option<char>,
    file: Option<String>,
    directory: Option<String>,
    verbose: bool,
    keep_slash: bool,
    touch: bool,
    names: Vec<String>,
}

/// Where it works.
struct Place<'a> {
    files: &'a mut dyn FileSystem,
    now_ms: u64,
    cwd: EcoString,
    io: &'a mut Io,
    flavour: Flavour,
}

impl Tar {
    /// `tar cf - site`
    pub fn new(argv: &[EcoString], cwd: &str, flavour: Flavour) -> Self {
        Tar { argv: argv.to_vec(), cwd: cwd.into(), flavour, input: Vec::new() }
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
        let flavour = self.flavour;
        let mut place = Place { files, now_ms, cwd: self.cwd.clone(), io, flavour };
        if let Err(code) = place.enter(&options) {
            return Poll::Exited(code);
        }
        match options.action {
            Some('c') => Poll::Exited(place.create(&options, &self.cwd)),
            Some(action) => {
                let bytes = match options.file.as_deref().unwrap_or("-") {
                    "-" => {
                        self.input.extend(place.io.stdin.take_all());
                        if !place.io.stdin.closed {
                            return Poll::Running { until: None };
                        }
                        std::mem::take(&mut self.input)
                    }
                    file => match place.files.read(&absolute(&self.cwd, file)) {
                        Ok(bytes) => bytes.to_vec(),
                        Err(error) => return Poll::Exited(place.cannot_open(file, error)),
                    },
                };
                Poll::Exited(place.read(action, &bytes, &options))
            }
            None => {
                let text = match flavour {
                    Flavour::Gnu => {
                        "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' \
                         options\nTry 'tar --help' or 'tar --usage' for more information.\n"
                    }
                    Flavour::Busybox => "tar: need at least one option\n",
                };
                place.io.output.err(text);
                Poll::Exited(if flavour == Flavour::Gnu { 2 } else { 1 })
            }
        }
    }
}

impl Place<'_> {
    fn failure(&self) -> i32 {
        if self.flavour == Flavour::Gnu { 2 } else { 1 }
    }

    fn enter(&mut self, options: &Options) -> Result<(), i32> {
        let Some(directory) = &options.directory else { return Ok(()) };
        let path = absolute(&self.cwd, directory);
        let problem = match self.files.metadata(&path) {
            Ok(found) if found.is_dir() => {
                self.cwd = path;
                return Ok(());
            }
            Ok(_) => Errno::NotADirectory,
            Err(error) => error,
        };
        let words = problem.words();
        match self.flavour {
            Flavour::Gnu => self.io.output.err(&format!(
                "tar: {directory}: Cannot open: {words}\ntar: Error is not recoverable: exiting \
                 now\n"
            )),
            Flavour::Busybox => {
                self.io
                    .output
                    .err(&format!("tar: can't change directory to '{directory}': {words}\n"));
            }
        }
        Err(self.failure())
    }

    fn cannot_open(&mut self, file: &str, error: Errno) -> i32 {
        let words = error.words();
        self.io.output.err(&match self.flavour {
            Flavour::Gnu => format!(
                "tar: {file}: Cannot open: {words}\ntar: Error is not recoverable: exiting now\n"
            ),
            Flavour::Busybox => format!("tar: can't open '{file}': {words}\n"),
        });
        self.failure()
    }

    fn create(&mut self, options: &Options, outer: &str) -> i32 {
        if options.names.is_empty() {
            let text = match self.flavour {
                Flavour::Gnu => "tar: Cowardly refusing to create an empty archive\n",
                Flavour::Busybox => "tar: empty archive\n",
            };
            self.io.output.err(text);
            return self.failure();
        }
        let (mut entries, mut code, mut told) = (Vec::new(), 0, false);
        for name in &options.names {
            if name.starts_with('/') && !options.keep_slash && !told {
                told = true;
                self.io.output.err(match self.flavour {
                    Flavour::Gnu => "tar: Removing leading `/' from member names\n",
                    Flavour::Busybox => "tar: removing leading '/' from member names\n",
                });
            }
            code = code.max(self.add(name, options, &mut entries, 0));
        }
        if code != 0 {
            self.io.output.err(match self.flavour {
                Flavour::Gnu => "tar: Exiting with failure status due to previous errors\n",
                Flavour::Busybox => "tar: error exit delayed from previous errors\n",
            });
        }
        let to_stdout = options.file.as_deref().is_none_or(|file| file == "-");
        if options.verbose {
            let stream = if to_stdout { Stream::Err } else { Stream::Out };
            for entry in &entries {
                self.io.output.write(stream, format!("{}\n", entry.name).as_bytes());
            }
        }
        let bytes = tar::write(&entries);
        match options.file.as_deref() {
            None | Some("-") => self.io.output.write(Stream::Out, &bytes),
            Some(file) => {
                let path = absolute(outer, file);
                if let Err(error) = self.files.write(&path, &bytes, self.now_ms) {
                    return self.cannot_open(file, error);
                }
            }
        }
        code
    }

    fn add(&mut self, name: &str, options: &Options, entries: &mut Vec<Entry>, depth: u32) -> i32 {
        let path = absolute(&self.cwd, name);
        let found = match self.files.link_metadata(&path) {
            Ok(found) => found,
            Err(error) => {
                let words = error.words();
                self.io.output.err(&match self.flavour {
                    Flavour::Gnu => format!("tar: {name}: Cannot stat: {words}\n"),
                    Flavour::Busybox => format!("tar: {name}: {words}\n"),
                });
                return self.failure();
            }
        };
        let member = match options.keep_slash {
            true => name.to_string(),
            false => name.trim_start_matches('/').to_string(),
        };
        let (mode, modified) = (found.mode, found.modified_ms / 1000);
        let mut entry = Entry { name: member, kind: Kind::File, mode, modified, bytes: Vec::new() };
        match found.kind {
            FileKind::Directory => {
                if !entry.name.ends_with('/') {
                    entry.name.push('/');
                }
                entry.kind = Kind::Directory;
                entries.push(entry);
                let mut code = 0;
                for inner in self.files.list(&path).unwrap_or_default() {
                    let inner = format!("{}/{inner}", name.trim_end_matches('/'));
                    if depth < 64 {
                        code = code.max(self.add(&inner, options, entries, depth + 1));
                    }
                }
                return code;
            }
            FileKind::Link => {
                entry.kind = Kind::Link(self.files.read_link(&path).unwrap_or_default().into());
            }
            FileKind::File => entry.bytes = self.files.read(&path).unwrap_or_default().to_vec(),
            FileKind::Device | FileKind::Socket => return 0,
        }
        entries.push(entry);
        0
    }

    fn read(&mut self, action: char, bytes: &[u8], options: &Options) -> i32 {
        let entries = match tar::read(bytes) {
            Ok(entries) => entries,
            Err(tar::Damaged) => {
                self.io.output.err(match self.flavour {
                    Flavour::Gnu => {
                        "tar: This does not look like a tar archive\ntar: Exiting with failure \
                         status due to previous errors\n"
                    }
                    Flavour::Busybox if bytes.is_empty() => "tar: short read\n",
                    Flavour::Busybox => "tar: invalid tar magic\n",
                });
                return self.failure();
            }
        };
        let wanted = |entry: &&Entry| {
            options.names.is_empty()
                || options.names.iter().any(|name| {
                    let name = name.trim_end_matches('/');
                    let rest = entry.name.strip_prefix(name);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                })
        };
        for entry in entries.iter().filter(wanted) {
            if action == 't' || options.verbose {
                self.io.output.out(&format!("{}\n", entry.name));
            }
            if action == 'x'
                && let Err(code) = self.extract(entry, options.touch)
            {
                return code;
            }
        }
        0
    }

    fn extract(&mut self, entry: &Entry, touch: bool) -> Result<(), i32> {
        let name = entry.name.trim_start_matches('/').trim_end_matches('/');
        if name.is_empty() || name == "." {
            return Ok(());
        }
        if name.split('/').any(|part| part == "..") {
            self.io.output.err(&format!("tar: name '{}' contains '..'\n", entry.name));
            return Err(self.failure());
        }
        let path = absolute(&self.cwd, name);
        self.make_parents(&path);
        let now = self.now_ms;
        if entry.kind != Kind::Directory && self.files.link_metadata(&path).is_ok() {
            // busybox and GNU remove what is in the way and write anew.
            if let Err(error) = self.files.remove_file(&path) {
                return self.refuse("remove old file", name, error);
            }
        }
        let done = match &entry.kind {
            Kind::Directory => match self.files.make_dir(&path, entry.mode, now) {
                Err(Errno::Exists) => Ok(()),
                other => other,
            },
            Kind::Link(target) => self.files.symlink(target, &path, now),
            Kind::File => self.files.write(&path, &entry.bytes, now),
        };
        match done {
            Ok(()) => {
                if entry.kind == Kind::File {
                    // A file that was just written takes its mode and time.
                    let _ = self.files.set_mode(&path, entry.mode);
                    if !touch {
                        let _ = self.files.set_modified(&path, entry.modified * 1000);
                    }
                }
                Ok(())
            }
            Err(error) => self.refuse("open", name, error),
        }
    }

    fn refuse(&mut self, what: &str, name: &str, error: Errno) -> Result<(), i32> {
        let words = error.words();
        self.io.output.err(&match self.flavour {
            Flavour::Gnu => format!(
                "tar: {name}: Cannot open: {words}\ntar: Exiting with failure status due to \
                 previous errors\n"
            ),
            Flavour::Busybox => format!("tar: can't {what} {name}: {words}\n"),
        });
        Err(self.failure())
    }

    fn make_parents(&mut self, path: &str) {
        let (parent, _) = split(path);
        let mut at = String::new();
        for part in parent.split('/').filter(|part| !part.is_empty()) {
            at.push('/');
            at.push_str(part);
            // What is there already is all right; what cannot be made is complained of later.
            let _ = self.files.make_dir(&at, 0o755, self.now_ms);
        }
    }
}

fn options(argv: &[EcoString]) -> Result<Options, String> {
    let mut found = Options::default();
    let mut words = argv.iter().skip(1);
    let mut first = true;
    while let Some(word) = words.next() {
        let bundle = match word.strip_prefix('-') {
            Some(long) if long.starts_with('-') && long.len() > 1 => {
                long_option(&mut found, &long[1..], &mut words)?;
                first = false;
                continue;
            }
            Some(letters) if !letters.is_empty() => Some(letters),
            _ if first => Some(word.as_str()),
            _ => None,
        };
        first = false;
        let Some(letters) = bundle else {
            found.names.push(word.to_string());
            continue;
        };
        for letter in letters.chars() {
            match letter {
                'c' | 'x' | 't' => found.action = Some(letter),
                'f' => found.file = words.next().map(|word| word.to_string()),
                'C' => found.directory = words.next().map(|word| word.to_string()),
                'v' => found.verbose = true,
                'P' => found.keep_slash = true,
                'm' => found.touch = true,
                'p' | 'h' | 'o' | 'k' => {}
                'z' | 'j' | 'J' => {
                    return Err(format!("tar: -{letter}: compression is not simulated here\n"));
                }
                _ => return Err(format!("tar: invalid option -- '{letter}'\n")),
            }
        }
    }
    Ok(found)
}

fn long_option<'a>(
    found: &mut Options,
    long: &str,
    words: &mut impl Iterator<Item = &'a EcoString>,
) -> Result<(), String> {
    let (name, value) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value.to_string())),
        None => (long, None),
    };
    match name {
        "create" => found.action = Some('c'),
        "extract" | "get" => found.action = Some('x'),
        "list" => found.action = Some('t'),
        "verbose" => found.verbose = true,
        "file" => found.file = value.or_else(|| words.next().map(|word| word.to_string())),
        "directory" => {
            found.directory = value.or_else(|| words.next().map(|word| word.to_string()));
        }
        "no-same-owner" | "no-same-permissions" | "same-permissions" | "overwrite" => {}
        _ => return Err(format!("tar: unrecognized option '--{name}'\n")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Pipe, Tree};

    fn run(files: &mut Tree, argv: &[&str], stdin: &[u8]) -> (Vec<u8>, String, Poll) {
        let argv: Vec<EcoString> = argv.iter().map(|word| (*word).into()).collect();
        let mut io = Io { stdin: Pipe::ending(stdin), ..Io::default() };
        let mut tar = Tar::new(&argv, "/", Flavour::Busybox);
        let poll = tar.poll(files, 0, &mut io);
        let out: Vec<u8> = io
            .output
            .0
            .iter()
            .filter(|(stream, _)| *stream == Stream::Out)
            .flat_map(|(_, bytes)| bytes.clone())
            .collect();
        (out, io.output.text(Stream::Err), poll)
    }

    #[test]
    fn files_go_through_a_pipe() {
        let mut here = Tree::with_files(&[("/site/a", "1"), ("/site/b/c", "2")]);
        let (archive, complaint, poll) = run(&mut here, &["tar", "cf", "-", "/site"], b"");
        assert_eq!(
            (complaint.as_str(), poll),
            ("tar: removing leading '/' from member names\n", Poll::Exited(0))
        );
        let mut there = Tree::with_files(&[("/tmp/x", "")]);
        let (_, complaint, poll) = run(&mut there, &["tar", "xmf", "-", "-C", "/tmp"], &archive);
        assert_eq!((complaint.as_str(), poll), ("", Poll::Exited(0)));
        assert_eq!(there.read("/tmp/site/b/c").as_deref(), Ok(&b"2"[..]));
        let (listed, ..) = run(&mut there, &["tar", "tf", "-"], &archive);
        assert_eq!(listed, b"site/\nsite/a\nsite/b/\nsite/b/c\n");
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut here = Tree::new();
        let (_, complaint, poll) = run(&mut here, &["tar", "xmf", "-", "-C", "/nowhere"], b"");
        let wanted = "tar: can't change directory to '/nowhere': No such file or directory\n";
        assert_eq!((complaint.as_str(), poll), (wanted, Poll::Exited(1)));
    }
}
