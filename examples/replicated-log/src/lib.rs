#![doc = include_str!("../README.md")]

pub mod log;
pub mod simulated;
mod workload;

pub use workload::Workload;
