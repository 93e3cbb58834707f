#![doc = include_str!("../README.md")]

mod everyday;
mod pieces;
mod rules;

use anyrt_conformance_engine::*;

pub use everyday::everyday;

/// The specification of structured tasks: what the pieces of `anyrt-structured` promise on every runtime.
pub fn specification() -> Specification {
    Specification::new("structured", rules::all()).mutants(pieces::mutants())
}
