//! Who the processes of a container are, and to whom the volumes of a Pod belong.
//!
//! Models `pkg/kubelet/kuberuntime/security_context.go`, `pkg/securitycontext` and what containerd
//! makes of them: the primary group is among the supplementary ones, which are sorted. Left out:
//! user namespaces, capabilities, and users that an image names.

use crate::api::object::Object;
use crate::api::value::Value;
use crate::script::User;

use super::image::{Family, root};

/// The user of the pause image, which keeps the namespaces of a Pod.
const PAUSE: u32 = 65535;

/// Permissions that a volume gives to its group: for files, and for directories.
///
/// Models pkg/volume/volume_linux.go changeFilePermission.
pub const GROUP_WRITES: (u32, u32) = (0o660, 0o2770);
/// The same for a volume nobody may write to.
pub const GROUP_READS: (u32, u32) = (0o440, 0o2550);

/// The user of a container. `family` says what its image is made of.
///
/// Models DetermineEffectiveSecurityContext.
pub fn of(pod: &Object, container: &Value, family: impl FnOnce() -> Family) -> User {
    let security = pod.path(&["spec", "securityContext"]);
    let number = |field: &str| effective(pod, container, field);
    let uid = number("runAsUser").unwrap_or(0);
    let gid = match (number("runAsGroup"), uid) {
        (Some(gid), _) => gid,
        (None, 0) => 0,
        (None, uid) => root::account(family(), uid).map_or(0, |account| account.gid),
    };
    let others = security.get("supplementalGroups").items().iter().filter_map(as_id);
    User::new(uid, gid, others.chain(fs_group(pod)))
}

/// The group of the Pod's volumes.
pub fn fs_group(pod: &Object) -> Option<u32> {
    as_id(pod.path(&["spec", "securityContext", "fsGroup"]))
}

/// The user that all containers of a Pod were given, if they were all given the same.
///
/// Models pkg/volume/util.FsUserFrom.
pub fn fs_user(pod: &Object) -> Option<u32> {
    let fields = ["initContainers", "containers", "ephemeralContainers"];
    let mut containers = fields.iter().flat_map(|field| pod.spec().get(field).items());
    let first = effective(pod, containers.next()?, "runAsUser")?;
    containers.all(|c| effective(pod, c, "runAsUser") == Some(first)).then_some(first)
}

/// The user of the process that keeps a Pod's namespaces.
pub fn of_sandbox(pod: &Object) -> u32 {
    as_id(pod.path(&["spec", "securityContext", "runAsUser"])).unwrap_or(PAUSE)
}

// What the container says goes before what the Pod says.
fn effective(pod: &Object, container: &Value, field: &str) -> Option<u32> {
    as_id(container.path(&["securityContext", field]))
        .or_else(|| as_id(pod.path(&["spec", "securityContext", field])))
}

fn as_id(value: &Value) -> Option<u32> {
    value.as_i64().and_then(|id| u32::try_from(id).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::Kind;
    use crate::value;

    fn user(spec: Value, container: Value) -> User {
        let pod = Object::new(Kind::Pod, value!({"spec": spec}));
        of(&pod, &container, || Family::Busybox)
    }

    #[test]
    fn the_container_goes_before_the_pod() {
        let security = value!({"runAsUser": 1000, "fsGroup": 2000, "supplementalGroups": [4, 3]});
        let spec = value!({"securityContext": security});
        let found = user(spec.clone(), value!({}));
        assert_eq!(found, User { uid: 1000, gid: 0, groups: vec![0, 3, 4, 2000] });
        let own = value!({"securityContext": {"runAsUser": 7, "runAsGroup": 8}});
        assert_eq!(user(spec, own), User { uid: 7, gid: 8, groups: vec![3, 4, 8, 2000] });
        assert_eq!(user(value!({}), value!({})), User::root());
    }

    #[test]
    fn a_known_user_has_its_own_group() {
        let spec = value!({"securityContext": {"runAsUser": 65534}});
        assert_eq!(user(spec, value!({})).gid, 65534);
    }
}
