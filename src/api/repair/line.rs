//! One line of a manifest, taken apart without regard to its indentation.

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Blanks before it.
    pub indent: usize,
    /// The text behind them, without blanks at its end.
    pub text: &'a str,
    /// What it is.
    pub content: Content<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content<'a> {
    /// Nothing, a comment, or `---`.
    Aside,
    /// `key: value`, perhaps behind `- `.
    Field { dash: bool, key: &'a str, value: Value },
    /// `- value`, or `-` alone.
    Item { value: Value },
    /// Anything else.
    Text,
}

/// What stands behind a key or a dash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Empty,
    Scalar,
    /// `[...]`
    List,
    /// `{...}`
    Map,
    /// `|` or `>`: the text follows.
    Block,
}

impl<'a> Line<'a> {
    pub fn read(line: &'a str) -> Line<'a> {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        Line { indent, text, content: content(text) }
    }
}

fn content(text: &str) -> Content<'_> {
    if text.is_empty() || text.starts_with('#') || text == "---" || text.starts_with("--- #") {
        return Content::Aside;
    }
    let body = text.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' '));
    let dash = body.is_some();
    let body = body.unwrap_or(text).trim_start();
    match split_key(body) {
        Some((key, rest)) => Content::Field { dash, key, value: value(rest) },
        None if dash => Content::Item { value: value(body) },
        None => Content::Text,
    }
}

/// A key and what stands behind its colon.
pub(super) fn split_key(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let (key, rest) = text.get(1..)?.split_once(quote)?;
        let rest = rest.trim_start().strip_prefix(':')?;
        return (rest.is_empty() || rest.starts_with(' ')).then_some((key, rest));
    }
    let end = text.char_indices().find(|(at, c)| {
        let behind = text.get(at + 1..).unwrap_or_default();
        *c == ':' && (behind.is_empty() || behind.starts_with(' '))
    })?;
    let key = text.get(..end.0)?;
    let is_key = !key.is_empty() && key.chars().all(is_key_character);
    is_key.then(|| (key, text.get(end.0 + 1..).unwrap_or_default()))
}

/// Whether a key of a manifest may have it: fields, labels, names of files.
pub(super) fn is_key_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/')
}

/// The text without the comment at its end.
pub(super) fn without_comment(text: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') && !before.is_alphanumeric() => quote = Some(c),
            None if c == '#' && before == ' ' => return text.get(..at).unwrap_or_default(),
            None => {}
        }
        before = c;
    }
    text
}

fn value(text: &str) -> Value {
    let text = without_comment(text).trim();
    match text.chars().next() {
        None => Value::Empty,
        Some('[') => Value::List,
        Some('{') => Value::Map,
        Some('|' | '>') if text.len() <= 3 => Value::Block,
        Some(_) => Value::Scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart() {
        let field = |dash, key, value| Content::Field { dash, key, value };
        let cases = [
            ("  - name: web # x", field(true, "name", Value::Scalar)),
            ("spec:   # x", field(false, "spec", Value::Empty)),
            ("accessModes: [ \"ReadWriteOnce\" ]", field(false, "accessModes", Value::List)),
            ("run.sh: |-", field(false, "run.sh", Value::Block)),
            ("- mysql:5.7", Content::Item { value: Value::Scalar }),
            ("- \"a: b\"", Content::Item { value: Value::Scalar }),
            ("\"a b\": 1", field(false, "a b", Value::Scalar)),
            ("-", Content::Item { value: Value::Empty }),
            ("# a: b", Content::Aside),
            ("echo hello", Content::Text),
            ("--- # next", Content::Aside),
        ];
        for (text, content) in cases {
            assert_eq!(Line::read(text).content, content, "{text}");
        }
    }
}
