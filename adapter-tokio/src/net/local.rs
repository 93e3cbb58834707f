use anyrt_net::forward_net;

use crate::{LocalHandle, Tokio};

forward_net! { [] LocalHandle as Tokio, |this| *this.shared(); Tcp, Udp, Resolve }

#[cfg(unix)]
forward_net! { [] LocalHandle as Tokio, |this| *this.shared(); Unix }

#[cfg(any(unix, windows))]
forward_net! { [] LocalHandle as Tokio, |this| *this.shared(); OsNet }

#[cfg(feature = "signal")]
forward_net! { [] LocalHandle as Tokio, |this| *this.shared(); Signals }
