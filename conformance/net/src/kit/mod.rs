//! What rules of sockets wait with and look with, beside the engine's kit.

mod net;
mod process;

pub(crate) use net::{
    any, counting, eventually, local_pair, noise, pair, poll_once, read_all, refusing,
};
pub(crate) use process::{cpu_ticks, open_descriptors};

/// How long a rule lets others come first: never waited for what must happen, only to make likely what may.
pub(crate) const MOMENT: std::time::Duration = std::time::Duration::from_millis(20);
