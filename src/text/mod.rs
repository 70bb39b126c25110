//! Text as Kubernetes' command line lays it out: columns, durations, Go values, differences.
//!
//! Models Go's `text/tabwriter`, `fmt` and `k8s.io/apimachinery/pkg/util/duration`, as far as
//! kubectl's output is made with them.

pub mod duration;
pub mod go_fmt;
pub mod tabwriter;
