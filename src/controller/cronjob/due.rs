//! When a CronJob is due.
//!
//! Models mostRecentScheduleTime, nextScheduleTime and nextScheduleTimeDuration of `utils.go`.

use super::Sync;
use crate::api::time::{Duration, Time};
use crate::controller::reason::WorkloadReason as R;
use crate::text::cron::Schedule;

/// How late it looks after a time that is due (`nextScheduleDelta`).
const DELTA: Duration = Duration::from_millis(100);
/// More missed times than these are too many.
const MISSED_MAX: i64 = 100;
const SECOND: i64 = 1_000_000;

/// What a schedule has asked for so far.
struct Missed {
    /// From when on.
    earliest: Time,
    /// The latest time that was due.
    latest: Option<Time>,
    /// About how many were.
    count: i64,
}

impl Sync<'_> {
    /// The time for which a Job is to be made, if any; what is wrong with the schedule otherwise.
    pub(super) fn due(&mut self, schedule: &Schedule) -> Result<Option<Time>, &'static str> {
        let earliest = self.earliest().max(self.deadline().unwrap_or_default());
        let missed = missed(schedule, earliest, self.now)?;
        if missed.latest.is_some() && missed.count > MISSED_MAX {
            let advice = "Set or decrease .spec.startingDeadlineSeconds or check clock skew";
            self.warn("TooManyMissedTimes", format!("too many missed start times. {advice}"));
        }
        Ok(missed.latest)
    }

    /// Looks again when the next time is due.
    pub(super) fn wait_for_next(&mut self, schedule: &Schedule) {
        let from = match missed(schedule, self.earliest(), self.now) {
            Ok(Missed { latest: Some(latest), .. }) => latest,
            Ok(Missed { earliest, count: 0, .. }) => earliest,
            _ => self.now,
        };
        if let Some(at) = schedule.next(from) {
            self.decision.requeue_after = Some(at.since(self.now) + DELTA);
            self.explain(R::NextDue { at });
        }
    }

    /// The last time for which there was a Job, or when the CronJob was made.
    fn earliest(&self) -> Time {
        let last = Time::parse(self.status.get("lastScheduleTime").str());
        last.or(self.cron_job.created_at()).unwrap_or(self.now)
    }

    /// The time before which nothing is made up for.
    fn deadline(&self) -> Option<Time> {
        let seconds = self.cron_job.spec().get("startingDeadlineSeconds").as_i64()?;
        Some(Time(self.now.0.saturating_sub(seconds.saturating_mul(SECOND))))
    }
}

/// Models mostRecentScheduleTime: the distance of the first two times says how many there were
/// about, so that only the last of them are looked at one by one.
fn missed(schedule: &Schedule, earliest: Time, now: Time) -> Result<Missed, &'static str> {
    let never = "time difference between two schedules is less than 1 second";
    let first = schedule.next(earliest).ok_or(never)?;
    if now < first {
        return Ok(Missed { earliest, latest: None, count: 0 });
    }
    let second = schedule.next(first).ok_or(never)?;
    if now < second {
        return Ok(Missed { earliest, latest: Some(first), count: 0 });
    }
    let seconds = |span: Duration| span.as_secs() as i64;
    let distance = seconds(second.since(first) + Duration::from_millis(500));
    if distance < 1 {
        return Err(never);
    }
    let count = seconds(now.since(first)) / distance + 1;
    let mut at = Time(first.0 + (count - 2) * distance * SECOND);
    let mut latest = None;
    while let Some(next) = schedule.next(at).filter(|next| *next <= now) {
        (latest, at) = (Some(next), next);
    }
    Ok(Missed { earliest, latest, count })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::cron;

    #[track_caller]
    fn check(schedule: &str, [earliest, now]: [&str; 2], latest: &str, count: i64) {
        let schedule = cron::parse(schedule).expect("it is a schedule");
        let time = |text: &str| Time::parse(text).expect("it is a time");
        let missed = missed(&schedule, time(earliest), time(now)).expect("it is ever due");
        assert_eq!(missed.latest.map(Time::rfc3339).unwrap_or_default(), latest);
        assert_eq!(missed.count, count);
    }

    #[test]
    fn the_latest_time_is_found_without_walking_there() {
        let span = ["2026-11-21T14:00:05Z", "2026-11-21T14:10:03Z"];
        check("0 15 * * *", span, "", 0);
        check("10 14 * * *", span, "2026-11-21T14:10:00Z", 0);
        check("* * * * *", span, "2026-11-21T14:10:00Z", 10);
        check("@every 90s", span, "2026-11-21T14:09:05Z", 6);
        let century = ["1900-01-01T00:00:00Z", "2026-11-21T14:10:03Z"];
        check("@every 1s", century, "2026-11-21T14:10:03Z", 4_004_259_003);
        // Where the distance differs upstream may find none, and waits for the next.
        check("30 8 * * Mon-Fri", century, "", 46_346);
        let week = ["2026-11-15T00:00:00Z", "2026-11-21T07:10:03Z"];
        check("30 8 * * Mon-Fri", week, "2026-11-20T08:30:00Z", 5);
    }

    #[test]
    fn a_time_that_never_comes_is_a_mistake() {
        let schedule = cron::parse("59 23 31 2 *").expect("it is a schedule");
        assert!(missed(&schedule, Time::START, Time::START).is_err());
    }
}
