use anyrt_net::forward_net;

use crate::{Ambient, AsyncStd};

// Sockets are the process', so that any handle makes them.
forward_net! { [] Ambient as AsyncStd, |_this| AsyncStd::global(); Tcp, Udp, Resolve }

#[cfg(unix)]
forward_net! { [] Ambient as AsyncStd, |_this| AsyncStd::global(); Unix }

#[cfg(any(unix, windows))]
forward_net! { [] Ambient as AsyncStd, |_this| AsyncStd::global(); OsNet }

#[cfg(feature = "signal")]
forward_net! { [] Ambient as AsyncStd, |_this| AsyncStd::global(); Signals }
