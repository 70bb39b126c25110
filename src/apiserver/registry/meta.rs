//! The metadata of every object on its way into the store.
//!
//! Models `k8s.io/apiserver/pkg/registry/rest/meta.go` and parts of `rest/update.go`.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::chance::Choice;

/// Puts the request's namespace into the object, or refuses another one.
///
/// Models `rest.EnsureObjectNamespaceMatchesRequestNamespace`.
pub fn match_namespace(object: &mut Object, key: &ObjectKey) -> Result<(), Status> {
    if !object.kind.resource().namespaced {
        object.value.remove(&["metadata", "namespace"]);
        return Ok(());
    }
    match object.namespace() {
        namespace if namespace == key.namespace => Ok(()),
        "" => {
            object.set(&["metadata", "namespace"], &key.namespace);
            Ok(())
        }
        _ => Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        )),
    }
}

/// Refuses an update whose object has another name than the URL.
pub fn match_name(object: &Object, key: &ObjectKey) -> Result<(), Status> {
    match object.name() {
        name if name == key.name => Ok(()),
        "" => Err(Status::bad_request("name must be provided")),
        name => Err(wrong_name(name, &key.name)),
    }
}

/// Refuses a patch that takes the name away or changes it.
pub fn match_patched_name(object: &Object, key: &ObjectKey) -> Result<(), Status> {
    match object.name() {
        name if name == key.name => Ok(()),
        "" => Err(Status::bad_request(format!(
            "the name of the object ({} based on URL) was undeterminable: name must be provided",
            key.name
        ))),
        name => Err(wrong_name(name, &key.name)),
    }
}

fn wrong_name(name: &str, on_url: &str) -> Status {
    Status::bad_request(format!(
        "the name of the object ({name}) does not match the name on the URL ({on_url})"
    ))
}

/// Fields that only the server sets on a new object.
///
/// Models `rest.FillObjectMetaSystemFields` and the cleaning in `rest.BeforeCreate`.
pub fn fill_system_fields(object: &mut Object, now: Time, choice: &mut Choice) {
    let metadata = object.value.path_mut(&["metadata"]).object_mut();
    for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "selfLink"]
    {
        metadata.remove(field);
    }
    metadata.insert("creationTimestamp", now.rfc3339());
    metadata.insert("uid", choice.uid());
}

/// Makes a name from `generateName` where there is none.
///
/// Models `names.SimpleNameGenerator`: at most 58 characters and five random ones.
pub fn generate_name(object: &mut Object, choice: &mut Choice) {
    let base = object.metadata().get("generateName").str();
    if base.is_empty() || !object.name().is_empty() {
        return;
    }
    let base: String = base.chars().take(58).collect();
    object.set(&["metadata", "name"], format!("{base}{}", choice.suffix(5)));
}

/// Refuses an update that names another object's uid.
pub fn check_uid_precondition(object: &Object, existing: &Object) -> Result<(), Status> {
    if object.uid().is_empty() || object.uid() == existing.uid() {
        return Ok(());
    }
    let resource = existing.kind.resource();
    let namespace = match existing.namespace() {
        "" => String::new(),
        namespace => format!("{namespace}/"),
    };
    let why = format!(
        "StorageError: invalid object, Code: 4, Key: /registry/{}/{namespace}{}, \
         ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {}, \
         UID in object meta: {}",
        storage_prefix(existing.kind),
        existing.name(),
        object.uid(),
        existing.uid()
    );
    Err(Status::conflict(&resource.qualified_plural(), existing.name(), &why))
}

// Where etcd keeps a kind: by its plural, whatever its group, with a few older names.
fn storage_prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Service => "services/specs",
        Kind::Endpoints => "services/endpoints",
        Kind::Node => "minions",
        kind => kind.resource().plural,
    }
}

/// Refuses an update that is based on an old version.
pub fn check_resource_version(object: &Object, existing: &Object) -> Result<(), Status> {
    let version = object.resource_version();
    if version.is_empty() || version == existing.resource_version() {
        return Ok(());
    }
    if let Err(why) = version.parse::<u64>() {
        let why = match why.kind() {
            std::num::IntErrorKind::PosOverflow => "value out of range",
            _ => "invalid syntax",
        };
        let quoted = crate::api::go::quote(version);
        let message = format!("strconv.ParseUint: parsing {quoted}: {why}");
        return Err(Status::new(500, "", message));
    }
    Err(Status::conflict(
        &existing.kind.resource().qualified_plural(),
        existing.name(),
        "the object has been modified; please apply your changes to the latest version and try again",
    ))
}

/// Fields that an update cannot change and may leave out.
pub fn keep_system_fields(object: &mut Object, existing: &Object) {
    const KEPT: [&str; 5] = [
        "resourceVersion",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "selfLink",
    ];
    for field in KEPT {
        restore(object, existing, field);
    }
    for field in ["uid", "creationTimestamp"] {
        if object.metadata().get(field).is_null() {
            restore(object, existing, field);
        }
    }
}

fn restore(object: &mut Object, existing: &Object, field: &str) {
    match existing.metadata().get(field) {
        old if old == object.metadata().get(field) => {}
        Value::Null => {
            object.value.remove(&["metadata", field]);
        }
        old => object.set(&["metadata", field], old),
    }
}
