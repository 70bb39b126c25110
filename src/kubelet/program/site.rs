//! What an nginx serves: its configuration files, read again when it starts or is reloaded.
//!
//! Understood are `server`, `listen`, `root`, `index`, `location` with `root`, `alias`, `return`
//! and `autoindex off`; a request that meets anything else is answered with 501.

use crate::api::value::EcoString;
use crate::script::files::FileSystem;

/// One `server` block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// Port listened on.
    pub ports: Vec<u16>,
    /// Directory of the files.
    pub root: EcoString,
    /// Names tried for a directory.
    pub index: Vec<EcoString>,
    /// `location` blocks in order.
    pub locations: Vec<Location>,
}

/// One `location` block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// Path or prefix.
    pub path: EcoString,
    /// `location = /path`
    pub exact: bool,
    /// Another root.
    pub root: Option<EcoString>,
    /// The directory that takes the place of the path.
    pub alias: Option<EcoString>,
    /// `return 200 text`
    pub answer: Option<(u32, EcoString)>,
    /// A directive that is not simulated.
    pub unknown: Option<EcoString>,
}

impl Default for Site {
    fn default() -> Self {
        Site {
            ports: vec![80],
            root: "/usr/share/nginx/html".into(),
            index: vec!["index.html".into(), "index.htm".into()],
            locations: Vec::new(),
        }
    }
}

/// A directive with its words and, of a block, what is inside.
#[derive(Debug)]
struct Directive {
    words: Vec<String>,
    block: Vec<Directive>,
}

/// The sites of the configuration in these files; an error if it cannot be read.
pub fn sites(files: &dyn FileSystem) -> Result<Vec<Site>, String> {
    let path = "/etc/nginx/nginx.conf";
    let main = directives(files, path)?;
    let mut sites = Vec::new();
    collect(files, &main, &mut sites, 0)?;
    // Thousands of servers keep theirs.
    sites.shrink_to_fit();
    sites.iter_mut().for_each(|site| site.locations.shrink_to_fit());
    Ok(sites)
}

fn directives(files: &dyn FileSystem, path: &str) -> Result<Vec<Directive>, String> {
    let bytes = files
        .read(path)
        .map_err(|error| format!("open() \"{path}\" failed (2: {})", error.words()))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut tokens = tokens(&text).into_iter().peekable();
    block(&mut tokens, 0).ok_or_else(|| format!("unexpected end of file in {path}"))
}

