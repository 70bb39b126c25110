//! `kubectl describe`, kind by kind.

use super::with_objects;

#[test]
fn a_claim_shows_empty_fields_with_their_blanks() {
    with_objects().check(
        "kubectl describe pvc data --show-events=false",
        "
Name:          data
Namespace:     default
StorageClass:  lazy
Status:        Pending
Volume:        
Labels:        <none>
Annotations:   <none>
Finalizers:    [kubernetes.io/pvc-protection]
Capacity:      
Access Modes:  
VolumeMode:    Filesystem
Used By:       <none>
",
    );
}

#[test]
fn columns_end_where_a_line_has_none() {
    with_objects().check(
        "kubectl describe sc lazy",
        "
Name:                  lazy
IsDefaultClass:        No
Annotations:           note=slow
Provisioner:           example.com/none
Parameters:            <none>
AllowVolumeExpansion:  <unset>
MountOptions:
  noatime
ReclaimPolicy:      Delete
VolumeBindingMode:  WaitForFirstConsumer
Events:             <none>
",
    );
}

#[test]
fn a_map_shows_its_values() {
    with_objects().check(
        "kubectl describe cm b-conf",
        "
Name:         b-conf
Namespace:    default
Labels:       app=web
              size=10
Annotations:  <none>

Data
====
one:
----
1

two.conf:
----
a = 1



BinaryData
====

Events:  <none>
",
    );
}

#[test]
fn a_prefix_finds_all_that_begin_so() {
    let mut shell = with_objects();
    let text = shell.run("kubectl describe cm a-");
    assert!(text.starts_with("Name:         a-conf\n") && text.ends_with("\n\n"), "{text}");
    shell.check(
        "kubectl describe cm zzz",
        "Error from server (NotFound): configmaps \"zzz\" not found\n[exit 1]\n",
    );
}
