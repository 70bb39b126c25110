//! Durations as kubectl writes and reads them.
//!
//! Models `k8s.io/apimachinery/pkg/util/duration` and Go's `time.ParseDuration`.

use crate::api::time::{Duration, Time};

/// The AGE of something made at `then` (`duration.HumanDuration`); the future is `<invalid>`.
pub fn age(now: Time, then: Option<Time>) -> String {
    match then {
        None => "<unknown>".into(),
        Some(then) => human(now.0.saturating_sub(then.0)),
    }
}

/// Models duration.HumanDuration for a span of microseconds.
pub fn human(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    if seconds < -1 {
        return "<invalid>".into();
    }
    if seconds < 0 {
        return "0s".into();
    }
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        _ if seconds < 120 => format!("{seconds}s"),
        _ if minutes < 10 => two(minutes, 'm', seconds % 60, 's'),
        _ if minutes < 180 => format!("{minutes}m"),
        _ if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
        _ if hours < 48 => format!("{hours}h"),
        _ if days < 8 => two(days, 'd', hours % 24, 'h'),
        _ if days < 730 => format!("{days}d"),
        _ if days < 8 * 365 => two(days / 365, 'y', days % 365, 'd'),
        _ => format!("{}y", days / 365),
    }
}

fn two(large: i64, large_unit: char, small: i64, small_unit: char) -> String {
    match small {
        0 => format!("{large}{large_unit}"),
        small => format!("{large}{large_unit}{small}{small_unit}"),
    }
}

/// The longest `time.Duration`: so many nanoseconds.
const MAX: Duration = Duration::from_nanos(i64::MAX as u64);

/// Go's `time.ParseDuration` without signs: `1h30m`, `1.5s`, `0`; not more than a `time.Duration`
/// holds.
pub fn parse(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut total = 0f64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let seconds = match &rest[..unit] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number * seconds;
        rest = &rest[unit..];
    }
    Duration::try_from_secs_f64(total).ok().filter(|span| *span <= MAX)
}

/// Go's `time.Duration.String` for whole seconds: `1m30s`, `0s`.
pub fn go(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match duration.subsec_millis() {
        0 => String::new(),
        millis => format!(".{millis:03}").trim_end_matches('0').to_string(),
    };
    match (h, m) {
        (0, 0) if s == 0 && !fraction.is_empty() => format!("{}ms", duration.subsec_millis()),
        (0, 0) => format!("{s}{fraction}s"),
        (0, m) => format!("{m}m{s}{fraction}s"),
        (h, m) => format!("{h}h{m}m{s}{fraction}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_those_of_human_duration() {
        let cases = [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (599, "9m59s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (14_460, "4h1m"),
            (28_800, "8h"),
            (172_800, "2d"),
            (176_400, "2d1h"),
            (63_072_000, "2y"),
        ];
        for (seconds, text) in cases {
            assert_eq!(human(seconds * 1_000_000), text);
        }
        assert_eq!(human(-3_000_000), "<invalid>");
    }

    #[test]
    fn durations_are_read_as_go_does() {
        assert_eq!(parse("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(parse("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(parse("soon"), None);
        assert_eq!(parse("5"), None);
        assert_eq!(parse("2562047h47m16s"), Some(Duration::from_secs(9_223_372_036)));
        assert_eq!(parse("2562047h47m17s"), None);
        assert_eq!(go(Duration::from_secs(90)), "1m30s");
    }
}
