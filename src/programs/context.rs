//! What a program sees while it runs: arguments, environment, files, streams.

use ecow::EcoString;

use crate::script::files::{Errno, absolute};
use crate::script::{Environment, FileSystem, Flavour, Host, Io, Stream};

/// One poll of a program.
pub struct Context<'a> {
    /// Its name, without directories.
    pub name: EcoString,
    /// The words after the name.
    pub args: &'a [EcoString],
    /// Exported variables.
    pub env: &'a Environment,
    /// The working directory.
    pub cwd: &'a str,
    /// Whose messages.
    pub flavour: Flavour,
    /// The world.
    pub host: &'a mut dyn Host,
    /// The streams.
    pub io: &'a mut Io,
}

/// Why an input cannot be read now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Standard input has not ended yet: come back later.
    Pending,
    /// It cannot be read.
    Failed(Errno),
}

/// The result of a program that needs its whole input: an exit code, or come back later.
pub type Whole = Result<i32, Pending>;

/// Standard input has not ended yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pending;

impl Context<'_> {
    /// Prints to standard output.
    pub fn out(&mut self, text: &str) {
        self.io.output.out(text);
    }

    /// Prints bytes to standard output.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.io.output.write(Stream::Out, bytes);
    }

    /// Prints to standard error.
    pub fn err(&mut self, text: &str) {
        self.io.output.err(text);
    }

    /// Prints `name: text` to standard error.
    pub fn complain(&mut self, text: &str) {
        let line = format!("{}: {text}\n", self.name);
        self.err(&line);
    }

    /// The same poll with other arguments.
    pub fn with_args<'b>(&'b mut self, args: &'b [EcoString]) -> Context<'b> {
        Context {
            name: self.name.clone(),
            args,
            env: self.env,
            cwd: self.cwd,
            flavour: self.flavour,
            host: self.host,
            io: self.io,
        }
    }

    /// The name and the arguments.
    pub fn argv(&self) -> Vec<EcoString> {
        std::iter::once(self.name.clone()).chain(self.args.iter().cloned()).collect()
    }

    /// Whether the program is busybox's.
    pub fn busybox(&self) -> bool {
        self.flavour == Flavour::Busybox
    }

    /// A path as the file system wants it.
    pub fn path(&self, path: &str) -> EcoString {
        absolute(self.cwd, path)
    }

    /// The files.
    pub fn files(&mut self) -> &mut dyn FileSystem {
        self.host.files()
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> u64 {
        self.host.now_ms()
    }

    /// All of standard input, once it has ended.
    pub fn stdin(&mut self) -> Result<Vec<u8>, Pending> {
        if self.io.stdin.closed { Ok(self.io.stdin.take_all()) } else { Err(Pending) }
    }

    /// The content of an operand; `-` is standard input.
    pub fn read(&mut self, operand: &str) -> Result<Vec<u8>, Trouble> {
        if matches!(operand, "-" | "/dev/stdin") {
            return self.stdin().map_err(|Pending| Trouble::Pending);
        }
        if operand == "/dev/null" {
            return Ok(Vec::new());
        }
        let path = self.path(operand);
        match self.files().read(&path) {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(error) => Err(Trouble::Failed(error)),
        }
    }

    /// As [`Self::read`], as text.
    pub fn read_text(&mut self, operand: &str) -> Result<String, Trouble> {
        self.read(operand).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads all operands (standard input without any) with their names.
    ///
    /// An unreadable one is complained about as the program does and counts as exit code.
    pub fn read_all(
        &mut self,
        operands: &[EcoString],
        status: &mut i32,
    ) -> Result<Vec<(EcoString, String)>, Pending> {
        let stdin = ["-".into()];
        let operands = if operands.is_empty() { &stdin } else { operands };
        let mut found = Vec::new();
        for operand in operands {
            match self.read_text(operand) {
                Ok(text) => found.push((operand.clone(), text)),
                Err(Trouble::Pending) => return Err(Pending),
                Err(Trouble::Failed(error)) => {
                    let text = open_error(&self.name, operand, error, self.flavour);
                    self.complain(&text);
                    *status = 1;
                }
            }
        }
        Ok(found)
    }
}

/// How a program says that it cannot read a file (after its own name).
pub fn open_error(name: &str, operand: &str, error: Errno, flavour: Flavour) -> String {
    let directory = error == Errno::IsADirectory;
    match (flavour, name) {
        (Flavour::Gnu, "head" | "tail") if directory => {
            format!("error reading '{operand}': {error}")
        }
        (Flavour::Gnu, "head" | "tail") => {
            format!("cannot open '{operand}' for reading: {error}")
        }
        (Flavour::Gnu, "tac") if !directory => {
            format!("failed to open '{operand}' for reading: {error}")
        }
        (Flavour::Gnu, "sort") if directory => format!("read failed: {operand}: {error}"),
        (Flavour::Gnu, "sort") => format!("cannot read: {operand}: {error}"),
        (Flavour::Gnu, "sed") if directory => {
            format!("couldn't edit {operand}: not a regular file")
        }
        (Flavour::Gnu, "sed") => format!("can't read {operand}: {error}"),
        (Flavour::Gnu, "rev") => format!("cannot open {operand}: {error}"),
        (Flavour::Gnu, "awk") => {
            format!("fatal: cannot open file `{operand}' for reading: {error}")
        }
        (Flavour::Busybox, "cat") if directory => format!("read error: {error}"),
        (Flavour::Busybox, "cat" | "tail" | "uniq" | "md5sum" | "sha256sum" | "sha1sum") => {
            format!("can't open '{operand}': {error}")
        }
        _ => format!("{operand}: {error}"),
    }
}

/// The lines of a text without their newlines.
pub fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    if lines.last() == Some(&"") {
        lines.pop();
    }
    lines
}
