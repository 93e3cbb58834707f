//! Random programs, run on every backend and compared with a model.
//!
//! A seed gives a [`Program`]: a tree of tasks that yield, sleep, tick, start others, panic, park, and do with each handle
//! what a program may do. It is built so that a [model](expected) knows what may come out, whatever the schedule: where two
//! things race, the answer is a set; where they do not, it is one. How often each future and each output was dropped is
//! exact, and nothing is early.
//!
//! [`Search`] runs the programs of many seeds, a batch in each process, so that a hang or an abort is that program's
//! difference. What it finds is made as small as it gets ([`shrink`]) and [printed](rust_code) as Rust code against
//! core's API, with the line that replays it.

mod expected;
mod generate;
mod judge;
mod play;
mod print;
mod program;
mod run;
mod search;
mod shrink;
mod world;

pub use expected::{Expected, Seen, expected};
pub use print::rust_code;
pub use program::{End, Fate, Place, Program, Step, Task};
pub use run::compare;
pub(crate) use search::child;
pub use search::{Finding, Search};
pub use shrink::shrink;
