#![doc = include_str!("../README.md")]

mod backend;
pub mod backends;
mod capability;
mod case;
mod claims;
#[cfg(feature = "cli")]
pub mod cli;
pub mod differential;
mod erase;
mod instance;
pub mod kit;
pub mod mutants;
mod native;
pub mod registry;
pub mod report;
mod rule;
pub mod rules;
mod run;
mod structured;
mod suite;
pub mod workloads;

pub use backend::{Backend, Deviation};
pub use capability::Capability;
pub use case::{Case, Outcome, Plan, Status, Verdict};
pub use claims::{AtShutdown, Claims};
pub use erase::*;
pub use instance::{End, Instance, Started};
pub use native::Native;
pub use report::Report;
pub use rule::{Body, Level, Record, Rule};
pub use run::{CASE_VARIABLE, Runner, child};
pub use suite::main;
