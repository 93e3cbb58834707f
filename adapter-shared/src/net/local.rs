use anyrt_net::forward_net;

use crate::{AsyncIo, LocalFamily, LocalHandle, Reactor};

// Sockets are the process', so that any handle makes them.
forward_net! { [L: LocalFamily<Driver = AsyncIo>] LocalHandle<L> as Reactor, |_this| Reactor::of(L::RUNTIME); Tcp, Udp, Resolve }

#[cfg(unix)]
forward_net! { [L: LocalFamily<Driver = AsyncIo>] LocalHandle<L> as Reactor, |_this| Reactor::of(L::RUNTIME); Unix }

#[cfg(any(unix, windows))]
forward_net! { [L: LocalFamily<Driver = AsyncIo>] LocalHandle<L> as Reactor, |_this| Reactor::of(L::RUNTIME); OsNet }

#[cfg(feature = "signal")]
forward_net! { [L: LocalFamily<Driver = AsyncIo>] LocalHandle<L> as Reactor, |_this| Reactor::of(L::RUNTIME); Signals }
