//! HTTP as far as servers and clients here speak it.

use crate::api::time::Time;

/// A request that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`
    pub method: String,
    /// As sent, with the query.
    pub target: String,
    /// `HTTP/1.1`
    pub version: String,
    headers: Vec<(String, String)>,
    /// How long its head was.
    pub head_length: usize,
    /// How long its body is to be.
    pub body_length: usize,
}

/// A response that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// `HTTP/1.1 404 Not Found`
    pub status_line: String,
    /// 404
    pub code: u32,
    /// Head lines after the first.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

fn head(bytes: &[u8]) -> Option<(&str, usize)> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n");
    let (end, length) = match end {
        Some(end) => (end, end + 4),
        None => {
            let end = bytes.windows(2).position(|w| w == b"\n\n")?;
            (end, end + 2)
        }
    };
    Some((std::str::from_utf8(&bytes[..end]).ok()?, length))
}

fn headers<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    lines
        .filter_map(|line| line.trim_end_matches('\r').split_once(':'))
        .map(|(name, value)| (name.trim().to_string(), value.trim().to_string()))
        .collect()
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

impl Request {
    /// Reads a request's head, if all of it is there.
    pub fn parse(bytes: &[u8]) -> Option<Request> {
        let (text, head_length) = head(bytes)?;
        let mut lines = text.lines();
        let mut words = lines.next()?.split_whitespace();
        let (method, target) = (words.next()?.to_string(), words.next()?.to_string());
        let version = words.next().unwrap_or("HTTP/1.0").to_string();
        let headers = headers(lines);
        let length = find(&headers, "Content-Length").and_then(|text| text.parse().ok());
        let body_length = length.unwrap_or(0);
        Some(Request { method, target, version, headers, head_length, body_length })
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }
}

impl Response {
    /// Reads a response, if all of it is there; `closed` says that no more will come.
    pub fn parse(bytes: &[u8], closed: bool) -> Option<Response> {
        let (text, head_length) = head(bytes)?;
        let mut lines = text.lines();
        let status_line = lines.next()?.trim_end().to_string();
        let code = status_line.split_whitespace().nth(1)?.parse().ok()?;
        let headers = headers(lines);
        let rest = &bytes[head_length..];
        let length = find(&headers, "Content-Length").and_then(|text| text.parse::<usize>().ok());
        let body = match length {
            Some(length) if rest.len() >= length => rest[..length].to_vec(),
            _ if closed => rest.to_vec(),
            _ => return None,
        };
        Some(Response { status_line, code, headers, body })
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// The words that go with a code.
pub fn reason(code: u32) -> &'static str {
    match code {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Not Allowed",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Temporarily Unavailable",
        _ => "Unknown",
    }
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Sat, 21 Nov 2026 14:00:00 GMT`
pub fn date(time: Time) -> String {
    let (year, month, day, hour, minute, second) = time.civil();
    let weekday = DAYS[time.seconds().div_euclid(86_400).rem_euclid(7) as usize];
    let month = MONTHS[(month.clamp(1, 12) - 1) as usize];
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

/// `21/Nov/2026:14:00:00 +0000`, as access logs have it.
pub fn log_date(time: Time) -> String {
    let (year, month, day, hour, minute, second) = time.civil();
    let month = MONTHS[(month.clamp(1, 12) - 1) as usize];
    format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// `2026/11/21 14:00:00`, as nginx's error log has it.
pub fn error_date(time: Time) -> String {
    let (year, month, day, hour, minute, second) = time.civil();
    format!("{year}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// `%41` and the like decoded.
pub fn decode(path: &str) -> String {
    let (bytes, mut out, mut index) = (path.as_bytes(), Vec::new(), 0);
    while index < bytes.len() {
        let hex = path.get(index + 1..index + 3).and_then(|h| u8::from_str_radix(h, 16).ok());
        match (bytes[index], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                index += 3;
            }
            (byte, _) => {
                out.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_named() {
        assert_eq!(date(Time::START), "Sat, 21 Nov 2026 14:00:00 GMT");
        assert_eq!(log_date(Time::START), "21/Nov/2026:14:00:00 +0000");
    }

    #[test]
    fn messages_are_read_when_complete() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(
            Response::parse(text, false).map(|r| (r.code, r.body)),
            Some((200, b"hi".into()))
        );
        assert_eq!(Response::parse(&text[..text.len() - 1], false), None);
        let request = Request::parse(b"GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n").expect("complete");
        assert_eq!((request.path(), request.header("host")), ("/a", Some("x")));
        assert_eq!(decode("/a%20b%"), "/a b%");
    }
}
