//! Counts the memory in use, for the benchmark.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

thread_local! {
    static IN_USE: Cell<i64> = const { Cell::new(0) };
}

use mimalloc::MiMalloc;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: another allocator does the work; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(taken(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-taken(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { MiMalloc.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(taken(size) - taken(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { MiMalloc.realloc(memory, layout, size) }
    }
}

fn count(bytes: i64) {
    IN_USE.set(IN_USE.get() + bytes);
}

// What the usual malloc would take for so many bytes: eight more, in steps of sixteen.
fn taken(size: usize) -> i64 {
    ((size + 8).next_multiple_of(16)).max(32) as i64
}

/// Bytes that this thread has allocated and not given back.
pub fn in_use() -> i64 {
    IN_USE.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_does_not_count() {
        let before = in_use();
        let text = vec![0u8; 1000];
        assert_eq!(in_use() - before, 1008);
        drop(text);
        assert_eq!(in_use(), before);
    }
}
