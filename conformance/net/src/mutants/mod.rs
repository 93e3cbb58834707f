//! Runtimes with one fault each, which show that the rules can fail.
//!
//! [`Broken`] wraps a runtime with sockets and breaks what the [`Fault`] says. A backend that is extended with a fault runs the
//! rules on it.

mod connect;
mod fault;
mod halves;
mod incoming;
mod listener;
mod lookup;
#[cfg(unix)]
mod os;
mod relay;
mod runtime;
#[cfg(unix)]
mod signal;
mod stream;
mod udp;
#[cfg(unix)]
mod unix;

pub(crate) use connect::BrokenConnect;
pub(crate) use fault::{Fault, all, plant};
pub(crate) use halves::{BrokenRead, BrokenWrite};
pub(crate) use incoming::incoming;
pub(crate) use listener::BrokenListener;
pub(crate) use lookup::BrokenLookup;
pub(crate) use runtime::Broken;
pub(crate) use stream::BrokenStream;
pub(crate) use udp::BrokenUdp;
