#![cfg_attr(not(feature = "single-threaded"), doc = include_str!("../README.md"))]
#![cfg_attr(
    feature = "single-threaded",
    doc = "openraft's runtime on any local one. The crate's page is that without the feature `single-threaded`."
)]

mod erased;
mod instant;
mod openraft;
mod watch;

pub use self::openraft::Openraft;
pub use erased::Erased;
pub use instant::RaftInstant;
pub use watch::{OrderedReceiver, OrderedRef, OrderedSender, OrderedWatch};
