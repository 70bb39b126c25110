//! What the server refuses to create and how it says so (`api-*` of the recorded transcripts).

use super::Server;

/// Puts `change` in the place of the comment `# HERE` of a manifest.
fn changed(manifest: &str, change: &str) -> String {
    manifest.replace("# HERE", change)
}

/// Creates a manifest and compares the refusal's sentence, which may end after `expected`.
#[track_caller]
pub fn check_refused(yaml: &str, expected: &str) {
    match Server::new().create(yaml) {
        Ok(_) => panic!("accepted, but should be refused: {expected}\n{yaml}"),
        Err(status) => assert!(
            status.message.starts_with(expected),
            "expected: {expected}\nactual:   {}",
            status.message
        ),
    }
}

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes: [{name: data, emptyDir: {}}]
  containers:
  - name: nginx
    image: nginx:1.25
    # HERE
";

#[test]
fn containers() {
    let check = |change: &str, expected: &str| {
        let expected = format!("Pod \"web\" is invalid: {expected}");
        check_refused(&changed(POD, change), &expected);
    };
    let path = "spec.containers[0]";
    check("imagePullPolicy: No", &format!("{path}.imagePullPolicy: Unsupported value: \"No\""));
    check("ports: [{name: a}]", &format!("{path}.ports[0].containerPort: Required value"));
    check(
        "ports: [{containerPort: 65536, hostPort: -1}]",
        &format!(
            "[{path}.ports[0].containerPort: Invalid value: 65536: must be between 1 and 65535, \
             inclusive, {path}.ports[0].hostPort: Invalid value: -1: "
        ),
    );
    check(
        "volumeMounts: [{name: wwww, mountPath: /www}]",
        &format!("{path}.volumeMounts[0].name: Not found: \"wwww\""),
    );
    check(
        "env: [{name: A, valueFrom: {}}]",
        &format!("{path}.env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`"),
    );
    check(
        "resources: {requests: {cpu: '2'}, limits: {cpu: '1'}}",
        &format!(
            "{path}.resources.requests: Invalid value: \"2\": must be less than or equal to cpu \
             limit of 1"
        ),
    );
    check(
        "livenessProbe: {tcpSocket: {port: 80}, successThreshold: 2}",
        &format!("{path}.livenessProbe.successThreshold: Invalid value: 2: must be 1"),
    );
    check(
        "securityContext: {privileged: true, allowPrivilegeEscalation: false}",
        &format!(
            "{path}.securityContext: Invalid value: {{\"Capabilities\":null,\"Privileged\":true"
        ),
    );
}

const SET: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  selector: {matchLabels: {app: nginx}}
  # HERE
  template:
    metadata: {labels: {app: nginx}}
    spec: {containers: [{name: nginx, image: nginx}]}
";

#[test]
fn stateful_sets() {
    let check = |change: &str, expected: &str| {
        let expected = format!("StatefulSet.apps \"web\" is invalid: {expected}");
        check_refused(&changed(SET, change), &expected);
    };
    check("replicas: -1", "spec.replicas: Invalid value: -1: must be greater than or equal to 0");
    check("serviceName: a.b", "spec.serviceName: Invalid value: \"a.b\": must not contain dots");
    check(
        "updateStrategy: {type: Rolling}",
        "spec.updateStrategy: Invalid value: {\"Type\":\"Rolling\",\"RollingUpdate\":null}: must \
         be 'RollingUpdate' or 'OnDelete'",
    );
    check(
        "updateStrategy: {type: OnDelete, rollingUpdate: {}}",
        "spec.updateStrategy.rollingUpdate: Invalid value: \
         {\"Partition\":0,\"MaxUnavailable\":null}: only allowed for",
    );
    check(
        "updateStrategy: {rollingUpdate: {maxUnavailable: two}}",
        "[spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"two\": a valid \
         percent string",
    );
    check_refused(
        &SET.replace("selector: {matchLabels: {app: nginx}}", ""),
        "StatefulSet.apps \"web\" is invalid: [spec.selector: Required value, \
         spec.template.metadata.labels: Invalid value: {\"app\":\"nginx\"}: `selector` does not \
         match template `labels`]",
    );
}

#[test]
fn services_and_storage() {
    let service = |spec: &str| {
        format!("{{apiVersion: v1, kind: Service, metadata: {{name: s}}, spec: {spec}}}")
    };
    let check = |spec: &str, expected: &str| {
        check_refused(&service(spec), &format!("Service \"s\" is invalid: {expected}"));
    };
    check("{}", "spec.ports: Required value");
    check("{type: ExternalName}", "spec.externalName: Required value");
    check("{clusterIP: None, type: NodePort}", "spec.clusterIPs[0]: Invalid value: \"None\"");
    check(
        "{ports: [{port: 80, name: a}, {port: 80, name: b}]}",
        "spec.ports[1]: Duplicate value: {\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null",
    );
    check(
        "{clusterIP: 10.96.0.10, ports: [{port: 80}]}",
        "spec.clusterIPs: Invalid value: [\"10.96.0.10\"]: failed to allocate IP 10.96.0.10: \
         provided IP is already allocated",
    );
    check_refused(
        "{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv}, spec: {accessModes: \
         [ReadWriteOnce], local: {path: /a}}}",
        "PersistentVolume \"pv\" is invalid: [spec.capacity: Required value, spec.capacity: \
         Unsupported value: null: supported values: \"storage\", spec.nodeAffinity: Required \
         value: Local volume requires node affinity]",
    );
    check_refused(
        "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: b}, spec: \
         {minAvailable: 1, maxUnavailable: 1, selector: {}}}",
        "PodDisruptionBudget.policy \"b\" is invalid: spec: Invalid value: \
         {\"MinAvailable\":1,\"Selector\":{},\"MaxUnavailable\":1,",
    );
}

