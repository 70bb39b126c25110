//! `explain`, `api-resources`, `config`, `auth`, `version`.

use super::Shell;

#[test]
fn fields_are_explained() {
    Shell::new().check(
        "kubectl explain sts.spec.updateStrategy.rollingUpdate.partition",
        "
GROUP:      apps
KIND:       StatefulSet
VERSION:    v1

FIELD: partition <integer>


DESCRIPTION:
    Partition indicates the ordinal at which the StatefulSet should be
    partitioned for updates. During a rolling update, all pods from ordinal
    Replicas-1 to Partition are updated. All pods from ordinal Partition-1 to 0
    remain untouched. This is helpful in being able to do a canary based
    deployment. The default value is 0.
    

",
    );
    Shell::new().check(
        "kubectl explain sts.spec.replica",
        "
GROUP:      apps
KIND:       StatefulSet
VERSION:    v1

error: field \"replica\" does not exist
[exit 1]
",
    );
}

#[test]
fn contexts_keep_their_namespace() {
    let mut shell = Shell::new();
    let set = "kubectl config set-context --current --namespace=team-b";
    shell.check(set, "Context \"kubernetes-admin@kubernetes\" modified.\n");
    shell.check("kubectl get svc", "No resources found in team-b namespace.\n");
    shell.check("kubectl config view --minify -o jsonpath='{..namespace}'", "team-b");
    shell.check(
        "kubectl config get-contexts",
        "
CURRENT   NAME                          CLUSTER      AUTHINFO           NAMESPACE
*         kubernetes-admin@kubernetes   kubernetes   kubernetes-admin   team-b
",
    );
    shell.check(
        "kubectl config use-context nope",
        "error: no context exists with the name: \"nope\"\n[exit 1]\n",
    );
}

#[test]
fn the_cluster_names_what_it_serves() {
    let mut shell = Shell::new();
    shell.check(
        "kubectl api-resources --api-group=apps -o name",
        "
controllerrevisions.apps
daemonsets.apps
deployments.apps
replicasets.apps
statefulsets.apps
",
    );
    shell.check("kubectl auth can-i delete pods --as=somebody", "no\n[exit 1]\n");
    shell.check("kubectl top pods", "error: Metrics API not available\n[exit 1]\n");
}

#[test]
fn a_kubeconfig_is_edited_entry_by_entry() {
    let mut shell = Shell::new();
    let server = "kubectl config view -o jsonpath='{.clusters[?(@.name==\"lab.local\")].cluster}'";
    shell.check(
        "kubectl config set-cluster lab.local --server=https://10.0.0.1",
        "Cluster \"lab.local\" set.\n",
    );
    shell.check(
        "kubectl config set clusters.lab.local.insecure-skip-tls-verify true",
        "Property \"clusters.lab.local.insecure-skip-tls-verify\" set.\n",
    );
    shell.check(server, "{\"insecure-skip-tls-verify\":true,\"server\":\"https://10.0.0.1\"}");
    shell.check("kubectl config set-credentials jane --token=abc", "User \"jane\" set.\n");
    shell.check(
        "kubectl config unset clusters.lab.local",
        "Property \"clusters.lab.local\" unset.\n",
    );
    shell.check("kubectl config get-clusters", "NAME\nkubernetes\n");
    shell.check("kubectl config unset current-context", "Property \"current-context\" unset.\n");
    shell.check("kubectl config current-context", "error: current-context is not set\n[exit 1]\n");
}
