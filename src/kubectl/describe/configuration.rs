//! ConfigMaps, Secrets, ServiceAccounts and PriorityClasses.
//!
//! Models ConfigMapDescriber, SecretDescriber, ServiceAccountDescriber and PriorityClassDescriber
//! of describe.go.

use super::Writer;
use super::writer::{or, scalar};
use crate::api::object::Object;
use crate::api::value::Value;
use crate::text::go_template::decode_base64;

fn heading(object: &Object, w: &mut Writer) {
    w.field(0, "Name", object.name());
    w.field(0, "Namespace", object.namespace());
    w.labels("Labels", object.metadata().get("labels"));
    w.annotations("Annotations", object.metadata().get("annotations"));
}

fn decoded(value: &Value) -> Vec<u8> {
    decode_base64(value.str()).unwrap_or_default()
}

/// Writes a ConfigMap.
pub fn describe_config_map(map: &Object, w: &mut Writer) {
    heading(map, w);
    w.text("\nData\n====\n");
    for (key, value) in map.value.get("data").entries() {
        w.text(&format!("{key}:\n----\n{}\n\n", value.str()));
    }
    w.text("\nBinaryData\n====\n");
    for (key, value) in map.value.get("binaryData").entries() {
        w.line(0, &format!("{key}: {} bytes", decoded(value).len()));
    }
    w.text("\n");
}

/// Writes a Secret, with the sizes of its values only.
pub fn describe_secret(secret: &Object, w: &mut Writer) {
    heading(secret, w);
    let kind = secret.value.get("type").str();
    w.text(&format!("\nType:\t{kind}\n\nData\n====\n"));
    for (key, value) in secret.value.get("data").entries() {
        let bytes = decoded(value);
        let shown = match kind == "kubernetes.io/service-account-token" && key == "token" {
            true => String::from_utf8_lossy(&bytes).into_owned(),
            false => format!("{} bytes", bytes.len()),
        };
        w.field(0, key, &shown);
    }
}

/// Writes a ServiceAccount.
pub fn describe_service_account(account: &Object, w: &mut Writer) {
    heading(account, w);
    for (title, field) in
        [("Image pull secrets", "imagePullSecrets"), ("Mountable secrets", "secrets")]
    {
        let names: Vec<String> = account
            .value
            .get(field)
            .items()
            .iter()
            .map(|reference| reference.get("name").str().to_string())
            .collect();
        w.multiline(title, &names);
    }
    w.multiline("Tokens", &[]);
}

/// Writes a PriorityClass.
pub fn describe_priority_class(class: &Object, w: &mut Writer) {
    let value = &class.value;
    w.field(0, "Name", class.name());
    w.field(0, "Value", &scalar(value.get("value")));
    w.field(0, "GlobalDefault", &value.get("globalDefault").is_true().to_string());
    let policy = or(value.get("preemptionPolicy").str(), "PreemptLowerPriority");
    w.field(0, "PreemptionPolicy", policy);
    w.field(0, "Description", value.get("description").str());
    let annotations = super::writer::joined_labels(class.metadata().get("annotations"));
    w.field(0, "Annotations", &annotations);
}
