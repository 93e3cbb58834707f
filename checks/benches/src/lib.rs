#![doc = include_str!("../README.md")]

pub mod backends;
pub mod extras;
pub mod limits;
pub mod page;
#[cfg(feature = "peers")]
pub mod peers;
pub mod sockets;
pub mod wall;

#[doc(no_inline)]
pub use anyrt_benches_kit::{
    alloc, layer, local, measure, operation, pair, probe, structured, valgrind, work,
};
