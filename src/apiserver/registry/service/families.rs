//! Addresses and IP families of a Service, on a cluster that has IPv4 only.
//!
//! Models `normalizeClusterIPs` and `initIPFamilyFields` of `pkg/registry/core/service/storage`
//! and `ValidateServiceClusterIPsRelatedFields` in `pkg/apis/core/validation`.

use std::net::IpAddr;

use crate::api::status::FieldError;
use crate::api::value::Value;
use crate::apiserver::registry::validation::numbers::one_of;
use crate::apiserver::registry::validation::{Errors, names};

// The only family for which the cluster has addresses.
const OWN_FAMILY: &str = "IPv4";

/// Whether a Service has no address on purpose (`isHeadlessService`).
pub fn is_headless(spec: &Value) -> bool {
    let addresses = spec.get("clusterIPs").items();
    addresses.len() == 1 && addresses.iter().all(|address| address.str() == "None")
}

/// Brings the two forms of the address together, as far as upstream does (`normalizeClusterIPs`).
pub fn normalize(spec: &mut Value, old: Option<&Value>) {
    let address = spec.get("clusterIP").str().to_owned();
    let all = spec.get("clusterIPs").clone();
    let Some(old) = old else {
        if !address.is_empty() && all.items().is_empty() {
            spec.set(&["clusterIPs"], Value::from(vec![address]));
        }
        return;
    };
    let old_address = old.get("clusterIP").str();
    let old_all = old.get("clusterIPs");
    if address == old_address {
        if all.items().is_empty() && !old_all.items().is_empty() {
            spec.set(&["clusterIPs"], old_all);
        }
    } else if !old_address.is_empty() && address.is_empty() {
        if &all == old_all {
            spec.remove(&["clusterIPs"]);
        }
    } else if &all == old_all || all.items().is_empty() {
        spec.set(&["clusterIPs"], Value::from(vec![address]));
    }
}

/// Fills in the families and their policy, or says why they cannot be (`initIPFamilyFields`).
pub fn initialize(spec: &mut Value, old: Option<&Value>) -> Result<(), Errors> {
    if spec.get("type").str() == "ExternalName" || old.is_some_and(|old| keeps_both(spec, old)) {
        return Ok(());
    }
    let is_free = spec.get("clusterIP").str() == "None" && !has_selector(spec);
    if spec.get("ipFamilyPolicy").is_null() {
        let before = old.map_or("", |old| old.get("ipFamilyPolicy").str());
        let policy = match before {
            "" if is_free => "RequireDualStack",
            "" => "SingleStack",
            before => before,
        };
        spec.set(&["ipFamilyPolicy"], policy);
    }
    let mut errors = Vec::new();
    related_fields(&mut errors, spec);
    if !errors.is_empty() {
        return Err(errors);
    }
    release(&mut errors, spec, old);
    count_and_policy(&mut errors, spec);
    infer_families(&mut errors, spec);
    if errors.is_empty() && !is_free {
        configured(&mut errors, spec);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    complete_families(spec, is_free);
    Ok(())
}

fn has_selector(spec: &Value) -> bool {
    spec.get("selector").as_object().is_some_and(|selector| !selector.is_empty())
}

fn policy(spec: &Value) -> &str {
    spec.get("ipFamilyPolicy").str()
}

// `isMatchingPreferDualStackClusterIPFields`
fn keeps_both(spec: &Value, old: &Value) -> bool {
    policy(spec) == "PreferDualStack"
        && policy(old) == "PreferDualStack"
        && ["clusterIPs", "ipFamilies"].iter().all(|field| spec.get(field) == old.get(field))
}

// What an update may take away, and what it has to say then.
fn release(errors: &mut Errors, spec: &mut Value, old: Option<&Value>) {
    let Some(old) = old else { return };
    let fields = [("clusterIPs", "cluster IP"), ("ipFamilies", "IP family")];
    for (field, word) in fields {
        let (now, before) = (spec.get(field).clone(), old.get(field));
        if policy(spec) == "SingleStack" {
            if &now == before && now.items().len() > 1 {
                let first: Value = now.items().iter().take(1).cloned().collect();
                spec.set(&[field], first);
            }
        } else if now.items().len() == 1 && before.items().len() == 2 {
            let why = format!("must be 'SingleStack' to release the secondary {word}");
            errors.push(FieldError::invalid("spec.ipFamilyPolicy", &policy(spec).into(), &why));
        }
    }
}

fn count_and_policy(errors: &mut Errors, spec: &Value) {
    if policy(spec) != "SingleStack" {
        return;
    }
    for (field, words) in [("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families")] {
        if spec.get(field).items().len() == 2 {
            let why = format!(
                "must be 'RequireDualStack' or 'PreferDualStack' when multiple {words} are \
                 specified"
            );
            errors.push(FieldError::invalid("spec.ipFamilyPolicy", &policy(spec).into(), &why));
        }
    }
}

fn family_of(address: &str) -> &'static str {
    if address.contains(':') { "IPv6" } else { "IPv4" }
}

