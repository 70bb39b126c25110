//! Workloads that are no StatefulSets.

use super::Shell;

#[test]
fn replica_sets_have_the_names_of_a_real_cluster() {
    let mut shell = Shell::new()
        .ok("kubectl create deployment front --image=nginx:1.25 --port=80")
        .ok("kubectl rollout status deployment front");
    shell.check("kubectl get rs -o name", "replicaset.apps/front-5d6f57d64b\n");
    let status = "kubectl get deploy front -o jsonpath='{.status.terminatingReplicas}'";
    shell.check(status, "0");
}

#[test]
fn revisions_of_daemons_have_the_names_of_a_real_cluster() {
    let daemon = "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent}, spec: {\
        selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, \
        spec: {terminationGracePeriodSeconds: 1, containers: [{name: agent, \
        image: 'busybox:1.35', command: [sleep, '3600']}]}}}}";
    let shell = Shell::new().file("agent.yaml", daemon).ok("kubectl apply -f agent.yaml");
    shell.ok("sleep 2").check(
        "kubectl get controllerrevisions -o name",
        "controllerrevision.apps/agent-799ff76c64\n",
    );
}

#[test]
fn cron_jobs_make_jobs_when_they_are_due() {
    let mut shell = Shell::new()
        .ok("kubectl create cronjob tick --image=busybox:1.35 --schedule='* * * * *' -- date")
        .ok("sleep 50")
        .ok("sleep 20");
    shell.check("kubectl get jobs --no-headers | cut -c1-26", "tick-29921161   Complete  \n");
    shell.check(
        "kubectl events --for cronjob/tick -o json | grep '\"message\"' | tr -s ' '",
        " \"message\": \"Created job tick-29921161\",\n \
         \"message\": \"Saw completed job: tick-29921161, condition: Complete\",\n",
    );
    let status = "kubectl get cj tick -o jsonpath='{.status.lastScheduleTime}'";
    shell.check(status, "2026-11-21T14:01:00Z");
    let mut shell = shell.ok("kubectl delete cronjob tick").ok("sleep 5");
    shell.check("kubectl get jobs,pods", "No resources found in default namespace.\n");
}

#[test]
fn a_job_made_by_hand_is_no_run_of_the_schedule() {
    let mut shell = Shell::new()
        .ok("kubectl create cronjob tick --image=busybox:1.35 --schedule='* * * * *' -- sleep 900")
        .ok("kubectl patch cronjob tick -p '{\"spec\":{\"concurrencyPolicy\":\"Replace\"}}'")
        .ok("kubectl create job by-hand --from=cronjob/tick")
        .ok("sleep 2");
    let active = "kubectl get cj tick -o jsonpath='{.status.active[*].name}'";
    shell.check(active, "");
    shell.check(
        "kubectl events --for cronjob/tick --types=Warning -o json | grep '\"message\"' | uniq",
        "            \"message\": \"Saw a job that the controller did not create or forgot: \
         by-hand\",\n",
    );
    let mut shell = shell.ok("sleep 50").ok("sleep 20");
    shell.check(active, "tick-29921161");
    let mut shell = shell.ok("sleep 50");
    shell.check(active, "tick-29921162");
    shell.check("kubectl get jobs -o name", "job.batch/by-hand\njob.batch/tick-29921162\n");
}

#[test]
fn a_schedule_makes_up_for_what_its_deadline_allows() {
    let mut shell = Shell::new()
        .ok("kubectl create cronjob tick --image=busybox:1.35 --schedule='*/2 * * * *' -- date")
        .ok("kubectl patch cj tick -p '{\"spec\":{\"suspend\":true,\
             \"startingDeadlineSeconds\":20}}'")
        .ok("sleep 50; sleep 50; sleep 50")
        .ok("kubectl patch cj tick -p '{\"spec\":{\"suspend\":false}}'")
        .ok("sleep 2");
    shell.check("kubectl get jobs", "No resources found in default namespace.\n");
    shell.check("kubectl events --for cronjob/tick", "No events found in default namespace.\n");
    let patch = "kubectl patch cj tick -p '{\"spec\":{\"startingDeadlineSeconds\":90}}'";
    let mut shell = shell.ok(patch).ok("sleep 2");
    shell.check("kubectl get jobs -o name", "job.batch/tick-29921162\n");
}

