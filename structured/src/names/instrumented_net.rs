//! Instrumented runtimes pass sockets on.

use anyrt_net::forward_net;

use crate::Instrumented;

forward_net! { [R] Instrumented<R> as R, |this| *this.runtime(); Tcp, Udp, Resolve, Signals }

#[cfg(unix)]
forward_net! { [R] Instrumented<R> as R, |this| *this.runtime(); Unix }

#[cfg(any(unix, windows))]
forward_net! { [R] Instrumented<R> as R, |this| *this.runtime(); OsNet }
