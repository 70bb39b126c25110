//! File names for patterns.

use ecow::{EcoString, eco_format};

use super::super::files::absolute;
use super::super::host::Flavour;
use super::super::pattern;
use super::{Expander, Field};

/// More names than this are not looked for.
const NAMES_MAX: usize = 20_000;

impl Expander<'_> {
    /// Adds the names a field matches, or the field itself.
    pub(super) fn glob(&self, field: &Field, fields: &mut Vec<EcoString>) {
        let special = |(text, quoted): &(String, bool)| !quoted && text.contains(['*', '?', '[']);
        if self.shell.options.noglob || !field.pieces.iter().any(special) {
            fields.push(field.text());
            return;
        }
        let mut pattern = String::new();
        for (text, quoted) in &field.pieces {
            if *quoted {
                pattern.push_str(&pattern::escape(text));
            } else {
                pattern.push_str(text);
            }
        }
        let before = fields.len();
        self.find(&pattern, fields);
        if fields.len() == before && !self.shell.options.nullglob {
            fields.push(field.text());
        }
    }

    fn find(&self, pattern: &str, found: &mut Vec<EcoString>) {
        let rooted = pattern.starts_with('/');
        let mut names: Vec<EcoString> = vec![if rooted { "/".into() } else { EcoString::new() }];
        let segments: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        let dirs_only = pattern.ends_with('/');
        for (index, segment) in segments.iter().enumerate() {
            let last = index + 1 == segments.len();
            let mut next = Vec::new();
            for name in &names {
                self.step(name, segment, last && !dirs_only, &mut next);
            }
            names = next;
        }
        if dirs_only {
            names = names.iter().map(|name| eco_format!("{name}/")).collect();
        }
        found.extend(names);
    }

    /// The names in one directory that match one segment.
    fn step(&self, base: &str, segment: &str, last: bool, next: &mut Vec<EcoString>) {
        let joined = |name: &str| match base {
            "" => EcoString::from(name),
            "/" => eco_format!("/{name}"),
            base => eco_format!("{base}/{name}"),
        };
        let path = |name: &str| absolute(&self.shell.cwd, name);
        if !pattern::is_special(segment) {
            let name = joined(&pattern::unescape(segment));
            if self.files.link_metadata(&path(&name)).is_ok() {
                next.push(name);
            }
            return;
        }
        let dir = if base.is_empty() { self.shell.cwd.clone() } else { path(base) };
        let Ok(mut names) = self.files.list(&dir) else {
            return;
        };
        if segment.starts_with('.') && self.shell.flavour == Flavour::Busybox {
            // busybox finds the directory itself and the one above too.
            names.splice(0..0, [".".into(), "..".into()]);
        }
        let hidden = segment.starts_with('.') || self.shell.options.dotglob;
        for name in names {
            if next.len() >= NAMES_MAX {
                return;
            }
            if (name.starts_with('.') && !hidden) || !pattern::matches(segment, &name) {
                continue;
            }
            let name = joined(&name);
            let is_dir = || self.files.metadata(&path(&name)).is_ok_and(|found| found.is_dir());
            if last || is_dir() {
                next.push(name);
            }
        }
    }
}
