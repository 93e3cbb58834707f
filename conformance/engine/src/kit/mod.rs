//! The vocabulary of the rules: latches, counters, guards, wakers and futures that need no runtime.
//!
//! A rule waits for what it is about, through one of these, and never "sleeps a bit and hopes".

mod clock;
mod duel;
mod eventually;
mod futures;
mod gate;
mod guard;
mod heap;
mod park;
mod patience;
mod place;
mod random;
mod scale;
mod spin;
mod step;
mod threads;
mod waker;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub use clock::{Page, give_page};
pub use clock::{has_threads, now, pause};
pub use duel::{duel, once_cloned};
pub use eventually::{eventually, yield_until};
pub use futures::{Holding, counted, poll_once};
pub use gate::Gate;
pub use guard::{Count, Guard};
pub use heap::{
    COUNTING, CountingAllocator, allocations, assert_heap_returns, heap_in_use, heap_is_counted,
};
pub use park::{catch, message, on_thread, park_on};
pub use patience::{Patience, processor_time};
pub use place::{OnDrop, Place, PlaceGuard};
pub use random::Random;
pub use scale::set_scale;
pub use scale::{SCALE_VARIABLE, scale, scaled};
pub use spin::spin_until;
pub use step::step;
pub(crate) use step::{Shown, begin_steps, call, last_step, told_step};
pub(crate) use threads::note_threads;
pub use threads::{Watched, other_thread_names, thread_names, threads_are_named};
pub use waker::WakeCount;
