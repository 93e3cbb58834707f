#![doc = include_str!("../README.md")]

mod join;
mod mini;
mod pool;
mod row;

pub use join::{Stop, Task};
pub use mini::{Entry, Handle, Mini, Sleep};
pub use pool::{DelaySleep, LocalHandle, LocalPool, Pool};

use join::Run;
