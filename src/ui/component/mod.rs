//! Small parts that several panels are made of.

pub mod button;
pub mod menu;
pub mod splitter;
