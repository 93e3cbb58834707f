#![expect(unsafe_code, reason = "an allocator cannot be implemented without")]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the arena holds. The system backs only the pages that are touched.
const CAPACITY: usize = 1 << 30;

/// Every block begins at a multiple of this, so that tokio's cells, which ask for 128, cost what others cost.
const ALIGN: usize = 128;

/// An allocator that always costs the same: it takes the next piece of an arena, and never takes one back.
///
/// Counting instructions needs it. The system's allocator looks for a fitting block, and how long that takes depends on all
/// that was allocated before.
#[derive(Debug)]
pub struct Bump;

#[repr(align(128))]
struct Arena(UnsafeCell<[u8; CAPACITY]>);

// SAFETY: the bytes are only ever handed out as disjoint pieces, by a counter that is changed atomically.
unsafe impl Sync for Arena {}

static ARENA: Arena = Arena(UnsafeCell::new([0; CAPACITY]));
static USED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: a piece begins at a multiple of `ALIGN`, which is at least the alignment asked for, or the request fails. Pieces are
// disjoint, because `fetch_add` gives every caller another start and the next start is past the end of this piece; they lie in
// the arena, which is checked; they are never reused, so that they stay valid and zeroed. Nothing here unwinds.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGN {
            return null_mut();
        }
        let size = layout.size().next_multiple_of(ALIGN);
        let start = USED.fetch_add(size, Ordering::Relaxed);
        if start + size > CAPACITY {
            return null_mut();
        }
        // SAFETY: `start` is within the arena, as was just checked.
        unsafe { ARENA.0.get().cast::<u8>().add(start) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the same contract. The arena is zeroed, and no piece of it is handed out twice.
        unsafe { self.alloc(layout) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
