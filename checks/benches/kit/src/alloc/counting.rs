#![expect(unsafe_code, reason = "an allocator cannot be implemented without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::Sub;
use std::sync::atomic::{AtomicI64, Ordering};

/// An allocator, the system's unless told otherwise, with a count of what every thread has asked of it.
///
/// A reallocation counts as an allocation of the new size. The blocks of queues are counted apart: a queue takes one for every 31
/// pushes, so that how many a number of operations needs depends on where the queue was before. The nodes of the tree of timers
/// are not counted: async-io splits its tree in each turn of its reactor, which takes a node wherever a timer is armed at that
/// moment. Each armed timer wakes the reactor's thread, so the number of turns, and of nodes, is up to the system's scheduler:
/// none for many operations on an idle machine, and one for each on a busy one.
#[derive(Debug)]
pub struct Counting<A = System>(pub A);

static ALLOCATIONS: AtomicI64 = AtomicI64::new(0);
static BYTES: AtomicI64 = AtomicI64::new(0);
static BLOCKS: AtomicI64 = AtomicI64::new(0);
static LARGEST: AtomicI64 = AtomicI64::new(0);
static LIVE: AtomicI64 = AtomicI64::new(0);

/// The size of a block of concurrent-queue's unbounded queue, in which smol's and async-std's executors keep what is to be run: 31
/// slots of a task and a stamp, and the address of the next block.
const BLOCK: usize = 31 * 16 + 8;

/// The sizes of a leaf and of an inner node of the tree in which async-io keeps its timers: up to 11 of a time, a number and a
/// waker, and for the inner one the addresses of 12 children.
const NODES: [usize; 2] = [11 * 40 + 16, 11 * 40 + 16 + 12 * 8];

impl Counting {
    /// What was asked for so far.
    pub fn count() -> Count {
        Count {
            allocations: ALLOCATIONS.load(Ordering::SeqCst),
            bytes: BYTES.load(Ordering::SeqCst),
            blocks: BLOCKS.load(Ordering::SeqCst),
        }
    }

    /// The bytes of the largest allocation since this was last called.
    pub fn take_largest() -> i64 {
        LARGEST.swap(0, Ordering::SeqCst)
    }

    /// The bytes that are in use now.
    pub fn live() -> i64 {
        LIVE.load(Ordering::SeqCst)
    }

    fn add(size: usize) {
        LIVE.fetch_add(size as i64, Ordering::Relaxed);
        if NODES.contains(&size) {
            return;
        }
        if size == BLOCK {
            BLOCKS.fetch_add(1, Ordering::Relaxed);
            return;
        }
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(size as i64, Ordering::Relaxed);
        LARGEST.fetch_max(size as i64, Ordering::Relaxed);
    }

    fn remove(size: usize) {
        LIVE.fetch_sub(size as i64, Ordering::Relaxed);
    }
}

// SAFETY: every method passes its arguments on to `A` unchanged and returns what that returned, so `A`'s keeping of the contract is
// ours. Counting touches atomics only: it neither allocates nor unwinds.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Counting<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Counting::add(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`, which is that of `A`.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Counting::add(layout.size());
        // SAFETY: as in `alloc`.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Counting::remove(layout.size());
        // SAFETY: `pointer` came from this allocator, which means from `A`, with this layout.
        unsafe { self.0.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Counting::remove(layout.size());
        Counting::add(size);
        // SAFETY: `pointer` came from `A` with this layout; the caller keeps the rest of the contract.
        unsafe { self.0.realloc(pointer, layout, size) }
    }
}

/// How often memory was asked for, and how much of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Allocations and reallocations, other than `blocks`.
    pub allocations: i64,
    /// Their bytes.
    pub bytes: i64,
    /// Blocks of the executors' queues.
    pub blocks: i64,
}

impl Sub for Count {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            allocations: self.allocations - other.allocations,
            bytes: self.bytes - other.bytes,
            blocks: self.blocks - other.blocks,
        }
    }
}

impl Count {
    /// The smaller one, number by number.
    pub fn least(self, other: Self) -> Self {
        Self {
            allocations: self.allocations.min(other.allocations),
            bytes: self.bytes.min(other.bytes),
            blocks: self.blocks.min(other.blocks),
        }
    }
}
