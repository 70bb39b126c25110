//! The files that kubectl sees.
//!
//! Models the little of `os` that kubectl needs; the shell lends its file store through this.

/// Why a file could not be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileError {
    /// There is none.
    NotFound,
    /// It is a directory.
    IsDirectory,
    /// A part of the path is no directory.
    NotDirectory,
    /// It may not be touched, or there is no room.
    Denied,
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            FileError::NotFound => "no such file or directory",
            FileError::IsDirectory => "is a directory",
            FileError::NotDirectory => "not a directory",
            FileError::Denied => "permission denied",
        })
    }
}

/// A store of files; relative paths start in the working directory.
pub trait Files {
    /// A file's content.
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError>;

    /// Writes a file, making it and its directories if absent.
    fn write(&mut self, path: &str, content: &[u8]) -> Result<(), FileError>;

    /// Makes a directory and those above it; one that is there is all right.
    fn make_directory(&mut self, path: &str) -> Result<(), FileError>;

    /// Takes a file away.
    fn remove(&mut self, path: &str) -> Result<(), FileError>;

    /// The names in a directory, sorted, each with whether it is a directory itself.
    fn list(&self, path: &str) -> Result<Vec<(String, bool)>, FileError>;

    /// Whether there is a directory at this path.
    fn is_directory(&self, path: &str) -> bool;
}
