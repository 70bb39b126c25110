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
