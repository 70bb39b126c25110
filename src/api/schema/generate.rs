//! Writes the table of fields, and the texts that document them, from `k8s-openapi`.
//!
//! `UPDATE_GOLDEN=1 cargo test schema` rewrites both files; without it the test fails if they are
//! stale. What the crate does not carry (merge keys, list types, Go's named types) stands in the
//! lists here.

use std::collections::BTreeMap;
use std::fmt::Write;

use k8s_openapi::schemars::SchemaGenerator;
use serde_json::Value as Json;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/schema/table.txt");
const DESCRIPTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/field-descriptions.txt");

/// Fields whose lists merge, `Struct.field` to the words of the table.
const LISTS: &[(&str, &str)] = &[
    ("ObjectMeta.ownerReferences", "patch=merge key=uid list=uid"),
    ("ObjectMeta.finalizers", "patch=merge list=set"),
    ("PodSpec.volumes", "patch=merge,retainKeys key=name list=name"),
    ("PodSpec.initContainers", "patch=merge key=name list=name"),
    ("PodSpec.containers", "patch=merge key=name list=name"),
    ("PodSpec.ephemeralContainers", "patch=merge key=name list=name"),
    ("PodSpec.imagePullSecrets", "patch=merge key=name list=name"),
    ("PodSpec.hostAliases", "patch=merge key=ip list=ip"),
    (
        "PodSpec.topologySpreadConstraints",
        "patch=merge key=topologyKey list=topologyKey,whenUnsatisfiable",
    ),
    ("PodSpec.resourceClaims", "patch=merge,retainKeys key=name list=name"),
    ("PodSpec.schedulingGates", "patch=merge key=name list=name"),
    ("Container.ports", "patch=merge key=containerPort list=containerPort,protocol"),
    ("Container.env", "patch=merge key=name list=name"),
    ("Container.volumeMounts", "patch=merge key=mountPath list=mountPath"),
    ("Container.volumeDevices", "patch=merge key=devicePath list=devicePath"),
    ("EphemeralContainer.ports", "patch=merge key=containerPort list=containerPort,protocol"),
    ("EphemeralContainer.env", "patch=merge key=name list=name"),
    ("EphemeralContainer.volumeMounts", "patch=merge key=mountPath list=mountPath"),
    ("EphemeralContainer.volumeDevices", "patch=merge key=devicePath list=devicePath"),
    ("ResourceRequirements.claims", "list=name"),
    ("PodStatus.conditions", "patch=merge key=type list=type"),
    ("PodStatus.hostIPs", "patch=merge key=ip"),
    ("PodStatus.podIPs", "patch=merge key=ip list=ip"),
    ("PodStatus.resourceClaimStatuses", "patch=merge,retainKeys key=name list=name"),
    ("ContainerStatus.volumeMounts", "patch=merge key=mountPath list=mountPath"),
    ("ContainerStatus.allocatedResourcesStatus", "patch=merge key=name list=name"),
    ("ResourceStatus.resources", "list=resourceID"),
    ("ServiceSpec.ports", "patch=merge key=port list=port,protocol"),
    ("ServiceStatus.conditions", "patch=merge key=type list=type"),
    ("ServiceAccount.secrets", "patch=merge key=name list=name"),
    ("PersistentVolumeClaimStatus.conditions", "patch=merge key=type list=type"),
    ("NodeSpec.podCIDRs", "patch=merge list=set"),
    ("NodeStatus.conditions", "patch=merge key=type list=type"),
    ("NodeStatus.addresses", "patch=merge key=type list=type"),
    ("NamespaceStatus.conditions", "patch=merge key=type list=type"),
    ("StatefulSetStatus.conditions", "patch=merge key=type list=type"),
    ("DeploymentSpec.strategy", "patch=retainKeys"),
    ("DeploymentStatus.conditions", "patch=merge key=type list=type"),
    ("DaemonSetStatus.conditions", "patch=merge key=type list=type"),
    ("ReplicaSetStatus.conditions", "patch=merge key=type list=type"),
    ("JobStatus.conditions", "patch=merge key=type"),
    ("HorizontalPodAutoscalerStatus.conditions", "patch=merge key=type list=type"),
    ("PodDisruptionBudgetSpec.selector", "patch=replace"),
    ("PodDisruptionBudgetStatus.conditions", "patch=merge key=type list=type"),
    ("Endpoint.addresses", "list=set"),
    ("ServiceSpec.selector", "atomic"),
    ("PodSpec.nodeSelector", "atomic"),
    ("ContainerPort.protocol", "default=TCP"),
    ("ServicePort.protocol", "default=TCP"),
];

