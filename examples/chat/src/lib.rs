#![doc = include_str!("../README.md")]

pub mod by_hand;
pub mod hall;
pub mod load;
pub mod scale;
mod server;

pub use server::serve;
