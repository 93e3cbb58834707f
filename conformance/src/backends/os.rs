//! What a runtime has of the system's, beside TCP, UDP and names.

use anyrt_conformance_net::Sockets;
use anyrt_net::{LocalNet, NetRuntime, OsNet, Signals, Unix};

use crate::Backend;

/// `backend` with what `AnyNet` does not pass on.
#[allow(dead_code, reason = "without a backend there are no sockets")]
pub(super) fn os<R: NetRuntime + OsNet + Unix + Signals>(backend: Backend) -> Backend {
    backend.os_sockets::<R>().unix_sockets::<R>().signals::<R>()
}

/// `backend` with Unix sockets, where there are no descriptors.
#[allow(dead_code, reason = "without a backend there are no sockets")]
pub(super) fn unix<R: NetRuntime + Unix>(backend: Backend) -> Backend {
    backend.unix_sockets::<R>()
}

/// As [`os`], for a local runtime.
#[allow(dead_code, reason = "without a backend there are no sockets")]
pub(super) fn local_os<R: LocalNet + OsNet + Unix + Signals>(backend: Backend) -> Backend {
    let backend = backend.local_os_sockets::<R>().local_unix_sockets::<R>();
    backend.local_signals::<R>()
}
