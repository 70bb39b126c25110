//! What the fields mean: the texts of the OpenAPI document, for `kubectl explain` and the editor.
//!
//! The texts are in `assets/field-descriptions.txt`, which the page loads when it needs them; a
//! native build has them at hand.

/// The texts of the fields, as the file has them.
#[derive(Clone, Copy, Debug)]
pub struct Descriptions<'a> {
    text: &'a str,
}

impl<'a> Descriptions<'a> {
    /// The texts in a file of this form: name, tab, text with `\n` and `\\` escaped.
    pub fn new(text: &'a str) -> Self {
        Descriptions { text }
    }

    /// The text of the struct `name`, or of its field.
    pub fn find(&self, name: &str, field: Option<&str>) -> Option<String> {
        let wanted = match field {
            Some(field) => format!("{name}.{field}"),
            None => name.into(),
        };
        let mut lines = self.text.lines().filter_map(|line| line.split_once('\t'));
        lines.find(|(name, _)| *name == wanted).map(|(_, text)| unescape(text))
    }
}

/// The texts that the page has loaded, once it has.
#[cfg(target_arch = "wasm32")]
static INSTALLED: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Keeps the texts that the page has loaded; later calls change nothing.
#[cfg(target_arch = "wasm32")]
pub fn install(text: String) {
    let _ = INSTALLED.set(text);
}

/// The texts, if they are there.
pub fn installed() -> Option<Descriptions<'static>> {
    #[cfg(target_arch = "wasm32")]
    return INSTALLED.get().map(|text| Descriptions::new(text));
    #[cfg(not(target_arch = "wasm32"))]
    Some(native())
}

/// The texts as built into a native program.
#[cfg(not(target_arch = "wasm32"))]
pub fn native() -> Descriptions<'static> {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/field-descriptions.txt"));
    Descriptions::new(text)
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            (c, false) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found() {
        let text = native().find("StatefulSetSpec", Some("serviceName"));
        assert!(text.is_some_and(|text| text.starts_with("serviceName is the name of the")));
        let texts = Descriptions::new("A\tone\\ntwo \\\\ three\nA.b\tc\n");
        assert_eq!(texts.find("A", None).as_deref(), Some("one\ntwo \\ three"));
        assert_eq!(texts.find("A", Some("b")).as_deref(), Some("c"));
        assert_eq!(texts.find("A", Some("x")), None);
    }
}
