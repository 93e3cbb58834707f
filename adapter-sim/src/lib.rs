#![doc = include_str!("../README.md")]
#![expect(
    clippy::test_attr_in_doctest,
    reason = "the reader copies the attribute; a hidden line calls the function, so it runs"
)]

mod ambient;
mod blocking_task;
mod builder;
mod check;
mod context;
mod divergence;
mod drive;
mod entry;
mod env;
mod event;
mod failure;
mod handle;
mod job;
mod join;
mod local_task;
mod locals;
mod outcome;
mod owned;
mod policy;
mod ready;
mod rng;
mod root;
mod search;
mod settings;
mod shared;
mod sleep;
mod state;
mod step;
mod task;
mod task_info;
mod timers;
mod trace;

pub use ambient::Ambient;
pub use blocking_task::BlockingTask;
pub use builder::Builder;
pub use check::{Check, check, check_determinism};
pub use divergence::Divergence;
pub use event::{Event, EventKind};
pub use failure::{Failure, FailureKind};
pub use handle::Sim;
pub use local_task::LocalTask;
pub use outcome::Outcome;
pub use owned::Owned;
pub use policy::Policy;
pub use rng::Rng;
pub use sleep::Sleep;
pub use task::Task;
pub use task_info::{TaskId, TaskInfo, TaskState};
