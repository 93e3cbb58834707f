//! A local runtime for the board: the tasks of edge-executor, the timers of embassy-time.

mod bare;
mod handle;
mod sleep;
mod task;

pub use self::bare::Bare;