#[test]
fn admission() {
    let pod = |spec: &str| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{{spec}, containers: \
             [{{name: c, image: nginx}}]}}}}"
        )
    };
    check_refused(
        &pod("serviceAccountName: robot"),
        "pods \"p\" is forbidden: error looking up service account default/robot: \
         serviceaccount \"robot\" not found",
    );
    check_refused(
        &pod("priorityClassName: urgent"),
        "pods \"p\" is forbidden: no PriorityClass with name urgent was found",
    );
    check_refused(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}",
        "namespaces \"shop\" not found",
    );
}

const JOB: &str = "
apiVersion: batch/v1
kind: Job
metadata: {name: pi}
spec:
  # HERE
  template:
    metadata: {labels: {app: pi LABELS}}
    spec: {restartPolicy: Never, containers: [{name: c, image: x}]}
";

#[test]
fn labels_and_selector_of_a_job_are_the_servers() {
    let job = |spec: &str, labels: &str| changed(JOB, spec).replace("LABELS", labels);
    for spec in
        ["matchLabels: {job-name: pi}", "matchExpressions: [{key: app, operator: DoesNotExist}]"]
    {
        let why = "Job.batch \"pi\" is invalid: spec.template.metadata.labels: Invalid value: ";
        let job = job(&format!("selector: {{{spec}}}"), ", job-name: pi");
        match spec.contains("app") {
            true => check_refused(&job, why),
            false => assert!(Server::new().create(&job).is_ok(), "{spec}"),
        }
    }
    let path = "spec.template.metadata.labels[job-name]";
    let why = format!("Job.batch \"pi\" is invalid: {path}: Invalid value: {{\"app\":\"pi\",");
    check_refused(&job("", ", job-name: other"), &why);
    let path = "spec.template.spec.restartPolicy";
    let why = "Required value: valid values: \"OnFailure\", \"Never\"";
    let always = job("", "").replace("restartPolicy: Never, ", "");
    check_refused(&always, &format!("Job.batch \"pi\" is invalid: {path}: {why}"));
}

#[test]
fn policies_of_jobs() {
    let check = |spec: &str, expected: &str| {
        let job = changed(JOB, spec).replace("LABELS", "");
        check_refused(&job, &format!("Job.batch \"pi\" is invalid: {expected}"));
    };
    check(
        "backoffLimitPerIndex: 1",
        "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed",
    );
    check(
        "managedBy: nobody",
        "spec.managedBy: Invalid value: \"nobody\": must be a domain-prefixed",
    );
    check(
        "completionMode: Indexed\n  parallelism: 1",
        "spec.completions: Required value: when completion mode is Ind",
    );
    let rules = |rule: &str| format!("podFailurePolicy: {{rules: [{rule}]}}");
    let path = "spec.podFailurePolicy.rules[0]";
    check(
        &rules("{action: FailJob}"),
        &format!("{path}: Invalid value: specifying one of OnExitCodes and OnPodConditions is req"),
    );
    check(
        &rules("{action: FailIndex, onPodConditions: [{type: DisruptionTarget}]}"),
        &format!("{path}.action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex"),
    );
    check(
        &rules("{action: Count, onExitCodes: {operator: In, values: [0]}}"),
        &format!("{path}.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In oper"),
    );
    check(
        "podReplacementPolicy: Never",
        "spec.podReplacementPolicy: Unsupported value: \"Never\": supported values: \"Failed\", \"T",
    );
    let indexed = "completionMode: Indexed, completions: 3, successPolicy";
    let success = |rule: &str| indexed.replace(", ", "\n  ") + &format!(": {{rules: [{rule}]}}");
    check(
        &success("{succeededIndexes: '2-1'}"),
        "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"2-1\": error parsing \
         succeededIndexes: non-increasing order, previous: 2, current: 1",
    );
    check(
        &success("{succeededCount: 4}"),
        "spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to \
         3 (the number of specified completions)",
    );
}

#[test]
fn time_zones_have_names_of_a_certain_form() {
    let cron_job = |zone: &str| {
        format!(
            "{{apiVersion: batch/v1, kind: CronJob, metadata: {{name: c}}, spec: {{schedule: '* * * * *', \
             timeZone: '{zone}', jobTemplate: {{spec: {{template: {{spec: {{restartPolicy: Never, \
             containers: [{{name: c, image: x}}]}}}}}}}}}}}}"
        )
    };
    for zone in ["Asia//Shanghai", "../UTC", "-a/b", "America/Nowhere/InThisWorldAtAll"] {
        let why = format!("Invalid value: \"{zone}\": unknown time zone {zone}");
        check_refused(
            &cron_job(zone),
            &format!("CronJob.batch \"c\" is invalid: spec.timeZone: {why}"),
        );
    }
    for zone in ["Asia/Shanghai", "Etc/GMT+8", "UTC"] {
        assert!(Server::new().create(&cron_job(zone)).is_ok(), "{zone}");
    }
}
