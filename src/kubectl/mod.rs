//! kubectl: verbs, their flags and their words.
//!
//! Models `k8s.io/kubectl` and `k8s.io/cli-runtime`. It reaches the cluster through
//! [`Client`](crate::client::Client) alone. A running kubectl is a [`Process`]: plain data that is
//! polled while the cluster's time goes on, since many verbs wait.

pub mod args;
pub mod cmd;
pub mod command;
pub mod describe;
pub mod dry_run;
pub mod container;
pub mod discovery;
pub mod errors;
pub mod files;
pub mod help;
pub mod impersonation;
pub mod invocation;
pub mod kubeconfig;
pub mod label_selector;
pub mod last_applied;
pub mod output;
pub mod pairs;
pub mod pod_spec;
pub mod printers;
pub mod process;
pub mod record;
pub mod resource_builder;
pub mod resource_mapper;
pub mod suggestion;
pub mod validation;

pub use errors::Failure;
pub use files::Files;
pub use invocation::Invocation;
pub use process::{Flow, Outcome, Poll, Process, Stdin, Streams, World};
