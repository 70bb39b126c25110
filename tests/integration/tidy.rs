//! What compilers do not check: layering, sizes, documents of modules, leftovers, dead files, style.
//!
//! Reads the sources as text, formatted by rustfmt. Every test lists all complaints at once.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every top module in dependency order, and the modules above it that it may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("api", &[]),
    ("chance", &[]),
    ("text", &["api"]),
    ("apiserver", &["text", "chance", "api"]),
    ("script", &["text", "api"]),
    ("programs", &["text", "chance", "api", "script"]),
    ("client", &["text", "api", "apiserver", "chance", "programs", "script"]),
    ("controller", &["text", "api", "apiserver", "chance", "client"]),
    ("scheduler", &["text", "api", "apiserver", "chance", "client", "controller"]),
    ("dns", &["text", "api", "apiserver", "client"]),
    (
        "kubelet",
        &[
            "text",
            "api",
            "apiserver",
            "chance",
            "client",
            "controller",
            "dns",
            "programs",
            "script",
        ],
    ),
    (
        "simulation",
        &[
            "text",
            "api",
            "apiserver",
            "chance",
            "client",
            "controller",
            "scheduler",
            "dns",
            "kubelet",
            "programs",
            "script",
        ],
    ),
    ("kubectl", &["text", "api", "apiserver", "client"]),
    (
        "shell",
        &["text", "api", "client", "chance", "dns", "simulation", "kubectl", "programs", "script"],
    ),
    (
        "lesson",
        &[
            "text",
            "api",
            "apiserver",
            "client",
            "controller",
            "dns",
            "kubelet",
            "simulation",
            "shell",
            "script",
        ],
    ),
    ("locale", &["text", "api", "controller", "scheduler", "dns", "kubelet", "lesson"]),
    (
        "playground",
        &[
            "text",
            "api",
            "apiserver",
            "chance",
            "client",
            "controller",
            "scheduler",
            "dns",
            "kubelet",
            "simulation",
            "kubectl",
            "shell",
            "lesson",
            "locale",
            "programs",
            "script",
        ],
    ),
    (
        "headless",
        &["api", "apiserver", "chance", "simulation", "shell", "lesson", "locale", "playground"],
    ),
    ("ui", &["playground"]),
];

/// Macros live at the root of the crate, but belong to a module.
const MACROS: &[(&str, &str)] = &[("value", "api")];

/// Functions that read better in one piece, with the reason.
const LONG_FUNCTIONS: &[(&str, &str)] = &[
    // One match over all reasons of an area: a missing sentence does not compile.
    ("src/locale/en/statefulset.rs", "sentence"),
    ("src/locale/zh/statefulset.rs", "sentence"),
];

const FILE_LINES_MAX: usize = 800;
const FUNCTION_LINES_MAX: usize = 70;
/// A test may hold a table of cases.
const TEST_LINES_MAX: usize = 120;
const STYLE_FILE_LINES_MAX: usize = 300;
const STYLE_FILES_MAX: usize = 45;
const STYLE_LINES_MAX: usize = 2_000;

/// A file of the repository: its path from the root, with `/`, and its text.
struct Source {
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, found) } else { found.push(path) }
    }
}

/// Files below a folder whose names end in one of the extensions, in order.
fn sources(folder: &str, extensions: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    collect(&root().join(folder), &mut paths);
    paths.sort();
    paths.retain(|path| {
        path.extension().is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
    });
    paths
        .into_iter()
        .map(|path| Source {
            text: fs::read_to_string(&path).unwrap(),
            path: path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"),
        })
        .collect()
}

fn rust_sources() -> Vec<Source> {
    let mut found = sources("src", &["rs"]);
    found.extend(sources("tests", &["rs"]));
    found
}

#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn leading_word(text: &str) -> &str {
    text.split(|c| !is_word(c)).next().unwrap_or("")
}

/// The first names of the items of a `{ ... }` group that starts `text`.
fn group_heads(text: &str) -> Vec<&str> {
    let (mut depth, mut heads, mut is_start) = (0, Vec::new(), true);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => is_start = true,
            _ if depth == 1 && is_start && is_word(c) => {
                heads.push(leading_word(&text[at..]));
                is_start = false;
            }
            _ => {}
        }
    }
    heads
}

/// Every top module that a text names through `crate::`.
fn modules_named(text: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for line_start in text.match_indices("crate::").map(|(at, word)| at + word.len()) {
        let rest = &text[line_start..];
        if rest.starts_with('{') {
            found.extend(group_heads(rest));
        } else {
            found.insert(leading_word(rest));
        }
    }
    found
}

fn module_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    if inside == "lib.rs" || inside == "main.rs" {
        return None;
    }
    Some(inside.split(['/', '.']).next().unwrap_or(inside))
}

fn layer_complaints(path: &str, text: &str) -> Vec<String> {
    let Some(module) = module_of(path) else { return Vec::new() };
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{path}: module {module} has no place in LAYERS")];
    };
    modules_named(text)
        .into_iter()
        .map(|named| MACROS.iter().find(|(name, _)| *name == named).map_or(named, |(_, at)| at))
        .filter(|named| *named != module && !allowed.contains(named))
        .filter(|named| !named.is_empty())
        .map(|named| format!("{path}: {module} may not name {named}"))
        .collect()
}

