//! `kubectl get`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/get`.

use super::refuse;
use crate::kubectl::command::{
    ALL_NAMESPACES_FLAG, CHUNK_SIZE_FLAG, Command, FIELD_SELECTOR_FLAG, FILENAME_FLAGS, Flag,
    PRINT_FLAGS, SELECTOR_FLAG,
};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "get",
    &[
        ALL_NAMESPACES_FLAG,
        CHUNK_SIZE_FLAG,
        FIELD_SELECTOR_FLAG,
        FILENAME_FLAGS,
        PRINT_FLAGS,
        SELECTOR_FLAG,
        FLAGS,
    ],
    refuse,
)];

static FLAGS: &[Flag] = &[
    Flag::bool("ignore-not-found"),
    Flag::slice("label-columns").short('L'),
    Flag::bool("no-headers"),
    Flag::bool("output-watch-events"),
    Flag::text("raw"),
    Flag::bool("server-print").default("true"),
    Flag::bool("show-kind"),
    Flag::bool("show-labels"),
    Flag::text("sort-by"),
    Flag::text("subresource"),
    Flag::bool("watch").short('w'),
    Flag::bool("watch-only"),
];
