//! A place in a manifest, read from indentation.

/// Where something is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub api_version: String,
    pub kind: String,
    /// The keys around it, outermost first; items of lists are looked through.
    pub path: Vec<String>,
    /// Other keys of the same map.
    pub siblings: Vec<String>,
    /// Blanks before the key, those of dashes included.
    pub column: usize,
    pub part: Part,
}

/// What is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Key {
        typed: String,
    },
    Value {
        key: String,
        typed: String,
    },
    /// Behind a dash: a value, or the first key of an item.
    Item {
        typed: String,
    },
}

/// The structure of one line.
struct Row<'a> {
    /// Where its first dash stands.
    dash: Option<usize>,
    /// Where its key or text begins.
    column: usize,
    text: &'a str,
}

impl<'a> Row<'a> {
    fn read(line: &'a str) -> Self {
        let (mut column, mut text, mut dash) = (0, line, None);
        loop {
            let trimmed = text.trim_start_matches(' ');
            column += text.len() - trimmed.len();
            text = trimmed;
            let Some(rest) = text.strip_prefix('-').filter(|r| r.is_empty() || r.starts_with(' '))
            else {
                return Row { dash, column, text: text.trim_end() };
            };
            dash = dash.or(Some(column));
            column += 1;
            text = rest;
        }
    }

    fn is_aside(&self) -> bool {
        self.dash.is_none() && (self.text.is_empty() || self.text.starts_with('#'))
    }

    fn key(&self) -> Option<(&'a str, &'a str)> {
        let (key, value) = self.text.split_once(':')?;
        let is_end = value.is_empty() || value.starts_with(' ');
        (is_end && !key.contains(' ')).then(|| (key.trim_matches(['"', '\'']), value.trim()))
    }
}

/// The lines of the document around a line, and that line's number among them.
fn document(text: &str, line: usize) -> Option<(Vec<&str>, usize)> {
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    let at = line.checked_sub(1).filter(|at| *at < lines.len())?;
    let is_separator = |line: &&str| line.trim_end() == "---" || line.starts_with("--- ");
    let start = lines[..at].iter().rposition(&is_separator).map_or(0, |s| s + 1);
    let end = lines[at..].iter().position(is_separator).map_or(lines.len(), |e| at + e);
    Some((lines.get(start..end)?.to_vec(), at.checked_sub(start)?))
}

fn top_value(lines: &[&str], key: &str) -> String {
    let rows = lines.iter().filter(|line| !line.starts_with([' ', '-'])).map(|l| Row::read(l));
    let mut values = rows.filter_map(|row| row.key().filter(|(k, _)| *k == key).map(|(_, v)| v));
    let value = values.next().unwrap_or_default();
    let value = value.split(" #").next().unwrap_or_default();
    value.trim().trim_matches(['"', '\'']).into()
}

impl Place {
    /// The place before the cursor.
    pub fn before(text: &str, line: usize, column: usize) -> Option<Place> {
        let (lines, at) = document(text, line)?;
        let whole = lines.get(at)?;
        let typed: String = whole.chars().take(column.saturating_sub(1)).collect();
        let row = Row::read(&typed);
        if row.text.starts_with('#') || row.text.contains(" #") {
            return None;
        }
        let part = match row.key() {
            Some((key, typed)) => Part::Value { key: key.into(), typed: typed.into() },
            None if row.text.contains([' ', '[', '{', '"', ':']) => return None,
            None if row.dash.is_some() => Part::Item { typed: row.text.into() },
            None => Part::Key { typed: row.text.into() },
        };
        Some(Place::of(&lines, at, &row, part))
    }

    /// The place of the key or value around a character.
    pub fn around(text: &str, line: usize, column: usize) -> Option<Place> {
        let (lines, at) = document(text, line)?;
        let row = Row::read(lines.get(at)?);
        if row.is_aside() {
            return None;
        }
        // An item without a key belongs to the key of its list.
        let Some((key, _)) = row.key() else {
            let place = Place::of(&lines, at, &row, Part::Key { typed: String::new() });
            let (key, parents) = place.path.split_last()?;
            let part = Part::Value { key: key.clone(), typed: String::new() };
            return Some(Place { path: parents.to_vec(), part, ..place });
        };
        (column > row.column).then_some(())?;
        let part = Part::Value { key: key.into(), typed: String::new() };
        Some(Place::of(&lines, at, &row, part))
    }

