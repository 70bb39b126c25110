//! Text as Kubernetes' command line lays it out: columns and durations.
//!
//! Models Go's `text/tabwriter` and `k8s.io/apimachinery/pkg/util/duration`, as far as
//! kubectl's output is made with them.

pub mod cron;
pub mod difference;
pub mod digest;
pub mod duration;
pub mod go_template;
pub mod tabwriter;
pub mod tar;
