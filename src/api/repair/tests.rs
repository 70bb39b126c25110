//! Repairs of the manifests of tutorials, of recorded sessions flattened, and of texts left alone.

use super::*;
use crate::api::value::Value;
use crate::api::yaml;

const FLAT: [&str; 3] = [
    include_str!("testdata/flat-web.yaml"),
    include_str!("testdata/flat-volumes.yaml"),
    include_str!("testdata/flat-commented.yaml"),
];

fn values(text: &str) -> Vec<Value> {
    let (documents, error) = yaml::documents(text);
    assert_eq!(error, None, "{text}");
    documents.into_iter().map(|d| d.value).filter(|value| !value.is_null()).collect()
}

#[track_caller]
fn repaired(text: &str) -> Repair {
    let repair = repair(text).expect("it needs a repair");
    assert!(!repair.notes.iter().any(Note::is_refusal), "{:?}", repair.notes);
    for value in values(&repair.text) {
        assert!(health::is_good(&yaml::write(&value)), "{}", repair.text);
    }
    // What is repaired needs no repair.
    assert_eq!(super::repair(&repair.text).map(|again| again.text), None, "{}", repair.text);
    repair
}

fn flattened(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.trim())).collect()
}

#[test]
fn manifests_of_tutorials_get_their_indentation_back() {
    for text in FLAT {
        let repair = repaired(text);
        assert_eq!(repair.notes, [Note::Indentation], "{}", repair.text);
        assert_eq!(flattened(&repair.text), flattened(text));
    }
    let web = values(&repaired(FLAT[0]).text);
    let template = web[1].path(&["spec", "volumeClaimTemplates"]).at(0);
    assert_eq!(template.path(&["spec", "resources", "requests", "storage"]).str(), "1Gi");
    let container = web[1].path(&["spec", "template", "spec", "containers"]).at(0);
    assert_eq!(container.get("ports").at(0).get("name").str(), "web");
    assert_eq!(container.get("volumeMounts").at(0).get("mountPath").str(), "/usr/share/nginx/html");
}

#[test]
fn line_numbers_and_bars_are_taken_out() {
    let repair = repaired(include_str!("testdata/numbered-volumes.txt"));
    assert_eq!(repair.notes, [Note::PageMarks, Note::Indentation]);
    assert_eq!(values(&repair.text), values(&repaired(FLAT[1]).text));
    let repair = repaired(include_str!("testdata/good-numbered-pod.txt"));
    assert_eq!(repair.notes, [Note::PageMarks]);
    let numbered = "1 apiVersion: v1\n2 kind: Pod\n3 metadata:\n4   name: a\n";
    assert_eq!(repaired(numbered).text, "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n");
}

#[test]
fn fields_on_one_line_get_their_own() {
    let repair = repaired(include_str!("testdata/one-line-services.yaml"));
    assert_eq!(repair.notes, [Note::Lines, Note::Indentation]);
    let services = values(&repair.text);
    assert_eq!(services.len(), 2);
    assert_eq!(services[1].path(&["metadata", "name"]).str(), "mysql-read");
    assert_eq!(services[0].path(&["spec", "clusterIP"]).str(), "None");
    let volumes = values(&repaired(include_str!("testdata/one-line-volumes.yaml")).text);
    assert_eq!(volumes.len(), 5);
    assert_eq!(volumes[4].path(&["spec", "accessModes"]).items().len(), 2);
}

#[test]
fn what_lost_its_line_breaks_is_left_alone_with_a_reason() {
    for (text, note) in [
        (include_str!("testdata/one-line-configmap.yaml"), Note::LostLineBreaks { line: 1 }),
        (include_str!("testdata/one-line-mysql.yaml"), Note::LostLineBreaks { line: 1 }),
        (include_str!("testdata/glued.yaml"), Note::Glued { line: 3 }),
    ] {
        let repair = repair(text).expect("it says why");
        assert_eq!(repair.text, text);
        assert_eq!(repair.notes, [note]);
    }
}

