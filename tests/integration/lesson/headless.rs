//! The commands for authors and for scripts of teachers: what they print and how they end.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use statefulset_playground::lesson::format::Way;

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let program = env!("CARGO_BIN_EXE_statefulset-playground");
    let Output { status, stdout, stderr } = Command::new(program).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/lesson");
    folder.join(name).to_str().unwrap().to_string()
}

fn written(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path
}

/// `check` finds nothing wrong with a lesson, and `replay` reaches its goals and prints these.
pub fn holds(name: &str, text: &str, printed: &[&str]) {
    let path = written(name, text);
    for command in ["check", "replay"] {
        let (status, out, error) = run(&[command, path.to_str().unwrap()]);
        assert_eq!(status, Some(0), "{command}: {error}{text}");
        let is_missing = |part: &&&str| command == "replay" && !out.contains(**part);
        assert_eq!(printed.iter().find(is_missing), None, "{out}");
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn grade_speaks_json_and_ends_as_it_should() {
    let exercise = super::exercise();
    let code = |way: &Way| super::grading::work("five", &exercise, way, 2, "Li Lei").text();
    let good = written("good.txt", &format!("{}\n", code(&Way::Solution)));
    let bad = code(&Way::Mutant("four".into()));
    let lesson = fixture("five.en.md");

    let (status, out, _) = run(&["grade", &lesson, good.to_str().unwrap()]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(status, Some(0), "{out}");
    assert_eq!(json["results"][0]["name"], "Li Lei");
    assert_eq!(json["results"][0]["passed"], true);

    let (status, out, _) = run(&["grade", &lesson, good.to_str().unwrap(), &bad]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(status, Some(1), "{out}");
    assert_eq!(json["failedGoals"][0]["goal"], "five");
    let goal = &json["results"][1]["goals"][0];
    assert_eq!(goal["why"], "Now: 4 Pods of web are Ready.");

    let (status, out, _) = run(&["grade", &lesson, &bad, "nonsense"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(status, Some(2), "{out}");
    assert!(json["results"][1]["problem"].is_string());
    for arguments in [&["grade"][..], &["grade", &lesson], &["grade", "no-such.md", &bad]] {
        assert_eq!(run(arguments).0, Some(2), "{arguments:?}");
    }
    std::fs::remove_file(good).unwrap();
}

#[test]
fn check_and_replay_name_file_and_line() {
    assert_eq!(run(&["check", &fixture("five.en.md"), &fixture("claims.en.md")]).0, Some(0));
    let weak = super::EXERCISE.replace("fails=five", "fails=never-fewer");
    let weak = written("weak.md", &weak);
    let (status, _, error) = run(&["check", weak.to_str().unwrap()]);
    assert_eq!(status, Some(1));
    let line = super::EXERCISE.lines().position(|l| l.contains("mutant four")).unwrap() + 1;
    let expected = format!(
        "{}:{line}: the wrong solution four fails \"five\", not \"never-fewer\"\n",
        weak.display()
    );
    assert_eq!(error, expected);

    let missed =
        written("missed.md", &super::EXERCISE.replace("{set: web, is: 5}", "{set: web, is: 6}"));
    let (status, out, error) = run(&["replay", missed.to_str().unwrap()]);
    assert_eq!(status, Some(1));
    assert!(
        out.contains("$ kubectl scale statefulset web --replicas=5\nstatefulset.apps/web scaled")
    );
    assert!(
        error.contains("the goal five is not reached. Now: 5 Pods of web are Ready."),
        "{error}"
    );
    let (status, out, error) = run(&["replay", &fixture("claims.en.md")]);
    assert_eq!(status, Some(0), "{error}");
    // What was printed may be printed anew: the text stays what it is.
    assert!(statefulset_playground::lesson::format::parse(&out).is_ok());
    for path in [weak, missed] {
        std::fs::remove_file(path).unwrap();
    }
}
