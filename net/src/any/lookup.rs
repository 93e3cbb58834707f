use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A question for a name on an [`AnyNet`](crate::AnyNet); made by its `resolve`.
///
/// # Cost
///
/// 16 bytes, and a box.
#[must_use = "futures do nothing unless polled"]
pub struct AnyLookup(Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>);

impl AnyLookup {
    pub(super) fn new(
        future: Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>,
    ) -> Self {
        Self(future)
    }
}

impl Future for AnyLookup {
    type Output = io::Result<Vec<SocketAddr>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for AnyLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyLookup").finish_non_exhaustive()
    }
}
