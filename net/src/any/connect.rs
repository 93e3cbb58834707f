use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::AnyTcpStream;

/// An attempt to connect on an [`AnyNet`](crate::AnyNet); made by its `tcp_connect`.
///
/// # Cost
///
/// 16 bytes, and a box.
#[must_use = "futures do nothing unless polled"]
pub struct AnyConnect(Pin<Box<dyn Future<Output = io::Result<AnyTcpStream>> + Send>>);

impl AnyConnect {
    pub(super) fn new(
        future: Pin<Box<dyn Future<Output = io::Result<AnyTcpStream>> + Send>>,
    ) -> Self {
        Self(future)
    }
}

impl Future for AnyConnect {
    type Output = io::Result<AnyTcpStream>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for AnyConnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyConnect").finish_non_exhaustive()
    }
}
