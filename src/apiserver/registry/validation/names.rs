//! Names, label keys and values, port names.
//!
//! Models `k8s.io/apimachinery/pkg/util/validation/validation.go`: each function gives the
//! sentences about what is wrong, none if the text is fine.

use super::Errors;
use crate::api::status::FieldError;

const LABEL_FORMAT: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED_FORMAT: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

/// Adds `Invalid value: text: sentence` for each sentence.
pub fn add(errors: &mut Errors, path: &str, text: &str, sentences: Vec<String>) {
    let invalid = |sentence: String| FieldError::invalid(path, &text.into(), &sentence);
    errors.extend(sentences.into_iter().map(invalid));
}

// Models validation.RegexError.
fn mismatch(message: &str, format: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|e| format!("'{e}', ")).collect();
    let examples = examples.join(" or ");
    format!("{message} (e.g. {examples}regex used for validation is '{format}')")
}

fn is_lower_or_digit(c: u8) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn matches_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edges = bytes.first().zip(bytes.last());
    edges.is_some_and(|(a, b)| is_lower_or_digit(*a) && is_lower_or_digit(*b))
        && bytes.iter().all(|c| is_lower_or_digit(*c) || *c == b'-')
}

fn matches_subdomain(text: &str) -> bool {
    text.split('.').all(matches_label)
}

/// A domain to search in (`IsDNS1123SubdomainWithUnderScore`).
pub fn dns_search_domain(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    if text.len() > 253 {
        sentences.push("must be no more than 253 characters".to_owned());
    }
    let fits = |label: &str| {
        let rest = label.strip_prefix('_').unwrap_or(label);
        matches_label(&rest.replace('_', "-")) && !rest.starts_with('_') && !rest.ends_with('_')
    };
    if !text.split('.').all(fits) {
        let label = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
        sentences.push(mismatch(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \
             '-', '_' or '.', and must start and end with an alphanumeric character",
            &format!("{label}(\\.{label})*"),
            &["example.com"],
        ));
    }
    sentences
}

/// `IsDNS1123Label`
pub fn dns_label(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    if text.len() > 63 {
        sentences.push("must be no more than 63 characters".to_owned());
    }
    if matches_label(text) {
        return sentences;
    }
    sentences.push(match matches_subdomain(text) {
        true => "must not contain dots".to_owned(),
        false => mismatch(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \
             '-', and must start and end with an alphanumeric character",
            LABEL_FORMAT,
            &["my-name", "123-abc"],
        ),
    });
    sentences
}

/// `IsDNS1123Subdomain`
pub fn dns_subdomain(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    if text.len() > 253 {
        sentences.push("must be no more than 253 characters".to_owned());
    }
    if !matches_subdomain(text) {
        sentences.push(mismatch(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \
             '-' or '.', and must start and end with an alphanumeric character",
            &format!("{LABEL_FORMAT}(\\.{LABEL_FORMAT})*"),
            &["example.com"],
        ));
    }
    sentences
}

fn matches_qualified(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edges = bytes.first().zip(bytes.last());
    edges.is_some_and(|(a, b)| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())
        && bytes.iter().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(c))
}

fn qualified_mismatch() -> String {
    mismatch(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with \
         an alphanumeric character",
        QUALIFIED_FORMAT,
        &["MyName", "my.name", "123-abc"],
    )
}

/// `IsQualifiedName`
pub fn qualified_name(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split('/').collect();
    let mut sentences = Vec::new();
    let name = match parts.as_slice() {
        [name] => *name,
        ["", name] => {
            sentences.push("prefix part must be non-empty".to_owned());
            *name
        }
        [prefix, name] => {
            sentences.extend(dns_subdomain(prefix).iter().map(|s| format!("prefix part {s}")));
            *name
        }
        _ => {
            return vec![format!(
                "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')",
                qualified_mismatch()
            )];
        }
    };
    if name.is_empty() {
        sentences.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        sentences.push("name part must be no more than 63 bytes".to_owned());
    }
    if !matches_qualified(name) {
        sentences.push(format!("name part {}", qualified_mismatch()));
    }
    sentences
}

