//! What the panels show at the shown instant, as plain values.
//!
//! A view says everything in words, numbers and marks, so that components only place it. Lists
//! are shared (`Arc`), because signals want values that may cross threads.

pub mod because;
pub mod picture;
pub mod revision;
pub mod volume;
