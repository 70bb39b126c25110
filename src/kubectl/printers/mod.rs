//! Tables: which columns a kind has and what stands in them.
//!
//! Models `pkg/printers/internalversion/printers.go`, which makes the rows in the API server, and
//! `k8s.io/cli-runtime/pkg/printers/tableprinter.go`, which lays them out.

mod cluster;
mod configuration;
mod network;
pub mod pod;
pub mod storage;
mod workload;

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::{EcoString, Map, Value};
use crate::text::duration;

pub use cluster::roles;
pub use storage::access_modes;

/// The name of a column; those in `wide` follow with `-o wide`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// As the API has it, in mixed case.
    pub name: &'static str,
    /// Whether it is shown only with `-o wide`.
    pub wide: bool,
}

/// How the rows of a kind are made.
#[derive(Clone, Copy)]
pub struct TableDefinition {
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// The cells of an object, one for each column.
    pub row: fn(&Object, Time) -> Vec<String>,
}

/// A column that is always shown.
const fn column(name: &'static str) -> Column {
    Column { name, wide: false }
}

/// A column of `-o wide`.
const fn wide(name: &'static str) -> Column {
    Column { name, wide: true }
}

/// The table of a kind.
pub fn definition(kind: Kind) -> TableDefinition {
    match kind {
        Kind::Pod => pod::TABLE,
        Kind::StatefulSet => workload::STATEFUL_SET,
        Kind::ControllerRevision => workload::CONTROLLER_REVISION,
        Kind::Deployment => workload::DEPLOYMENT,
        Kind::ReplicaSet => workload::REPLICA_SET,
        Kind::DaemonSet => workload::DAEMON_SET,
        Kind::Job => workload::JOB,
        Kind::CronJob => workload::CRON_JOB,
        Kind::HorizontalPodAutoscaler => workload::HORIZONTAL_POD_AUTOSCALER,
        Kind::PodDisruptionBudget => workload::POD_DISRUPTION_BUDGET,
        Kind::Service => network::SERVICE,
        Kind::Endpoints => network::ENDPOINTS,
        Kind::EndpointSlice => network::ENDPOINT_SLICE,
        Kind::PersistentVolumeClaim => storage::PERSISTENT_VOLUME_CLAIM,
        Kind::PersistentVolume => storage::PERSISTENT_VOLUME,
        Kind::StorageClass => storage::STORAGE_CLASS,
        Kind::ConfigMap => configuration::CONFIG_MAP,
        Kind::Secret => configuration::SECRET,
        Kind::ServiceAccount => configuration::SERVICE_ACCOUNT,
        Kind::ResourceQuota => configuration::RESOURCE_QUOTA,
        Kind::LimitRange => configuration::LIMIT_RANGE,
        Kind::PriorityClass => configuration::PRIORITY_CLASS,
        Kind::Node => cluster::NODE,
        Kind::Namespace => cluster::NAMESPACE,
        Kind::Event => cluster::EVENT,
        Kind::Lease => cluster::LEASE,
    }
}

/// The table of `--subresource=scale`.
pub static SCALE: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Desired"), column("Available"), column("Age")],
    row: |scale, now| {
        vec![
            scale.name().into(),
            int(scale.path(&["spec", "replicas"])),
            int(scale.path(&["status", "replicas"])),
            age(scale, now),
        ]
    },
};

/// The table of objects whose kind is not known (`defaultHandlerEntry`).
pub static PLAIN: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Age")],
    row: |object, now| vec![object.name().into(), age(object, now)],
};

fn age(object: &Object, now: Time) -> String {
    duration::age(now, object.created_at())
}

/// The age of a timestamp in a field (`translateTimestampSince`).
fn since(timestamp: &Value, now: Time) -> String {
    duration::age(now, Time::parse(timestamp.str()))
}

/// A number, 0 if absent.
fn int(value: &Value) -> String {
    value.as_i64().unwrap_or(0).to_string()
}

/// Text, or `<none>` if there is none.
fn or_none(text: &str) -> String {
    if text.is_empty() { "<none>".into() } else { text.into() }
}

/// `a=1,b=2`, or `<none>` (`labels.FormatLabels`).
pub fn format_labels(labels: Option<&Map>) -> String {
    let pairs: Vec<String> = labels
        .into_iter()
        .flat_map(Map::iter)
        .map(|(key, value)| format!("{key}={}", value.str()))
        .collect();
    or_none(&pairs.join(","))
}

/// Models metav1.FormatLabelSelector.
pub fn format_label_selector(selector: &Value) -> String {
    let mut parts: Vec<(String, String)> = selector
        .get("matchLabels")
        .entries()
        .map(|(key, value)| (key.to_string(), format!("{key}={}", value.str())))
        .collect();
    for requirement in selector.get("matchExpressions").items() {
        let key = requirement.get("key").str();
        let mut values: Vec<&str> =
            requirement.get("values").items().iter().map(Value::str).collect();
        values.sort_unstable();
        let values = values.join(",");
        let text = match requirement.get("operator").str() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_string(),
        };
        parts.push((key.into(), text));
    }
    parts.sort();
    let texts: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
    or_none(&texts.join(","))
}

/// Names and images of a template's containers, each joined by commas.
fn containers(pod_spec: &Value) -> [String; 2] {
    ["name", "image"].map(|field| {
        let parts: Vec<&str> =
            pod_spec.get("containers").items().iter().map(|c| c.get(field).str()).collect();
        parts.join(",")
    })
}

/// At most three items and how many more there are.
fn three_of(items: &[String], separator: &str) -> String {
    let shown = items.iter().take(3).cloned().collect::<Vec<_>>().join(separator);
    match items.len() {
        0..=3 => shown,
        count => format!("{shown} + {} more...", count - 3),
    }
}

/// The heading of a label column: what follows the last slash, in capitals.
pub fn label_heading(label: &str) -> String {
    label.rsplit('/').next().unwrap_or_default().to_uppercase()
}

/// A label's value, empty if absent.
pub fn label_cell(object: &Object, label: &EcoString) -> String {
    object.label(label).unwrap_or_default().into()
}
