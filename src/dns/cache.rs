//! A cache of answers in front of the zone, for lessons on stale names.
//!
//! Models the CoreDNS plugin `cache 30` as older Corefiles have it: positive and negative answers
//! alike are kept for their time to live, for every client. Recent Corefiles, and the recordings,
//! keep nothing of cluster.local, so a cluster has no cache unless it is switched on.

use imbl::OrdMap;

use crate::api::time::{Duration, Time};

use super::{Answer, Query, TTL};

/// Answers that are still believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cache {
    // When each was given.
    answers: OrdMap<Query, (Time, Answer)>,
}

const LIFE: Duration = Duration::from_secs(TTL as u64);

impl Cache {
    /// The answer to `query` with what is left of its time to live, and its age, if it is kept
    /// and not too old.
    pub fn get(&self, now: Time, query: &Query) -> Option<(Answer, Duration)> {
        let (given, answer) = self.answers.get(query)?;
        let age = now.since(*given);
        let left = LIFE.checked_sub(age).filter(|left| !left.is_zero())?;
        let ttl = left.as_secs().try_into().unwrap_or(TTL);
        Some((Answer { ttl, ..answer.clone() }, age))
    }

    /// Keeps an answer, and forgets those that are too old.
    pub fn put(&mut self, now: Time, query: Query, answer: Answer) {
        let is_old = |(_, (given, _)): &(&Query, &(Time, Answer))| now.since(*given) >= LIFE;
        let old: Vec<Query> =
            self.answers.iter().filter(is_old).map(|(query, _)| query.clone()).collect();
        for query in old {
            self.answers.remove(&query);
        }
        self.answers.insert(query, (now, answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{AnswerReason, RecordType, ResponseCode};

    #[test]
    fn a_missing_name_stays_missing_for_half_a_minute() {
        let query = Query { name: "web-3.nginx".into(), record_type: RecordType::A };
        let answer = Answer {
            code: ResponseCode::NxDomain,
            records: Vec::new(),
            additional: Vec::new(),
            authority: Vec::new(),
            is_authoritative: true,
            ttl: TTL,
            reason: AnswerReason::NoSuchForm,
        };
        let mut cache = Cache::default();
        cache.put(Time::START, query.clone(), answer);
        let after = |seconds| Time::START.after(Duration::from_secs(seconds));
        let (answer, age) = cache.get(after(29), &query).unwrap();
        assert_eq!((answer.ttl, age), (1, Duration::from_secs(29)));
        assert!(cache.get(after(30), &query).is_none());
    }
}
