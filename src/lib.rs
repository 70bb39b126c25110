//! Kubernetes StatefulSets, simulated to the letter.
//!
//! Modules stand in dependency order: a module uses only modules above it (ARCHITECTURE.md has
//! the table). The core knows no browser; only `ui` does, and it exists on wasm32 alone.

pub mod api;
pub mod text;
pub mod script;
pub mod programs;
pub mod chance;
pub mod apiserver;
pub mod client;
pub mod controller;
pub mod scheduler;
pub mod dns;
pub mod kubelet;
pub mod simulation;
pub mod kubectl;
pub mod shell;
pub mod lesson;
pub mod locale;
pub mod playground;

#[cfg(not(target_arch = "wasm32"))]
pub mod headless;

#[cfg(target_arch = "wasm32")]
pub mod ui;
