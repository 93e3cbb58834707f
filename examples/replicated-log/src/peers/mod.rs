//! The same log under turmoil and under tokio's paused clock, to compare.
//!
//! Its 120 lines of sockets are what turmoil needs that has net types of its own; the faults of its storms are turmoil's.

mod columns;
mod disk;
mod nemesis;
mod paused;
mod runtime;
mod speed;
mod storm;
mod stream;

pub use columns::{paused_clock, search, speed};
pub use paused::paused;
pub use runtime::Turmoil;
pub use speed::{hour, speeds};
pub use storm::find;