fn infer_families(errors: &mut Errors, spec: &mut Value) {
    let addresses = spec.get("clusterIPs").clone();
    for (index, address) in addresses.items().iter().enumerate() {
        if address.str() == "None" {
            break;
        }
        let family = family_of(address.str());
        let mut families: Vec<Value> = spec.get("ipFamilies").items().to_vec();
        if index < families.len() {
            continue;
        }
        if family == OWN_FAMILY {
            families.push(family.into());
            spec.set(&["ipFamilies"], families.into_iter().collect::<Value>());
        } else {
            let path = format!("spec.clusterIPs[{index}]");
            let why = format!("{family} is not configured on this cluster");
            errors.push(FieldError::invalid(&path, &addresses, &why));
        }
    }
}

fn configured(errors: &mut Errors, spec: &Value) {
    if policy(spec) == "RequireDualStack" {
        let why = "this cluster is not configured for dual-stack services";
        errors.push(FieldError::invalid("spec.ipFamilyPolicy", &policy(spec).into(), why));
    }
    for (index, family) in spec.get("ipFamilies").items().iter().enumerate() {
        if family.str() != OWN_FAMILY {
            let path = format!("spec.ipFamilies[{index}]");
            errors.push(FieldError::invalid(&path, family, "not configured on this cluster"));
        }
    }
}

// A headless Service without a selector may have both families on any cluster.
fn complete_families(spec: &mut Value, is_free: bool) {
    let mut families: Vec<Value> = spec.get("ipFamilies").items().to_vec();
    if families.is_empty() {
        families.push(OWN_FAMILY.into());
    }
    if is_free && families.len() < 2 && policy(spec) != "SingleStack" {
        let first = families.first().map_or("", |family| family.str());
        let other = if first == OWN_FAMILY { "IPv6" } else { OWN_FAMILY };
        families.push(other.into());
    }
    spec.set(&["ipFamilies"], families.into_iter().collect::<Value>());
}

/// Complaints about addresses and families of a Service (`ValidateServiceClusterIPsRelatedFields`).
pub fn related_fields(errors: &mut Errors, spec: &Value) {
    if spec.get("type").str() == "ExternalName" {
        return;
    }
    let all = spec.get("clusterIPs");
    let mut refuse = |path: &str, value: &Value, why: &str| {
        errors.push(FieldError::invalid(path, value, why));
    };
    match (spec.get("clusterIP").str(), all.at(0).str()) {
        ("", "") => {}
        ("", _) => {
            refuse("spec.clusterIPs", all, "must be empty when `clusterIP` is not specified");
        }
        (_, "") => errors.push(FieldError::required("spec.clusterIPs", "")),
        (one, first) if one != first => {
            refuse("spec.clusterIPs", all, "first value must match `clusterIP`");
        }
        _ => {}
    }
    families_and_policy(errors, spec);
    addresses(errors, spec);
}

