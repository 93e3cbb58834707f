//! The workspace's own protocols between threads, under a scheduler that explores how they interleave.
//!
//! See the README. The modules are copies of the sources, made by the build script.

#![allow(
    rustdoc::broken_intra_doc_links,
    rustdoc::private_intra_doc_links,
    reason = "the documentation of the copies links to what is not copied"
)]

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

#[cfg(test)]
mod desk_model;
#[allow(dead_code, reason = "a desk alone uses it")]
mod slot;

pub(crate) use slot::Joinable;

pub use closures::{Closures, Running};
pub use scope::{Entrance, TryScopeFuture, scope};
pub use semaphore::{Acquire, AcquireOrClosed, AcquirePermitError, Permit, Semaphore};
pub use set::{JoinAll, JoinNext, Joined, Shutdown, TaskSet};
pub use task_id::TaskId;
pub use token::{CancellationToken, Cancelled, DropGuard, RunUntilCancelled};
pub use wait::{Place, WaitList};

/// Runs `model` under many schedules: random ones, and such as switch seldom.
pub fn explore(model: impl Fn() + Send + Sync + Copy + 'static) {
    shuttle::check_random(model, 2_000);
    shuttle::check_pct(model, 1_000, 3);
}
