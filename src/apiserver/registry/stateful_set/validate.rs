//! What is wrong with a StatefulSet.
//!
//! Models `pkg/apis/apps/validation/validation.go`: `ValidateStatefulSetSpec`,
//! `ValidateStatefulSetUpdate`, `ValidateStatefulSetStatus`.

use crate::api::object::Object;
use crate::api::status::FieldError;
use crate::api::types::internal;
use crate::api::value::Value;
use crate::apiserver::feature_gates::{FeatureGates, Gate};
use crate::apiserver::registry::pod::validate as pod;
use crate::apiserver::registry::pod::warnings;
use crate::apiserver::registry::validation::metadata::IMMUTABLE;
use crate::apiserver::registry::validation::numbers::{
    at_most_all, count_or_percentage, not_negative, one_of, plain_count,
};
use crate::apiserver::registry::validation::{Errors, names};
use crate::apiserver::registry::workload_validation::selector_and_template;
use crate::value;

/// Complaints about the spec of a set.
pub fn spec(errors: &mut Errors, set: &Object, existing: Option<&Object>, gates: &FeatureGates) {
    let spec = set.spec();
    let policy = spec.get("podManagementPolicy");
    if !matches!(policy.str(), "OrderedReady" | "Parallel") {
        let why = "must be 'OrderedReady' or 'Parallel'";
        errors.push(FieldError::invalid("spec.podManagementPolicy", policy, why));
    }
    let recreates =
        |set: &Object| set.path(&["spec", "updateStrategy", "type"]).str() == "Recreate";
    let may_recreate =
        gates.enabled(Gate::StatefulSetRecreateStrategy) || existing.is_some_and(recreates);
    update_strategy(errors, spec.get("updateStrategy"), may_recreate);
    for when in ["whenDeleted", "whenScaled"] {
        let path = format!("spec.persistentVolumeClaimRetentionPolicy.{when}");
        let policy = spec.path(&["persistentVolumeClaimRetentionPolicy", when]);
        one_of(errors, &path, policy, &["Retain", "Delete"]);
    }
    for (index, claim) in spec.get("volumeClaimTemplates").items().iter().enumerate() {
        let path = format!("spec.volumeClaimTemplates[{index}].spec");
        pod::claim_spec(errors, &path, claim.get("spec"));
    }
    not_negative(errors, "spec.replicas", spec.get("replicas"));
    not_negative(errors, "spec.minReadySeconds", spec.get("minReadySeconds"));
    not_negative(errors, "spec.ordinals.start", spec.path(&["ordinals", "start"]));
    let service = spec.get("serviceName").str();
    if !service.is_empty() {
        names::add(errors, "spec.serviceName", service, names::dns_label(service));
    }
    let template = with_claim_volumes(spec);
    selector_and_template(errors, spec, &template, "statefulset");
    let pod_spec = spec.path(&["template", "spec"]);
    let policy = pod_spec.get("restartPolicy");
    one_of(errors, "spec.template.spec.restartPolicy", policy, &["Always"]);
    if !pod_spec.get("activeDeadlineSeconds").is_null() {
        let why = "activeDeadlineSeconds in StatefulSet is not Supported";
        errors.push(FieldError::forbidden("spec.template.spec.activeDeadlineSeconds", why));
    }
}

// A set that recreates its Pods already may go on when the gate is closed.
fn update_strategy(errors: &mut Errors, strategy: &Value, may_recreate: bool) {
    let rolling = strategy.get("rollingUpdate");
    let is_known = may_recreate || strategy.get("type").str() != "Recreate";
    match strategy.get("type").str() {
        "OnDelete" | "Recreate" if is_known && !rolling.is_null() => {
            errors.push(FieldError::invalid_as_written(
                "spec.updateStrategy.rollingUpdate",
                internal::compact("RollingUpdateStatefulSetStrategy", rolling),
                "only allowed for updateStrategy 'RollingUpdate'",
            ))
        }
        "OnDelete" | "Recreate" if is_known => {}
        "RollingUpdate" => rolling_update(errors, rolling),
        _ => {
            let why = match may_recreate {
                true => "must be 'RollingUpdate', 'OnDelete' or 'Recreate'",
                false => "must be 'RollingUpdate' or 'OnDelete'",
            };
            errors.push(bad_strategy(strategy, why));
        }
    }
}

