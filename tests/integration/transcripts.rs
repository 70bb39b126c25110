//! The recorded transcripts of a real cluster: our copy is whole, and equal to its source.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Name and text of every transcript in a folder.
fn transcripts(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .filter(|(name, _)| name.ends_with(".md") || name == "compare.py")
        .map(|(name, path)| (name, fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn our_copy_of_the_transcripts_is_the_newest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = transcripts(&root.join("tests/transcripts"));
    assert!(ours.len() > 150, "tests/transcripts holds {} files", ours.len());
    // The recordings live beside the checkout where they are made, and nowhere else.
    let source = transcripts(&root.join("../shared/transcripts"));
    let changed: Vec<_> =
        source.iter().filter(|(name, text)| ours.get(*name) != Some(text)).map(|f| f.0).collect();
    assert!(changed.is_empty(), "copy to tests/transcripts, newer or missing there: {changed:?}");
}
