//! Namespaces, their quotas and limits.
//!
//! Models NamespaceDescriber, ResourceQuotaDescriber and LimitRangeDescriber of describe.go.

use super::writer::{or, scalar};
use super::{Surroundings, Writer};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::Value;

/// Writes a Namespace with what limits it.
pub fn describe_namespace(namespace: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    w.field(0, "Name", namespace.name());
    w.labels("Labels", namespace.metadata().get("labels"));
    w.annotations("Annotations", namespace.metadata().get("annotations"));
    w.field(0, "Status", namespace.status().get("phase").str());
    w.line(0, "");
    let quotas = around.list(Kind::ResourceQuota, namespace.name());
    match quotas.is_empty() {
        true => w.line(0, "No resource quota."),
        false => w.line(0, "Resource Quotas"),
    }
    for quota in &quotas {
        w.field(1, "Name", quota.name());
        w.line(1, "Resource\tUsed\tHard");
        w.line(1, "--------\t---\t---");
        quota_lines(quota, 1, w);
    }
    w.line(0, "");
    let ranges = around.list(Kind::LimitRange, namespace.name());
    match ranges.is_empty() {
        true => w.line(0, "No LimitRange resource."),
        false => {
            w.line(0, "Resource Limits");
            limit_heading(" ", w);
        }
    }
    for range in &ranges {
        limit_lines(range, " ", w);
    }
}

/// Writes a ResourceQuota.
pub fn describe_resource_quota(quota: &Object, w: &mut Writer) {
    w.field(0, "Name", quota.name());
    w.field(0, "Namespace", quota.namespace());
    let scopes: Vec<&str> = quota.spec().get("scopes").items().iter().map(Value::str).collect();
    w.field_if(0, "Scopes", &scopes.join(", "));
    w.line(0, "Resource\tUsed\tHard");
    w.line(0, "--------\t----\t----");
    quota_lines(quota, 0, w);
}

fn quota_lines(quota: &Object, level: usize, w: &mut Writer) {
    for (name, hard) in quota.status().get("hard").entries() {
        let used = scalar(quota.status().get("used").get(name));
        w.line(level, &format!("{name}\t{}\t{}", or(&used, "0"), scalar(hard)));
    }
}

/// Writes a LimitRange.
pub fn describe_limit_range(range: &Object, w: &mut Writer) {
    w.field(0, "Name", range.name());
    w.field(0, "Namespace", range.namespace());
    limit_heading("", w);
    limit_lines(range, "", w);
}

fn limit_heading(prefix: &str, w: &mut Writer) {
    let titles = [
        "Type",
        "Resource",
        "Min",
        "Max",
        "Default Request",
        "Default Limit",
        "Max Limit/Request Ratio",
    ];
    w.line(0, &format!("{prefix}{}", titles.join("\t")));
    let dashes =
        "----\t--------\t---\t---\t---------------\t-------------\t-----------------------";
    w.line(0, &format!("{prefix}{dashes}"));
}

/// Models describeLimitRangeSpec: one line for each resource of each item.
fn limit_lines(range: &Object, prefix: &str, w: &mut Writer) {
    const FIELDS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for item in range.spec().get("limits").items() {
        let mut names: Vec<&str> = FIELDS
            .iter()
            .flat_map(|field| item.get(field).entries())
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let cells: Vec<String> = FIELDS
                .iter()
                .map(|field| or(&scalar(item.path(&[field, name])), "-").to_string())
                .collect();
            let kind = item.get("type").str();
            w.line(0, &format!("{prefix}{kind}\t{name}\t{}", cells.join("\t")));
        }
    }
}