#[test]
fn typographic_characters_become_plain() {
    let cases = [
        ("name： “web”\n", "name: \"web\"\n", vec![Note::FullWidth, Note::Quotes]),
        ("a:\u{a0}1\n\u{3000}\u{3000}b: 2\n", "a: 1\n  b: 2\n", vec![Note::Blanks]),
        ("a:\n\tb: ‘x’\n", "a:\n  b: 'x'\n", vec![Note::Tabs, Note::Quotes]),
        ("a:\n— b\n– c\n", "a:\n- b\n- c\n", vec![Note::Dashes]),
        ("———\n", "---\n", vec![Note::Dashes]),
        (
            "command: [“sh”， “—c”， \"—cascade\"]\n",
            "command: [\"sh\", \"-c\", \"--cascade\"]\n",
            vec![Note::Quotes, Note::FullWidth, Note::Dashes],
        ),
        ("a： ｛b：１｝\n", "a: {b: 1}\n", vec![Note::FullWidth]),
        ("＃ 注释：“好”\n", "# 注释：“好”\n", vec![Note::FullWidth]),
    ];
    for (text, wanted, notes) in cases {
        let mut found = Vec::new();
        assert_eq!(characters::repair(text, &mut found), wanted);
        assert_eq!(found, notes, "{text}");
    }
    // Comments, quoted text and text of its own keep what was meant.
    for text in [
        "# 创建Service：两个，“好”\n",
        "message: \"你好，世界：—\"\n",
        "note: 他说：“好”—真的\n",
        "data:\n  index.html: |\n    “quoted”， it’s\u{a0}fine\n",
    ] {
        assert_eq!(characters::repair(text, &mut Vec::new()), text);
    }
}

#[test]
fn a_choice_is_told() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\nname: a\nspec:\ncontainers:\n- name: a\n\
                image: nginx\nsecurityContext:\nrunAsUser: 1\n";
    let repair = repaired(text);
    let choice = Note::Ambiguous {
        line: 9,
        field: "securityContext".into(),
        chosen: "spec.containers[]".into(),
        other: "spec".into(),
    };
    assert_eq!(repair.notes, [Note::Indentation, choice]);
    let block = "apiVersion: v1\nkind: ConfigMap\nmetadata:\nname: a\ndata:\nrun.sh: |\nset -e\n\
                 echo hello\n";
    let repair = repaired(block);
    assert_eq!(repair.notes, [Note::Indentation, Note::BlockText { line: 6 }]);
    assert!(repair.text.ends_with("  run.sh: |\n    set -e\n    echo hello\n"), "{}", repair.text);
}

#[test]
fn good_manifests_and_texts_being_written_are_left_alone() {
    for text in [
        "",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nbogus: 1\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name\n",
        "apiVersion: example.com/v1\nkind: Thing\nspec:\nx: 1\n",
        "just text\nand: more\n",
        "#!/bin/sh\necho \"$1\"\n",
    ] {
        assert_eq!(repair(text), None, "{text}");
    }
}

/// The manifests that recorded sessions write, wherever they stand.
fn recorded() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the transcripts are there").flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        for block in text.split("apiVersion: ").skip(1) {
            let mut manifest = String::from("apiVersion: ");
            let ends = |line: &str| line == "EOF" || line == "---" || line.starts_with("```");
            for line in block.lines().take_while(|line| !ends(line)) {
                manifest.push_str(line);
                manifest.push('\n');
            }
            found.push(manifest);
        }
    }
    found.retain(|text| yaml::read(text).is_ok_and(|value| !value.get("spec").is_null()));
    found.retain(|text| health::is_good(text));
    found.sort();
    found.dedup();
    found
}

#[test]
fn no_recorded_manifest_is_nested_wrongly_without_a_word() {
    let (mut exact, mut told, mut refused) = (0, 0, 0);
    for text in recorded() {
        let Some(repair) = repair(&flattened(&text)) else {
            refused += 1;
            continue;
        };
        let is_told = repair.notes.iter().any(Note::is_warning);
        match (values(&repair.text) == values(&text), is_told) {
            (true, false) => exact += 1,
            (_, true) => told += 1,
            (false, false) => panic!("wrong without a word:\n{text}\nbecame\n{}", repair.text),
        }
    }
    assert!(exact > 10 * (told + refused), "{exact} exact, {told} told, {refused} refused");
}
