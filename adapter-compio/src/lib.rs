#![doc = include_str!("../README.md")]

mod around;
mod blocking_task;
mod driver;
mod local;
mod local_task;
#[cfg(feature = "net")]
pub mod net;
mod queue;
mod queued;
mod shared_timer;
mod sleep;

pub use blocking_task::BlockingTask;
pub use driver::Driver;
pub use local::{Local, LocalHandle};
pub use local_task::LocalTask;
pub use shared_timer::{SharedSleep, SharedTimer};
pub use sleep::Sleep;
