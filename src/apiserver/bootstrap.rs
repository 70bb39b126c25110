//! What a cluster holds before anybody has used it.
//!
//! Models what kube-apiserver, kube-controller-manager and the kubelets write in their first
//! minutes: namespaces, nodes, system Services, service accounts, classes.

use crate::api::object::Object;
use crate::api::placement::NODE_KERNEL;
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::value;

use super::registry::{service, strategy};
use super::request::Actor;
use super::storage::Origin;
use super::{ApiServer, Context};

/// How old the cluster is when the session starts.
const AGE: Duration = Duration::from_secs(289);

/// How many nodes a cluster has unless told otherwise: node1, node2, node3.
pub const NODES: usize = 3;

impl ApiServer {
    /// Puts in what a cluster of so many nodes holds after its first minutes.
    pub fn bootstrap(&mut self, context: Context, nodes: usize) {
        let Context { now, choice } = context;
        let born = Time(now.0 - AGE.as_micros() as i64);
        let origin = Origin { actor: Actor::System, now: born, subresource: "".into() };
        for mut object in initial_objects(born, now, nodes) {
            strategy::default(&mut object, None);
            if object.kind == Kind::Service {
                complete_addresses(&mut object);
            }
            object.set(&["metadata", "creationTimestamp"], born.rfc3339());
            object.set(&["metadata", "uid"], choice.uid());
            if object.kind.resource().has_generation {
                object.set(&["metadata", "generation"], 1);
            }
            self.storage.put(&origin, object);
        }
    }
}

fn complete_addresses(object: &mut Object) {
    let mut spec = object.spec().clone();
    service::families::normalize(&mut spec, None);
    // These are known to be right.
    let _ = service::families::initialize(&mut spec, None);
    object.set(&["spec"], spec);
}

fn initial_objects(born: Time, now: Time, nodes: usize) -> Vec<Object> {
    let mut objects = Vec::new();
    for namespace in ["default", "kube-node-lease", "kube-public", "kube-system"] {
        objects.extend(namespace_objects(namespace));
    }
    for number in 1..=nodes {
        let name = format!("node{number}");
        objects.push(node(&name, number, born, now));
        objects.push(node_lease(&name, now));
    }
    objects.extend(kubernetes_service());
    objects.extend(dns_service());
    for (name, value) in [("node", 2_000_001_000), ("cluster", 2_000_000_000)] {
        objects.push(priority_class(name, value));
    }
    objects
}

/// A namespace with what its controllers put into it.
fn namespace_objects(name: &str) -> Vec<Object> {
    vec![
        Object::new(
            Kind::Namespace,
            value!({
                "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
                "spec": {"finalizers": ["kubernetes"]},
                "status": {"phase": "Active"},
            }),
        ),
        service_account(name),
        root_certificate(name),
    ]
}

/// The service account `default` of a namespace.
pub fn service_account(namespace: &str) -> Object {
    let metadata = value!({"name": "default", "namespace": namespace});
    Object::new(Kind::ServiceAccount, value!({"metadata": (metadata)}))
}

/// The ConfigMap `kube-root-ca.crt` of a namespace.
pub fn root_certificate(namespace: &str) -> Object {
    let about = "Contains a CA bundle that can be used to verify the kube-apiserver when using \
                 internal endpoints such as the internal service IP or kubernetes.default.svc. No \
                 other usage is guaranteed across distributions of Kubernetes clusters.";
    let metadata = value!({
        "name": "kube-root-ca.crt",
        "namespace": namespace,
        "annotations": {"kubernetes.io/description": about},
    });
    let certificate = "-----BEGIN CERTIFICATE-----\n\
                       c2ltdWxhdGVkIGNsdXN0ZXIsIG5vIGNlcnRpZmljYXRl\n\
                       -----END CERTIFICATE-----\n";
    let data = value!({"ca.crt": certificate});
    Object::new(Kind::ConfigMap, value!({"metadata": (metadata), "data": (data)}))
}

