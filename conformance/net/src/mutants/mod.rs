//! Runtimes with one flaw each, which show that the rules can fail.
//!
//! [`Broken`] wraps a runtime with sockets and breaks what [`plant`] was told, once per process. [`FAULTS`] lists the flaws, each
//! with the rules that must be red under it; [`EXEMPT`] lists the rules that no flaw of a runtime can break, and why.

mod connect;
mod fault;
mod halves;
mod list;
mod listener;
mod lookup;
mod relay;
mod runtime;
mod stream;
mod udp;

pub use connect::BrokenConnect;
pub use fault::{Fault, plant};
pub use halves::{BrokenRead, BrokenWrite};
pub use list::{EXEMPT, FAULTS};
pub use listener::{BrokenListener, BrokenWaiter};
pub use lookup::BrokenLookup;
pub use runtime::Broken;
pub use stream::BrokenStream;
pub use udp::{BrokenUdp, BrokenUdpWaiter};
