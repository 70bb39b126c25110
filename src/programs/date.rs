//! `date`: the calendar, formats, and the dates people write.

use ecow::EcoString;

use super::context::{Context, Whole};
use super::options::{Known, parse};
use crate::script::Flavour;

/// A moment in parts, in UTC (the only zone here).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parts {
    /// Year.
    pub year: i64,
    /// Month, from 1.
    pub month: i64,
    /// Day of the month, from 1.
    pub day: i64,
    /// Hour.
    pub hour: i64,
    /// Minute.
    pub minute: i64,
    /// Second.
    pub second: i64,
    /// Nanosecond.
    pub nanosecond: i64,
    /// Days since 1970-01-01.
    pub days: i64,
}

const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Takes milliseconds since 1970 apart.
pub fn parts(ms: i64) -> Parts {
    let days = ms.div_euclid(86_400_000);
    let rest = ms.rem_euclid(86_400_000);
    // Days of a year that begins in March, so that leap days come last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Parts {
        year,
        month,
        day: of_year - (153 * march_month + 2) / 5 + 1,
        hour: rest / 3_600_000,
        minute: rest / 60_000 % 60,
        second: rest / 1000 % 60,
        nanosecond: rest % 1000 * 1_000_000,
        days,
    }
}

/// Days from 1970-01-01 to a date.
pub fn days_from(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let march_month = (month + 9) % 12;
    let of_year = (153 * march_month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A moment by the conversions of strftime.
pub fn format(format: &str, ms: i64) -> String {
    let at = parts(ms);
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut flag = None;
        let mut width = String::new();
        let mut letter = chars.next();
        while let Some(c) = letter.filter(|c| matches!(c, '-' | '_' | '0'..='9' | ':' | '^' | '#'))
        {
            if c.is_ascii_digit() && !(width.is_empty() && c == '0') {
                width.push(c);
            } else {
                flag = Some(c);
            }
            letter = chars.next();
        }
        match letter {
            Some('N') => {
                let digits: usize = width.parse().unwrap_or(9);
                let text = format!("{:09}", at.nanosecond);
                out.extend(text.chars().take(digits));
            }
            Some(letter) => one(letter, flag, &at, ms, &mut out),
            None => out.push('%'),
        }
    }
    out
}

fn one(letter: char, flag: Option<char>, at: &Parts, ms: i64, out: &mut String) {
    let weekday = (at.days + 4).rem_euclid(7);
    let name =
        |names: &[&str], index: i64| names.get(index as usize).copied().unwrap_or("").to_owned();
    let short = |text: String| text.chars().take(3).collect::<String>();
    let of_year = at.days - days_from(at.year, 1, 1);
    let twelve = if at.hour % 12 == 0 { 12 } else { at.hour % 12 };
    let mut number = |value: i64, width: usize, pad: char| {
        let pad = match flag {
            Some('-') => None,
            Some('_') => Some(' '),
            Some('0') => Some('0'),
            _ => Some(pad),
        };
        out.push_str(&match pad {
            None => value.to_string(),
            Some('0') => format!("{value:0width$}"),
            Some(_) => format!("{value:width$}"),
        });
    };
    match letter {
        'Y' => number(at.year, 1, '0'),
        'C' => number(at.year / 100, 2, '0'),
        'y' => number(at.year.rem_euclid(100), 2, '0'),
        'm' => number(at.month, 2, '0'),
        'd' => number(at.day, 2, '0'),
        'e' => number(at.day, 2, ' '),
        'H' => number(at.hour, 2, '0'),
        'k' => number(at.hour, 2, ' '),
        'I' => number(twelve, 2, '0'),
        'l' => number(twelve, 2, ' '),
        'M' => number(at.minute, 2, '0'),
        'S' => number(at.second, 2, '0'),
        'j' => number(of_year + 1, 3, '0'),
        'u' => number(if weekday == 0 { 7 } else { weekday }, 1, '0'),
        'w' => number(weekday, 1, '0'),
        's' => number(ms.div_euclid(1000), 1, '0'),
        'U' => number((of_year + 7 - weekday) / 7, 2, '0'),
        'W' => number((of_year + 7 - (weekday + 6) % 7) / 7, 2, '0'),
        'V' => number(iso_week(at.days, at.year), 2, '0'),
        'A' => out.push_str(&name(&WEEKDAYS, weekday)),
        'a' => out.push_str(&short(name(&WEEKDAYS, weekday))),
        'B' => out.push_str(&name(&MONTHS, at.month - 1)),
        'b' | 'h' => out.push_str(&short(name(&MONTHS, at.month - 1))),
        'p' => out.push_str(if at.hour < 12 { "AM" } else { "PM" }),
        'P' => out.push_str(if at.hour < 12 { "am" } else { "pm" }),
        'Z' => out.push_str("UTC"),
        'z' => out.push_str(if flag == Some(':') { "+00:00" } else { "+0000" }),
        'n' => out.push('\n'),
        't' => out.push('\t'),
        '%' => out.push('%'),
        'F' => out.push_str(&format("%Y-%m-%d", ms)),
        'T' | 'X' => out.push_str(&format("%H:%M:%S", ms)),
        'R' => out.push_str(&format("%H:%M", ms)),
        'r' => out.push_str(&format("%I:%M:%S %p", ms)),
        'D' | 'x' => out.push_str(&format("%m/%d/%y", ms)),
        'c' => out.push_str(&format("%a %b %e %H:%M:%S %Y", ms)),
        other => {
            out.push('%');
            out.push(other);
        }
    }
}

fn iso_week(days: i64, year: i64) -> i64 {
    let weekday = (days + 3).rem_euclid(7);
    let thursday = days - weekday + 3;
    let year = if thursday < days_from(year, 1, 1) {
        year - 1
    } else if thursday >= days_from(year + 1, 1, 1) {
        year + 1
    } else {
        year
    };
    (thursday - days_from(year, 1, 1)) / 7 + 1
}

/// Reads `2026-11-25 19:06`, `@123`, `yesterday`, `2 hours ago` and combinations.
pub fn read(text: &str, now_ms: i64) -> Option<i64> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse::<f64>().ok().map(|seconds| (seconds * 1000.0) as i64);
    }
    let mut at = now_ms;
    let mut date = None;
    let mut time = None;
    let mut sign = 1;
    let cleaned = text.replace('T', " ").replace('Z', " UTC");
    let words: Vec<&str> = if text.contains('T') && text.contains('-') {
        cleaned.split_whitespace().collect()
    } else {
        text.split_whitespace().collect()
    };
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let lower = word.to_lowercase();
        match lower.as_str() {
            "now" | "today" | "utc" | "gmt" | "ago" => {}
            "+" => sign = 1,
            "-" => sign = -1,
            "yesterday" => at -= 86_400_000,
            "tomorrow" => at += 86_400_000,
            _ => {
                if let Some(found) = clock(&lower) {
                    time = Some(found);
                } else if let Some(found) = day(&lower) {
                    date = Some(found);
                } else if let Some(count) = signed(&lower) {
                    let unit = words.next()?.to_lowercase();
                    let ago = words.peek() == Some(&"ago");
                    let count = count.checked_mul(std::mem::replace(&mut sign, 1))?;
                    at = shift(at, if ago { -count } else { count }, &unit)?;
                } else {
                    return None;
                }
            }
        }
    }
    match (date, time) {
        (None, None) => Some(at),
        (Some(days), time) => Some(days * 86_400_000 + time.unwrap_or(0) + (at - now_ms)),
        (None, Some(time)) => Some(at.div_euclid(86_400_000) * 86_400_000 + time),
    }
}