fn node(name: &str, number: usize, born: Time, now: Time) -> Object {
    let resources = |allocatable: bool| {
        value!({
            "cpu": "2",
            "ephemeral-storage": (if allocatable { "94361404314" } else { "102387592Ki" }),
            "hugepages-1Gi": "0",
            "hugepages-2Mi": "0",
            "memory": "24649372Ki",
            "pods": "110",
        })
    };
    Object::new(
        Kind::Node,
        value!({
            "metadata": {
                "name": name,
                "annotations": {
                    "node.alpha.kubernetes.io/ttl": "0",
                    "volumes.kubernetes.io/controller-managed-attach-detach": "true",
                },
                "labels": {
                    "beta.kubernetes.io/arch": "amd64",
                    "beta.kubernetes.io/os": "linux",
                    "kubernetes.io/arch": "amd64",
                    "kubernetes.io/hostname": name,
                    "kubernetes.io/os": "linux",
                },
            },
            "spec": {
                "podCIDR": (format!("10.244.{number}.0/24")),
                "podCIDRs": [(format!("10.244.{number}.0/24"))],
            },
            "status": {
                "addresses": [
                    {"address": (format!("192.168.49.{}", 10 + number)), "type": "InternalIP"},
                    {"address": name, "type": "Hostname"},
                ],
                "allocatable": (resources(true)),
                "capacity": (resources(false)),
                "conditions": (node_conditions(born, now)),
                "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
                "images": [],
                "nodeInfo": (node_info(name)),
            },
        }),
    )
}

fn node_info(name: &str) -> Value {
    value!({
        "architecture": "amd64",
        "bootID": (format!("5a1e7b52-0000-4000-8000-00000000{name}")),
        "containerRuntimeVersion": "containerd://2.1.4",
        "kernelVersion": NODE_KERNEL,
        "kubeProxyVersion": "",
        "kubeletVersion": "v1.37.0",
        "machineID": (format!("7f0c1d2e3b4a59687766554433{name}")),
        "operatingSystem": "linux",
        "osImage": "Debian GNU/Linux 12 (bookworm)",
        "systemUUID": (format!("7f0c1d2e-3b4a-5968-7766-554433{name}")),
    })
}

fn node_conditions(born: Time, now: Time) -> Value {
    let rows = [
        (
            "MemoryPressure",
            "False",
            "HasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        ("DiskPressure", "False", "HasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "HasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "Ready", "kubelet is posting ready status"),
    ];
    let condition = |(kind, status, reason, message): &(&str, &str, &str, &str)| {
        value!({
            "lastHeartbeatTime": (now.rfc3339()),
            "lastTransitionTime": (born.rfc3339()),
            "message": (*message),
            "reason": (format!("Kubelet{reason}")),
            "status": (*status),
            "type": (*kind),
        })
    };
    rows.iter().map(condition).collect()
}

fn node_lease(name: &str, now: Time) -> Object {
    Object::new(
        Kind::Lease,
        value!({
            "metadata": {"name": name, "namespace": "kube-node-lease"},
            "spec": {
                "holderIdentity": name,
                "leaseDurationSeconds": 40,
                "renewTime": (now.rfc3339_micro()),
            },
        }),
    )
}

fn kubernetes_service() -> Vec<Object> {
    let labels = value!({"component": "apiserver", "provider": "kubernetes"});
    let service = value!({
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": (labels)},
        "spec": {
            "clusterIP": "10.96.0.1",
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
        },
        "status": {"loadBalancer": {}},
    });
    let slice = value!({
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": "kubernetes"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["192.168.49.10"], "conditions": {"ready": true}}],
        "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}],
    });
    let endpoints = value!({
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
        },
        "subsets": [{
            "addresses": [{"ip": "192.168.49.10"}],
            "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}],
        }],
    });
    vec![
        Object::new(Kind::Service, service),
        Object::new(Kind::EndpointSlice, slice),
        Object::new(Kind::Endpoints, endpoints),
    ]
}

fn dns_service() -> Vec<Object> {
    let port = |name: &str, number: i64, protocol: &str| value!({"name": name, "port": number, "protocol": protocol, "targetPort": number});
    let service = value!({
        "metadata": {
            "name": "kube-dns",
            "namespace": "kube-system",
            "annotations": {"prometheus.io/port": "9153", "prometheus.io/scrape": "true"},
            "labels": {
                "k8s-app": "kube-dns",
                "kubernetes.io/cluster-service": "true",
                "kubernetes.io/name": "CoreDNS",
            },
        },
        "spec": {
            "clusterIP": "10.96.0.10",
            "ports": [
                (port("dns", 53, "UDP")),
                (port("dns-tcp", 53, "TCP")),
                (port("metrics", 9153, "TCP")),
            ],
        },
        "status": {"loadBalancer": {}},
    });
    vec![Object::new(Kind::Service, service)]
}

fn priority_class(name: &str, value: i64) -> Object {
    let about = match name {
        "node" => "Used for system critical pods that must not be moved from their current node.",
        _ => {
            "Used for system critical pods that must run in the cluster, but can be moved to \
             another node if necessary."
        }
    };
    Object::new(
        Kind::PriorityClass,
        value!({
            "metadata": {"name": (format!("system-{name}-critical"))},
            "description": about,
            "preemptionPolicy": "PreemptLowerPriority",
            "value": value,
        }),
    )
}
