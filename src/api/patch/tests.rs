//! Patches applied and made, with the cases of a recorded cluster.

use super::*;
use crate::api::{go, yaml};

fn read(text: &str) -> Value {
    yaml::read(text).expect("a test's YAML")
}

fn pod_template(spec: &str) -> Value {
    read(&format!("{{spec: {{template: {{spec: {spec}}}}}}}"))
}

#[track_caller]
fn check_strategic(original: &str, patch: &str, expected: &str) {
    let (original, patch) = (pod_template(original), pod_template(patch));
    let result = apply_strategic(Kind::StatefulSet, &original, &patch).expect("it applies");
    assert_eq!(go::json_plain(&result), go::json_plain(&pod_template(expected)));
}

#[test]
fn lists_with_keys_merge() {
    let original = "{containers: [{name: nginx, image: a, args: [x]}, {name: sidecar, image: b}]}";
    check_strategic(
        original,
        "{containers: [{name: nginx, image: c}]}",
        "{containers: [{name: nginx, image: c, args: [x]}, {name: sidecar, image: b}]}",
    );
    check_strategic(
        original,
        "{containers: [{name: log, image: c}]}",
        "{containers: [{name: log, image: c}, {name: nginx, image: a, args: [x]}, {name: sidecar, image: b}]}",
    );
    check_strategic(original, "{containers: []}", original);
    check_strategic(original, "{containers: null}", "{}");
    let env = |list: &str| format!("{{containers: [{{name: c, env: {list}}}]}}");
    check_strategic(
        &env("[{name: A, value: a}, {name: B, value: b}]"),
        &env("[{name: B, value: d}, {name: C, value: c}]"),
        &env("[{name: A, value: a}, {name: B, value: d}, {name: C, value: c}]"),
    );
}

#[test]
fn directives_are_carried_out() {
    check_strategic(
        "{containers: [{name: log}, {name: nginx}]}",
        "{containers: [{name: log, $patch: delete}, {name: ghost, $patch: delete}]}",
        "{containers: [{name: nginx}]}",
    );
    check_strategic(
        "{containers: [{name: nginx, env: [{name: A, value: a}]}]}",
        "{containers: [{name: nginx, env: [{$patch: replace}, {name: ONLY, value: x}]}]}",
        "{containers: [{name: nginx, env: [{name: ONLY, value: x}]}]}",
    );
    check_strategic(
        "{containers: [{name: nginx}, {name: sidecar}]}",
        "{$setElementOrder/containers: [{name: sidecar}, {name: nginx}]}",
        "{containers: [{name: sidecar}, {name: nginx}]}",
    );
    check_strategic(
        "{volumes: [{name: conf, configMap: {name: conf}}, {name: tmp}]}",
        "{volumes: [{$retainKeys: [name, emptyDir], name: conf, emptyDir: {}}]}",
        "{volumes: [{name: conf, emptyDir: {}}, {name: tmp}]}",
    );
    let metadata = |text: &str| read(&format!("metadata: {text}"));
    let check = |original: &str, patch: &str, expected: &str| {
        let result =
            apply_strategic(Kind::StatefulSet, &metadata(original), &metadata(patch)).expect(patch);
        assert_eq!(result, metadata(expected), "{patch}");
    };
    check(
        "{finalizers: [a, b]}",
        "{$deleteFromPrimitiveList/finalizers: [a], finalizers: [c]}",
        "{finalizers: [c, b]}",
    );
    check("{labels: {a: b, c: d}}", "{labels: {$patch: replace, e: f}}", "{labels: {e: f}}");
    check("{labels: {a: b}}", "{labels: {a: null, g: null, n: x}}", "{labels: {n: x}}");
    check("{}", "{annotations: {a: null, n: x}}", "{annotations: {n: x}}");
}

#[test]
fn strategic_errors_are_the_servers() {
    let error = |original: &str, patch: &str| {
        let (original, patch) = (pod_template(original), pod_template(patch));
        apply_strategic(Kind::StatefulSet, &original, &patch).expect_err("it must not apply")
    };
    let original = "{containers: [{name: nginx}]}";
    assert_eq!(
        error(original, "{containers: [{image: nginx:1.29}]}").to_string(),
        "map: map[image:nginx:1.29] does not contain declared merge key: name"
    );
    assert_eq!(
        error(original, "{containers: [{name: nginx, $patch: remove}]}").to_string(),
        "unknown patch type: remove in map: map[$patch:remove name:nginx]"
    );
    let error = apply_strategic(Kind::StatefulSet, &Value::object(), &Value::array());
    assert_eq!(
        error.expect_err("no map").to_string(),
        "json: cannot unmarshal array into Go value of type map[string]interface {}"
    );
}

#[track_caller]
fn check_json(patch: &str, expected: Option<&str>) {
    let original = read("{a: {b: [1, 2]}, c: x}");
    let result = json::apply(&original, &read(patch));
    match expected {
        Some(expected) => assert_eq!(result, Ok(read(expected)), "{patch}"),
        None => assert_eq!(result, Err(PatchError::Unprocessable), "{patch}"),
    }
}