fn signed(text: &str) -> Option<i64> {
    text.strip_prefix('+').unwrap_or(text).parse().ok()
}

fn shift(at: i64, count: i64, unit: &str) -> Option<i64> {
    let unit = unit.strip_suffix('s').unwrap_or(unit);
    let factor = match unit {
        "second" | "sec" => 1000,
        "minute" | "min" => 60_000,
        "hour" => 3_600_000,
        "day" => 86_400_000,
        "week" => 7 * 86_400_000,
        "fortnight" => 14 * 86_400_000,
        "month" | "year" => {
            let parts = parts(at);
            let months = parts.year * 12 + parts.month - 1
                + if unit == "year" { count.checked_mul(12)? } else { count };
            let days = days_from(months.div_euclid(12), months.rem_euclid(12) + 1, parts.day);
            return Some(days * 86_400_000 + at.rem_euclid(86_400_000));
        }
        _ => return None,
    };
    at.checked_add(count.checked_mul(factor)?)
}

fn day(text: &str) -> Option<i64> {
    let mut numbers = text.split(['-', '/']).map(str::parse::<i64>);
    let (a, b, c) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    let (year, month, day) = if text.contains('/') { (c, a, b) } else { (a, b, c) };
    let real = (1..=12).contains(&month) && (1..=31).contains(&day);
    real.then(|| days_from(year, month, day))
}

