//! What a task waits for in the network, in words.

use std::net::SocketAddr;

use super::wire::slab::Id;

/// An operation that was pending when it was polled last. It is looked up only where it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    Connect(Id),
    Read(Id),
    Write(Id),
    Accept(Id),
    Receive(Id),
    Send(Id),
    Signal(Id),
    Lookup,
}

/// An address and the name of its host, where that has one: `n0 (192.168.0.2:80)`.
pub(super) fn place(name: &str, addr: SocketAddr) -> String {
    match name == addr.ip().to_string() {
        true => addr.to_string(),
        false => format!("{name} ({addr})"),
    }
}
