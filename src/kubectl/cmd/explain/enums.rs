//! The values of fields that have a closed list of them.
//!
//! Models the `+enum` types of `k8s.io/api` as the OpenAPI document words them.

/// A value and what it means.
type Value = (&'static str, &'static str);

/// The values of a struct's field, sorted.
pub fn values(owner: &str, field: &str) -> Option<&'static [Value]> {
    ENUMS.iter().find(|(o, f, _)| *o == owner && *f == field).map(|(_, _, values)| *values)
}

const PROTOCOL: &[Value] = &[
    ("SCTP", "is the SCTP protocol."),
    ("TCP", "is the TCP protocol."),
    ("UDP", "is the UDP protocol."),
];

const VOLUME_MODE: &[Value] = &[
    (
        "Block",
        "means the volume will not be formatted with a filesystem and will remain a raw block \
         device.",
    ),
    ("Filesystem", "means the volume will be or is formatted with a filesystem."),
];

static ENUMS: &[(&str, &str, &[Value])] = &[
    (
        "StatefulSetSpec",
        "podManagementPolicy",
        &[
            (
                "OrderedReady",
                "will create pods in strictly increasing order on scale up and strictly \
                 decreasing order on scale down, progressing only when the previous pod is ready \
                 or terminated. At most one pod will be changed at any time.",
            ),
            (
                "Parallel",
                "will create and delete pods as soon as the stateful set replica count is \
                 changed, and will not wait for pods to be ready or complete termination.",
            ),
        ],
    ),
    (
        "StatefulSetUpdateStrategy",
        "type",
        &[
            (
                "OnDelete",
                "disables ordered rolling restarts. Version tracking is done on a best-effort \
                 basis - the controller will try to eventually converge StatefulSet's \
                 currentRevision with updateRevision. Pods are recreated from the \
                 StatefulSetSpec when they are manually deleted. When a scale operation is \
                 performed with this strategy, new Pods will be created from the specification \
                 version indicated by the StatefulSet's updateRevision.",
            ),
            (
                "Recreate",
                "indicates that all existing pods will be deleted and fully terminated before \
                 any new-revision pods are created. This ensures that old and new revision Pods \
                 never run at the same time. This is an alpha type and requires enabling \
                 StatefulSetRecreateStrategy feature gate. Switching to the Recreate strategy is \
                 allowed when the feature gate is enabled, and switching away from it to a \
                 different update strategy is also allowed.\n\
                 +featureGate=StatefulSetRecreateStrategy",
            ),
            (
                "RollingUpdate",
                "indicates that update will be applied to all Pods in the StatefulSet with \
                 respect to the StatefulSet ordering constraints. When a scale operation is \
                 performed with this strategy, new Pods will be created from the specification \
                 version indicated by the StatefulSet's updateRevision.",
            ),
        ],
    ),
    (
        "Container",
        "imagePullPolicy",
        &[
            (
                "Always",
                "means that kubelet always attempts to pull the latest image. Container will \
                 fail If the pull fails.",
            ),
            (
                "IfNotPresent",
                "means that kubelet pulls if the image isn't present on disk. Container will \
                 fail if the image isn't present and the pull fails.",
            ),
            (
                "Never",
                "means that kubelet never pulls an image, but only uses a local image. Container \
                 will fail if the image isn't present",
            ),
        ],
    ),
    (
        "Container",
        "terminationMessagePolicy",
        &[
            (
                "FallbackToLogsOnError",
                "will read the most recent contents of the container logs for the container \
                 status message when the container exits with an error and the \
                 terminationMessagePath has no contents.",
            ),
            (
                "File",
                "is the default behavior and will set the container status message to the \
                 contents of the container's terminationMessagePath when the container exits.",
            ),
        ],
    ),
    ("PodSpec", "restartPolicy", &[("Always", ""), ("Never", ""), ("OnFailure", "")]),
    (
        "PodSpec",
        "dnsPolicy",
        &[
            (
                "ClusterFirst",
                "indicates that the pod should use cluster DNS first unless hostNetwork is true, \
                 if it is available, then fall back on the default (as determined by kubelet) \
                 DNS settings.",
            ),
            (
                "ClusterFirstWithHostNet",
                "indicates that the pod should use cluster DNS first, if it is available, then \
                 fall back on the default (as determined by kubelet) DNS settings.",
            ),
            (
                "Default",
                "indicates that the pod should use the default (as determined by kubelet) DNS \
                 settings.",
            ),
            (
                "None",
                "indicates that the pod should use empty DNS settings. DNS parameters such as \
                 nameservers and search paths should be defined via DNSConfig.",
            ),
        ],
    ),
    (
        "PodSpec",
        "preemptionPolicy",
        &[
            ("Never", "means that pod never preempts other pods with lower priority."),
            ("PreemptLowerPriority", "means that pod can preempt other pods with lower priority."),
        ],
    ),
    ("ContainerPort", "protocol", PROTOCOL),
    ("ServicePort", "protocol", PROTOCOL),
    (
        "ServiceSpec",
        "type",
        &[
            (
                "ClusterIP",
                "means a service will only be accessible inside the cluster, via the cluster IP.",
            ),
            (
                "ExternalName",
                "means a service consists of only a reference to an external name that kubedns \
                 or equivalent will return as a CNAME record, with no exposing or proxying of \
                 any pods involved.",
            ),
            (
                "LoadBalancer",
                "means a service will be exposed via an external load balancer (if the cloud \
                 provider supports it), in addition to 'NodePort' type.",
            ),
            (
                "NodePort",
                "means a service will be exposed on one port of every node, in addition to \
                 'ClusterIP' type.",
            ),
        ],
    ),
    (
        "ServiceSpec",
        "sessionAffinity",
        &[("ClientIP", "is the Client IP based."), ("None", "- no session affinity.")],
    ),
    ("PersistentVolumeClaimSpec", "volumeMode", VOLUME_MODE),
    ("PersistentVolumeSpec", "volumeMode", VOLUME_MODE),
];
