//! The panels, one file each.

pub mod because;
pub mod change;
pub mod editor;
pub mod header;
pub mod names;
pub mod partition;
pub mod picture;
pub mod pod;
pub mod prompt;
pub mod terminal;
pub mod time_bar;
