//! Wrong command lines and help.

use super::Shell;

#[track_caller]
fn check(line: &str, expected: &str) {
    Shell::new().check(line, expected);
}

#[test]
fn unknown_commands_are_refused_with_a_guess() {
    check(
        "kubectl gett pods",
        "
error: unknown command \"gett\" for \"kubectl\"

Did you mean this?
\tset
\tget
[exit 1]
",
    );
    check(
        "kubectl rollout statsu sts/web",
        "
error: unknown command \"statsu sts/web\"
See 'kubectl rollout -h' for help and examples
[exit 1]
",
    );
}

#[test]
fn arguments_that_do_not_go_together_are_refused() {
    check(
        "kubectl get pods -A web-0",
        "error: a resource cannot be retrieved by name across all namespaces\n[exit 1]\n",
    );
    check("kubectl get -f nope.yaml", "error: the path \"nope.yaml\" does not exist\n[exit 1]\n");
    check(
        "kubectl get pods web-0 -l app=nginx",
        "error: name cannot be provided when a selector is specified\n[exit 1]\n",
    );
    check(
        "kubectl get pods --context=nope",
        "Error in configuration: context was not found for specified context: nope\n[exit 1]\n",
    );
}

#[test]
fn help_is_shown_for_the_command_asked_about() {
    let mut shell = Shell::new();
    let text = shell.run("kubectl get pods --help");
    assert!(text.starts_with("Display one or many resources.\n"), "{text}");
    assert_eq!(shell.run("kubectl help get"), text);
    assert!(shell.run("kubectl help nope").starts_with("Unknown help topic [`nope`]\n\n\nBasic"));
    assert!(shell.run("kubectl rollout").ends_with("[exit 1]\n"));
}
