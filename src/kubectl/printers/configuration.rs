//! Rows of configuration and policy objects.
//!
//! Models printConfigMap, printSecret, printResourceQuota and their siblings of
//! `pkg/printers/internalversion/printers.go`.

use super::{TableDefinition, age, column, int};
use crate::api::object::Object;
use crate::api::value::Value;

fn length(value: &Value) -> usize {
    value.as_object().map_or(0, |map| map.len())
}

/// The table of ConfigMaps.
pub const CONFIG_MAP: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Data"), column("Age")],
    row: |map, now| {
        let count = length(map.value.get("data")) + length(map.value.get("binaryData"));
        vec![map.name().into(), count.to_string(), age(map, now)]
    },
};

/// The table of Secrets.
pub const SECRET: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Type"), column("Data"), column("Age")],
    row: |secret, now| {
        vec![
            secret.name().into(),
            secret.value.get("type").str().into(),
            length(secret.value.get("data")).to_string(),
            age(secret, now),
        ]
    },
};

/// The table of ServiceAccounts.
pub const SERVICE_ACCOUNT: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Age")],
    row: |account, now| vec![account.name().into(), age(account, now)],
};

/// The table of ResourceQuotas.
pub const RESOURCE_QUOTA: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Request"), column("Limit"), column("Age")],
    row: |quota, now| {
        let [requests, limits] = quota_cells(quota);
        vec![quota.name().into(), requests, limits, age(quota, now)]
    },
};

/// Models printResourceQuota: `pods: 2/3, requests.cpu: 1/2`, limits in a column of their own.
fn quota_cells(quota: &Object) -> [String; 2] {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (name, hard) in quota.status().get("hard").entries() {
        let used = quota.status().get("used").get(name);
        let text = format!("{name}: {}/{}", quantity(used), quantity(hard));
        match name.starts_with("limits") {
            true => limits.push(text),
            false => requests.push(text),
        }
    }
    [requests.join(", "), limits.join(", ")]
}

fn quantity(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => int(other),
    }
}

/// The table of LimitRanges.
pub const LIMIT_RANGE: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Created At")],
    row: |range, _| {
        vec![range.name().into(), range.metadata().get("creationTimestamp").str().into()]
    },
};

/// The table of PriorityClasses.
pub const PRIORITY_CLASS: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Value"),
        column("Global-Default"),
        column("Age"),
        column("PreemptionPolicy"),
    ],
    row: |class, now| {
        let policy = match class.value.get("preemptionPolicy").str() {
            "" => "PreemptLowerPriority",
            policy => policy,
        };
        vec![
            class.name().into(),
            int(class.value.get("value")),
            class.value.get("globalDefault").is_true().to_string(),
            age(class, now),
            policy.into(),
        ]
    },
};
