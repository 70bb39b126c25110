//! Names of images.
//!
//! Models `github.com/distribution/reference` as the kubelet uses it (`parsers.ParseImageName`).

use crate::api::value::EcoString;

/// A full name of an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// `docker.io/library/nginx`
    pub repository: EcoString,
    /// `1.25`; `latest` if neither tag nor digest was given.
    pub tag: EcoString,
    /// `sha256:…`, "" if none was given.
    pub digest: EcoString,
}

/// The name is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid;

impl Reference {
    /// Reads a name as a manifest has it.
    pub fn parse(name: &str) -> Result<Reference, Invalid> {
        let (rest, digest) = match name.split_once('@') {
            Some((rest, digest)) => (rest, digest),
            None => (name, ""),
        };
        let (path, tag) = match rest.rfind(':') {
            Some(at) if !rest[at..].contains('/') => (&rest[..at], &rest[at + 1..]),
            _ => (rest, ""),
        };
        let tag_given = path.len() != rest.len();
        let valid_digest = digest.strip_prefix("sha256:").is_some_and(|hex| {
            hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        });
        let digest_given = name.contains('@');
        if (tag_given && !is_tag(tag)) || (digest_given && !valid_digest) {
            return Err(Invalid);
        }
        let repository = full_repository(path).ok_or(Invalid)?;
        let tag = if tag.is_empty() && digest.is_empty() { "latest" } else { tag };
        Ok(Reference { repository, tag: tag.into(), digest: digest.into() })
    }

    /// The last part of the repository's name.
    pub fn base_name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or_default()
    }

    /// A digest that follows from the name: there are no real bytes to digest.
    pub fn made_up_digest(&self) -> EcoString {
        let text = format!("{}:{}", self.repository, self.tag);
        let words = (0u64..4).map(|salt| {
            let start = 0xcbf2_9ce4_8422_2325u64 ^ salt.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            let hash = text.bytes().fold(start, fold);
            format!("{:016x}", hash ^ (hash >> 29))
        });
        format!("sha256:{}", words.collect::<String>()).into()
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.repository)?;
        if !self.tag.is_empty() {
            write!(f, ":{}", self.tag)?;
        }
        if !self.digest.is_empty() {
            write!(f, "@{}", self.digest)?;
        }
        Ok(())
    }
}

fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut bytes = tag.bytes();
    bytes.next().is_some_and(word)
        && bytes.all(|b| word(b) || b == b'.' || b == b'-')
        && tag.len() <= 128
}

// Adds the registry and, for Docker Hub, the library that a short name leaves out.
fn full_repository(path: &str) -> Option<EcoString> {
    let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
    let (host, rest) = match path.split_once('/') {
        Some((host, rest)) if is_host(host) => (host, rest.to_string()),
        Some(_) => ("docker.io", path.to_string()),
        None => ("docker.io", format!("library/{path}")),
    };
    let part = |part: &str| {
        let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        edge(part.bytes().next())
            && edge(part.bytes().last())
            && part.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-')
            })
    };
    rest.split('/').all(part).then(|| format!("{host}/{rest}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(name: &str) -> Result<String, Invalid> {
        Reference::parse(name).map(|reference| reference.to_string())
    }

    #[test]
    fn short_names_are_completed() {
        assert_eq!(full("nginx").as_deref(), Ok("docker.io/library/nginx:latest"));
        assert_eq!(full("a/b:1").as_deref(), Ok("docker.io/a/b:1"));
        assert_eq!(full("registry.local:5000/b").as_deref(), Ok("registry.local:5000/b:latest"));
    }

    #[test]
    fn names_that_are_none_are_refused() {
        for name in ["nginx:one:two", "Bad", "a b", "nginx:", "nginx@sha256:12", "", "a//b"] {
            assert_eq!(full(name), Err(Invalid), "{name}");
        }
    }
}
