//! The panels, one file each.

pub mod because;
pub mod change;
pub mod editor;
pub mod header;
pub mod class;
pub mod class_table;
pub mod lesson;
pub mod lesson_block;
pub mod lesson_goal;
pub mod lesson_hand_in;
pub mod lesson_menu;
pub mod lesson_prose;
pub mod lesson_question;
pub mod names;
pub mod partition;
pub mod picture;
pub mod pod;
pub mod prompt;
pub mod terminal;
pub mod time_bar;
