#![doc = include_str!("../README.md")]

pub mod log;
pub mod search;
mod seeds;
pub mod simulated;
mod workload;

pub use seeds::recorded_seed;
pub use workload::Workload;
