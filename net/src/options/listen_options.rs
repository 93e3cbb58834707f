use std::io;

use crate::SocketOption;

/// What a program asks of a listener.
///
/// Every option is unset at first. A backend that cannot honour one fails with `Unsupported` and names it
/// (`net::option_is_refused`); none is ever ignored (`net::listen_option_is_honoured`).
///
/// Rules: `net::reused_address_listens_again`.
///
/// # Examples
///
/// ```
/// use anyrt_net::{ListenOptions, prelude::*};
///
/// # use anyrt_core::{Config, prelude::*};
/// # let owner = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # let rt = owner.handle();
/// let shared = ListenOptions::new().reuse_port(true).backlog(4096);
/// let one = rt.tcp_listen_with(([127, 0, 0, 1], 0).into(), &shared)?;
/// // Another process may do the same.
/// let other = rt.tcp_listen_with(one.local_addr()?, &shared)?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenOptions {
    /// How many connections wait to be accepted. See [`backlog()`](Self::backlog()).
    pub backlog: Option<u32>,
    /// Whether a port in its closing time may be bound. See [`reuse_addr()`](Self::reuse_addr()).
    pub reuse_addr: Option<bool>,
    /// Whether several sockets may be bound to one port. See [`reuse_port()`](Self::reuse_port()).
    pub reuse_port: Option<bool>,
    /// Whether an IPv6 socket refuses IPv4. See [`only_v6()`](Self::only_v6()).
    pub only_v6: Option<bool>,
}

impl ListenOptions {
    /// Leaves every choice to the system.
    pub const fn new() -> Self {
        Self {
            backlog: None,
            reuse_addr: None,
            reuse_port: None,
            only_v6: None,
        }
    }

    /// Sets how many connections wait to be accepted: 1024 unless set, on every backend. The system limits it.
    pub fn backlog(mut self, connections: u32) -> Self {
        self.backlog = Some(connections);
        self
    }

    /// Says whether a port in its closing time may be bound: on Unix yes and on Windows no, unless set, as std does.
    pub fn reuse_addr(mut self, reuse: bool) -> Self {
        self.reuse_addr = Some(reuse);
        self
    }

    /// Says whether several sockets, also of other processes of the same user, may be bound to one port.
    ///
    /// The system spreads connections and messages over them. Every one of them must ask for it. Unix only: on Windows it is
    /// refused by name.
    ///
    /// With it, a program that is started twice by mistake gets no `AddrInUse`: both run, and each is given a part of the connections
    /// and messages. So set it where sockets are meant to share a port, and not to start again sooner.
    pub fn reuse_port(mut self, reuse: bool) -> Self {
        self.reuse_port = Some(reuse);
        self
    }

    /// Says whether an IPv6 socket refuses IPv4. Unset, the system decides, and systems differ.
    pub fn only_v6(mut self, only: bool) -> Self {
        self.only_v6 = Some(only);
        self
    }

    /// Refuses an option that is set and not in `honoured`; for adapters.
    ///
    /// # Errors
    ///
    /// `Unsupported`, naming the first such option and `runtime`.
    pub fn check(&self, runtime: &str, honoured: &[SocketOption]) -> io::Result<()> {
        // Exhaustive, so that a new field cannot be forgotten here.
        let Self {
            backlog,
            reuse_addr,
            reuse_port,
            only_v6,
        } = self;
        let set = [
            (SocketOption::Backlog, backlog.is_some()),
            (SocketOption::ReuseAddr, reuse_addr.is_some()),
            (SocketOption::ReusePort, reuse_port.is_some()),
            (SocketOption::OnlyV6, only_v6.is_some()),
        ];
        SocketOption::check(&set, runtime, honoured)
    }
}