#[test]
fn too_many_missed_times_are_named() {
    let mut shell = Shell::new()
        .ok("kubectl create cronjob tick --image=busybox:1.35 --schedule='@every 1s' -- date")
        .ok("kubectl patch cj tick -p '{\"spec\":{\"suspend\":true}}'")
        .ok("kubectl patch cj tick --subresource=status -p \
             '{\"status\":{\"lastScheduleTime\":\"1926-11-21T14:00:00Z\"}}'")
        .ok("kubectl patch cj tick -p '{\"spec\":{\"suspend\":false}}'")
        .ok("sleep 3");
    shell.check(
        "kubectl events --for cj/tick --types=Warning -o jsonpath='{.items[0].message}'",
        "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check \
         clock skew",
    );
}

#[test]
fn a_job_whose_name_is_taken_is_not_made_twice() {
    let failures = "kubectl events --for cj/tick --types=Warning";
    let mut shell = Shell::new()
        .ok("kubectl create cronjob tick --image=busybox:1.35 --schedule='@every 10s' -- date")
        .ok("sleep 30");
    shell.check(failures, "No events found in default namespace.\n");
    let job = "kubectl create job tick-29921161 --image=busybox:1.35 -- date";
    let mut shell = Shell::new()
        .ok("kubectl create cronjob tick --image=busybox:1.35 --schedule='* * * * *' -- date")
        .ok(job)
        .ok("sleep 50; sleep 20");
    shell.check(failures, "No events found in default namespace.\n");
    shell.check("kubectl get cj tick -o jsonpath='{.status.lastScheduleTime}'", "");
}

#[test]
fn what_is_wrong_with_a_workload_is_named() {
    let pods = "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}";
    let set = |kind: &str, more: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: w}}, spec: {{selector: \
             {{matchLabels: {{a: b}}}}, {pods}, {more}}}}}"
        )
    };
    let mut shell = Shell::new()
        .file("type.yaml", &set("DaemonSet", "updateStrategy: {type: Rolling}"))
        .file(
            "zero.yaml",
            &set("DaemonSet", "updateStrategy: {rollingUpdate: {maxUnavailable: 0}}"),
        )
        .file("deploy.yaml", &set("Deployment", "strategy: {type: Rolling}"));
    shell.check(
        "kubectl create -f type.yaml",
        "The DaemonSet \"w\" is invalid: spec.updateStrategy: Unsupported value: \
         {\"Type\":\"Rolling\",\"RollingUpdate\":null}: supported values: \"RollingUpdate\", \
         \"OnDelete\"\n[exit 1]\n",
    );
    shell.check(
        "kubectl create -f zero.yaml",
        "The DaemonSet \"w\" is invalid: spec.updateStrategy.rollingUpdate.maxUnavailable: \
         Required value: cannot be 0 when maxSurge is 0\n[exit 1]\n",
    );
    shell.check(
        "kubectl create -f deploy.yaml",
        "The Deployment \"w\" is invalid: spec.strategy: Unsupported value: \
         {\"Type\":\"Rolling\",\"RollingUpdate\":null}: supported values: \"Recreate\", \
         \"RollingUpdate\"\n[exit 1]\n",
    );
}

#[test]
fn finished_jobs_go_after_their_time() {
    let job = "{apiVersion: batch/v1, kind: Job, metadata: {name: brief}, spec: \
        {ttlSecondsAfterFinished: 5, template: {spec: {restartPolicy: Never, containers: \
        [{name: c, image: 'busybox:1.35', command: [date]}]}}}}";
    let mut shell = Shell::new()
        .file("brief.yaml", job)
        .ok("kubectl create -f brief.yaml")
        .ok("kubectl wait --for=condition=Complete job/brief --timeout=20s");
    shell.check("kubectl get jobs -o name", "job.batch/brief\n");
    let mut shell = shell.ok("sleep 8");
    shell.check("kubectl get jobs,pods", "No resources found in default namespace.\n");
}

#[test]
fn an_autoscaler_misses_its_metrics() {
    let mut shell = Shell::new()
        .ok("kubectl create deployment front --image=nginx:1.25 --replicas=2")
        .ok("kubectl autoscale deployment front --min=1 --max=3 --cpu=50%")
        .ok("sleep 20");
    let reasons = "kubectl get hpa front -o jsonpath='{.status.conditions[*].reason}'";
    shell.check(reasons, "SucceededGetScale FailedGetResourceMetric");
    shell.check(
        "kubectl get events --field-selector involvedObject.name=front,type=Warning \
         --no-headers -o custom-columns=M:.message | sort",
        "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch \
         metrics from resource metrics API: the server could not find the requested resource (get \
         pods.metrics.k8s.io)\ninvalid metrics (1 invalid out of 1), first error is: failed to get \
         cpu resource metric value: failed to get cpu utilization: unable to get metrics for \
         resource cpu: unable to fetch metrics from resource metrics API: the server could not \
         find the requested resource (get pods.metrics.k8s.io)\n",
    );
}
