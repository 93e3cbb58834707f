//! What rules wait with and look with.

mod local;
mod net;
mod process;
mod shared;
mod waker;

pub use local::Local;
pub use net::{any, eventually, local_pair, noise, pair, poll_once, read_all};
pub use process::{cpu_ticks, open_descriptors};
pub use shared::{Fresh, Owner, Shared};
pub use waker::{Count, counting};

/// How long a rule lets others come first: never waited for what must happen, only to make likely what may.
pub const MOMENT: std::time::Duration = std::time::Duration::from_millis(20);
