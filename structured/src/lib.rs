#![doc = include_str!("../README.md")]

mod backoff;
mod budget;
mod cancellation_token;
mod drop_guard;
mod either_task;
mod for_each_concurrent;
mod instrumented;
#[cfg(feature = "net")]
mod instrumented_net;
mod local_task_group;
mod named;
mod order;
mod race;
mod retry;
mod run_until_cancelled;
mod scope;
mod select;
mod semaphore;
mod slab;
#[cfg_attr(feature = "tracing", path = "span_tracing.rs")]
#[cfg_attr(not(feature = "tracing"), path = "span_none.rs")]
mod span;
mod split_mix_64;
mod sync;
mod task_group;
mod task_id;
mod task_info;
mod task_set;
mod task_tracker;
mod wait_queue;

pub use backoff::{Backoff, Delays};
pub use budget::{Budget, Budgeted, Step, budgeted};
pub use cancellation_token::{CancellationToken, Cancelled};
pub use drop_guard::DropGuard;
pub use for_each_concurrent::{ForEachConcurrent, for_each_concurrent};
pub use instrumented::Instrumented;
pub use local_task_group::LocalTaskGroup;
pub use race::{Race, race};
pub use retry::{Retry, retry};
pub use run_until_cancelled::RunUntilCancelled;
pub use scope::{LocalScope, Scope, local_scope, scope, try_local_scope, try_scope};
pub use select::{Either, Select, select};
pub use semaphore::{Acquire, Permit, Semaphore};
pub use split_mix_64::SplitMix64;
pub use task_group::TaskGroup;
pub use task_id::TaskId;
pub use task_info::TaskInfo;
pub use task_set::{JoinAll, JoinNext, Joined, Shutdown, TaskSet};
pub use task_tracker::{GracefulShutdown, ShutdownReport, TaskTracker, Tracked, Wait};
