//! A started runtime with sockets, as a rule sees it.

mod local;
mod shared;

pub(crate) use local::Local;
pub(crate) use shared::Shared;
