//! Deleting objects: preconditions, grace, finalizers, propagation.
//!
//! Models `Store.Delete` and `rest.BeforeDelete`.

use super::super::{Handler, strategy};
use crate::api::object::Object;
use crate::api::status::Status;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::admission;
use crate::apiserver::request::{DeleteOptions, Propagation, Response};

/// What is to be done first about an object that is to go.
enum Grace {
    /// Nothing: it goes at once, or is marked for its finalizers.
    None,
    /// The mark was changed: so many seconds are left.
    Marked(i64),
    /// It was marked before and this request changes nothing.
    Pending,
}

impl Handler<'_> {
    /// Deletes an object, or marks it as being deleted.
    pub fn delete(&mut self, options: &DeleteOptions) -> Result<Response, Status> {
        let existing = self.existing()?;
        admission::admit_delete(&existing)?;
        check_preconditions(&existing, options)?;
        if let Some(response) = strategy::delete_in_steps(self, &existing) {
            return response;
        }
        let mut object = existing.clone();
        let grace = match strategy::grace_period(&object, options) {
            Some(period) => before_delete(&mut object, options, period, self.now),
            None => Grace::None,
        };
        if let Grace::Pending = grace {
            return Ok(self.respond(existing, false));
        }
        set_collection_finalizers(&mut object, options);
        let held = has_finalizers(&object);
        if held && matches!(grace, Grace::None) {
            mark_as_deleting(&mut object, self.now);
        }
        let stays = held || matches!(grace, Grace::Marked(1..));
        if self.request.options.dry_run {
            return Ok(self.respond(object, false));
        }
        if object != existing {
            object = self.storage.put(&self.origin(), object);
        } else if stays {
            return Ok(self.respond(existing, false));
        }
        if stays {
            return Ok(self.respond(object, true));
        }
        let last = self.storage.remove(&self.origin(), object.clone()).unwrap_or(object);
        strategy::after_delete(self, &last);
        Ok(self.respond(last, true))
    }
}

fn has_finalizers(object: &Object) -> bool {
    !object.metadata().get("finalizers").items().is_empty()
}

// Models the preconditions of rest.BeforeDelete, which come before anything else.
fn check_preconditions(existing: &Object, options: &DeleteOptions) -> Result<(), Status> {
    let (uid, version) = (existing.uid(), existing.resource_version());
    let why = match (options.uid.as_deref(), options.resource_version.as_deref()) {
        (Some(wanted), _) if wanted != uid => format!(
            "the UID in the precondition ({wanted}) does not match the UID in record ({uid}). The \
             object might have been deleted and then recreated"
        ),
        (_, Some(wanted)) if wanted != version => format!(
            "the ResourceVersion in the precondition ({wanted}) does not match the \
             ResourceVersion in record ({version}). The object might have been modified"
        ),
        _ => return Ok(()),
    };
    Err(Status::conflict(&existing.kind.resource().qualified_kind(), existing.name(), &why))
}

// Models rest.BeforeDelete for kinds that are deleted gracefully.
fn before_delete(object: &mut Object, options: &DeleteOptions, period: i64, now: Time) -> Grace {
    let Some(deadline) = object.deletion_timestamp() else {
        let deadline = now.after(Duration::from_secs(period.max(0) as u64));
        mark(object, deadline, period);
        return Grace::Marked(period);
    };
    let left = object.metadata().get("deletionGracePeriodSeconds").as_i64().unwrap_or(0);
    if left == 0 {
        return Grace::None;
    }
    // Only a shorter grace period may be asked for.
    match options.grace_period_seconds {
        Some(_) if period < left => {
            let deadline = Time(deadline.0 - (left - period) * 1_000_000);
            object.set(&["metadata", "deletionTimestamp"], deadline.rfc3339());
            object.set(&["metadata", "deletionGracePeriodSeconds"], period);
            Grace::Marked(period)
        }
        _ => Grace::Pending,
    }
}

// Models markAsDeleting: kinds without grace that finalizers hold.
fn mark_as_deleting(object: &mut Object, now: Time) {
    if !object.is_terminating() {
        mark(object, now, 0);
    } else if object.metadata().get("deletionGracePeriodSeconds") != &Value::Int(0) {
        object.set(&["metadata", "deletionGracePeriodSeconds"], 0);
    }
}

fn mark(object: &mut Object, deadline: Time, period: i64) {
    object.set(&["metadata", "deletionTimestamp"], deadline.rfc3339());
    object.set(&["metadata", "deletionGracePeriodSeconds"], period);
    if object.generation() > 0 {
        object.set(&["metadata", "generation"], object.generation() + 1);
    }
}

// Models deletionFinalizersForGarbageCollection: the two finalizers that the garbage collector
// removes follow from the propagation policy.
fn set_collection_finalizers(object: &mut Object, options: &DeleteOptions) {
    let Some(policy) = options.propagation else {
        return;
    };
    let wanted = match policy {
        Propagation::Orphan => Some("orphan"),
        Propagation::Foreground => Some("foregroundDeletion"),
        Propagation::Background => None,
    };
    let old = object.metadata().get("finalizers").items();
    let is_ours = |f: &&Value| matches!(f.str(), "orphan" | "foregroundDeletion");
    let mut new: Vec<Value> = old.iter().filter(|f| !is_ours(f)).cloned().collect();
    if let Some(wanted) = wanted {
        new.push(wanted.into());
    }
    if new.is_empty() {
        object.value.remove(&["metadata", "finalizers"]);
    } else if old != new.as_slice() {
        object.set(&["metadata", "finalizers"], Value::from(new));
    }
}
