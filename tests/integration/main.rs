//! The native suite: one binary, one file for each feature.

#![allow(clippy::unwrap_used)]

mod apiserver;
mod dns;
mod embed;
mod invariant;
mod kubectl;
mod lesson;
mod lesson_page;
mod mounts;
mod network;
mod node;
mod persistentvolume;
mod shell;
mod statefulset;
mod playground;
mod recording;
mod tidy;
mod transcripts;
mod workloads;
