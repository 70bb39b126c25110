//! Upstream's `stateful_set_utils_test.go`: identity, storage, claims, owners, numbers.

use statefulset_playground::api::object::{Object, OwnerReference};
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::value::Value;
use statefulset_playground::controller::reason::statefulset::ClaimOwner;
use statefulset_playground::controller::statefulset::control::max_unavailable;
use statefulset_playground::controller::statefulset::identity::{
    claim_templates, identity_matches, is_member_of, new_claim, new_pod, storage_matches,
    update_identity, update_storage,
};
use statefulset_playground::controller::statefulset::retention::{
    Owners, RetentionPolicy, has_stale_owner, is_claim_owner_up_to_date, owner_references,
};
use statefulset_playground::value;

use super::model::{CLAIM, set};

fn object(kind: Kind, yaml: &str) -> Object {
    Object::new(kind, serde_yaml::from_str(yaml).unwrap())
}

fn web(more: &str) -> Object {
    let mut set = object(Kind::StatefulSet, &set(3, more));
    set.set(&["metadata", "namespace"], "default");
    set.set(&["metadata", "uid"], "set");
    set
}

fn pod(set: &Object, ordinal: i32) -> Object {
    let template = set.spec().get("template").clone();
    let mut pod = new_pod(set, &template, ordinal, "web-1");
    pod.set(&["metadata", "uid"], format!("pod-{ordinal}"));
    pod
}

#[test]
fn is_member_of_its_set_by_name() {
    let set = web("");
    let mut pod = pod(&set, 1);
    assert!(is_member_of(&set, &pod));
    pod.set(&["metadata", "name"], "other-1");
    assert!(!is_member_of(&set, &pod));
}

#[test]
fn identity_matches_name_namespace_and_label() {
    let set = web("");
    assert!(identity_matches(&set, &pod(&set, 1)));
    let changes: [(&[&str], &str); 4] = [
        (&["metadata", "name"], "foo"),
        (&["metadata", "namespace"], "other"),
        (&["metadata", "labels", "statefulset.kubernetes.io/pod-name"], "foo"),
        (&["metadata", "name"], "web-01"),
    ];
    for (path, value) in changes {
        let mut pod = pod(&set, 1);
        pod.set(path, value);
        assert!(!identity_matches(&set, &pod), "{path:?}");
        update_identity(&set, &mut pod, 1);
        assert!(identity_matches(&set, &pod), "repaired {path:?}");
    }
}

#[test]
fn a_new_pod_has_its_identity() {
    let set = web("");
    let pod = pod(&set, 12);
    assert_eq!(pod.name(), "web-12");
    assert_eq!(pod.metadata().get("generateName").str(), "web-");
    assert_eq!(pod.label("apps.kubernetes.io/pod-index"), Some("12"));
    assert_eq!(pod.label("controller-revision-hash"), Some("web-1"));
    assert_eq!(pod.spec().get("hostname").str(), "web-12");
    assert_eq!(pod.spec().get("subdomain").str(), "nginx");
    let owner = pod.controller().unwrap();
    assert_eq!((owner.kind(), owner.uid()), ("StatefulSet", "set"));
    assert!(owner.blocks_owner_deletion());
}

#[test]
fn storage_matches_the_claim_of_the_ordinal() {
    let set = web(CLAIM);
    let mut good = pod(&set, 1);
    assert!(storage_matches(&set, &good, 1));
    assert!(!storage_matches(&set, &good, 2));
    good.set(&["spec", "volumes"], Value::array());
    assert!(!storage_matches(&set, &good, 1));
    update_storage(&set, &mut good, 1);
    assert!(storage_matches(&set, &good, 1));
    let claim = good.spec().get("volumes").at(0).get("persistentVolumeClaim").clone();
    good.set(&["spec", "volumes"], value!([{"name": "other", "persistentVolumeClaim": claim}]));
    assert!(!storage_matches(&set, &good, 1), "of another name");
}

#[test]
fn claim_volumes_come_first_and_win() {
    let second = CLAIM.replace("www", "log").replace("volumeClaimTemplates:\n", "");
    let mut set = web(&format!("{CLAIM}{second}"));
    let volumes = value!([
        {"name": "other", "emptyDir": {}},
        {"name": "www", "emptyDir": {}},
    ]);
    set.set(&["spec", "template", "spec", "volumes"], volumes);
    let pod = pod(&set, 0);
    let names: Vec<&str> =
        pod.spec().get("volumes").items().iter().map(|v| v.get("name").str()).collect();
    assert_eq!(names, ["www", "log", "other"]);
    let claim = pod.spec().get("volumes").at(0).path(&["persistentVolumeClaim", "claimName"]);
    assert_eq!(claim.str(), "www-web-0");
}

