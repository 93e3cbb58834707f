#![doc = include_str!("../README.md")]

pub mod capability;
pub mod completion;
mod kit;
mod mutants;
mod place;
mod rule;
mod rules;
mod sockets;

pub use sockets::Sockets;

use anyrt_conformance_engine::Specification;

/// The specification of `anyrt-net`: what sockets, names and signals promise on every runtime that [has them](Sockets).
pub fn specification() -> Specification {
    Specification::new("net", rules::all()).mutants(mutants::all())
}
