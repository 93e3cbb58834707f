#![doc = include_str!("../README.md")]

mod ambient;
mod builder;
mod context;
mod handle;
mod host_id;
#[cfg(feature = "net")]
pub mod net;
#[cfg(not(feature = "net"))]
#[path = "no_net.rs"]
mod net;
mod owned;
#[cfg(any(feature = "rand", feature = "rand-08", feature = "rand-010"))]
mod rand;
mod report;
mod rng;
mod runner;
mod schedule;
mod settings;
mod sleep;
mod task;
#[cfg(feature = "tracing")]
pub mod tracing;

pub use ambient::Ambient;
pub use builder::Builder;
pub use handle::Sim;
pub use owned::Owned;
pub use report::divergence::Divergence;
pub use report::event::{Event, EventKind};
pub use report::failure::{Failure, FailureKind, Replay};
pub use rng::Rng;
pub use runner::check::{Check, check, check_determinism};
pub use runner::coverage::Coverage;
pub use runner::outcome::Outcome;
pub use runner::shrunk::Shrunk;
pub use runner::survey::{FailureGroup, Survey};
pub use schedule::policy::Policy;
pub use sleep::Sleep;
pub use task::blocking_task::BlockingTask;
pub use task::spawned::{LocalTask, Task};
pub use task::task_info::{TaskId, TaskInfo, TaskState};
