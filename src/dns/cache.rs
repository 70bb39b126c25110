//! A cache of answers in front of the name server, for lessons on stale names.
//!
//! Models the CoreDNS plugin `cache 30` as older Corefiles have it, and caches of clients:
//! positive and negative answers alike are kept for their time to live. Recent Corefiles, and
//! the recordings, cache nothing of cluster.local.

use imbl::OrdMap;

use crate::api::time::{Duration, Time};

use super::{Answer, Query, TTL};

/// Answers that are still believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cache {
    answers: OrdMap<Query, (Time, Answer)>,
}

impl Cache {
    /// The answer to `query` if it is kept and not too old.
    pub fn get(&self, now: Time, query: &Query) -> Option<&Answer> {
        let (until, answer) = self.answers.get(query)?;
        (now < *until).then_some(answer)
    }

    /// Until when an answer is believed.
    pub fn believed_until(&self, query: &Query) -> Option<Time> {
        self.answers.get(query).map(|(until, _)| *until)
    }

    /// Keeps an answer, and forgets those that are too old.
    pub fn put(&mut self, now: Time, query: Query, answer: Answer) {
        let is_old = |(_, (until, _)): &(&Query, &(Time, Answer))| *until <= now;
        let old: Vec<Query> =
            self.answers.iter().filter(is_old).map(|(query, _)| query.clone()).collect();
        for query in old {
            self.answers.remove(&query);
        }
        let until = now.after(Duration::from_secs(TTL.into()));
        self.answers.insert(query, (until, answer));
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
            is_authoritative: true,
            reason: AnswerReason::NoSuchForm,
        };
        let mut cache = Cache::default();
        cache.put(Time::START, query.clone(), answer);
        let after = |seconds| Time::START.after(Duration::from_secs(seconds));
        assert!(cache.get(after(29), &query).is_some());
        assert!(cache.get(after(30), &query).is_none());
    }
}
