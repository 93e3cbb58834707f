#![doc = include_str!("../README.md")]

pub mod backends;
#[cfg(feature = "cli")]
pub mod command;
pub mod everyday;
mod mutants;
mod rules;
mod suite;
mod workloads;

pub use anyrt_conformance_differential as differential;
pub use anyrt_conformance_engine::*;
pub use suite::{specification, specifications};
