use std::alloc::System;
use std::time::Duration;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use super::{Patience, pause, step};

/// The allocator that counts; a program installs it with [`count_heap!`](crate::count_heap!).
pub type CountingAllocator = StatsAlloc<System>;

/// The one of this process.
pub static COUNTING: &CountingAllocator = &INSTRUMENTED_SYSTEM;

/// Whether this program's allocator counts. What it answers is the same throughout the run of a program.
pub fn heap_is_counted() -> bool {
    // A Rust program has allocated before its `main` begins.
    COUNTING.stats().allocations > 0
}

/// How many bytes of the heap are in use.
pub fn heap_in_use() -> usize {
    let stats = COUNTING.stats();
    stats.bytes_allocated.wrapping_sub(stats.bytes_deallocated)
}

/// How many allocations `work` makes, with those that other threads make meanwhile.
pub fn allocations<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = COUNTING.stats();
    let output = work();
    let made = COUNTING.stats() - before;
    (made.allocations + made.reallocations, output)
}

/// Asserts, once other threads have caught up, that at most `bound` bytes more are in use than there were `before`.
///
/// # Panics
///
/// When there are still more after ten seconds, as [`Patience`] counts them.
#[track_caller]
pub fn assert_heap_returns(before: usize, bound: usize) -> usize {
    let patience = Patience::new(Duration::from_secs(10));
    loop {
        let grown = heap_in_use().saturating_sub(before);
        if grown <= bound {
            return grown;
        }
        step("waiting: the heap is what it was before");
        assert!(
            !patience.is_over(),
            "{grown} bytes more of the heap are in use than before, and {bound} were allowed"
        );
        pause(Duration::from_millis(5));
    }
}

/// Installs the allocator that counts, which the rules about the heap need.
///
/// In a program without it those rules are not applicable. It goes beside `suite!`.
///
/// ```
/// anyrt_conformance_engine::count_heap!();
///
/// fn main() {
///     assert!(anyrt_conformance_engine::kit::heap_is_counted());
/// }
/// ```
#[macro_export]
macro_rules! count_heap {
    () => {
        #[global_allocator]
        static ANYRT_CONFORMANCE_HEAP: &$crate::kit::CountingAllocator = $crate::kit::COUNTING;
    };
}
