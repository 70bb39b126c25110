//! The native suite: one binary, one file for each feature.

mod apiserver;
mod tidy;
mod transcripts;