#[test]
fn modules_name_only_the_layers_below_them() {
    let found = sources("src", &["rs"]);
    let complaints: Vec<_> =
        found.iter().flat_map(|file| layer_complaints(&file.path, &file.text)).collect();
    assert_none(&complaints);
}

#[test]
fn layers_stand_in_order_in_the_table() {
    let mut complaints = Vec::new();
    for (place, (module, allowed)) in LAYERS.iter().enumerate() {
        for name in *allowed {
            if !LAYERS[..place].iter().any(|(lower, _)| lower == name) {
                complaints.push(format!("LAYERS: {module} names {name}, which is not above it"));
            }
        }
    }
    assert_none(&complaints);
}

/// Top modules in the order in which lib.rs declares them.
fn declared_modules() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let names = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(String::from).collect()
}

#[test]
fn lib_rs_declares_modules_below_those_they_name() {
    let declared = declared_modules();
    assert!(declared.len() > 3, "{declared:?}");
    let mut complaints = BTreeSet::new();
    for file in sources("src", &["rs"]) {
        let Some(module) = module_of(&file.path) else { continue };
        let Some(place) = declared.iter().position(|name| name == module) else {
            complaints.insert(format!("src/lib.rs does not declare {module}"));
            continue;
        };
        let below = &declared[place + 1..];
        let named = modules_named(&file.text);
        for lower in below.iter().filter(|lower| named.contains(lower.as_str())) {
            complaints.insert(format!("src/lib.rs: {module} uses {lower}, declared below it"));
        }
    }
    assert_none(&complaints.into_iter().collect::<Vec<_>>());
}

#[test]
fn layer_check_sees_single_and_grouped_names() {
    let check = |text| layer_complaints("src/client/mod.rs", text).len();
    assert_eq!(check("use crate::api::Object;"), 0);
    assert_eq!(check("use crate::{api::{self, ui}, apiserver};"), 0);
    assert_eq!(check("use crate::kubectl::run;"), 1);
    assert_eq!(check("use crate::{\n    api::Object,\n    ui::{app, editor},\n    shell,\n};"), 2);
    assert_eq!(layer_complaints("src/unheard_of.rs", "").len(), 1);
}

#[test]
fn files_are_short_and_begin_with_their_document() {
    let mut complaints = Vec::new();
    for file in rust_sources() {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            complaints.push(format!("{}: {lines} lines, at most {FILE_LINES_MAX}", file.path));
        }
        if !file.text.starts_with("//! ") && !file.text.starts_with("#!") {
            complaints.push(format!("{}: does not begin with //!", file.path));
        }
    }
    assert_none(&complaints);
}

/// Name, length and greatest length of every function of formatted Rust.
fn function_lengths(text: &str) -> Vec<(&str, usize, usize)> {
    let lines: Vec<_> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        let later = &lines[start..];
        let signature_end = later.iter().find(|line| line.ends_with(['{', '}', ';']));
        let has_body = signature_end.is_some_and(|line| line.ends_with('{'));
        let body_end = later.iter().position(|line| *line == end).unwrap_or(0);
        let is_test = start > 0 && lines[start - 1].trim() == "#[test]";
        let max = if is_test { TEST_LINES_MAX } else { FUNCTION_LINES_MAX };
        found.push((name, if has_body { body_end + 1 } else { 1 }, max));
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let qualifiers = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern"];
    let is_function = before.split_whitespace().all(|word| qualifiers.contains(&word));
    is_function.then(|| leading_word(after))
}