/// `IsValidLabelValue`
pub fn label_value(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    if text.len() > 63 {
        sentences.push("must be no more than 63 bytes".to_owned());
    }
    if !text.is_empty() && !matches_qualified(text) {
        sentences.push(mismatch(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', \
             '_' or '.', and must start and end with an alphanumeric character",
            "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
            &["MyValue", "my_value", "12345"],
        ));
    }
    sentences
}

/// `IsValidPortName`
pub fn port_name(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    if text.len() > 15 {
        sentences.push("must be no more than 15 characters".to_owned());
    }
    let is_word = |c: u8| is_lower_or_digit(c) || c == b'-';
    if text.is_empty() || !text.bytes().all(is_word) {
        let words = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        sentences.push(words.to_owned());
    }
    if !text.bytes().any(|c| c.is_ascii_lowercase()) {
        sentences.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        sentences.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        sentences.push("must not begin or end with a hyphen".to_owned());
    }
    sentences
}

/// `IsRelaxedEnvVarName`
pub fn environment_name(text: &str) -> Vec<String> {
    let is_fine = |c: char| (' '..='~').contains(&c) && c != '=';
    if text.chars().all(is_fine) {
        return Vec::new();
    }
    vec![
        "a valid environment variable name must consist only of printable ASCII characters other \
         than '='"
            .to_owned(),
    ]
}

/// `IsConfigMapKey`
pub fn config_key(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    if text.len() > 253 {
        sentences.push("must be no more than 253 characters".to_owned());
    }
    let is_word = |c: u8| c.is_ascii_alphanumeric() || b"-._".contains(&c);
    if text.is_empty() || !text.bytes().all(is_word) {
        sentences.push(mismatch(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            "[-._a-zA-Z0-9]+",
            &["key.name", "KEY_NAME", "key-name"],
        ));
        return sentences;
    }
    match text {
        "." => sentences.push("must not be '.'".to_owned()),
        ".." => sentences.push("must not be '..'".to_owned()),
        text if text.starts_with("..") => {
            sentences.push("must not start with '..'".to_owned());
        }
        _ => {}
    }
    sentences
}

/// `IsValidIP`
pub fn ip_address(text: &str) -> Vec<String> {
    match text.parse::<std::net::IpAddr>() {
        Ok(_) => Vec::new(),
        Err(_) => {
            vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".to_owned()]
        }
    }
}

/// `IsValidCIDR`
pub fn cidr(text: &str) -> Vec<String> {
    let is_valid = text.split_once('/').is_some_and(|(address, length)| {
        let most = match address.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(_)) => 32,
            Ok(std::net::IpAddr::V6(_)) => 128,
            Err(_) => return false,
        };
        let is_plain = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        is_plain && length.parse::<u8>().is_ok_and(|length| length <= most)
    });
    match is_valid {
        true => Vec::new(),
        false => vec!["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)".to_owned()],
    }
}

/// `IsHTTPHeaderName`
pub fn header_name(text: &str) -> Vec<String> {
    let is_word = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
    if !text.is_empty() && text.bytes().all(is_word) {
        return Vec::new();
    }
    vec![mismatch(
        "a valid HTTP header must consist of alphanumeric characters or '-'",
        "[-A-Za-z0-9]+",
        &["X-Header-Name"],
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_upstream_does() {
        assert!(dns_label("web-1").is_empty());
        assert_eq!(dns_label("web.a"), ["must not contain dots"]);
        assert!(dns_label("Web")[0].ends_with("'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"));
        assert!(dns_subdomain("a.b-c").is_empty());
        assert!(qualified_name("example.com/My.Name").is_empty());
        assert_eq!(qualified_name("/a"), ["prefix part must be non-empty"]);
        assert_eq!(qualified_name("").len(), 2);
        assert!(label_value("").is_empty());
        assert_eq!(label_value(&"a".repeat(64)), ["must be no more than 63 bytes"]);
        assert_eq!(port_name("81"), ["must contain at least one letter (a-z)"]);
        assert!(environment_name("1A b.c-d").is_empty());
        assert_eq!(environment_name("A=B").len(), 1);
    }
}
