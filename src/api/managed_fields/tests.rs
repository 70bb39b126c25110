//! Sets of fields and what is made of them, judged by what a cluster recorded.

use super::compare::compare;
use super::typed::{check, field_set, merge, prune};
use super::*;
use crate::api::scheme::Kind;
use crate::api::{go, yaml};

const SET: Kind = Kind::StatefulSet;

fn read(text: &str) -> Value {
    yaml::read(text).expect("a test's YAML")
}

fn fields(text: &str) -> FieldSet {
    field_set(SET, &read(text))
}

#[track_caller]
fn check_set(set: &FieldSet, json: &str) {
    assert_eq!(go::json_plain(&set.to_value()), json);
}

#[test]
fn configurations_set_leaves_and_items() {
    let set = fields(
        "{spec: {replicas: 2, selector: {matchLabels: {app: n}}, template: {metadata: {labels: {app: n}}, spec: {containers: [{name: nginx, image: i, env: [{name: A, value: a}], resources: {}}]}}}}",
    );
    check_set(
        &set,
        r#"{"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"nginx\"}":{".":{},"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{},"f:resources":{}}}}}}}"#,
    );
    assert_eq!(set.paths()[..2], [".spec.replicas", ".spec.selector"]);
    assert!(set.paths().contains(&".spec.template.spec.containers[name=\"nginx\"].image".into()));
}

