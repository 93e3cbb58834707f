//! The log on simulated hosts.

mod cluster;
mod find;
mod storage;
mod storm;

pub use find::find;
pub use storm::storm;
