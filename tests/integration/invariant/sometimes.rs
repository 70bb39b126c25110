//! What the tests met while they checked invariants: one that never meets its interesting case
//! says nothing.
//!
//! A test begins with [`forget`] and ends with [`assert_met`]; every test has its own thread.

use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    static MET: RefCell<BTreeMap<&'static str, u32>> = const { RefCell::new(BTreeMap::new()) };
}

/// Notes that an invariant held in a case in which it might not have.
pub fn met(what: &'static str, is_so: bool) {
    if is_so {
        MET.with_borrow_mut(|met| *met.entry(what).or_default() += 1);
    }
}

/// Forgets what this thread has met.
pub fn forget() {
    MET.with_borrow_mut(BTreeMap::clear);
}

/// Panics unless each of these was met at least once.
#[track_caller]
pub fn assert_met(all: &[&str]) {
    let met = MET.with_borrow(Clone::clone);
    let missing: Vec<_> = all.iter().filter(|what| !met.contains_key(**what)).collect();
    assert!(missing.is_empty(), "never met: {missing:?}, but {met:?}");
}

#[test]
#[should_panic(expected = "never met: [\"rain\"]")]
fn what_was_not_met_is_said() {
    met("sun", true);
    met("rain", false);
    assert_met(&["sun", "rain"]);
}
