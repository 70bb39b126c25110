//! What can be read off a Job.
//!
//! Models `pkg/controller/job/util`.

use super::object::Object;
use super::value::Value;

/// The condition with which a Job has ended, if it has.
pub fn end(job: &Object) -> Option<&Value> {
    let mut conditions = job.status().get("conditions").items().iter();
    conditions.find(|condition| {
        matches!(condition.get("type").str(), "Complete" | "Failed")
            && condition.get("status").str() == "True"
    })
}

/// How a Job has ended, if it has: `Complete` or `Failed` (`FinishedCondition`).
pub fn ending(job: &Object) -> Option<&str> {
    end(job).map(|condition| condition.get("type").str())
}
