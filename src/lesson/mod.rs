//! Lessons and exercises: Markdown with files, commands and goals, played and judged on a cluster.
//!
//! The format is docs/lesson-format.md. Nothing here is Kubernetes': the cluster is the judge.

pub mod catalog;
pub mod class;
pub mod compare;
pub mod condition;
pub mod evaluate;
pub mod fence;
pub mod format;
pub mod front_matter;
pub mod goal;
pub mod grade;
pub mod hand_in;
pub mod inputs;
pub mod judge;
pub mod packed;
pub mod predict;
pub mod problem;
pub mod progress;
pub mod prose;
pub mod reader;
pub mod recorder;
pub mod replay;
pub mod spans;
pub mod start;
pub mod state;
pub mod transcript;
pub mod walk;