#[test]
fn json_patches_apply() {
    check_json("[{op: add, path: /a/b/-, value: 3}]", Some("{a: {b: [1, 2, 3]}, c: x}"));
    check_json("[{op: add, path: /a/b/0, value: 3}]", Some("{a: {b: [3, 1, 2]}, c: x}"));
    check_json("[{op: remove, path: /a/b/1}]", Some("{a: {b: [1]}, c: x}"));
    check_json("[{op: replace, path: /d~1e, value: 1}]", Some("{a: {b: [1, 2]}, c: x, d/e: 1}"));
    check_json("[{op: replace, path: /c}]", Some("{a: {b: [1, 2]}, c: null}"));
    check_json("[{op: move, from: /c, path: /a/d}]", Some("{a: {b: [1, 2], d: x}}"));
    check_json("[{op: copy, from: /a/b/0, path: /c}]", Some("{a: {b: [1, 2]}, c: 1}"));
    check_json("[{op: test, path: /c, value: x}]", Some("{a: {b: [1, 2]}, c: x}"));
    check_json("[{op: add, path: x/y, value: 1}]", Some("{a: {b: [1, 2]}, c: x, \"y\": 1}"));
    check_json("[{op: replace, path: '', value: {}}]", Some("{}"));
    check_json("[]", Some("{a: {b: [1, 2]}, c: x}"));
    for patch in [
        "[{op: test, path: /c, value: 'n'}]",
        "[{op: add, path: /x/y, value: 1}]",
        "[{op: add, path: /a/b/9, value: 1}]",
        "[{op: remove, path: /x}]",
        "[{op: set, path: /c, value: 1}]",
        "[{op: move, from: /x, path: /c}]",
        "[{op: replace, path: /a/b/5/c, value: 1}]",
        "[{op: add, value: 1}]",
    ] {
        check_json(patch, None);
    }
    assert_eq!(
        json::apply(&Value::Null, &read("{op: add}")).map_err(|e| e.to_string()),
        Err("error decoding patch: json: cannot unmarshal object into Go value of type \
             []handlers.jsonPatchOp"
            .into())
    );
}

#[test]
fn merge_patches_apply() {
    let merged = merge::apply(
        &read("{a: {b: 1, c: 2}, d: [1]}"),
        &read("{a: {b: null}, d: [2], e: {f: null}}"),
    );
    assert_eq!(merged, Ok(read("{a: {c: 2}, d: [2], e: {}}")));
    assert_eq!(
        merge::apply(&Value::Null, &Value::Null).map_err(|e| e.to_string()),
        Err("Invalid JSON Patch".into())
    );
}

#[track_caller]
fn check_two_way(original: &str, modified: &str, patch: &str) {
    let (original, modified) = (pod_template(original), pod_template(modified));
    let made = two_way(Kind::StatefulSet, &original, &modified).expect("it can be made");
    let expected = if patch.is_empty() { Value::object() } else { pod_template(patch) };
    assert_eq!(go::json_plain(&made), go::json_plain(&expected));
    let applied = apply_strategic(Kind::StatefulSet, &original, &made).expect("it applies");
    assert_eq!(go::json_plain(&applied), go::json_plain(&modified), "applied");
}

#[test]
fn two_way_patches_turn_one_into_the_other() {
    let original =
        "{containers: [{name: nginx, image: a}, {name: log, image: b}], hostNetwork: true}";
    check_two_way(original, original, "");
    check_two_way(
        original,
        "{containers: [{name: nginx, image: c}, {name: log, image: b}]}",
        "{hostNetwork: null, $setElementOrder/containers: [{name: nginx}, {name: log}], containers: [{name: nginx, image: c}]}",
    );
    check_two_way(
        original,
        "{containers: [{name: log, image: b}, {name: aaa, image: d}], hostNetwork: true}",
        "{$setElementOrder/containers: [{name: log}, {name: aaa}], containers: [{name: aaa, image: d}, {$patch: delete, name: nginx}]}",
    );
    check_two_way(
        "{volumes: [{name: v, emptyDir: {}}]}",
        "{volumes: [{name: v, hostPath: {path: /x}}]}",
        "{$setElementOrder/volumes: [{name: v}], volumes: [{$retainKeys: [hostPath, name], emptyDir: null, hostPath: {path: /x}, name: v}]}",
    );
}

#[test]
fn three_way_patches_keep_what_others_set() {
    let spec = |text: &str| pod_template(text);
    let original =
        spec("{containers: [{name: c, image: a, env: [{name: A}]}, {name: old, image: x}]}");
    let modified = spec("{containers: [{name: c, image: b}]}");
    let current = spec(
        "{containers: [{name: c, image: a, env: [{name: A}], imagePullPolicy: Always}, {name: old, image: x}, {name: injected, image: y}]}",
    );
    let patch = three_way(Kind::StatefulSet, &original, &modified, &current).expect("a patch");
    assert_eq!(
        go::json_plain(&patch),
        go::json_plain(&spec(
            "{$setElementOrder/containers: [{name: c}], containers: [{env: null, image: b, name: c}, {$patch: delete, name: old}]}"
        ))
    );
    let applied = apply_strategic(Kind::StatefulSet, &current, &patch).expect("it applies");
    assert_eq!(
        applied,
        spec(
            "{containers: [{name: c, image: b, imagePullPolicy: Always}, {name: injected, image: y}]}"
        )
    );
    // As long as somebody else's item is there, the order is sent again.
    let again = three_way(Kind::StatefulSet, &modified, &modified, &applied).expect("a patch");
    assert_eq!(again, spec("{$setElementOrder/containers: [{name: c}]}"));
    let same = three_way(Kind::StatefulSet, &modified, &modified, &modified).expect("a patch");
    assert_eq!(same, Value::object());
}
