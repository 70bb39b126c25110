//! `kubectl get`: tables, selection, order, watches.

use super::{Shell, with_objects};

#[test]
fn tables_are_as_wide_as_their_cells() {
    let mut shell = with_objects();
    shell.check(
        "kubectl get cm -l app=web --show-labels --no-headers",
        "a-conf   0     0s    app=web,size=9\nb-conf   2     0s    app=web,size=10\n",
    );
    shell.check(
        "kubectl get pvc,sc",
        "
NAME                         STATUS    VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   VOLUMEATTRIBUTESCLASS   AGE
persistentvolumeclaim/data   Pending                                      lazy           <unset>                 0s

NAME                               PROVISIONER        RECLAIMPOLICY   VOLUMEBINDINGMODE      ALLOWVOLUMEEXPANSION   AGE
storageclass.storage.k8s.io/lazy   example.com/none   Delete          WaitForFirstConsumer   false                  0s
",
    );
}

#[test]
fn lists_are_sorted_by_quantities_and_texts() {
    let mut shell = with_objects();
    let list = "kubectl get cm -l app=web -o name --sort-by";
    shell.check(&format!("{list}=.metadata.labels.size"), "configmap/a-conf\nconfigmap/b-conf\n");
    shell.check(&format!("{list}=.metadata.name"), "configmap/a-conf\nconfigmap/b-conf\n");
    shell
        .check("kubectl get cm --sort-by=.spec.nope", "No resources found in default namespace.\n");
}

#[test]
fn what_is_missing_comes_last() {
    let mut shell = with_objects();
    shell.check(
        "kubectl get cm/a-conf cm/none sc/lazy -o name",
        "
configmap/a-conf
storageclass.storage.k8s.io/lazy
Error from server (NotFound): configmaps \"none\" not found
[exit 1]
",
    );
    shell.check("kubectl get cm none --ignore-not-found", "");
    shell.check("kubectl get sts", "No resources found in default namespace.\n");
    shell.check(
        "kubectl get statefulsets.v1beta1.apps",
        "
error: the server doesn't have a resource type \"statefulsets\" in group \"v1beta1.apps\"
[exit 1]
",
    );
}

#[test]
fn a_kind_that_is_not_simulated_is_said_to_be() {
    let mut shell = Shell::new();
    shell.check("kubectl get ingresses", "No resources found in default namespace.\n");
    let manifest =
        "printf 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: x\n'";
    let text = shell.run(&format!("{} | kubectl apply -f -", manifest.replace('\n', "\\n")));
    assert!(text.starts_with("not simulated here yet: objects of kind Ingress;"), "{text}");
}

#[test]
fn refused_selectors_are_explained() {
    Shell::new().check(
        "kubectl get pods -l 'app=nginx=1'",
        "
Error from server (BadRequest): Unable to find \"/v1, Resource=pods\" that match label selector \"app=nginx=1\", field selector \"\": found '=', expected: ',' or 'end of string'
[exit 1]
",
    );
}

#[test]
fn raw_paths_give_objects_in_the_servers_order() {
    let mut shell = with_objects();
    let text = shell.run("kubectl get --raw /api/v1/namespaces/default/configmaps/a-conf");
    assert!(
        text.starts_with("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":")
    );
    shell.check("kubectl get --raw /healthz", "ok");
    shell.check(
        "kubectl get --raw /api/v2",
        "Error from server (NotFound): the server could not find the requested resource\n[exit 1]\n",
    );
}

#[test]
fn raw_paths_lead_to_logs_and_wide_json() {
    let run = "kubectl run talk --image=busybox:1.35 -- sh -c 'echo one; echo two; sleep 9'";
    let mut shell = Shell::new().ok(run).ok("sleep 3");
    let path = "/api/v1/namespaces/default/pods/talk/log";
    shell.check(&format!("kubectl get --raw '{path}?tailLines=1'"), "two\n");
    shell.check(
        "kubectl get --raw '/api/v1/namespaces/default/pods/nope/log'",
        "Error from server (NotFound): pods \"nope\" not found\n[exit 1]\n",
    );
    shell.check(
        "kubectl get --raw '/api/v1/namespaces/kube-public?pretty=true' | sed -n '1,5p;$p'",
        "{\n  \"kind\": \"Namespace\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {\n    \"name\": \
         \"kube-public\",\n}",
    );
}

#[test]
fn gates_keep_a_pod_from_being_scheduled() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: late}, spec: {schedulingGates: \
        [{name: example.com/wait}], containers: [{name: c, image: 'nginx:1.25'}]}}";
    let mut shell = Shell::new().file("late.yaml", pod).ok("kubectl create -f late.yaml");
    shell.check(
        "kubectl get pod late",
        "NAME   READY   STATUS            RESTARTS   AGE\n\
         late   0/1     SchedulingGated   0          0s\n",
    );
}