/// Structs that server-side apply owns as a whole.
const ATOMIC: &[&str] = &[
    "LabelSelector",
    "NodeSelector",
    "NodeSelectorTerm",
    "ObjectReference",
    "LocalObjectReference",
    "TypedLocalObjectReference",
    "SecretKeySelector",
    "ConfigMapKeySelector",
    "FileKeySelector",
    "ObjectFieldSelector",
    "ResourceFieldSelector",
    "SecretReference",
    "ScopeSelector",
    "ScopedResourceSelectorRequirement",
    "TopologySelectorTerm",
    "OwnerReference",
    "EndpointAddress",
    "EndpointPort",
    "EndpointPort@discovery",
];

/// Go's named types, `Struct.field` or just `field` (`*.field` for every struct) to the name.
const NAMED: &[(&str, &str)] = &[
    ("*.uid", "types.UID"),
    ("PodSpec.restartPolicy", "v1.RestartPolicy"),
    ("PodSpec.dnsPolicy", "v1.DNSPolicy"),
    ("PodSpec.overhead", "v1.ResourceList"),
    ("*.preemptionPolicy", "v1.PreemptionPolicy"),
    ("*.imagePullPolicy", "v1.PullPolicy"),
    ("*.pullPolicy", "v1.PullPolicy"),
    ("*.terminationMessagePolicy", "v1.TerminationMessagePolicy"),
    ("Container.restartPolicy", "v1.ContainerRestartPolicy"),
    ("EphemeralContainer.restartPolicy", "v1.ContainerRestartPolicy"),
    ("ContainerPort.protocol", "v1.Protocol"),
    ("ServicePort.protocol", "v1.Protocol"),
    ("EndpointPort.protocol", "v1.Protocol"),
    ("EndpointPort@discovery.protocol", "v1.Protocol"),
    ("HostPathVolumeSource.type", "v1.HostPathType"),
    ("EmptyDirVolumeSource.medium", "v1.StorageMedium"),
    ("*.accessModes", "v1.PersistentVolumeAccessMode"),
    ("*.persistentVolumeReclaimPolicy", "v1.PersistentVolumeReclaimPolicy"),
    ("*.volumeMode", "v1.PersistentVolumeMode"),
    ("PersistentVolumeClaimStatus.phase", "v1.PersistentVolumeClaimPhase"),
    ("PersistentVolumeClaimStatus.capacity", "v1.ResourceList"),
    ("PersistentVolumeClaimStatus.allocatedResources", "v1.ResourceList"),
    ("PersistentVolumeClaimCondition.type", "v1.PersistentVolumeClaimConditionType"),
    ("PersistentVolumeStatus.phase", "v1.PersistentVolumePhase"),
    ("PersistentVolumeSpec.capacity", "v1.ResourceList"),
    ("ServiceSpec.type", "v1.ServiceType"),
    ("ServiceSpec.sessionAffinity", "v1.ServiceAffinity"),
    ("ServiceSpec.externalTrafficPolicy", "v1.ServiceExternalTrafficPolicy"),
    ("ServiceSpec.internalTrafficPolicy", "v1.ServiceInternalTrafficPolicy"),
    ("ServiceSpec.ipFamilies", "v1.IPFamily"),
    ("ServiceSpec.ipFamilyPolicy", "v1.IPFamilyPolicy"),
    ("HTTPGetAction.scheme", "v1.URIScheme"),
    ("Toleration.operator", "v1.TolerationOperator"),
    ("Toleration.effect", "v1.TaintEffect"),
    ("Taint.effect", "v1.TaintEffect"),
    ("NodeSelectorRequirement.operator", "v1.NodeSelectorOperator"),
    ("LabelSelectorRequirement.operator", "v1.LabelSelectorOperator"),
    ("TopologySpreadConstraint.whenUnsatisfiable", "v1.UnsatisfiableConstraintAction"),
    ("TopologySpreadConstraint.nodeAffinityPolicy", "v1.NodeInclusionPolicy"),
    ("TopologySpreadConstraint.nodeTaintsPolicy", "v1.NodeInclusionPolicy"),
    ("PodSecurityContext.fsGroupChangePolicy", "v1.PodFSGroupChangePolicy"),
    ("PodSecurityContext.supplementalGroupsPolicy", "v1.SupplementalGroupsPolicy"),
    ("PodSecurityContext.seLinuxChangePolicy", "v1.PodSELinuxChangePolicy"),
    ("SeccompProfile.type", "v1.SeccompProfileType"),
    ("AppArmorProfile.type", "v1.AppArmorProfileType"),
    ("SecurityContext.procMount", "v1.ProcMountType"),
    ("Capabilities.add", "v1.Capability"),
    ("Capabilities.drop", "v1.Capability"),
    ("*.limits", "v1.ResourceList"),
    ("*.requests", "v1.ResourceList"),
    ("*.hard", "v1.ResourceList"),
    ("*.used", "v1.ResourceList"),
    ("LimitRangeItem.type", "v1.LimitType"),
    ("LimitRangeItem.max", "v1.ResourceList"),
    ("LimitRangeItem.min", "v1.ResourceList"),
    ("LimitRangeItem.default", "v1.ResourceList"),
    ("LimitRangeItem.defaultRequest", "v1.ResourceList"),
    ("LimitRangeItem.maxLimitRequestRatio", "v1.ResourceList"),
    ("NodeStatus.capacity", "v1.ResourceList"),
    ("NodeStatus.allocatable", "v1.ResourceList"),
    ("NodeStatus.phase", "v1.NodePhase"),
    ("PodStatus.phase", "v1.PodPhase"),
    ("PodStatus.qosClass", "v1.PodQOSClass"),
    ("PodCondition.type", "v1.PodConditionType"),
    ("PodCondition.status", "v1.ConditionStatus"),
    ("Secret.type", "v1.SecretType"),
    ("NamespaceSpec.finalizers", "v1.FinalizerName"),
    ("NamespaceStatus.phase", "v1.NamespacePhase"),
    ("VolumeMount.mountPropagation", "v1.MountPropagationMode"),
    ("VolumeMount.recursiveReadOnly", "v1.RecursiveReadOnlyMode"),
    ("ContainerResizePolicy.resourceName", "v1.ResourceName"),
    ("ContainerResizePolicy.restartPolicy", "v1.ResourceResizeRestartPolicy"),
    ("PodOS.name", "v1.OSName"),
    ("ResourceQuotaSpec.scopes", "v1.ResourceQuotaScope"),
    ("StatefulSetSpec.podManagementPolicy", "v1.PodManagementPolicyType"),
    ("StatefulSetUpdateStrategy.type", "v1.StatefulSetUpdateStrategyType"),
    (
        "StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted",
        "v1.PersistentVolumeClaimRetentionPolicyType",
    ),
    (
        "StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled",
        "v1.PersistentVolumeClaimRetentionPolicyType",
    ),
    ("DeploymentStrategy.type", "v1.DeploymentStrategyType"),
    ("DaemonSetUpdateStrategy.type", "v1.DaemonSetUpdateStrategyType"),
    ("CronJobSpec.concurrencyPolicy", "v1.ConcurrencyPolicy"),
    ("JobSpec.completionMode", "v1.CompletionMode"),
    ("JobSpec.podReplacementPolicy", "v1.PodReplacementPolicy"),
    ("StorageClass.reclaimPolicy", "v1.PersistentVolumeReclaimPolicy"),
    ("StorageClass.volumeBindingMode", "v1.VolumeBindingMode"),
    ("PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy", "v1.UnhealthyPodEvictionPolicyType"),
    ("EndpointSlice.addressType", "v1.AddressType"),
    ("MetricSpec.type", "v2.MetricSourceType"),
    ("MetricTarget.type", "v2.MetricTargetType"),
];

