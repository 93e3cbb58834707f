#![doc = include_str!("../README.md")]

mod blocking_task;
mod guarded;
mod joinable;
mod local_task;
#[cfg(feature = "net")]
pub mod net;
mod root;
mod shared;
mod sleep;
mod slot;
mod start;
mod task;
mod watched;

pub use blocking_task::BlockingTask;
pub use guarded::{Guard, Guarded};
pub use joinable::{Joinable, settle};
pub use local_task::LocalTask;
pub use root::Root;
pub use sleep::Sleep;
pub use start::{Start, guard};
pub use task::Task;
pub use watched::Watched;
