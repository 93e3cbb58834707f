//! Stands in where the system has no Unix sockets.

use crate::Backend;

#[allow(dead_code, reason = "without a backend there are no sockets")]
pub(super) fn os<R>(backend: Backend) -> Backend {
    backend
}

#[allow(dead_code, reason = "without a backend there are no sockets")]
pub(super) fn unix<R>(backend: Backend) -> Backend {
    backend
}

#[allow(dead_code, reason = "without a backend there are no sockets")]
pub(super) fn local_os<R>(backend: Backend) -> Backend {
    backend
}
