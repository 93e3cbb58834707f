//! Sockets of the process's reactor, polled by whichever executor the task runs on.

use anyrt_net::forward_net;
use anyrt_shared::Reactor;

use super::Pool;

/// What errors call the runtime.
const RUNTIME: &str = "futures";

forward_net! { [] Pool as Reactor, |_this| Reactor::of(RUNTIME); Tcp, Udp, Resolve }

#[cfg(unix)]
forward_net! { [] Pool as Reactor, |_this| Reactor::of(RUNTIME); Unix, OsNet, Signals }
