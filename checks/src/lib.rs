//! Checks of the workspace itself: what a compiler does not see and a reviewer forgets.
//!
//! The library reads the workspace's sources; the tests under `tests/` hold what it finds against what was promised.

pub mod asked;
pub mod lockstep;
pub mod public_api;
pub mod workspace;