fn clock(text: &str) -> Option<i64> {
    if !text.contains(':') {
        return None;
    }
    let mut parts = text.split(':');
    let hour: i64 = parts.next()?.parse().ok()?;
    let minute: i64 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next().unwrap_or("0").parse().ok()?;
    let real = (0..24).contains(&hour) && (0..60).contains(&minute);
    real.then(|| hour * 3_600_000 + minute * 60_000 + (seconds * 1000.0) as i64)
}

/// `date`.
pub fn date(context: &mut Context<'_>) -> Whole {
    let long = &[
        ("date", 'd'),
        ("utc", 'u'),
        ("universal", 'u'),
        ("iso-8601", 'I'),
        ("rfc-email", 'R'),
        ("reference", 'r'),
    ];
    let (iso, args) = iso_option(context.args);
    let options = match parse(
        &mut context.with_args(&args),
        Known { short: "d:uRr:D:", long, permutes: true },
    ) {
        Ok(options) => options,
        Err(code) => return Ok(code),
    };
    let now = context.now() as i64;
    let when = match (options.value('d'), options.value('r')) {
        (Some(text), _) => match read(text, now).filter(|_| {
            // busybox knows no words, only numbers.
            !(context.busybox() && text.contains(|c: char| c.is_alphabetic() && c != 'T'))
        }) {
            Some(when) => when,
            None => return Ok(invalid(context, text)),
        },
        (None, Some(file)) => {
            let path = context.path(file);
            match context.files().metadata(&path) {
                Ok(found) => found.modified_ms as i64,
                Err(error) => {
                    context.complain(&format!("{file}: {error}"));
                    return Ok(1);
                }
            }
        }
        (None, None) => now,
    };
    let pattern = match options.operands.first() {
        Some(text) => match text.strip_prefix('+') {
            Some(pattern) => pattern.to_owned(),
            None => return Ok(invalid(context, text)),
        },
        None if options.has('R') => "%a, %d %b %Y %H:%M:%S %z".into(),
        None => match iso.as_deref() {
            Some(unit) => iso_format(unit).into(),
            None => "%a %b %e %H:%M:%S %Z %Y".into(),
        },
    };
    let text = format(&pattern, when);
    context.out(&format!("{text}\n"));
    Ok(0)
}

/// `-Iseconds` glues its argument on, and may have none; the other arguments.
fn iso_option(args: &[EcoString]) -> (Option<String>, Vec<EcoString>) {
    let mut iso = None;
    let rest = args.iter().filter(|word| {
        let unit = word.strip_prefix("-I").or(word.strip_prefix("--iso-8601="));
        iso = unit.map(str::to_owned).or(iso.take());
        unit.is_none()
    });
    let rest = rest.cloned().collect();
    (iso, rest)
}

fn iso_format(unit: &str) -> &'static str {
    match unit {
        "" | "date" => "%Y-%m-%d",
        "hours" => "%Y-%m-%dT%H%:z",
        "minutes" => "%Y-%m-%dT%H:%M%:z",
        "ns" => "%Y-%m-%dT%H:%M:%S,%N%:z",
        _ => "%Y-%m-%dT%H:%M:%S%:z",
    }
}

fn invalid(context: &mut Context<'_>, text: &str) -> i32 {
    match context.flavour {
        Flavour::Gnu => context.complain(&format!("invalid date ‘{text}’")),
        Flavour::Busybox => context.complain(&format!("invalid date '{text}'")),
    }
    1
}
