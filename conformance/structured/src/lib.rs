#![doc = include_str!("../README.md")]

mod everyday;
mod pieces;
mod rules;
mod slip;

use anyrt_conformance_engine::*;

pub use everyday::everyday;

/// The specification of structured tasks: what the pieces of `anyrt-structured` promise on every runtime.
pub fn specification() -> Specification {
    let mutants = [pieces::mutants(), slip::all()].concat();
    Specification::new("structured", rules::all()).mutants(mutants)
}
