use anyrt_net::forward_net;

use crate::{Ambient, Smol};

// Sockets are the process', so that any handle makes them.
forward_net! { [] Ambient as Smol, |_this| Smol::global(); Tcp, Udp, Resolve }

#[cfg(unix)]
forward_net! { [] Ambient as Smol, |_this| Smol::global(); Unix }

#[cfg(any(unix, windows))]
forward_net! { [] Ambient as Smol, |_this| Smol::global(); OsNet }

#[cfg(feature = "signal")]
forward_net! { [] Ambient as Smol, |_this| Smol::global(); Signals }