fn definitions() -> BTreeMap<String, Json> {
    use k8s_openapi::api::{
        apps::v1 as apps, autoscaling::v2 as autoscaling, batch::v1 as batch,
        coordination::v1 as coordination, core::v1 as core, discovery::v1 as discovery,
        policy::v1 as policy, scheduling::v1 as scheduling, storage::v1 as storage,
    };
    let mut generator = SchemaGenerator::default();
    macro_rules! add {
        ($($package:ident: $($kind:ident)*;)*) => {
            $($( generator.subschema_for::<$package::$kind>(); )*)*
        };
    }
    add! {
        core: ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolumeClaim
            PersistentVolume Pod ResourceQuota Secret ServiceAccount Service;
        apps: ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet;
        autoscaling: HorizontalPodAutoscaler;
        batch: CronJob Job;
        coordination: Lease;
        discovery: EndpointSlice;
        policy: PodDisruptionBudget;
        scheduling: PriorityClass;
        storage: StorageClass;
    }
    let definitions = generator.take_definitions(false);
    let mark = |(name, mut schema): (String, Json)| {
        schema["isV2"] = name.contains(".autoscaling.v2.").into();
        (short(&name), schema)
    };
    definitions.into_iter().map(mark).collect()
}

/// `io.k8s.api.core.v1.PodSpec` to `PodSpec`.
fn short(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or_default();
    match name {
        "io.k8s.api.discovery.v1.EndpointPort" => format!("{last}@discovery"),
        _ => last.into(),
    }
}

