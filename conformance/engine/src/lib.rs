#![doc = include_str!("../README.md")]

mod backend;
pub mod capability;
mod case;
mod claims;
mod erase;
mod extensions;
mod glob;
mod harness;
mod instance;
pub mod kit;
mod mutant;
mod native;
pub mod report;
mod rule;
mod run;
mod specification;
mod started;
mod suite;

pub use backend::{Backend, Deviation, TryLaunch};
pub use capability::{Capability, Source};
pub use case::{Case, Outcome, Plan, Status, Verdict};
pub use claims::{AtShutdown, Claims};
pub use erase::*;
pub use glob::glob;
pub use harness::main;
pub use instance::{End, Instance};
pub use mutant::{Exempt, Mutant};
pub use native::Native;
pub use report::Report;
pub use rule::{Body, Level, Record, Rule};
pub use run::{CASE_VARIABLE, Runner, child, run_direct, run_job};
pub use specification::{FindBackend, Specification};
pub use started::Started;
pub use suite::{Suite, cases};
