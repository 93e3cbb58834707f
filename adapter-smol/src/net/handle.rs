use anyrt_net::forward_net;
use anyrt_shared::Reactor;

use crate::Smol;
use crate::handle::RUNTIME;

// Sockets are the process', so that any handle makes them.
forward_net! { [] Smol as Reactor, |_this| Reactor::of(RUNTIME); Tcp, Udp, Resolve }

#[cfg(unix)]
forward_net! { [] Smol as Reactor, |_this| Reactor::of(RUNTIME); Unix }

#[cfg(any(unix, windows))]
forward_net! { [] Smol as Reactor, |_this| Reactor::of(RUNTIME); OsNet }

#[cfg(feature = "signal")]
forward_net! { [] Smol as Reactor, |_this| Reactor::of(RUNTIME); Signals }
