//! Broken texts say what is wrong with them and where; hostile ones do no harm.

use statefulset_playground::lesson::format::parse;
use statefulset_playground::lesson::goal::Rule;
use statefulset_playground::locale::Language;
use statefulset_playground::locale::lesson::load_error;

const HEAD: &str = "---\ntitle: T\nlanguage: en\nkind: exercise\nminutes: 1\nteaches: [x]\n---\n";

#[track_caller]
fn check_error(text: &str, expected: &str) {
    let error = parse(text).unwrap_err();
    assert_eq!(load_error(&error, Language::En), expected, "{text}");
    assert!(load_error(&error, Language::Zh).starts_with(&format!("第 {} 行：", error.line)));
}

#[track_caller]
fn check_goal(goal: &str, expected: &str) {
    check_error(&format!("{HEAD}```goal\n{goal}\n```\n"), expected);
}

#[test]
fn front_matter_is_strict() {
    let head = |from: &str, to: &str| HEAD.replace(from, to);
    check_error(
        "---\ntitle: x\n",
        "line 1: the front matter does not end: close it with a line ---",
    );
    check_error(
        &head("minutes", "duration"),
        "line 5: the key \"duration\" means nothing here; possible: title, language, kind, minutes, \
         teaches, start, seed, maxCommands, timeBox",
    );
    check_error(&head("kind: exercise\n", ""), "line 2: the key \"kind\" is missing");
    check_error(
        &head("minutes: 1", "minutes: many"),
        "line 5: \"minutes\" has to be a whole number between 1 and 240",
    );
    check_error(
        &head("language: en", "language: de"),
        "line 3: \"de\" is not possible here; possible: en, zh",
    );
    check_error(
        &head("minutes: 1", "start: moon\nminutes: 1"),
        "line 5: \"moon\" is not possible here; possible: empty, nginx",
    );
}

#[test]
fn blocks_are_strict() {
    check_error(
        &format!("{HEAD}```console solved\n```\n"),
        "line 8: \"solved\" means nothing behind a block's first words; possible: watch, seed, \
         start, solution, mutant NAME [fails=ID,...]",
    );
    check_error(
        &format!("{HEAD}text\n\n```yaml ../../x.yaml\na: 1\n```\n"),
        "line 10: \"../../x.yaml\" is no file name: letters, digits and . _ - /, inside the \
         directory",
    );
    check_error(
        &format!("{HEAD}```console\n$ x\n"),
        "line 8: this block does not end: close it with a line ```",
    );
    check_error(
        &format!("{HEAD}```console\n$ a\n```\n\n```console start\n$ b\n```\n"),
        "line 12: what makes the start state belongs before all other blocks",
    );
    check_error(
        &format!("{HEAD}```console mutant slow\n$ a\n```\n"),
        "line 8: the wrong solution \"slow\" does not say what it fails: add fails=GOAL",
    );
    check_error(
        &format!("{HEAD}```console mutant slow fails=x\n$ a\n```\n"),
        "line 8: there is no goal \"x\" that could fail",
    );
}

#[test]
fn goals_are_strict() {
    check_goal(
        "- id: a\n  say: s\n  podsReady: {set: web, atLeats: 2}",
        "line 11: the key \"atLeats\" means nothing here; possible: set, selector, namespace, is, \
         atLeast, atMost",
    );
    check_goal(
        "- id: a\n  say: s",
        "line 9: exactly one of these keys is needed: state, count, podsReady, pods, replaced, \
         kept, data, dns, all, any, not, eventually, always, never, before, commands",
    );
    check_goal(
        "- id: A b\n  say: s\n  commands: {atMost: 1}",
        "line 9: \"id\" has to be small letters, digits and -, 60 at most",
    );
    check_goal(
        "- id: a\n  say: s\n  commands: {used: 'a('}",
        "line 11: \"a(\" cannot be read: Unmatched ( or \\(",
    );
    check_goal(
        "- id: a\n  say: s\n  state: {kind: Pod, name: x, jsonpath: '{.a[', is: 1}",
        "line 11: \"{.a[\" cannot be read: unexpected path string, expected a 'name1.name2' or \
         '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
    check_goal(
        "- id: a\n  say: s\n  commands: {atMost: 1}\n- id: a\n  say: s\n  commands: {atMost: 2}",
        "line 12: the id \"a\" is there twice; choose another",
    );
    check_goal(
        "- id: [",
        "line 10: this is not YAML: yaml: line 1: did not find expected node content",
    );
    check_goal("- id: a\n---\n- id: b", "line 10: a block has one document: remove the line ---");
    let deep = format!("- id: a\n  say: s\n  {}x{}", "not: {".repeat(12), "}".repeat(12));
    check_goal(&deep, "line 11: conditions inside conditions are too deep; make several goals");
}

#[test]
fn hostile_texts_end_in_errors() {
    for text in [
        "```goal\n".to_string() + &"[".repeat(100_000) + "\n```\n",
        "x".repeat(300_000),
        format!("{HEAD}{}", "## s\n".repeat(2_000)),
        format!("{HEAD}{}", "```hint\nx\n```\n".repeat(2_000)),
        "---\n".into(),
        format!("{HEAD}```predict\nid: x\nask: y\nanswer: 3\n```\n"),
    ] {
        assert!(parse(&text).is_err());
    }
    for odd in
        ["", "\u{0}", "```", "## ", "---\n---\n", "`````\n", "````md\n```goal\n", "\u{feff}---"]
    {
        let _ = parse(odd);
        let _ = parse(&format!("{HEAD}{odd}"));
    }
    assert!(parse(&format!("{HEAD}<script>alert(1)</script>\n[x](javascript:y)\n")).is_ok());
    assert!(parse(&format!("{HEAD}{}", "> ".repeat(20_000))).is_ok());
}

#[test]
fn every_transcript_is_a_lesson() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap().flatten() {
        let path = file.path();
        if path.extension().is_some_and(|e| e == "md") && !path.ends_with("README.md") {
            let lesson = parse(&std::fs::read_to_string(&path).unwrap());
            let lesson = lesson.unwrap_or_else(|error| panic!("{path:?}: {error:?}"));
            assert!(!lesson.front.title.is_empty(), "{path:?}");
            assert!(!lesson.steps.is_empty(), "{path:?}");
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn shown_code_is_no_block() {
    let text = format!("{HEAD}````\n```goal\nno: goal\n```\n````\n\n~~~\n```goal\n~~~\n");
    assert_eq!(parse(&text).unwrap().goals().count(), 0);
    let text = HEAD.replace("minutes: 1", "minutes: 1\nmaxCommands: 3");
    let lesson = parse(&text).unwrap();
    let rules: Vec<_> = lesson.goals().map(|goal| &goal.rule).collect();
    assert_eq!(rules, [&Rule::AtMost(3)]);
}
