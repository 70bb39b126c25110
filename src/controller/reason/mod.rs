//! Why things are so: what every control loop says about its decisions, as data.
//!
//! The because panel, lesson graders, screen-reader text and both languages are made from these.
//! Each loop has its own closed enum; doing nothing has reasons too.

/// A reason with its facts, by who gives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reason {}
