//! Instants and spans of the simulated clock.
//!
//! Models `metav1.Time` and `metav1.MicroTime`. The kernel alone knows what time it is; everyone
//! else is told. Fractions below a microsecond do not exist.

pub use std::time::Duration;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// Where every session starts unless told otherwise: 2026-11-21T14:00:00Z.
    pub const START: Time = Time(1_795_269_600_000_000);

    /// The instant `span` later, or the last there is.
    pub fn after(self, span: Duration) -> Time {
        Time(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The span from `earlier` to this instant; zero if it lies in the future.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0).max(0) as u64)
    }

    /// Whole milliseconds since 1970, as files have them.
    pub fn milliseconds(self) -> u64 {
        u64::try_from(self.0 / 1000).unwrap_or_default()
    }

    /// Milliseconds since 1970, rounded up: when to look again.
    pub fn milliseconds_up(self) -> u64 {
        u64::try_from(self.0).unwrap_or_default().div_ceil(1000)
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Year, month, day, hour, minute, second in UTC.
    pub fn civil(self) -> (i64, u32, u32, u32, u32, u32) {
        let seconds = self.seconds();
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
        let (year, month, day) = civil_from_days(days);
        (year, month, day, rest / 3600, rest / 60 % 60, rest % 60)
    }

    /// `2026-11-21T14:00:00Z`, as API objects carry times.
    pub fn rfc3339(self) -> String {
        let (y, mo, d, h, mi, s) = self.civil();
        let mut text = String::with_capacity(20);
        // Written by hand: it is asked for with every write.
        match u32::try_from(y) {
            Ok(y @ ..=9999) => {
                push_two(&mut text, y / 100);
                push_two(&mut text, y % 100);
            }
            _ => text = format!("{y:04}"),
        }
        for (mark, number) in [('-', mo), ('-', d), ('T', h), (':', mi), (':', s)] {
            text.push(mark);
            push_two(&mut text, number);
        }
        text.push('Z');
        text
    }

    /// `2026-11-21T14:00:00.000000Z`, the form of MicroTime.
    pub fn rfc3339_micro(self) -> String {
        let mut text = self.rfc3339();
        text.pop();
        text.push('.');
        let micros = self.0.rem_euclid(1_000_000) as u32;
        for number in [micros / 10_000, micros / 100 % 100, micros % 100] {
            push_two(&mut text, number);
        }
        text.push('Z');
        text
    }

    /// `Sat, 21 Nov 2026 14:00:00 +0000`, as kubectl describe writes times.
    pub fn rfc1123z(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let (y, mo, d, h, mi, s) = self.civil();
        let weekday = DAYS[self.seconds().div_euclid(86_400).rem_euclid(7) as usize];
        let month = MONTHS[mo as usize - 1];
        format!("{weekday}, {d:02} {month} {y:04} {h:02}:{mi:02}:{s:02} +0000")
    }

    /// Reads RFC 3339 in UTC, with or without a fraction.
    pub fn parse(text: &str) -> Option<Time> {
        if let Some(time) = parse_regular(text) {
            return Some(time);
        }
        let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
        let date: Vec<i64> = numbers(date, '-')?;
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let clock: Vec<i64> = numbers(clock, ':')?;
        let ([y, mo, d], [h, mi, s]) = (date.try_into().ok()?, clock.try_into().ok()?);
        if !(1..=12).contains(&mo) || !(1..=31).contains(&d) || h > 23 || mi > 59 || s > 60 {
            return None;
        }
        let micros: i64 = if fraction.is_empty() {
            0
        } else {
            let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
            digits.parse().ok()?
        };
        let seconds = days_from_civil(y, mo, d) * 86_400 + h * 3600 + mi * 60 + s;
        Some(Time(seconds.checked_mul(1_000_000)?.checked_add(micros)?))
    }
}

fn push_two(text: &mut String, number: u32) {
    text.extend([number / 10 % 10, number % 10].map(|digit| char::from(b'0' + digit as u8)));
}

// What `rfc3339` and `rfc3339_micro` write, read quickly.
fn parse_regular(text: &str) -> Option<Time> {
    let (bytes, rest) = text.as_bytes().split_first_chunk::<19>()?;
    let micros = match rest {
        b"Z" => 0,
        [b'.', digits @ .., b'Z'] if digits.len() == 6 => decimal(digits)?,
        _ => return None,
    };
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|(at, mark)| bytes[*at] != *mark) {
        return None;
    }
    let two = |at: usize| decimal(&bytes[at..at + 2]);
    let (y, mo, d) = (decimal(&bytes[..4])?, two(5)?, two(8)?);
    let (h, mi, s) = (two(11)?, two(14)?, two(17)?);
    if !(1..=12).contains(&mo) || !(1..=31).contains(&d) || h > 23 || mi > 59 || s > 60 {
        return None;
    }
    let seconds = days_from_civil(y, mo, d) * 86_400 + h * 3600 + mi * 60 + s;
    Some(Time(seconds * 1_000_000 + micros))
}

fn decimal(digits: &[u8]) -> Option<i64> {
    let digit = |digit: &u8| digit.is_ascii_digit().then(|| i64::from(digit - b'0'));
    digits.iter().try_fold(0, |number, next| Some(number * 10 + digit(next)?))
}

fn numbers(text: &str, separator: char) -> Option<Vec<i64>> {
    text.split(separator).map(|part| part.parse::<u32>().ok().map(i64::from)).collect()
}

// The proleptic Gregorian calendar in eras of 400 years, which all have the same length.
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month + 2) / 5 + 1) as u32;
    let month = if month < 10 { month + 3 } else { month - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_starts_where_it_says() {
        assert_eq!(Time::START.rfc3339(), "2026-11-21T14:00:00Z");
        assert_eq!(Time::START.rfc1123z(), "Sat, 21 Nov 2026 14:00:00 +0000");
        assert_eq!(Time::parse("2026-11-21T14:00:00Z"), Some(Time::START));
        assert_eq!(Time::parse("2026-11-21T14:00:00.25Z"), Some(Time(Time::START.0 + 250_000)));
        assert_eq!(Time::START.after(Duration::MAX), Time(i64::MAX));
        assert_eq!(Time::parse("294247-01-10T04:00:54.999999Z"), None);
        for micros in [0, 7, 250_000, 999_999] {
            let time = Time(Time::START.0 + micros);
            assert_eq!(time.rfc3339_micro(), format!("2026-11-21T14:00:00.{micros:06}Z"));
            assert_eq!(Time::parse(&time.rfc3339_micro()), Some(time));
        }
        assert_eq!(Time::parse("yesterday"), None);
        assert_eq!(Time::parse("2026-13-21T14:00:00Z"), None);
        for text in ["0007-03-01T23:59:59Z", "1969-12-31T23:59:59Z", "9999-12-31T00:00:00Z"] {
            assert_eq!(Time::parse(text).map(Time::rfc3339).as_deref(), Some(text));
        }
    }
}