fn is_opaque(name: &str) -> bool {
    ["Quantity", "IntOrString", "Time", "MicroTime", "RawExtension", "FieldsV1"].contains(&name)
}

fn word(schema: &Json) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = short(reference.trim_start_matches("#/$defs/"));
        return match name.as_str() {
            "RawExtension" | "FieldsV1" => "any".into(),
            _ => name,
        };
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => format!("[]{}", word(&schema["items"])),
        (Some("object"), _) if schema["additionalProperties"].is_object() => {
            format!("{{}}{}", word(&schema["additionalProperties"]))
        }
        (Some("string"), Some("byte")) => "bytes".into(),
        (Some("string"), _) => "string".into(),
        (Some("boolean"), _) => "bool".into(),
        (Some("integer"), Some("int32")) => "int32".into(),
        (Some("integer"), _) => "int64".into(),
        (Some("number"), _) => "double".into(),
        _ => "any".into(),
    }
}

fn listed(list: &[(&'static str, &'static str)], name: &str, field: &str) -> &'static str {
    let exact = format!("{name}.{field}");
    let anywhere = format!("*.{field}");
    let find = |wanted: &str| list.iter().find(|(key, _)| *key == wanted).map(|(_, v)| *v);
    find(&exact).or_else(|| find(&anywhere)).unwrap_or_default()
}

fn table(definitions: &BTreeMap<String, Json>) -> String {
    let mut out = String::new();
    for (name, schema) in definitions.iter().filter(|(name, _)| !is_opaque(name)) {
        let is_v2 = schema["isV2"] == true;
        out.push_str(name);
        out.push_str(if is_v2 { " v2" } else { "" });
        out.push_str(if ATOMIC.contains(&name.as_str()) { " atomic\n" } else { "\n" });
        let empty = serde_json::Map::new();
        for (field, schema) in schema["properties"].as_object().unwrap_or(&empty) {
            let required = definitions[name]["required"].as_array();
            let mark = required.is_some_and(|r| r.iter().any(|r| r == field));
            let mark = if mark { "!" } else { "" };
            let mut line = format!(" {field}{mark} {}", word(schema));
            let is_scalar = !word(schema).starts_with(char::is_uppercase);
            let named = listed(NAMED, name, field);
            if !named.is_empty() && is_scalar {
                let _ = write!(line, " go={named}");
            }
            let words = listed(LISTS, name, field);
            if !words.is_empty() {
                let _ = write!(line, " {words}");
            }
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

/// `Struct` and `Struct.field`, a tab, and the text with its line breaks escaped.
fn descriptions(definitions: &BTreeMap<String, Json>) -> String {
    let mut out = String::new();
    let mut line = |name: &str, schema: &Json| {
        let text = schema["description"].as_str().unwrap_or_default();
        let text = text.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(out, "{name}\t{text}");
    };
    for (name, schema) in definitions {
        line(name, schema);
        let empty = serde_json::Map::new();
        for (field, schema) in schema["properties"].as_object().unwrap_or(&empty) {
            line(&format!("{name}.{field}"), schema);
        }
    }
    out
}

fn check(path: &str, text: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, text).expect("the file can be written");
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(stored == text, "{path} is stale: run UPDATE_GOLDEN=1 cargo test schema");
}

#[test]
fn table_is_what_k8s_openapi_says() {
    let definitions = definitions();
    for (key, _) in LISTS.iter().chain(NAMED) {
        let (name, field) = key.split_once('.').expect("Struct.field");
        let has = |schema: &Json| !schema["properties"][field].is_null();
        let is_there = match name {
            "*" => definitions.values().any(has),
            name => definitions.get(name).is_some_and(has),
        };
        assert!(is_there, "no such field: {key}");
    }
    check(TABLE, &table(&definitions));
    check(DESCRIPTIONS, &descriptions(&definitions));
}
