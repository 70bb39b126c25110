//! Names of container images.
//!
//! Models `pkg/util/parsers` over `github.com/distribution/reference`.

/// Whether an image is the `latest` one of its repository, by its tag or for want of one.
pub fn is_latest(image: &str) -> bool {
    if !is_valid(image) || image.contains('@') {
        return false;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    match name.split_once(':') {
        Some((_, tag)) => tag == "latest",
        None => true,
    }
}

/// Whether the name of an image can be read at all.
pub fn is_valid(image: &str) -> bool {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let start = name.rfind('/').map_or(0, |slash| slash + 1);
    let last = name.get(start..).unwrap_or_default();
    let (repository, tag) = match last.split_once(':') {
        Some((repository, tag)) => (repository, Some(tag)),
        None => (last, None),
    };
    let path = name.get(..start).unwrap_or_default().trim_end_matches('/');
    let mut components: Vec<&str> = path.split('/').filter(|c| !c.is_empty()).collect();
    if components.first().is_some_and(|c| c.contains(['.', ':']) || *c == "localhost") {
        components.remove(0);
    }
    components.iter().chain([&repository]).all(|component| is_component(component))
        && tag.is_none_or(is_tag)
        && digest.is_none_or(|digest| digest.contains(':'))
}

fn is_component(component: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    component.chars().all(allowed)
        && edge(component.chars().next())
        && edge(component.chars().next_back())
}

fn is_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= 128
        && tag.chars().next().is_some_and(word)
        && tag.chars().all(|c| word(c) || c == '.' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_decide_whether_an_image_is_the_latest() {
        for image in ["nginx", "nginx:latest", "registry.k8s.io:5000/a/b", "localhost/x"] {
            assert!(is_latest(image), "{image}");
        }
        for image in ["nginx:1.25", "nginx@sha256:00", "Nginx", "", "a b", "nginx:"] {
            assert!(!is_latest(image), "{image}");
        }
    }
}
