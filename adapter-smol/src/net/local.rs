use anyrt_net::forward_net;

use crate::{LocalHandle, Smol};

// Sockets are the process', so that any handle makes them.
forward_net! { [] LocalHandle as Smol, |_this| Smol::global(); Tcp, Udp, Resolve }

#[cfg(unix)]
forward_net! { [] LocalHandle as Smol, |_this| Smol::global(); Unix }

#[cfg(any(unix, windows))]
forward_net! { [] LocalHandle as Smol, |_this| Smol::global(); OsNet }

#[cfg(feature = "signal")]
forward_net! { [] LocalHandle as Smol, |_this| Smol::global(); Signals }
