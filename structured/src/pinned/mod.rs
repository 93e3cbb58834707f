//! Threads with a local runtime each.

mod pool;
mod task;
mod worker;

pub use self::pool::PinnedPool;
pub use self::task::PinnedTask;
