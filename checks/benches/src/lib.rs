#![doc = include_str!("../README.md")]

pub mod alloc;
pub mod backends;
pub mod extras;
pub mod layer;
pub mod limits;
pub mod local;
pub mod measure;
pub mod native;
pub mod operation;
#[cfg(feature = "peers")]
pub mod peers;
pub mod probe;
pub mod structured;
pub mod valgrind;
pub mod wall;
pub mod work;
