//! Objects without a file.

use super::Shell;

#[test]
fn registries_have_logins() {
    let mut shell = Shell::new();
    shell.check(
        "kubectl create secret docker-registry reg --docker-username=u --docker-password='p<' \
         --dry-run=client -o jsonpath='{.type} {.data.\\.dockerconfigjson}' | sed 's/.* //' | base64 -d",
        "{\"auths\":{\"https://index.docker.io/v1/\":{\"username\":\"u\",\
         \"password\":\"p\\u003c\",\"auth\":\"dTpwPA==\"}}}",
    );
    shell.check(
        "kubectl create secret docker-registry reg --docker-username=u",
        "error: either --from-file or the combination of --docker-username, --docker-password and \
         --docker-server is required\n[exit 1]\n",
    );
    shell.check(
        "kubectl create secret tls web --cert=nope --key=nope",
        "error: open nope: no such file or directory\n[exit 1]\n",
    );
}

#[test]
fn names_follow_the_content() {
    let mut shell = Shell::new();
    // `{"data":{"a":"1"},"kind":"ConfigMap","name":"conf"}` hashed by sha256sum.
    let line = "kubectl create cm conf --from-literal=a=1 --append-hash -o name";
    let hash = "printf '{\"data\":{\"a\":\"1\"},\"kind\":\"ConfigMap\",\"name\":\"conf\"}' | sha256sum \
                | cut -c1-10 | tr 013ae ghkmt";
    let expected = format!("configmap/conf-{}", shell.run(hash));
    shell.check(line, &expected);
}

#[test]
fn files_of_variables_take_those_of_the_shell() {
    let mut shell = Shell::new().file("a.env", "# none\nA=1\nHOME\n");
    shell.check(
        "kubectl create cm conf --from-env-file=a.env -o jsonpath='{.data}'",
        "{\"A\":\"1\",\"HOME\":\"/home/learner\"}",
    );
}

#[test]
fn roles_are_only_printed() {
    let mut shell = Shell::new();
    shell.check(
        "kubectl create role r --verb=get,get --resource=po,sts/scale --dry-run=client -o \
         jsonpath='{.rules}{\"\\n\"}'",
        "[{\"apiGroups\":[\"\"],\"resources\":[\"pods\"],\"verbs\":[\"get\"]},{\"apiGroups\":\
         [\"apps\"],\"resources\":[\"statefulsets/scale\"],\"verbs\":[\"get\"]}]\n",
    );
    shell.check(
        "kubectl create role r --verb=bind --resource=pods --dry-run=client",
        "error: can not perform 'bind' on 'pods' in group ''\n[exit 1]\n",
    );
    shell.check(
        "kubectl create rolebinding b --role=r --serviceaccount=x --dry-run=client",
        "error: serviceaccount must be <namespace>:<name>\n[exit 1]\n",
    );
    shell.check(
        "kubectl create clusterrolebinding b --clusterrole=view --user=u --user=v --dry-run=client \
         -o jsonpath='{.subjects[*].name}{\"\\n\"}'",
        "u v\n",
    );
    let refused = shell.run("kubectl create clusterrole c --verb=get --resource=pods");
    assert!(refused.starts_with("not simulated here yet: objects of kind ClusterRole"));
}

#[test]
fn an_ingress_keeps_the_paths_of_a_host_together() {
    let mut shell = Shell::new();
    let rules = "--rule='a.b/x*=s:80,tls' --rule='a.b/=s:http,tls=c' --rule='/=s:1'";
    shell.check(
        &format!(
            "kubectl create ingress i {rules} --dry-run=client -o \
             jsonpath='{{range .spec.rules[*]}}{{.host}} {{.http.paths[*].path}} \
             {{.http.paths[*].pathType}}{{\"\\n\"}}{{end}}{{.spec.tls}}{{\"\\n\"}}'"
        ),
        "a.b /x / Prefix Exact\n / Exact\n[{\"hosts\":[\"a.b\"]}]\n",
    );
    shell.check(
        "kubectl create ingress i --rule=a.b --dry-run=client",
        "error: rule a.b is invalid and should be in format \
         host/path=svcname:svcport[,tls[=secret]]\n[exit 1]\n",
    );
}

#[test]
fn selectors_become_expressions() {
    let mut shell = Shell::new().ok("kubectl create service clusterip s --tcp=80");
    shell.check(
        "kubectl create pdb p --selector='a in (c,b),d' --min-available=1 --dry-run=client -o \
         jsonpath='{.spec.selector}{\"\\n\"}'",
        "{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"b\",\"c\"]},\
         {\"key\":\"d\",\"operator\":\"Exists\"}]}\n",
    );
    shell.check(
        "kubectl set selector service/s 'a in (c,b)'",
        "error: match expression [{a In [b c]}] not supported on this object\n[exit 1]\n",
    );
    shell.check(
        "kubectl set selector service/s 'a!=b'",
        "error: \"!=\" is not a valid label selector operator\n[exit 1]\n",
    );
}