#[test]
fn functions_are_short() {
    let mut complaints = Vec::new();
    for file in rust_sources() {
        for (name, lines, max) in function_lengths(&file.text) {
            let is_excepted = LONG_FUNCTIONS.contains(&(file.path.as_str(), name));
            if lines > max && !is_excepted {
                complaints.push(format!("{}: {name} has {lines} lines of {max}", file.path));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn function_check_measures() {
    let text = "impl A {\n    pub fn one(\n        x: u8,\n    ) -> u8 {\n        x\n    }\n}\nfn two() {}\nfn three(\n    y: u8,\n);\n";
    assert_eq!(function_lengths(text), [("one", 5, 70), ("two", 1, 70), ("three", 1, 70)]);
}

#[test]
fn nothing_is_left_over() {
    let leftovers = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("db", "g!("),
        concat!("to", "do!("),
        concat!("unimplem", "ented!("),
        concat!("allow(dead", "_code)"),
    ];
    // Package registries and places on one machine have no business here.
    let foreign = [
        concat!("/wo", "rk/"),
        concat!("crates", ".io"),
        concat!("npm", "js.org"),
        concat!("py", "pi.org"),
        concat!("deb.deb", "ian.org"),
        concat!("static.rust", "-lang.org"),
    ];
    let mut complaints = Vec::new();
    for file in all_text() {
        for word in leftovers.iter().chain(&foreign).filter(|word| file.text.contains(**word)) {
            complaints.push(format!("{}: contains {word}", file.path));
        }
    }
    assert_none(&complaints);
}

/// Everything written for this repository; not the recorded transcripts.
fn all_text() -> Vec<Source> {
    let extensions = ["rs", "js", "mjs", "css", "html", "md", "sh", "toml"];
    let mut found = Vec::new();
    for folder in ["src", "tests", "style", "scripts"] {
        found.extend(sources(folder, &extensions));
    }
    found.retain(|file| !file.path.starts_with("tests/transcripts/"));
    let top = ["Cargo.toml", "Makefile", "README.md", "ARCHITECTURE.md", "index.html"];
    for name in top.into_iter().chain(["package.json", "package-lock.json", "Trunk.toml"]) {
        if let Ok(text) = fs::read_to_string(root().join(name)) {
            found.push(Source { path: name.into(), text });
        }
    }
    found
}

/// The files that may declare a module, nearest first.
fn declaring_files(path: &str) -> Vec<String> {
    let stem = path.trim_end_matches("/mod.rs").trim_end_matches(".rs");
    let folder = stem.rsplit_once('/').map_or("", |(folder, _)| folder);
    ["/mod.rs", ".rs", "/lib.rs", "/main.rs"].iter().map(|end| format!("{folder}{end}")).collect()
}

#[test]
fn every_file_is_a_declared_module() {
    let found = rust_sources();
    let roots = ["src/lib.rs", "src/main.rs", "tests/integration/main.rs"];
    let mut complaints = Vec::new();
    for file in found.iter().filter(|file| !roots.contains(&file.path.as_str())) {
        let stem = file.path.trim_end_matches("/mod.rs").trim_end_matches(".rs");
        let declaration = format!("mod {};", stem.rsplit('/').next().unwrap_or(stem));
        let parents = declaring_files(&file.path);
        let is_declared = found
            .iter()
            .any(|parent| parents.contains(&parent.path) && parent.text.contains(&declaration));
        if !is_declared {
            complaints.push(format!("{}: no file says `{declaration}`", file.path));
        }
    }
    assert_none(&complaints);
}

fn without_comments(css: &str) -> String {
    css.split("/*").enumerate().fold(String::new(), |kept, (part, text)| {
        let code = if part == 0 { text } else { text.split_once("*/").map_or("", |(_, c)| c) };
        kept + code
    })
}

/// The class names of a style sheet's selectors.
fn classes(css: &str) -> BTreeSet<String> {
    let css = without_comments(css);
    let mut found = BTreeSet::new();
    for (at, c) in css.char_indices() {
        let rest = &css[at + c.len_utf8()..];
        if c == '.' && rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let is_part = |c: char| is_word(c) || c == '-';
            found.insert(rest.chars().take_while(|c| is_part(*c)).collect());
        }
    }
    found
}

/// Is the name there as a whole, not as a piece of a longer one?
fn names(text: &str, class: &str) -> bool {
    let is_part = |c: char| is_word(c) || c == '-';
    text.match_indices(class).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + class.len()..].starts_with(is_part)
    })
}

#[test]
fn every_style_is_used_and_stays_in_its_layer() {
    let styles = sources("style", &["css"]);
    let index = fs::read_to_string(root().join("index.html")).unwrap();
    let users: String =
        sources("src/ui", &["rs", "js"]).into_iter().map(|file| file.text).collect();
    let mut complaints = Vec::new();
    for file in &styles {
        let Source { path, text } = file;
        let lines = text.lines().count();
        if text.contains("!important") {
            complaints.push(format!("{path}: !important"));
        }
        if !text.starts_with("@layer ") {
            complaints.push(format!("{path}: does not begin with @layer"));
        }
        if lines > STYLE_FILE_LINES_MAX {
            complaints.push(format!("{path}: {lines} lines, at most {STYLE_FILE_LINES_MAX}"));
        }
        if !index.contains(path.as_str()) {
            complaints.push(format!("{path}: index.html does not link it"));
        }
        for class in classes(text).into_iter().filter(|class| !class.starts_with("cm-")) {
            if !names(&users, &class) && !names(&index, &class) {
                complaints.push(format!("{path}: nothing has the class {class}"));
            }
        }
    }
    assert!(!styles.is_empty() && styles.len() <= STYLE_FILES_MAX, "{} files", styles.len());
    let lines: usize = styles.iter().map(|file| file.text.lines().count()).sum();
    assert!(lines <= STYLE_LINES_MAX, "{lines} lines of style");
    assert_none(&complaints);
}

#[test]
fn class_check_reads_selectors() {
    let css = ".a, .b__c:not(.d-e) { margin: .5rem 0.25rem } /* .f */ .a.g {}";
    let found: Vec<_> = classes(css).into_iter().collect();
    assert_eq!(found, ["a", "b__c", "d-e", "g"]);
    assert!(names("class=\"a b__c\"", "b__c") && !names("class=\"ab b__c-d\"", "b__c"));
}