    fn of(lines: &[&str], at: usize, row: &Row<'_>, part: Part) -> Place {
        let mut path = Vec::new();
        let mut siblings = Vec::new();
        // A parent stands further left; that of a list may stand right above its dashes.
        let mut limit = (row.dash.unwrap_or(row.column), row.dash.is_some());
        let mut in_map = row.dash.is_none();
        for line in lines[..at].iter().rev() {
            let other = Row::read(line);
            if other.is_aside() {
                continue;
            }
            if in_map && other.column == row.column {
                siblings.extend(other.key().map(|(key, _)| key.to_string()));
                if let Some(dash) = other.dash {
                    (limit, in_map) = ((dash, true), false);
                }
                continue;
            }
            let is_left = other.column < limit.0 || (limit.1 && other.column == limit.0);
            if !is_left || (limit.1 && other.dash == Some(limit.0)) {
                continue;
            }
            in_map = false;
            let Some((key, _)) = other.key() else { continue };
            path.push(key.to_string());
            limit = match other.dash {
                Some(dash) => (dash, true),
                None => (other.column, false),
            };
        }
        for line in lines.get(at + 1..).unwrap_or_default() {
            let other = Row::read(line);
            match other.dash {
                _ if other.is_aside() => continue,
                None if other.column == row.column => {
                    siblings.extend(other.key().map(|(key, _)| key.to_string()));
                }
                Some(dash) if dash < row.column => break,
                _ if other.column < row.column => break,
                _ => {}
            }
        }
        path.reverse();
        let (api_version, kind) = (top_value(lines, "apiVersion"), top_value(lines, "kind"));
        Place { api_version, kind, path, siblings, column: row.column, part }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "kind: Pod\napiVersion: v1\n---\napiVersion: apps/v1\nkind: StatefulSet # x\n\
        spec:\n  template:\n    spec:\n      containers:\n      - name: a\n        image: b\n        \
        ports:\n          - containerPort: 80\n            \n        env:\n      - im\n  re\n";

    fn path(line: usize, column: usize) -> (Vec<String>, Part, Vec<String>) {
        let place = Place::before(TEXT, line, column).expect("a place");
        assert_eq!((place.kind.as_str(), place.api_version.as_str()), ("StatefulSet", "apps/v1"));
        (place.path, place.part, place.siblings)
    }

    #[test]
    fn places_are_read_from_indentation() {
        let key = |typed: &str| Part::Key { typed: typed.into() };
        let containers = ["spec", "template", "spec", "containers"];
        let (found, part, siblings) = path(14, 13);
        assert_eq!(found, ["spec", "template", "spec", "containers", "ports"]);
        assert_eq!((part, siblings.join(" ")), (key(""), "containerPort".into()));
        let (found, part, siblings) = path(11, 12);
        assert_eq!(found, containers);
        assert_eq!((part, siblings.join(" ")), (key("ima"), "name ports env".into()));
        let (found, part, _) = path(16, 11);
        assert_eq!(
            (found.join("."), part),
            (containers.join("."), Part::Item { typed: "im".into() })
        );
        let (found, part, siblings) = path(17, 5);
        assert_eq!((found.join("."), part), ("spec".into(), key("re")));
        assert_eq!(siblings, ["template"]);
        let place = Place::around(TEXT, 13, 14).expect("a field");
        let part = Part::Value { key: "containerPort".into(), typed: String::new() };
        assert_eq!((place.path.len(), place.part), (5, part));
        assert_eq!(Place::before(TEXT, 99, 1), None);
        assert_eq!(Place::before("", 1, 1).map(|place| place.path.len()), Some(0));
    }
}
