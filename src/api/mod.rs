//! The objects of the Kubernetes API as plain data, and the table of their kinds.
//!
//! Models `k8s.io/api` and `k8s.io/apimachinery`. Objects are dynamic trees ([`value::Value`])
//! with accessors by kind, so that whatever a learner writes survives unchanged; field types,
//! merge keys and Go names come from the schema table, not from Rust structs.

pub mod content;
pub mod fnv;
pub mod go;
pub mod go_dump;
pub mod go_fmt;
pub mod image_reference;
pub mod job;
pub mod jsonpath;
pub mod managed_fields;
pub mod map;
pub mod memory;
pub mod object;
pub mod placement;
pub mod pod;
pub mod patch;
pub mod pod_requests;
pub mod pool;
pub mod quantity;
pub mod repair;
pub mod scheme;
pub mod schema;
pub mod selector;
pub mod status;
pub mod time;
pub mod types;
pub mod value;
pub mod yaml;
