#![doc = include_str!("../README.md")]

mod make;
mod shutdown;
pub mod tcp;
pub mod udp;
#[cfg(unix)]
pub mod unix;

pub use shutdown::{gone_is_fine, shutdown};
