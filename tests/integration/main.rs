//! The native suite: one binary, one file for each feature.

mod tidy;
mod transcripts;
