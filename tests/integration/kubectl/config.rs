//! The kubeconfig: what is set, what that clears, and what is refused.

use super::Shell;

const CONTEXT: &str = "kubectl config view -o jsonpath='{.contexts[0].context}{\"\\n\"}'";
const CLUSTER: &str = "kubectl config view -o jsonpath='{.clusters[0].cluster}{\"\\n\"}'";
const USER: &str = "kubectl config view -o jsonpath='{.users[0].user}{\"\\n\"}'";

#[test]
fn what_is_set_clears_what_it_excludes() {
    let mut shell = Shell::new()
        .ok("kubectl config set-cluster a --server=https://a --tls-server-name=b")
        .ok("kubectl config set-cluster a --server=https://c --insecure-skip-tls-verify");
    shell.check(CLUSTER, "{\"insecure-skip-tls-verify\":true,\"server\":\"https://c\"}\n");
    let mut shell = shell.ok("kubectl config set-cluster a --certificate-authority=/ca.crt");
    shell.check(CLUSTER, "{\"certificate-authority\":\"/ca.crt\",\"server\":\"https://c\"}\n");
    let mut shell = shell
        .ok("kubectl config set-credentials ann --username=ann --password=x")
        .ok("kubectl config set-credentials ann --token=t");
    shell.check(USER, "{\"token\":\"REDACTED\"}\n");
}

#[test]
fn entries_have_the_fields_that_must_be_there() {
    let mut shell = Shell::new().ok("kubectl config set-context a --namespace=n");
    shell.check(CONTEXT, "{\"cluster\":\"\",\"namespace\":\"n\",\"user\":\"\"}\n");
    let mut shell = shell.ok("kubectl config unset contexts.a.namespace");
    shell.check(CONTEXT, "{\"cluster\":\"\",\"user\":\"\"}\n");
    shell.check("kubectl config unset contexts.nope", "Property \"contexts.nope\" unset.\n");
}

#[test]
fn mistakes_are_named() {
    let mut shell = Shell::new();
    let mut refused = |line: &str, why: &str| {
        shell.check(&format!("kubectl config {line}"), &format!("error: {why}\n[exit 1]\n"));
    };
    refused("set foo bar", "unable to parse foo after [] at api.Config");
    refused("set current-context ''", "you cannot use set to unset a property");
    refused(
        "set current-context.a b",
        "unable to parse one or more field values of current-context.a",
    );
    refused(
        "set users.a.client-key-data %",
        "error decoding input value: illegal base64 data at input byte 0",
    );
    refused("unset contexts.a.namespace", "current map key `a` is invalid");
    refused("set-context", "you must specify a non-empty context name or --current");
    refused("set-cluster", "unexpected args: []");
    refused(
        "set-cluster a --insecure-skip-tls-verify --certificate-authority=c",
        "you cannot specify a certificate authority and insecure mode at the same time",
    );
    refused(
        "set-credentials a --token=t --username=u",
        "you cannot specify more than one authentication method at the same time: --token, \
         --username/--password",
    );
    refused(
        "set-credentials a --embed-certs --client-key=nope.key",
        "could not stat client-key file nope.key: stat nope.key: no such file or directory",
    );
}
