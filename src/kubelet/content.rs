//! Files made from objects: ConfigMaps, Secrets, fields of the Pod, tokens.
//!
//! Models `pkg/volume/{configmap,secret,downwardapi,projected}` and `pkg/volume/util/
//! atomic_writer.go`: the files are links into a directory that is replaced as a whole.

use crate::api::go;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::script::files::{FileSystem, Tree};

use super::reference::Source;
use super::user;

/// One file to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    path: EcoString,
    bytes: Vec<u8>,
    mode: u32,
    // Who it belongs to, if not root.
    owner: Option<u32>,
}

/// The files of such a volume; `None` for a volume of another kind, an error if an object is
/// missing.
pub fn files(source: Source, volume: &Value) -> Result<Option<Vec<File>>, String> {
    for kind in ["configMap", "secret", "downwardAPI"] {
        let declared = volume.get(kind);
        if !declared.is_null() {
            let mode = mode(declared.get("defaultMode")).unwrap_or(0o644);
            let name = if kind == "secret" { "secretName" } else { "name" };
            return from(source, kind, declared, name, mode).map(Some);
        }
    }
    let projected = volume.get("projected");
    if projected.is_null() {
        return Ok(None);
    }
    let default = mode(projected.get("defaultMode")).unwrap_or(0o644);
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    for part in projected.get("sources").items() {
        for kind in ["configMap", "secret", "downwardAPI", "serviceAccountToken"] {
            let declared = part.get(kind);
            if declared.is_null() {
                continue;
            }
            match from(source, kind, declared, "name", default) {
                Ok(files) => all.extend(files),
                Err(error) => errors.push(error),
            }
        }
    }
    if errors.is_empty() { Ok(Some(all)) } else { Err(go::aggregate(&errors)) }
}

fn mode(value: &Value) -> Option<u32> {
    value.as_i64().and_then(|mode| u32::try_from(mode).ok())
}

fn from(
    source: Source,
    kind: &str,
    declared: &Value,
    name: &str,
    default: u32,
) -> Result<Vec<File>, String> {
    let wanted = declared.get(name).str();
    match kind {
        "downwardAPI" => Ok(fields(source, declared, default)),
        "serviceAccountToken" => {
            let path = declared.get("path").str().into();
            let bytes = b"not simulated here: a signed token\n".to_vec();
            // Models pkg/volume/projected: others do not need it where the user is known.
            let owner = user::fs_user(source.pod);
            let secret = owner.is_some() || user::fs_group(source.pod).is_some();
            let mode = if secret { 0o600 } else { default };
            Ok(vec![File { path, bytes, mode, owner }])
        }
        "configMap" => keys(source.config_map(wanted), "configmap", declared, wanted, default),
        _ => keys(source.secret(wanted), "secret", declared, wanted, default),
    }
}

fn keys(
    found: Option<Vec<(EcoString, Vec<u8>)>>,
    what: &str,
    declared: &Value,
    name: &str,
    default: u32,
) -> Result<Vec<File>, String> {
    let optional = declared.get("optional").is_true();
    let Some(found) = found else {
        // Every namespace has it a moment after it was made; nobody waits for it here.
        let spared = optional || name == "kube-root-ca.crt";
        return if spared { Ok(Vec::new()) } else { Err(format!("{what} \"{name}\" not found")) };
    };
    let items = declared.get("items").items();
    if items.is_empty() {
        let file = |(path, bytes)| File { path, bytes, mode: default, owner: None };
        return Ok(found.into_iter().map(file).collect());
    }
    let mut files = Vec::new();
    for item in items {
        let key = item.get("key").str();
        match found.iter().find(|(found, _)| found == key) {
            Some((_, bytes)) => files.push(File {
                path: item.get("path").str().into(),
                bytes: bytes.clone(),
                mode: mode(item.get("mode")).unwrap_or(default),
                owner: None,
            }),
            None if optional => {}
            None if what == "configmap" => {
                return Err(format!("configmap references non-existent config key: {key}"));
            }
            None => return Err(format!("references non-existent secret key: {key}")),
        }
    }
    Ok(files)
}

fn fields(source: Source, declared: &Value, default: u32) -> Vec<File> {
    let file = |item: &Value| {
        let field = item.path(&["fieldRef", "fieldPath"]).str();
        let resource = item.get("resourceFieldRef");
        let text = match resource.is_null() {
            true => source.field(field),
            false => {
                let name = resource.get("containerName").str();
                let containers = source.pod.path(&["spec", "containers"]).items();
                let container = containers.iter().find(|c| c.get("name").str() == name);
                source.resource(container.unwrap_or(&Value::Null), resource)
            }
        };
        File {
            path: item.get("path").str().into(),
            bytes: text.as_bytes().to_vec(),
            mode: mode(item.get("mode")).unwrap_or(default),
            owner: None,
        }
    };
    declared.get("items").items().iter().map(file).collect()
}

/// The directory with these files, for a group that may read them.
pub fn tree(files: &[File], group: Option<u32>, now: Time) -> Tree {
    let mut tree = Tree::new();
    put(&mut tree, files, &directory_name(now), now);
    give(&mut tree, group, now);
    tree
}

fn give(tree: &mut Tree, group: Option<u32>, now: Time) {
    // The root is there.
    let _ = tree.set_mode("/", 0o777);
    let _ = tree.set_modified("/", now.milliseconds());
    if let Some(gid) = group {
        tree.give_to_group("/", gid, user::GROUP_READS);
    }
}

/// Replaces the files if they have changed.
pub fn update(tree: &mut Tree, files: &[File], group: Option<u32>, now: Time) {
    let old = tree.read_link("/..data").unwrap_or_default();
    let mut wanted = Tree::new();
    put(&mut wanted, files, &old, now);
    if wanted.files() != tree.files() {
        *tree = self::tree(files, group, now);
    }
}

// The second, and a number that upstream draws by lot.
fn directory_name(now: Time) -> String {
    let (year, month, day, hour, minute, second) = now.civil();
    let number = crate::api::fnv::fingerprint(&now.0) as u32;
    format!("..{year}_{month:02}_{day:02}_{hour:02}_{minute:02}_{second:02}.{number}")
}

fn put(tree: &mut Tree, files: &[File], directory: &str, now: Time) {
    let now = now.milliseconds();
    tree.make_dirs(&format!("/{directory}"), now);
    for file in files {
        let path = format!("/{directory}/{}", file.path);
        tree.put(&path, &file.bytes, now);
        // What cannot be set was not put, which the path's own complaint would have said.
        let _ = tree.set_mode(&path, file.mode);
        if let Some(uid) = file.owner {
            tree.own(&path, uid, 0);
        }
        let top = file.path.split('/').next().unwrap_or_default();
        let _ = tree.symlink(&format!("..data/{top}"), &format!("/{top}"), now);
    }
    let _ = tree.symlink(directory, "/..data", now);
}