#[test]
fn claims_take_the_labels_of_template_and_selector() {
    let mut set = web(CLAIM);
    let mut template = claim_templates(&set)[0].clone();
    template.set(&["metadata", "labels"], value!({"a": "template", "app": "template"}));
    template.set(&["metadata", "annotations"], value!({"note": "kept"}));
    set.set(&["spec", "volumeClaimTemplates"], vec![template.clone()]);
    let claim = new_claim(&set, &template, 4);
    assert_eq!(claim.name(), "www-web-4");
    assert_eq!((claim.label("a"), claim.label("app")), (Some("template"), Some("nginx")));
    assert_eq!(claim.annotation("note"), Some("kept"));
    assert!(claim.owner_references().next().is_none());
}

fn with_policy(scaled: &str, deleted: &str) -> Object {
    let mut set = web(CLAIM);
    let policy = value!({"whenScaled": scaled, "whenDeleted": deleted});
    set.set(&["spec", "persistentVolumeClaimRetentionPolicy"], policy);
    set
}

#[test]
fn get_persistent_volume_claim_retention_policy() {
    assert!(RetentionPolicy::of(&web("")).retains(), "Retain where nothing is said");
    let policy = RetentionPolicy::of(&with_policy("Delete", "Retain"));
    assert_eq!((policy.when_scaled, policy.when_deleted), (true, false));
}

/// Every policy, with the Pod wanted or not: who is to own a claim that nobody owns yet.
#[test]
fn claim_owner_matches_set_and_pod() {
    use ClaimOwner::{Nobody, Pod, Set};
    let table = [
        ("Retain", "Retain", [Nobody, Nobody]),
        ("Retain", "Delete", [Set, Set]),
        ("Delete", "Retain", [Nobody, Pod]),
        ("Delete", "Delete", [Set, Pod]),
    ];
    for (scaled, deleted, owners) in table {
        let set = with_policy(scaled, deleted);
        let pod = pod(&set, 1);
        let mut claim = new_claim(&set, &claim_templates(&set)[0], 1);
        for (condemned, owner) in [false, true].into_iter().zip(owners) {
            let owners = Owners { set: &set, pod: &pod, condemned };
            for previous in [None, Some(&set), Some(&pod)] {
                let references: Vec<Value> =
                    previous.map(OwnerReference::controller_of).into_iter().collect();
                claim.set(&["metadata", "ownerReferences"], references);
                let expected = match owner {
                    Nobody => None,
                    Set => Some("set"),
                    Pod => Some("pod-1"),
                };
                let had = previous.map(Object::uid);
                assert_eq!(is_claim_owner_up_to_date(&claim, owners), had == expected);
                let references = owner_references(&claim, owners);
                let uids: Vec<&str> = references.iter().map(|r| r.get("uid").str()).collect();
                assert_eq!(uids, expected.into_iter().collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn a_claim_of_a_former_set_or_pod_is_left_alone() {
    let set = with_policy("Delete", "Delete");
    let pod = pod(&set, 1);
    for mut former in [set.clone(), pod.clone()] {
        former.set(&["metadata", "uid"], "former");
        let mut claim = new_claim(&set, &claim_templates(&set)[0], 1);
        claim.set(&["metadata", "ownerReferences"], vec![OwnerReference::controller_of(&former)]);
        let owners = Owners { set: &set, pod: &pod, condemned: false };
        assert!(has_stale_owner(&claim, &set) != has_stale_owner(&claim, &pod));
        assert!(is_claim_owner_up_to_date(&claim, owners));
    }
}

#[test]
fn other_owners_are_kept() {
    let set = with_policy("Retain", "Delete");
    let pod = pod(&set, 1);
    let mut claim = new_claim(&set, &claim_templates(&set)[0], 1);
    let other = value!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x"}]);
    claim.set(&["metadata", "ownerReferences"], other);
    let references = owner_references(&claim, Owners { set: &set, pod: &pod, condemned: false });
    let uids: Vec<&str> = references.iter().map(|r| r.get("uid").str()).collect();
    assert_eq!(uids, ["x", "set"]);
}

#[test]
fn get_stateful_set_max_unavailable() {
    let cases: [(Value, i64, i64); 8] = [
        (Value::Null, 0, 1),
        (3.into(), 0, 3),
        (3.into(), 5, 3),
        ("10%".into(), 5, 1),
        ("50%".into(), 5, 2),
        ("50%".into(), 4, 2),
        ("100%".into(), 5, 5),
        (0.into(), 5, 1),
    ];
    for (value, replicas, expected) in cases {
        assert_eq!(max_unavailable(&value, replicas), expected, "{value:?} of {replicas}");
    }
}
