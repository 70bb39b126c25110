//! `-o jsonpath`, `-o go-template`, `-o custom-columns`, `-o kyaml`.

use super::with_objects;

#[test]
fn templates_print_what_they_find() {
    let mut shell = with_objects();
    shell.check(
        "kubectl get cm -l app=web -o jsonpath='{range .items[*]}{.metadata.name}:{.data.one}{\"\\n\"}{end}'",
        "a-conf:\nb-conf:1\n",
    );
    shell.check(
        "kubectl get cm b-conf --template '{{range $k, $v := .data}}{{$k}} {{end}}{{.nope}}'",
        "one two.conf <no value>",
    );
    shell.check(
        "kubectl get cm -l app=web -o custom-columns=N:.metadata.name,ONE:.data.one",
        "N        ONE\na-conf   <none>\nb-conf   1\n",
    );
    shell.check(
        "kubectl get cm b-conf -o jsonpath-as-json='{.data}'",
        "[\n    {\n        \"one\": \"1\",\n        \"two.conf\": \"a = 1\\n\"\n    }\n]\n",
    );
}

#[test]
fn broken_templates_fail() {
    let mut shell = with_objects();
    shell.check(
        "kubectl get cm -o jsonpath='{.items'",
        "error: error parsing jsonpath {.items, unclosed action\n[exit 1]\n",
    );
    shell.check(
        "kubectl get cm -o go-template='{{upper .kind}}'",
        "error: error parsing template {{upper .kind}}, template: output:1: function \"upper\" not defined\n[exit 1]\n",
    );
    shell.check(
        "kubectl get cm -o custom-columns=NAME",
        "error: unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>\n[exit 1]\n",
    );
    let dump = shell
        .run("kubectl get cm b-conf -o jsonpath='{.data.x}' --allow-missing-template-keys=false");
    let start = "error: error executing jsonpath \"{.data.x}\": Error executing template: x is not \
                 found. Printing more information for debugging the template:\n\ttemplate was:\n\
                 \t\t{.data.x}\n\tobject given to jsonpath engine was:\n\t\tmap[string]interface \
                 {}{\"apiVersion\":\"v1\", \"data\":";
    assert!(dump.starts_with(start), "{dump}");
}