#[test]
fn comparisons_name_what_changed_and_what_is_gone() {
    let old = read("{spec: {replicas: 1, template: {spec: {containers: null}}, serviceName: a}}");
    let new = read(
        "{metadata: {labels: {a: b}, finalizers: [x]}, spec: {replicas: 2, template: {spec: {containers: [{name: c, ports: [{containerPort: 80}], resources: {limits: {cpu: 1}}}]}}}}",
    );
    let comparison = compare(SET, &old, &new);
    check_set(
        &comparison.changed,
        r#"{"f:metadata":{".":{},"f:finalizers":{".":{},"v:\"x\"":{}},"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}},"f:resources":{".":{},"f:limits":{".":{},"f:cpu":{}}}}}}}}}"#,
    );
    check_set(&comparison.removed, r#"{"f:spec":{"f:serviceName":{}}}"#);
    assert!(compare(SET, &new, &new.clone()).is_same());
}

#[test]
fn sets_are_sets() {
    let a = fields("{spec: {replicas: 1, serviceName: a}}");
    let b = fields("{spec: {replicas: 1, minReadySeconds: 2}}");
    check_set(
        &a.union(&b),
        r#"{"f:spec":{"f:minReadySeconds":{},"f:replicas":{},"f:serviceName":{}}}"#,
    );
    check_set(&a.difference(&b), r#"{"f:spec":{"f:serviceName":{}}}"#);
    check_set(&a.intersection(&b), r#"{"f:spec":{"f:replicas":{}}}"#);
    assert!(a.difference(&a.clone()).is_empty());
    assert!(a.has(&["f:spec", "f:replicas"]) && !a.has(&["f:spec"]));
    assert!(a.union(&fields("{spec: {replicas: 1}}")).is_same(&a));
    assert!(a.difference(&fields("{spec: {paused: true}}")).is_same(&a));
    check_set(&a.without_prefix(&["f:spec", "f:replicas"]), r#"{"f:spec":{"f:serviceName":{}}}"#);
    assert!(a.without_prefix(&["f:spec"]).is_empty());
}

#[test]
fn merging_keeps_what_others_have() {
    let live = read(
        "{spec: {replicas: 1, template: {spec: {containers: [{name: a, image: x}, {name: b}]}}}}",
    );
    let config = read("{spec: {template: {spec: {containers: [{name: c}, {name: a, image: y}]}}}}");
    assert_eq!(
        merge(SET, &live, &config),
        read(
            "{spec: {replicas: 1, template: {spec: {containers: [{name: c}, {name: a, image: y}, {name: b}]}}}}"
        )
    );
}

#[test]
fn what_nobody_manages_any_more_is_pruned() {
    let live = read(
        "{metadata: {name: w, labels: {app: n, tier: w}}, spec: {replicas: 2, template: {spec: {containers: [{name: a, image: x, imagePullPolicy: Always}, {name: b, image: y, imagePullPolicy: Always}]}}}}",
    );
    let last = fields(
        "{metadata: {labels: {app: n, tier: w}}, spec: {replicas: 2, template: {spec: {containers: [{name: a, image: x}, {name: b, image: y}]}}}}",
    );
    let now = fields(
        "{metadata: {labels: {app: n}}, spec: {template: {spec: {containers: [{name: a, image: x}]}}}}",
    );
    assert_eq!(
        prune(SET, &live, &last, &now),
        read(
            "{metadata: {name: w, labels: {app: n}}, spec: {template: {spec: {containers: [{name: a, image: x, imagePullPolicy: Always}]}}}}"
        )
    );
}

#[test]
fn configurations_must_fit_the_schema() {
    let error = |kind, text: &str| check(kind, &read(text)).expect_err(text);
    assert_eq!(error(Kind::ConfigMap, "dta: {a: b}"), ".dta: field not declared in schema");
    assert_eq!(
        error(Kind::ConfigMap, "data: {a: 1}"),
        ".data.a: expected string, got &value.valueUnstructured{Value:1}"
    );
    assert_eq!(
        error(SET, "{spec: {replicas: x, replica: 1}}"),
        "errors:\n  .spec.replica: field not declared in schema\n  .spec.replicas: expected numeric (int or float), got string"
    );
    // A name that is left out counts as empty; validation refuses it later.
    let nameless = read("{spec: {template: {spec: {containers: [{image: x}]}}}}");
    assert_eq!(check(SET, &nameless), Ok(()));
}

#[test]
fn entries_are_written_in_order() {
    let entry = |name: &str, operation, time: &str| {
        let (name, api_version) = (name.into(), "apps/v1".into());
        let manager = Manager { name, operation, api_version, subresource: "".into() };
        Entry::new(manager, time, fields("{spec: {replicas: 1}}"))
    };
    let managed = ManagedFields {
        entries: vec![
            entry("a", Operation::Update, "2026-01-01T00:00:00Z"),
            entry("c", Operation::Apply, "2026-01-01T00:00:01Z"),
            entry("b", Operation::Apply, "2026-01-01T00:00:01Z"),
        ],
    };
    let written = managed.write();
    let names: Vec<&str> = written.items().iter().map(|e| e.get("manager").str()).collect();
    assert_eq!(names, ["b", "c", "a"]);
    assert_eq!(ManagedFields::read(&written).write(), written);
    assert_eq!(managed.entries[0].manager.to_string(), "\"a\" using apps/v1");
}

#[test]
fn client_side_appliers_are_handed_over() {
    let object = read(
        "{metadata: {resourceVersion: '7', managedFields: [{manager: kubectl, operation: Apply, fieldsV1: {f:data: {}}}, {manager: kubectl-client-side-apply, operation: Update, apiVersion: v1, time: '2026-01-01T00:00:00Z', fieldsV1: {f:metadata: {f:annotations: {f:kubectl.kubernetes.io/last-applied-configuration: {}}}}}]}}",
    );
    let patch = upgrade_patch(&object, "kubectl-last-applied").expect("there is one");
    let entries = patch.at(0).get("value");
    let names: Vec<_> = entries
        .items()
        .iter()
        .map(|e| (e.get("manager").str(), e.get("operation").str()))
        .collect();
    assert_eq!(names, [("kubectl", "Apply"), ("kubectl-last-applied", "Apply")]);
    assert_eq!(patch.at(1).get("value").str(), "7");
    assert_eq!(upgrade_patch(&read("{metadata: {}}"), "x"), None);
}