fn collect(
    files: &dyn FileSystem,
    directives_: &[Directive],
    sites: &mut Vec<Site>,
    depth: u32,
) -> Result<(), String> {
    for directive in directives_ {
        let words: Vec<&str> = directive.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["http"] => collect(files, &directive.block, sites, depth)?,
            ["server"] => sites.push(site(&directive.block)),
            ["include", pattern] if depth < 5 => {
                for path in matching(files, pattern) {
                    collect(files, &directives(files, &path)?, sites, depth + 1)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

// Files that `dir/*.conf` stands for.
fn matching(files: &dyn FileSystem, pattern: &str) -> Vec<String> {
    let pattern = match pattern.starts_with('/') {
        true => pattern.to_string(),
        false => format!("/etc/nginx/{pattern}"),
    };
    let (directory, name) = pattern.rsplit_once('/').unwrap_or(("", &pattern));
    let Some((start, end)) = name.split_once('*') else {
        return if files.exists(&pattern) { vec![pattern] } else { Vec::new() };
    };
    let names = files.list(directory).unwrap_or_default();
    let fits = |name: &&EcoString| {
        name.starts_with(start) && name.ends_with(end) && !name.starts_with('.')
    };
    names.iter().filter(fits).map(|name| format!("{directory}/{name}")).collect()
}

fn site(block: &[Directive]) -> Site {
    let mut site = Site { ports: Vec::new(), ..Site::default() };
    for directive in block {
        let words: Vec<&str> = directive.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["listen", port, ..] => {
                let port = port.rsplit(':').next().unwrap_or(port);
                site.ports.extend(port.parse::<u16>());
            }
            ["root", root] => site.root = (*root).into(),
            ["index", names @ ..] => site.index = names.iter().map(|n| (*n).into()).collect(),
            ["location", "=", path] => site.locations.push(location(path, true, directive)),
            ["location", "^~", path] | ["location", path] => {
                site.locations.push(location(path, false, directive));
            }
            ["location", ..] => {
                let mut found = location("/", false, directive);
                found.unknown = Some("location with a pattern".into());
                site.locations.push(found);
            }
            _ => {}
        }
    }
    site.ports.dedup();
    if site.ports.is_empty() {
        site.ports.push(80);
    }
    site
}

fn location(path: &str, exact: bool, directive: &Directive) -> Location {
    let mut location =
        Location { path: path.into(), exact, root: None, alias: None, answer: None, unknown: None };
    for inner in &directive.block {
        let words: Vec<&str> = inner.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["root", root] => location.root = Some((*root).into()),
            ["alias", alias] => location.alias = Some((*alias).into()),
            ["return", code] => location.answer = code.parse().ok().map(|c| (c, EcoString::new())),
            ["return", code, text] => {
                location.answer = code.parse().ok().map(|c| (c, (*text).into()));
            }
            ["index", ..]
            | ["autoindex", "off"]
            | ["access_log", ..]
            | ["error_log", ..]
            | ["default_type", ..]
            | ["add_header", ..] => {}
            [name, ..] => location.unknown = Some((*name).into()),
            [] => {}
        }
    }
    location
}

impl Site {
    /// The location that a path falls into: an exact one, else the longest prefix.
    pub fn location(&self, path: &str) -> Option<&Location> {
        let exact = self.locations.iter().find(|l| l.exact && l.path == path);
        let prefixes = self.locations.iter().filter(|l| !l.exact && path.starts_with(&*l.path));
        exact.or_else(|| prefixes.max_by_key(|l| l.path.len()))
    }

    /// The file behind a path.
    pub fn file(&self, path: &str) -> String {
        let location = self.location(path);
        match location.and_then(|l| l.alias.as_ref().map(|alias| (l, alias))) {
            Some((location, alias)) => format!("{alias}{}", &path[location.path.len()..]),
            None => {
                let root = location.and_then(|l| l.root.as_ref()).unwrap_or(&self.root);
                format!("{root}{path}")
            }
        }
    }
}

fn tokens(text: &str) -> Vec<String> {
    let (mut tokens, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut chars = text.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), '\\') => match chars.next() {
                Some('n') => word.push('\n'),
                Some(other) => word.push(other),
                None => {}
            },
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') if word.is_empty() => {
                quote = Some(c);
                quoted = true;
            }
            (None, '#') if word.is_empty() => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        break;
                    }
                }
            }
            (None, c) if c.is_whitespace() || matches!(c, ';' | '{' | '}') => {
                if !word.is_empty() || quoted {
                    tokens.push(std::mem::take(&mut word));
                    quoted = false;
                }
                if !c.is_whitespace() {
                    tokens.push(c.to_string());
                }
            }
            (None, c) => word.push(c),
        }
    }
    tokens
}

fn block(
    tokens: &mut std::iter::Peekable<std::vec::IntoIter<String>>,
    depth: u32,
) -> Option<Vec<Directive>> {
    let (mut found, mut words) = (Vec::new(), Vec::new());
    while let Some(token) = tokens.next() {
        match token.as_str() {
            ";" => {
                let words = std::mem::take(&mut words);
                found.push(Directive { words, block: Vec::new() });
            }
            "{" if depth < 10 => {
                let words = std::mem::take(&mut words);
                found.push(Directive { words, block: block(tokens, depth + 1)? });
            }
            "}" => return (depth > 0).then_some(found),
            _ => words.push(token),
        }
    }
    (depth == 0 && words.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::files::Tree;

    #[test]
    fn a_server_block_is_understood() {
        let files = Tree::with_files(&[
            ("/etc/nginx/nginx.conf", "http { include /etc/nginx/conf.d/*.conf; }"),
            (
                "/etc/nginx/conf.d/a.conf",
                "server { listen 8080; root /srv; location /up { return 200 \"yes\\n\"; } \
                 location /api { proxy_pass http://x; } }",
            ),
        ]);
        let sites = sites(&files).expect("readable");
        assert_eq!((sites.len(), sites[0].ports.as_slice()), (1, &[8080][..]));
        assert_eq!(sites[0].file("/a"), "/srv/a");
        let up = sites[0].location("/up").and_then(|l| l.answer.clone());
        assert_eq!(up, Some((200, "yes\n".into())));
        assert_eq!(
            sites[0].location("/api/1").and_then(|l| l.unknown.clone()),
            Some("proxy_pass".into())
        );
    }

    #[test]
    fn an_unfinished_block_is_an_error() {
        let files = Tree::with_files(&[("/etc/nginx/nginx.conf", "http { server {")]);
        assert!(sites(&files).is_err());
    }
}
