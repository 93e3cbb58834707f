#![doc = include_str!("../README.md")]

mod exact;
mod expected;
mod generate;
mod judge;
mod play;
mod print;
mod program;
mod rules;
mod run;
mod search;
mod shrink;
mod world;

pub use expected::{Expected, Seen, expected};
pub use print::rust_code;
pub use program::{End, Fate, Place, Program, Step, Task};
pub use run::compare;
pub use search::{Finding, Search, child};
pub use shrink::shrink;

use anyrt_conformance_engine::*;

/// The rule: random programs give on a backend what the model allows.
pub fn rules() -> Vec<Rule> {
    rules::rules()
}
