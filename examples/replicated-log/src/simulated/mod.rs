//! The log on simulated hosts.

mod cluster;
mod find;
mod hour;
mod storage;
mod storm;

pub use find::{find, replay, survey};
pub use hour::{Hour, hour};
pub use storm::storm;
