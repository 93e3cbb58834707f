#![doc = include_str!("../README.md")]

pub mod by_hand;
pub mod hall;
pub mod load;
pub mod scale;
mod server;
mod simulated;

pub use server::serve;
pub use simulated::{Simulated, simulate};
