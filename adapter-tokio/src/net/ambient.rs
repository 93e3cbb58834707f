use anyrt_net::forward_net;

use crate::{Ambient, Tokio};

forward_net! { [] Ambient as Tokio, |this| here(); Tcp, Udp, Resolve }

#[cfg(unix)]
forward_net! { [] Ambient as Tokio, |this| here(); Unix }

#[cfg(any(unix, windows))]
forward_net! { [] Ambient as Tokio, |this| here(); OsNet }

#[cfg(feature = "signal")]
forward_net! { [] Ambient as Tokio, |this| here(); Signals }

/// The runtime around; panics where there is none, as everything of [`Ambient`] does.
#[track_caller]
fn here() -> Tokio {
    Tokio::new(tokio::runtime::Handle::current())
}
