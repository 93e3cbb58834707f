#![doc = include_str!("../README.md")]

mod ambient;
mod blocking_task;
mod global;
mod handle;
mod local;
mod local_task;
#[cfg(feature = "net")]
pub mod net;
mod owned;
mod sleep;
mod task;

pub use ambient::Ambient;
pub use blocking_task::BlockingTask;
pub use global::Global;
pub use handle::Smol;
pub use local::{Local, LocalHandle};
pub use local_task::LocalTask;
pub use owned::Owned;
pub use sleep::Sleep;
pub use task::Task;
