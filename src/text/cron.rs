//! Schedules as cron writes them: `*/5 * * * *`, `@hourly`, `@every 10m`.
//!
//! Models `github.com/robfig/cron/v3` ParseStandard and SpecSchedule.Next, in UTC.

use super::duration;
use crate::api::go;
use crate::api::time::{Duration, Time};

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Minutes, hours, days of the month, months and days of the week as sets of bits.
    Fields([Field; 5]),
    /// After each such span.
    Every(Duration),
}

/// The values of a field that are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    bits: u64,
    /// Written as a star, which leaves the choice of days to the other field.
    is_star: bool,
}

struct Bounds {
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

const BOUNDS: [Bounds; 5] = [
    Bounds { least: 0, most: 59, names: &[] },
    Bounds { least: 0, most: 23, names: &[] },
    Bounds { least: 1, most: 31, names: &[] },
    Bounds {
        least: 1,
        most: 12,
        names: &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    },
    Bounds { least: 0, most: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/// How far ahead a time is looked for.
const DAYS_AHEAD: i64 = 5 * 366;

/// Reads a schedule, or says what is wrong with it.
pub fn parse(text: &str) -> Result<Schedule, String> {
    if text.is_empty() {
        return Err("empty spec string".into());
    }
    if text.starts_with('@') {
        return descriptor(text);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let Ok(words) = <[&str; 5]>::try_from(words.as_slice()) else {
        let count = words.len();
        return Err(format!("expected exactly 5 fields, found {count}: [{}]", words.join(" ")));
    };
    let mut fields = [Field { bits: 0, is_star: false }; 5];
    for ((field, word), bounds) in fields.iter_mut().zip(words).zip(&BOUNDS) {
        *field = parse_field(word, bounds)?;
    }
    Ok(Schedule::Fields(fields))
}

fn descriptor(text: &str) -> Result<Schedule, String> {
    let spelt = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => {
            let Some(span) = text.strip_prefix("@every ") else {
                return Err(format!("unrecognized descriptor: {text}"));
            };
            let Some(span) = duration::parse(span) else {
                let why = format!("time: invalid duration {}", go::quote(span));
                return Err(format!("failed to parse duration {text}: {why}"));
            };
            return Ok(Schedule::Every(Duration::from_secs(span.as_secs().max(1))));
        }
    };
    parse(spelt)
}

fn parse_field(word: &str, bounds: &Bounds) -> Result<Field, String> {
    let mut field = Field { bits: 0, is_star: false };
    for range in word.split(',').filter(|range| !range.is_empty()) {
        let (bits, is_star) = parse_range(range, bounds)?;
        field.bits |= bits;
        field.is_star |= is_star;
    }
    Ok(field)
}

fn parse_range(text: &str, bounds: &Bounds) -> Result<(u64, bool), String> {
    let parts: Vec<&str> = text.split('/').collect();
    let ends: Vec<&str> = parts.first().unwrap_or(&"").split('-').collect();
    let single = ends.len() == 1;
    let first = ends.first().copied().unwrap_or_default();
    let mut is_star = matches!(first, "*" | "?");
    let (start, mut end) = match (is_star, ends.as_slice()) {
        (true, _) => (bounds.least, bounds.most),
        (false, [one]) => {
            let one = number_or_name(one, bounds)?;
            (one, one)
        }
        (false, [low, high]) => (number_or_name(low, bounds)?, number_or_name(high, bounds)?),
        _ => return Err(format!("too many hyphens: {text}")),
    };
    let step = match parts.as_slice() {
        [_] => 1,
        [_, step] => {
            let step = number(step)?;
            if single {
                end = bounds.most;
            }
            is_star &= step <= 1;
            step
        }
        _ => return Err(format!("too many slashes: {text}")),
    };
    let (least, most) = (bounds.least, bounds.most);
    match () {
        () if start < least => {
            Err(format!("beginning of range ({start}) below minimum ({least}): {text}"))
        }
        () if end > most => Err(format!("end of range ({end}) above maximum ({most}): {text}")),
        () if start > end => {
            Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}"))
        }
        () if step == 0 => Err(format!("step of range should be a positive number: {text}")),
        () => {
            let values = (start..=end).step_by(step as usize);
            Ok((values.fold(0, |bits, value| bits | 1 << value), is_star))
        }
    }
}

fn number_or_name(text: &str, bounds: &Bounds) -> Result<u32, String> {
    let lower = text.to_lowercase();
    match bounds.names.iter().position(|name| *name == lower) {
        Some(index) => Ok(index as u32 + bounds.least),
        None => number(text),
    }
}

fn number(text: &str) -> Result<u32, String> {
    let quoted = go::quote(text);
    match text.parse::<i64>() {
        Ok(number) if number < 0 => Err(format!("negative number ({number}) not allowed: {text}")),
        Ok(number) => Ok(u32::try_from(number).unwrap_or(u32::MAX)),
        Err(_) => Err(format!(
            "failed to parse int from {text}: strconv.Atoi: parsing {quoted}: invalid syntax"
        )),
    }
}

impl Field {
    fn has(self, value: u32) -> bool {
        self.bits & 1u64.checked_shl(value).unwrap_or(0) != 0
    }
}

impl Schedule {
    /// The first time that is due after this one; none within five years is none at all.
    pub fn next(&self, after: Time) -> Option<Time> {
        let fields = match self {
            Schedule::Every(span) => {
                return Some(Time(after.seconds() * 1_000_000).after(*span));
            }
            Schedule::Fields(fields) => fields,
        };
        let first = after.seconds().div_euclid(60) + 1;
        let today = first.div_euclid(24 * 60);
        for day in today..today + DAYS_AHEAD {
            if !is_day_due(fields, day) {
                continue;
            }
            let start = if day == today { first.rem_euclid(24 * 60) } else { 0 };
            let [minutes, hours, ..] = fields;
            let due =
                |minute: &i64| hours.has((minute / 60) as u32) && minutes.has((minute % 60) as u32);
            if let Some(minute) = (start..24 * 60).find(due) {
                return Some(Time((day * 24 * 60 + minute) * 60_000_000));
            }
        }
        None
    }
}

/// Models dayMatches: if both kinds of days are restricted, either will do.
fn is_day_due([_, _, days, months, weekdays]: &[Field; 5], day: i64) -> bool {
    let (_, month, of_month, ..) = Time(day * 86_400_000_000).civil();
    let of_week = (day + 4).rem_euclid(7) as u32;
    let (by_month, by_week) = (days.has(of_month), weekdays.has(of_week));
    months.has(month)
        && match days.is_star || weekdays.is_star {
            true => by_month && by_week,
            false => by_month || by_week,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn next(schedule: &str, after: &str) -> String {
        let schedule = parse(schedule).expect("it is a schedule");
        let after = Time::parse(after).expect("it is a time");
        schedule.next(after).map(Time::rfc3339).unwrap_or_default()
    }

    #[test]
    fn the_next_time_is_found() {
        // 2026-11-21 is a Saturday.
        let now = "2026-11-21T14:00:00Z";
        assert_eq!(next("* * * * *", now), "2026-11-21T14:01:00Z");
        assert_eq!(next("*/15 * * * *", "2026-11-21T14:59:59Z"), "2026-11-21T15:00:00Z");
        assert_eq!(next("0 3 * * *", now), "2026-11-22T03:00:00Z");
        assert_eq!(next("30 8 1-7 * Mon", now), "2026-11-23T08:30:00Z");
        assert_eq!(next("0 0 29 2 *", now), "2028-02-29T00:00:00Z");
        assert_eq!(next("0 0 31 4 *", now), "");
        assert_eq!(next("@weekly", now), "2026-11-22T00:00:00Z");
        assert_eq!(next("@every 90s", now), "2026-11-21T14:01:30Z");
    }

    #[test]
    fn mistakes_are_named() {
        let fault = |text: &str| parse(text).expect_err("it is no schedule");
        assert_eq!(fault("61 * * * *"), "end of range (61) above maximum (59): 61");
        assert_eq!(fault("* * 0 * *"), "beginning of range (0) below minimum (1): 0");
        assert_eq!(
            fault("x * * * *"),
            "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"
        );
        assert_eq!(fault("1 2"), "expected exactly 5 fields, found 2: [1 2]");
        assert_eq!(fault("@often"), "unrecognized descriptor: @often");
        assert_eq!(
            fault("@every 5000000000h"),
            "failed to parse duration @every 5000000000h: time: invalid duration \"5000000000h\""
        );
        assert_eq!(fault("5-1 * * * *"), "beginning of range (5) beyond end of range (1): 5-1");
        assert_eq!(fault("*/0 * * * *"), "step of range should be a positive number: */0");
    }
}
