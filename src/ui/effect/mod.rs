//! The browser's capabilities, one file each.

pub mod frame;
pub mod location;
pub mod storage;
pub mod texts;
pub mod theme;