fn families_and_policy(errors: &mut Errors, spec: &Value) {
    let families = spec.get("ipFamilies").items();
    for (index, family) in families.iter().enumerate() {
        let path = format!("spec.ipFamilies[{index}]");
        one_of(errors, &path, family, &["IPv4", "IPv6"]);
        if families.iter().take(index).any(|other| other == family) {
            errors.push(FieldError::duplicate(&path, family));
        }
    }
    if !spec.get("ipFamilyPolicy").is_null() {
        let supported = ["PreferDualStack", "RequireDualStack", "SingleStack"];
        one_of(errors, "spec.ipFamilyPolicy", spec.get("ipFamilyPolicy"), &supported);
    }
}

fn addresses(errors: &mut Errors, spec: &Value) {
    let all = spec.get("clusterIPs");
    let mut is_wrong = false;
    for (index, address) in all.items().iter().enumerate() {
        if index == 0 && address.str() == "None" {
            if all.items().len() > 1 {
                is_wrong = true;
                let why = "'None' must be the first and only value";
                errors.push(FieldError::invalid("spec.clusterIPs", all, why));
            }
            continue;
        }
        let path = format!("spec.clusterIPs[{index}]");
        is_wrong |= address.str().parse::<IpAddr>().is_err();
        names::add(errors, &path, address.str(), names::ip_address(address.str()));
    }
    if all.items().len() > 2 {
        let why = "may only hold up to 2 values";
        errors.push(FieldError::invalid("spec.clusterIPs", all, why));
    }
    if is_wrong {
        return;
    }
    let families: Vec<&str> = all.items().iter().map(|a| family_of(a.str())).collect();
    let is_mixed = families.contains(&"IPv4") && families.contains(&"IPv6");
    if families.len() > 1 && !is_mixed {
        let why = "may specify no more than one IP for each IP family";
        errors.push(FieldError::invalid("spec.clusterIPs", all, why));
    }
    if is_headless(spec) {
        return;
    }
    let wanted = spec.get("ipFamilies").items();
    for (index, (address, wanted)) in all.items().iter().zip(wanted).enumerate() {
        let article = match (wanted.str(), family_of(address.str())) {
            ("IPv4", "IPv6") => "an IPv4",
            ("IPv6", "IPv4") => "an IPv6",
            _ => continue,
        };
        let why = format!("expected {article} value as indicated by `ipFamilies[{index}]`");
        errors.push(FieldError::invalid(&format!("spec.clusterIPs[{index}]"), address, &why));
    }
}

/// Complaints about a change of addresses or families that were handed out.
///
/// Models `validateUpgradeDowngradeClusterIPs` and `validateUpgradeDowngradeIPFamilies`; on a
/// cluster with one family neither can grow.
pub fn immutable(errors: &mut Errors, new: &Value, old: &Value) {
    let external = |spec: &Value| spec.get("type").str() == "ExternalName";
    if external(new) || external(old) || is_headless(new) && is_headless(old) {
        return;
    }
    fixed(errors, "clusterIPs", "primary clusterIP can not be unset", new, old);
    if is_headless(new) == is_headless(old) {
        fixed(errors, "ipFamilies", "primary ipFamily can not be unset", new, old);
    }
}

fn fixed(errors: &mut Errors, field: &str, unset: &str, new: &Value, old: &Value) {
    let (now, before) = (new.get(field), old.get(field));
    let path = format!("spec.{field}[0]");
    if now.items().is_empty() && !before.items().is_empty() {
        errors.push(FieldError::invalid(&path, now, unset));
    } else if !before.items().is_empty() && now.at(0) != before.at(0) {
        errors.push(FieldError::invalid(&path, now, "may not change once set"));
    }
}
