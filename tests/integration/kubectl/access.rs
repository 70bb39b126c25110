//! Acting as others, and reaching into containers.

use super::Shell;

#[test]
fn a_stranger_may_do_nothing() {
    let mut shell = Shell::new().ok("kubectl create configmap conf --from-literal=a=b");
    shell.check(
        "kubectl get pods --as=jane",
        "Error from server (Forbidden): pods is forbidden: User \"jane\" cannot list resource \
         \"pods\" in API group \"\" in the namespace \"default\"\n[exit 1]\n",
    );
    shell.check(
        "kubectl delete configmap conf --as=system:serviceaccount:default:default",
        "Error from server (Forbidden): configmaps \"conf\" is forbidden: User \
         \"system:serviceaccount:default:default\" cannot delete resource \"configmaps\" in API \
         group \"\" in the namespace \"default\"\n[exit 1]\n",
    );
    shell.check(
        "kubectl get node node1 --as=jane",
        "Error from server (Forbidden): nodes \"node1\" is forbidden: User \"jane\" cannot get \
         resource \"nodes\" in API group \"\" at the cluster scope\n[exit 1]\n",
    );
    shell.check(
        "kubectl get cm conf -o name --as=jane --as-group=system:masters",
        "configmap/conf\n",
    );
}

#[test]
fn tables_made_on_this_side_have_two_columns() {
    let mut shell = Shell::new().ok("kubectl create configmap conf --from-literal=a=b");
    shell.check("kubectl get cm conf --server-print=false", "NAME   AGE\nconf   0s\n");
}

#[test]
fn attach_shows_what_a_container_prints_from_now_on() {
    let line = "kubectl run tick --image=busybox:1.35 -- sh -c 'while sleep 2; do echo tick; done'";
    let mut shell = Shell::new().ok(line).ok("sleep 3");
    shell.check("timeout 3 kubectl attach tick -q", "tick\n[exit 124]\n");
    shell.check(
        "kubectl attach tick -c nope",
        "error: cannot attach to the container: container nope is not valid for pod tick out of: \
         tick\n[exit 1]\n",
    );
    shell.check(
        "kubectl attach nope",
        "Error from server (NotFound): pods \"nope\" not found\n[exit 1]\n",
    );
}

#[test]
fn what_one_may_do_is_listed() {
    let mut shell = Shell::new();
    shell.check(
        "kubectl auth can-i --list | head -4",
        "Resources                                       Non-Resource URLs   Resource Names   Verbs\n\
         *.*                                             []                  []               [*]\n\
         \x20                                               [*]                 []               [*]\n\
         selfsubjectreviews.authentication.k8s.io        []                  []               [create]\n",
    );
    shell.check("kubectl auth can-i --list --as=jane --no-headers | wc -l", "19\n");
}

#[test]
fn drain_takes_the_pods_that_it_is_told_to_take() {
    let run = |name: &str| format!("kubectl run {name} --image=nginx:1.25 -l app={name}");
    let mut shell = Shell::new().ok(&run("a")).ok(&run("b")).ok("sleep 3");
    let line = "kubectl drain node1 node2 node3 --force --pod-selector=app=a | grep evicted";
    let warning = "Warning: deleting Pods that declare no controller: default/a\n";
    shell.check(line, &format!("{warning}pod/a evicted\n"));
    shell.check("kubectl get pods -o name", "pod/b\n");
}

#[test]
fn a_list_of_what_one_may_takes_no_arguments() {
    let mut shell = Shell::new();
    let mut refused = |line: &str, why: &str| {
        shell.check(&format!("kubectl auth can-i {line}"), &format!("error: {why}\n[exit 1]\n"));
    };
    refused("--list get pods", "list option must be specified with no arguments");
    refused(
        "--list -A",
        "list option can't be specified with neither quiet, all-namespaces nor subresource options",
    );
    refused("get pods --no-headers", "--no-headers cannot be set without --list specified");
    refused("get /api --subresource=a", "--subresource can not be used with NonResourceURL");
    let warning = "Warning: verb 'eat' is not a known verb\n\n";
    shell.check("kubectl auth can-i eat pods", &format!("{warning}yes\n"));
}

#[test]
fn a_session_needs_input_from_a_terminal() {
    let mut shell = Shell::new().ok("kubectl run p --image=busybox:1.35 -- sleep 60").ok("sleep 3");
    let no_terminal = "Unable to use a TTY - input is not a terminal or the right kind of file\n";
    shell.check("echo | kubectl exec -it p -- echo 1", &format!("{no_terminal}1\n"));
    shell.check("echo | kubectl exec -it -q p -- echo 1", "1\n");
    shell.check("echo | kubectl exec -t p -- echo 1", "1\n");
    let why = "error: at least 1 argument is required for attach\n[exit 1]\n";
    shell.check("kubectl attach", why);
    let why = "error: --pod-running-timeout must be higher than zero\n[exit 1]\n";
    shell.check("kubectl attach p --pod-running-timeout=0s", why);
}
