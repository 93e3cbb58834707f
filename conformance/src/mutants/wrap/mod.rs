//! What stands around a started runtime and its parts, and calls the hooks.

mod instance;
mod interval;
mod layer;
mod parked;
mod sleep;
mod task;
mod timeout;
mod work;

pub(super) use instance::{local, shared};
pub(super) use sleep::SleepState;
pub(super) use task::{Joined, TaskState};
pub(super) use timeout::Limited;
pub(super) use work::{Signals, Work};

use super::{Fault, Run};

/// Something that can be dropped, or not.
pub(super) trait Dropped {
    /// Drops it.
    fn drop_now(&mut self);
    /// Never drops it.
    fn forget(&mut self);
    /// Polls it once more, if it is a future.
    fn poll_once(&mut self) {}
}
