//! Lessons: Markdown with files and commands, played on a cluster.

pub mod replay;
pub mod transcript;
