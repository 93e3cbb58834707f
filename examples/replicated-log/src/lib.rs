#![doc = include_str!("../README.md")]

pub mod log;
#[cfg(not(feature = "peers"))]
pub mod no_peers;
#[cfg(feature = "peers")]
pub mod peers;
pub mod search;
mod seeds;
pub mod simulated;
mod workload;

#[cfg(not(feature = "peers"))]
pub use no_peers as peers;
pub use seeds::recorded_seed;
pub use workload::Workload;
