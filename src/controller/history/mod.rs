//! ControllerRevisions: the history of a controller's Pod template.
//!
//! Models `pkg/controller/history`, and of `pkg/controller/statefulset/stateful_set_utils.go` the
//! patch that a revision holds. Names are those of a real cluster, bit for bit.

use std::cell::RefCell;

use crate::api::go;
use crate::api::object::{Object, OwnerReference};
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::client::Lister;
use crate::controller::pod_control;

/// The label with the hash of the content.
pub const HASH_LABEL: &str = "controller.kubernetes.io/hash";

/// The patch that a revision holds: the whole Pod template, to replace the present one.
///
/// Models pkg/controller/statefulset/stateful_set_utils.go getPatch.
pub fn patch(set: &Object) -> Value {
    let mut template = set.spec().get("template").clone();
    template.set(&["$patch"], "replace");
    crate::value!({"spec": {"template": template}})
}

/// The hash of a revision's content and a collision count.
///
/// Models pkg/controller/history/controller_history.go HashControllerRevision: 32-bit FNV-1,
/// written in decimal with the digits encoded by `rand.SafeEncodeString`.
pub fn hash(data: &Value, collision_count: i64) -> String {
    let mut hash = 2_166_136_261u32;
    for byte in go::json(data).bytes().chain(collision_count.to_string().bytes()) {
        hash = hash.wrapping_mul(16_777_619) ^ u32::from(byte);
    }
    pod_control::safe_encode(&hash.to_string())
}

/// The name of a revision (`ControllerRevisionName`): the parent's has at most 223 bytes in it.
pub fn name(parent: &str, hash: &str) -> EcoString {
    let mut end = parent.len().min(223);
    while !parent.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}-{hash}", &parent[..end]).into()
}

/// A revision of the set's present template.
///
/// Models pkg/controller/statefulset/stateful_set_utils.go newRevision.
pub fn new_revision(set: &Object, number: i64, collision_count: i64) -> Object {
    let (data, hash) = data_and_hash(set, collision_count);
    let mut labels = set.path(&["spec", "template", "metadata", "labels"]).clone();
    labels.set(&[HASH_LABEL], hash.as_str());
    let mut metadata = crate::value!({
        "name": (name(set.name(), &hash)),
        "namespace": (set.namespace()),
        "labels": labels,
        "ownerReferences": [(OwnerReference::controller_of(set))],
    });
    let annotations = set.metadata().get("annotations");
    if !annotations.is_null() {
        metadata.set(&["annotations"], annotations);
    }
    let value = crate::value!({"metadata": metadata, "data": data, "revision": number});
    Object::new(Kind::ControllerRevision, value)
}

thread_local! {
    // The last template hashed: a set asks for its own in every sync.
    static LAST: RefCell<Option<Hashed>> = const { RefCell::new(None) };
}

struct Hashed {
    template: Value,
    collision_count: i64,
    data: Value,
    hash: String,
}

/// What a revision of the set's present template holds.
pub fn data(set: &Object, collision_count: i64) -> Value {
    data_and_hash(set, collision_count).0
}

fn data_and_hash(set: &Object, collision_count: i64) -> (Value, String) {
    let template = set.spec().get("template");
    LAST.with_borrow_mut(|last| {
        let known = last.as_ref().filter(|known| {
            known.template.is_same(template) && known.collision_count == collision_count
        });
        if let Some(known) = known {
            return (known.data.clone(), known.hash.clone());
        }
        let data = patch(set);
        let hash = hash(&data, collision_count);
        let template = template.clone();
        *last = Some(Hashed { template, collision_count, data: data.clone(), hash: hash.clone() });
        (data, hash)
    })
}

/// The number of a revision.
pub fn number(revision: &Object) -> i64 {
    revision.path(&["revision"]).as_i64().unwrap_or(0)
}

/// The revisions that the parent's selector selects and that no one else controls, sorted.
///
/// Models pkg/controller/history/controller_history.go ListControllerRevisions and
/// SortControllerRevisions.
pub fn list<'a>(lister: Lister<'a>, parent: &'a Object) -> Vec<&'a Object> {
    let selector = parent.spec().get("selector");
    let mut revisions: Vec<&Object> = lister
        .in_namespace(Kind::ControllerRevision, parent.namespace())
        .filter(|revision| {
            crate::api::selector::selector_matches(selector, revision.labels())
                && revision.controller().is_none_or(|owner| owner.uid() == parent.uid())
        })
        .collect();
    revisions.sort_by(|a, b| {
        let key = |r: &Object| (number(r), r.created_at());
        key(a).cmp(&key(b)).then_with(|| a.name().cmp(b.name()))
    });
    revisions
}

/// Whether two revisions hold the same (`EqualRevision`).
pub fn is_equal(a: &Object, b: &Object) -> bool {
    a.path(&["data"]) == b.path(&["data"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nginx(image: &str, mounts: Value) -> Value {
        let mut container = crate::value!({
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "name": "nginx",
            "ports": [{"containerPort": 80, "name": "web", "protocol": "TCP"}],
            "resources": {},
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        });
        if !mounts.is_null() {
            container.set(&["volumeMounts"], mounts);
        }
        crate::value!({"spec": {"template": {
            "$patch": "replace",
            "metadata": {"labels": {"app": "nginx"}},
            "spec": {
                "containers": [container],
                "dnsPolicy": "ClusterFirst",
                "restartPolicy": "Always",
                "schedulerName": "default-scheduler",
                "securityContext": {},
                "terminationGracePeriodSeconds": 30,
            },
        }}})
    }

    #[test]
    fn hashes_are_those_of_real_clusters() {
        let www = crate::value!([{"mountPath": "/usr/share/nginx/html", "name": "www"}]);
        let vectors = [
            ("nginx:1.7.9", www.clone(), "5fb979c9fb"),
            ("registry.k8s.io/nginx-slim:0.24", www.clone(), "7d8559755f"),
            ("registry.k8s.io/nginx-slim:0.21", www, "f99c84b4b"),
            ("nginx:1.7.9", Value::Null, "c8fdc674"),
            ("nginx:1.9.1", Value::Null, "849d66df48"),
        ];
        for (image, mounts, expected) in vectors {
            assert_eq!(hash(&nginx(image, mounts), 0), expected, "{image}");
        }
    }

    #[test]
    fn names_are_cut_at_223_bytes() {
        assert_eq!(name("web", "c8fdc674"), "web-c8fdc674");
        assert_eq!(name(&"a".repeat(230), "x"), format!("{}-x", "a".repeat(223)));
    }
}
