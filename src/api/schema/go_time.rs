//! Times as `metav1.Time` reads them: RFC 3339 with the complaints of Go's `time.Parse`.

use crate::api::time::Time;

const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";
const MICRO_LAYOUT: &str = "2006-01-02T15:04:05.000000Z07:00";

/// The stored form of a time: in UTC, to the second or to the microsecond.
pub(super) fn parse(text: &str, is_micro: bool) -> Result<String, String> {
    if is_stored_form(text, is_micro) {
        return Ok(text.into());
    }
    let layout = if is_micro { MICRO_LAYOUT } else { LAYOUT };
    let wrong = |rest: &str, part: &str| {
        let [text, layout, rest, part] = [text, layout, rest, part].map(crate::api::go::quote);
        format!("parsing time {text} as {layout}: cannot parse {rest} as {part}")
    };
    let mut rest = text;
    let mut numbers = [0i64; 6];
    let parts = [
        ("2006", 4, "-"),
        ("01", 2, "-"),
        ("02", 2, "T"),
        ("15", 2, ":"),
        ("04", 2, ":"),
        ("05", 2, ""),
    ];
    for (number, (part, length, separator)) in numbers.iter_mut().zip(parts) {
        let digits = rest.get(..length).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
        let digits = digits.ok_or_else(|| wrong(rest, part))?;
        *number = digits.parse().map_err(|_| wrong(rest, part))?;
        rest = rest.get(length..).unwrap_or_default();
        rest = rest.strip_prefix(separator).ok_or_else(|| wrong(rest, separator))?;
    }
    let mut micros = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
        let (digits, after) = fraction.split_at(end);
        let padded: String = digits.chars().chain("000000".chars()).take(6).collect();
        micros = padded.parse().unwrap_or(0);
        rest = after;
    } else if is_micro {
        return Err(wrong(rest, ".000000"));
    }
    let offset = zone(rest).ok_or_else(|| wrong(rest, "Z07:00"))?;
    if let Some(part) = out_of_range(&numbers) {
        let text = crate::api::go::quote(text);
        return Err(format!("parsing time {text}: {part} out of range"));
    }
    let [year, month, day, hour, minute, second] = numbers;
    let utc = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
    let seconds = Time::parse(&utc).map_or(0, |time| time.seconds()) - offset;
    let time = Time(seconds * 1_000_000 + micros);
    Ok(if is_micro { time.rfc3339_micro() } else { time.rfc3339() })
}

// What the server itself has written mostly comes back.
fn is_stored_form(text: &str, is_micro: bool) -> bool {
    let time = Time::parse(text);
    time.is_some_and(|time| text == if is_micro { time.rfc3339_micro() } else { time.rfc3339() })
}

/// Seconds east of Greenwich.
fn zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let number = |digits: &str| {
        let is_good = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        if is_good { digits.parse::<i64>().ok() } else { None }
    };
    Some(sign * (number(hours)? * 3600 + number(minutes)? * 60))
}

fn out_of_range(numbers: &[i64; 6]) -> Option<&'static str> {
    let [year, month, day, hour, minute, second] = *numbers;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    [
        ("month", (1..=12).contains(&month)),
        ("hour", hour < 24),
        ("minute", minute < 60),
        ("second", second < 60),
        ("day", (1..=days).contains(&day)),
    ]
    .into_iter()
    .find(|(_, is_good)| !is_good)
    .map(|(part, _)| part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_stored_in_utc() {
        let time = |text| parse(text, false);
        assert_eq!(time("2026-11-21T14:00:00Z"), Ok("2026-11-21T14:00:00Z".into()));
        assert_eq!(time("2026-11-21T14:00:00.5+02:00"), Ok("2026-11-21T12:00:00Z".into()));
        assert_eq!(
            time("yesterday"),
            Err("parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \
                 \"yesterday\" as \"2006\""
                .into())
        );
        assert_eq!(
            time("2026-13-21T14:00:00Z"),
            Err("parsing time \"2026-13-21T14:00:00Z\": month out of range".into())
        );
        assert_eq!(parse("2026-11-21T14:00:00.5Z", true), Ok("2026-11-21T14:00:00.500000Z".into()));
    }
}
