//! anyrt-wasm under the conformance suite.
//!
//! `run.mjs` starts this module once for each case, in a process of node's or in a worker of a browser's, and once more to judge
//! what came out and to print it.
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

mod backends;
pub mod command;
mod page;
