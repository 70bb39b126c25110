//! The browser's capabilities, one file each.

pub mod embed;
pub mod file;
pub mod focus;
pub mod frame;
pub mod location;
pub mod opening;
pub mod rest;
pub mod scorm;
pub mod storage;
pub mod text;
pub mod texts;
pub mod theme;
