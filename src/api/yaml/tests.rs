//! YAML in and out, judged by what kubectl printed.

use super::*;
use crate::api::go;

#[track_caller]
fn check_read(yaml: &str, json: &str) {
    let value = read(yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    assert_eq!(go::json_plain(&value), json, "{yaml}");
}

#[track_caller]
fn check_error(yaml: &str, message: &str) {
    match read(yaml) {
        Ok(value) => panic!("read as {}\n{yaml}", go::json_plain(&value)),
        Err(error) => assert_eq!(error.message, message, "{yaml}"),
    }
}

#[track_caller]
fn check_write(json: &str, yaml: &str) {
    let value: Value = serde_json::from_str(json).expect("a test's JSON");
    assert_eq!(write(&value), yaml);
    assert_eq!(read(yaml).as_ref(), Ok(&value), "{yaml}");
}

#[test]
fn plain_scalars_are_yaml_1_1() {
    for word in ["y", "Y", "yes", "On", "TRUE", "True"] {
        check_read(&format!("v: {word}"), r#"{"v":true}"#);
    }
    for word in ["n", "No", "off", "OFF", "false"] {
        check_read(&format!("v: {word}"), r#"{"v":false}"#);
    }
    for word in ["null", "~", "", "Null"] {
        check_read(&format!("v: {word}"), r#"{"v":null}"#);
    }
    let numbers = [
        ("010", "8"),
        ("0x3", "3"),
        ("1e1", "10"),
        ("1_0", "10"),
        ("+3", "3"),
        ("3.0", "3"),
        ("3.5", "3.5"),
        ("089", "89"),
        ("0o17", "15"),
        ("0b11", "3"),
        (".5", "0.5"),
        ("-1", "-1"),
        ("99999999999999999999", "100000000000000000000"),
        ("!!int \"123\"", "123"),
    ];
    for (text, number) in numbers {
        check_read(&format!("v: {text}"), &format!("{{\"v\":{number}}}"));
    }
    let strings = [
        "tRUE",
        "1,000",
        "1.25.3",
        "2024-01-02",
        "2024-01-02T03:04:05Z",
        "12:30",
        "12:30:45",
        "= 1",
        "a b  c",
        "a#b",
        "中文：值",
        "-a",
        "?a",
        ":a",
        "a:b",
        "<<",
        "08:00",
        "0x",
        "1e",
        ".",
        "+",
    ];
    for text in strings {
        check_read(&format!("v: {text}"), &format!("{{\"v\":\"{text}\"}}"));
    }
    check_read("v: !!str 123", r#"{"v":"123"}"#);
    check_read("v: !!binary aGVsbG8=", r#"{"v":"hello"}"#);
    check_read("v: !secret abc", r#"{"v":"abc"}"#);
    check_error("v: .inf", "json: unsupported value: +Inf");
    check_error("v: !!int abc", "yaml: cannot decode !!str `abc` as a !!int");
}

#[test]
fn keys_become_text() {
    check_read("yes: a\n80: b\n1.10: c\n0123: d", r#"{"1.1":"c","80":"b","83":"d","true":"a"}"#);
    check_read("a: 1\na: 2", r#"{"a":2}"#);
    check_error("null: e", "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"e\"");
    check_error(
        "a: {{ .Values.a }}",
        "yaml: invalid map key: map[interface {}]interface {}{\".Values.a\":interface {}(nil)}",
    );
}

#[test]
fn collections_and_aliases() {
    check_read("- a\n- - b\n  - c: d\n-\n", r#"["a",["b",{"c":"d"}],null]"#);
    check_read("a:\n- x\nb:\n  - z\n", r#"{"a":["x"],"b":["z"]}"#);
    check_read(
        "{a: 1, b: [c, d: e], f: {b: https://x}}",
        r#"{"a":1,"b":["c",{"d":"e"}],"f":{"b":"https://x"}}"#,
    );
    check_read(
        "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}",
        r#"{"a":{"b":1},"c":{"b":1},"d":{"b":1,"e":2}}"#,
    );
    check_read("a: &x {b: 1}\nd: {b: 2, <<: *x}", r#"{"a":{"b":1},"d":{"b":1}}"#);
    check_read(
        "a: &x {a: 1, b: 1}\nc: &y {b: 2, c: 2}\nd:\n  <<: [*x, *y]\n",
        r#"{"a":{"a":1,"b":1},"c":{"b":2,"c":2},"d":{"a":1,"b":1,"c":2}}"#,
    );
    check_error("a: &a\n  b: *a", "yaml: anchor 'a' value contains itself");
    check_error("a: *b", "yaml: unknown anchor 'b' referenced");
    check_error("a: &n x\n<<: *n", "yaml: map merge requires map or sequence of maps as the value");
    check_read("? a\n: b\n? c\n", r#"{"a":"b","c":null}"#);
    check_read("a: b\n...\nc: d", r#"{"a":"b"}"#);
}

#[test]
fn laughter_is_limited() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..9 {
        let list = vec![format!("*a{}", i - 1); 10].join(", ");
        text.push_str(&format!("a{i}: &a{i} [{list}]\n"));
    }
    check_error(&text, "yaml: document contains excessive aliasing");
    let deep = "[".repeat(5000);
    check_error(&deep, "yaml: exceeded max depth of 1000");
}

#[test]
fn blocks_and_quotes() {
    check_read("a: |\n  x\n    y\n  # z\n\n  w\nb: c", r##"{"a":"x\n  y\n# z\n\nw\n","b":"c"}"##);
    check_read(
        "a: |-\n  x\n  y\n\nb: |+\n  x\n\nc: >\n  x\n  y\n\n  z\n    k\n  w\n",
        r#"{"a":"x\ny","b":"x\n\n","c":"x y\nz\n  k\nw\n"}"#,
    );
    check_read(
        "a: |2\n    x\n  y\nb: |\nc: | # comment\n  t\n",
        r#"{"a":"  x\ny\n","b":"","c":"t\n"}"#,
    );
    check_read("a: x\n  y\n  z", r#"{"a":"x y z"}"#);
    check_read("a: \"x\n  y\\\n  z\\n\\tw \\u4e2d \\x41\"", r#"{"a":"x yz\n\tw 中 A"}"#);
    check_read("a: 'x\n\n  it''s y'", r#"{"a":"x\nit's y"}"#);
    check_read("a: \"x: y # z\" # c", r#"{"a":"x: y # z"}"#);
}

#[test]
fn errors_are_go_yamls() {
    let cases = [
        ("a: v1\nm:\n\tn: t", "line 3: found character that cannot start any token"),
        (
            "m:\n  n: a\n    l:\n      x: y",
            "line 3: mapping values are not allowed in this context",
        ),
        ("m: w\ns:\n    n: x\n  r: 2\n", "line 3: did not find expected key"),
        ("c:\n- n: x\n   i: y\n", "line 3: mapping values are not allowed in this context"),
        ("c:\n    - n: x\n      i: y\n   - n: z\n", "line 3: did not find expected key"),
        ("k: C\nm\n  n: c\n", "line 3: could not find expected ':'"),
        ("k: C\ng: \"hello\n  o: w\n", "line 4: found unexpected end of stream"),
        ("k: C\ng: 'it's here'\n", "line 1: did not find expected key"),
        ("k: C\nl: {app: n\ns:\n  x: y\n", "line 2: did not find expected ',' or '}'"),
        ("k: C\nl: [a, \"b\"\np:\n- x: y\n", "line 2: did not find expected ',' or ']'"),
        ("k: C\nm: error: disk\n", "line 2: mapping values are not allowed in this context"),
        ("m: error: disk\n", "mapping values are not allowed in this context"),
        ("k: C\nu: @a\n", "line 2: found character that cannot start any token"),
        ("k: C\nu: %a\n", "line 2: found character that cannot start any token"),
        ("k: C\nu: *.conf\n", "line 2: did not find expected alphabetic or numeric character"),
        ("k: C\nu: \"\\d+\"\n", "line 2: found unknown escape character"),
        ("k: C\nm:\n  n: {{ .R.N }}-c\nd:\n  a: b\n", "line 2: did not find expected key"),
        ("k: C\nv: -\n", "line 2: block sequence entries are not allowed in this context"),
        ("a：v\nk: C\n", "line 2: mapping values are not allowed in this context"),
        ("m:\n<<<<<<< H\n  n: o\n=======\n", "line 3: could not find expected ':'"),
        ("c: |\n    s {\n   l 8;\n    }\n", "line 2: did not find expected key"),
        ("k: C\nc: |a\n  s\n", "line 2: did not find expected comment or line break"),
        ("k: v\nm: {n: l}\n ---\nk: v\n", "line 2: did not find expected key"),
        ("k: C\nc: a\u{7}b\n", "control characters are not allowed"),
        (
            "k: |\n  a\n\tb: c\n",
            "line 3: found a tab character where an indentation space is expected",
        ),
        ("k: a\n\tb\n", "line 2: found a tab character that violates indentation"),
    ];
    for (text, message) in cases {
        check_error(text, &format!("yaml: {message}"));
    }
}

#[track_caller]
fn check_documents(text: &str, expected: &[(usize, &str)], error: Option<(&str, usize)>) {
    let (found, end) = documents(text);
    let found: Vec<_> = found.iter().map(|d| (d.first_line, go::json_plain(&d.value))).collect();
    let expected: Vec<_> = expected.iter().map(|(n, s)| (*n, s.to_string())).collect();
    assert_eq!(found, expected, "{text}");
    let end = end.as_ref().map(|e| (e.message.as_str(), e.mark.line));
    assert_eq!(end, error, "{text}");
}

#[test]
fn files_are_cut_as_kubectl_does() {
    check_documents(
        "a: 1\n---\n\n--- # two\nb: 2\n---\n# x\n---",
        &[(0, r#"{"a":1}"#), (2, "null"), (4, r#"{"b":2}"#), (6, "null")],
        None,
    );
    check_documents("", &[], None);
    check_documents("---\n---\n# x\n---\n", &[(0, "null"), (2, "null")], None);
    check_documents("a: 1\r\n---\r\nb: 2\r\n", &[(0, r#"{"a":1}"#), (2, r#"{"b":2}"#)], None);
    check_documents(
        "a: 1\n---\nb:\n  c: d\n   e: f\n---\ng: h\n",
        &[(0, r#"{"a":1}"#)],
        Some((
            "error converting YAML to JSON: yaml: line 3: mapping values are not allowed in this context",
            4,
        )),
    );
    check_documents("{\"a\": 1}\n{\"b\": 2}\n", &[(0, r#"{"a":1}"#), (1, r#"{"b":2}"#)], None);
    check_documents("{\n\"a\": {\"b\": 1,},\n}\n", &[(0, r#"{"a":{"b":1}}"#)], None);
    check_documents("{\"a\": 1}\n---\nb: 2\n", &[(0, r#"{"a":1}"#), (1, r#"{"b":2}"#)], None);
    check_documents("{\n\"a\": {\"b\": 1}\n", &[], Some(("unexpected EOF", 1)));
    check_documents("{a: 1, b: x}\n", &[(0, r#"{"a":1,"b":"x"}"#)], None);
}

#[test]
fn places_are_found_by_path() {
    let text = "spec:\n  list:\n  - name: a\n    image: b\nmetadata:\n  labels: {a.b/c: d}\n";
    let tree = parse(text).expect("good YAML").tree;
    let line_and_column = |path: &str| {
        let place = tree.place(path).expect("a place");
        (place.is_exact, place.value.start.line, place.value.start.column)
    };
    assert_eq!(line_and_column("spec.list[0].image"), (true, 3, 11));
    assert_eq!(line_and_column("spec.list[0].missing"), (false, 2, 4));
    assert_eq!(line_and_column("metadata.labels[a.b/c]"), (true, 5, 18));
    assert_eq!(line_and_column("metadata.labels.a.b/c"), (true, 5, 18));
    let index = text.find("image").expect("it is there");
    assert_eq!(tree.path_at(index + 2), ["spec", "list", "0", "image"]);
}

#[test]
fn strings_stay_plain_where_they_can() {
    let plain = [
        "tRue",
        "1.2.3",
        "a b",
        "a:b",
        ":a",
        "a#b",
        "-a",
        "?a",
        "a, b",
        "a}",
        "it's",
        "say \"hi\"",
        "a\\b",
        "=",
        "<<",
        "<a>",
        "_",
        "a\u{a0}b",
        "a\u{200b}b",
        "café",
        "--flag=on",
        "0x",
        "08:x",
        "2024-13-01",
    ];
    for text in plain {
        check_write(&format!("{{\"a\":{}}}", go::quote(text)), &format!("a: {text}\n"));
    }
}

#[test]
fn strings_are_quoted_where_needed() {
    let single = [
        "&a", "@a", "`a", "!a", "{a", "[a]", "a:", "a: b", ", a", "-", "- a", "---", "...", "\"a",
        ">", "a #b", "#a", "%a", "|", "? a", " a", "a ", " ", "*a",
    ];
    for text in single {
        check_write(&format!("{{\"a\":{}}}", go::quote(text)), &format!("a: '{text}'\n"));
    }
    let double = [
        "True",
        "No",
        "on",
        "y",
        "1.10",
        ".5",
        "1e3",
        ".inf",
        ".NaN",
        "80",
        "089",
        "0b11",
        "0x1F",
        "-1",
        "0123",
        "0o17",
        "+1",
        "1_000",
        "null",
        "~",
        "12:30",
        "12:30:45",
        "2024-01-02",
        "2024-1-2",
        "2024-01-02T03:04:05Z",
        "",
        "1:30.5",
    ];
    for text in double {
        check_write(&format!("{{\"a\":\"{text}\"}}"), &format!("a: \"{text}\"\n"));
    }
    check_write(r#"{"a":"'a"}"#, "a: '''a'\n");
    check_write(r#"{"a":"\ta"}"#, "a: \"\\ta\"\n");
    check_write(r#"{"a":"ok \ud83d\ude00"}"#, "a: \"ok \\U0001F600\"\n");
    check_write(r#"{"a":"a\u0007b\u001b"}"#, "a: \"a\\ab\\e\"\n");
    check_write("{\"a\":\"\u{feff}a\"}", "a: \"\\uFEFF\\x61\"\n");
    let value = crate::value!({"a": {"b": "a\u{2028}b"}});
    assert_eq!(write(&value), "a:\n  b: 'a\u{2028}    b'\n");
}

#[test]
fn lines_become_blocks() {
    let cases = [
        ("x\ny\n", "|\n    x\n    y\n"),
        ("x\ny", "|-\n    x\n    y\n"),
        ("x\n\n", "|+\n    x\n\n"),
        ("\n", "|2+\n\n"),
        ("\nx\n", "|2\n\n    x\n"),
        ("  x\ny\n", "|2\n      x\n    y\n"),
        ("x\n\n\ny\n", "|\n    x\n\n\n    y\n"),
        ("x \ny\n", "\"x \\ny\\n\"\n"),
        ("a\tb\n", "\"a\\tb\\n\"\n"),
        ("x\r\n", "\"x\\r\\n\"\n"),
        ("# c\nk=v\n", "|\n    # c\n    k=v\n"),
    ];
    for (text, yaml) in cases {
        let json = format!("{{\"a\":{{\"b\":{}}}}}", go::quote(text));
        check_write(&json, &format!("a:\n  b: {yaml}"));
    }
    let text = "The quick brown fox jumps over the lazy dog and then turns around to jump over it";
    check_write(
        &format!("{{\"d\":{{\"long\":\"{text}\"}}}}"),
        &format!("d:\n  long: {}\n    over it\n", &text[..73]),
    );
    let text = "The quick brown fox jumps over the lazy dog and then turns around to jump over it";
    check_write(
        &format!("{{\"d\":{{\"long-quoted\":\"key: {text}\"}}}}"),
        &format!("d:\n  long-quoted: 'key: {}\n    to jump over it'\n", &text[..65]),
    );
}

#[test]
fn structure_is_go_yamls() {
    check_write(
        r#"{"a":[{"b":1,"c":[["x","y"],{}]},[],null],"e":{},"f":1.5,"g":true}"#,
        "a:\n- b: 1\n  c:\n  - - x\n    - \"y\"\n  - {}\n- []\n- null\ne: {}\nf: 1.5\ng: true\n",
    );
    let keys = ["-", "_u", "1.5", "80", "U", "a.b", "b-T", "b-m", "i", "i-1", "i2", "i10", "ib"];
    let json: Vec<String> = keys.iter().rev().map(|k| format!("\"{k}\":0")).collect();
    let value: Value = serde_json::from_str(&format!("{{{}}}", json.join(","))).expect("JSON");
    let written: Vec<String> = write(&value)
        .lines()
        .map(|line| line.trim_end_matches(": 0").trim_matches(['"', '\'']).to_string())
        .collect();
    assert_eq!(written, keys);
    assert_eq!(write(&Value::Null), "null\n");
    assert_eq!(write(&"a".into()), "a\n");
}
