#![doc = include_str!("../README.md")]

mod budget;
mod delay_queue;
mod group;
mod names;
mod pinned;
mod race;
mod retry;
mod scope;
mod semaphore;
mod slab;
mod sync;
mod task_local;
mod task_tracker;
mod token;
mod wait_queue;

pub use budget::{Budget, Budgeted, Step, budgeted};
pub use delay_queue::{DelayKey, DelayQueue};
pub use group::{
    ForEachConcurrent, GroupTask, JoinAll, JoinNext, Joined, LocalTaskGroup, LocalTaskMap,
    Shutdown, TaskGroup, TaskId, TaskMap, TaskSet, for_each_concurrent,
};
pub use names::{Instrumented, TaskInfo};
pub use pinned::{PinnedPool, PinnedTask};
pub use race::{Either, Race, Select, SplitMix64, race, select};
pub use retry::{Backoff, Delays, Retry, retry};
pub use scope::{
    LocalScope, Scope, ScopeFuture, TryScopeFuture, local_scope, scope, try_local_scope, try_scope,
};
pub use semaphore::{Acquire, AcquireOrClosed, AcquirePermitError, Permit, Semaphore};
pub use task_local::{AccessTaskLocalError, TaskLocal, WithTaskLocal};
pub use task_tracker::{GracefulShutdown, ShutdownReport, TaskPanic, TaskTracker, Tracked, Wait};
pub use token::{CancellationToken, Cancelled, DropGuard, RunUntilCancelled};
