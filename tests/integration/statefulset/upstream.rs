//! The list of upstream's cases is whole: each has a test that restates it, under that name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const LIST: &str = include_str!("upstream.txt");

/// The cases as name and where they are restated.
fn cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(": ").unwrap_or_else(|| panic!("no case: {line}")))
}

#[test]
fn every_upstream_case_is_restated() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    for (name, place) in cases() {
        assert!(names.insert(name), "{name} stands twice");
        if place.starts_with("n/a, ") {
            continue;
        }
        let (module, function) = place.rsplit_once("::").expect(name);
        let path = match module.starts_with("src/") {
            true => root.join(module),
            false => root.join("tests/integration/statefulset").join(format!("{module}.rs")),
        };
        let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{name}: {why}"));
        let test = text.split("#[test]").skip(1);
        let mut heads = test.map(|part| part.split('{').next().unwrap_or_default());
        assert!(
            heads.any(|head| head.contains(&format!("fn {function}("))),
            "{name}: there is no test {function} in {}",
            path.display()
        );
    }
    assert!(names.len() > 110, "{}", names.len());
}