fn bad_strategy(strategy: &Value, why: &str) -> FieldError {
    let written = internal::compact("StatefulSetUpdateStrategy", strategy);
    FieldError::invalid_as_written("spec.updateStrategy", written, why)
}

fn rolling_update(errors: &mut Errors, rolling: &Value) {
    let path = "spec.updateStrategy.rollingUpdate";
    not_negative(errors, &format!("{path}.partition"), rolling.get("partition"));
    let count = rolling.get("maxUnavailable");
    if count.is_null() {
        return;
    }
    let path = format!("{path}.maxUnavailable");
    count_or_percentage(errors, &path, count);
    if plain_count(count) == 0 {
        errors.push(FieldError::invalid(&path, count, "cannot be 0"));
    }
    at_most_all(errors, &path, count);
}

// The template as its Pods will have it: a volume for each claim template comes first and takes
// the place of a volume of its name; the host name is the Pod's own.
fn with_claim_volumes(spec: &Value) -> Value {
    let mut template = spec.get("template").clone();
    let claims = spec.get("volumeClaimTemplates").items();
    if !template.path(&["spec", "hostname"]).is_null() {
        template.remove(&["spec", "hostname"]);
    }
    if claims.is_empty() {
        return template;
    }
    let mut volumes: Vec<Value> = Vec::new();
    for claim in claims {
        let name = claim.path(&["metadata", "name"]).str();
        if !volumes.iter().any(|volume| volume.get("name").str() == name) {
            let source = value!({"claimName": name});
            volumes.push(value!({"name": name, "persistentVolumeClaim": (source)}));
        }
    }
    let is_shadowed =
        |volume: &Value| claims.iter().any(|c| c.path(&["metadata", "name"]) == volume.get("name"));
    let own = template.path(&["spec", "volumes"]).items().iter();
    volumes.extend(own.filter(|volume| !is_shadowed(volume)).cloned());
    template.set(&["spec", "volumes"], Value::from(volumes));
    template
}

/// Complaints about a change of what is fixed.
pub fn immutable(errors: &mut Errors, set: &Object, existing: &Object) {
    let (new, old) = (set.spec(), existing.spec());
    if new.get("selector") != old.get("selector") {
        let written = internal::compact("LabelSelector", new.get("selector"));
        errors.push(FieldError::invalid_as_written("spec.selector", written, IMMUTABLE));
    }
    let claims = "volumeClaimTemplates";
    if new.get(claims) != old.get(claims) {
        let written = internal::compact_list("PersistentVolumeClaim", new.get(claims));
        let path = "spec.volumeClaimTemplates";
        errors.push(FieldError::invalid_as_written(path, written, IMMUTABLE));
    }
    for field in ["serviceName", "podManagementPolicy"] {
        if new.get(field) != old.get(field) {
            let path = format!("spec.{field}");
            errors.push(FieldError::invalid(&path, new.get(field), IMMUTABLE));
        }
    }
}

/// Complaints about a status that contradicts itself.
pub fn status(errors: &mut Errors, set: &Object) {
    let status = set.status();
    const COUNTS: [&str; 5] =
        ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"];
    for field in COUNTS {
        not_negative(errors, &format!("status.{field}"), status.get(field));
    }
    for field in ["observedGeneration", "collisionCount"] {
        not_negative(errors, &format!("status.{field}"), status.get(field));
    }
    let count = |field: &str| status.get(field).as_i64().unwrap_or(0);
    let mut compare = |field: &str, most: &str| {
        if count(field) > count(most) {
            let (path, why) =
                (format!("status.{field}"), format!("cannot be greater than status.{most}"));
            errors.push(FieldError::invalid(&path, &count(field).into(), &why));
        }
    };
    for field in &COUNTS[1..] {
        compare(field, "replicas");
    }
    compare("availableReplicas", "readyReplicas");
}

/// What the client should know about a set.
pub fn warnings(set: &Object) -> Vec<String> {
    let spec = set.spec();
    let mut warnings = warnings::template("spec.template", spec.get("template"));
    for (index, claim) in spec.get("volumeClaimTemplates").items().iter().enumerate() {
        // Upstream leaves out the claim's own `spec`.
        let path = format!("spec.volumeClaimTemplates[{index}]");
        warnings.extend(warnings::claim(&path, claim.get("spec")));
    }
    if spec.get("revisionHistoryLimit").as_i64().is_some_and(|limit| limit < 0) {
        warnings.push(
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; a \
             value >= 0 is recommended"
                .to_owned(),
        );
    }
    warnings
}
