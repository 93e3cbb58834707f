use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use super::Fault;
use super::fault::is;

anyrt_conformance_engine::mutants! { Fault;
    lookup_blocks: "a question that was dropped blocks the next",
        killed by "net::dropped_lookup_is_forgotten";
    names_kind_lost: "a name that nobody knows is an error without a kind",
        killed by "net::unknown_name_is_not_found";
}

static BLOCKED: AtomicBool = AtomicBool::new(false);

/// A question for a name, with the flaw that was planted.
#[derive(Debug)]
pub(crate) struct BrokenLookup<F> {
    lookup: F,
    failure: Option<io::Error>,
    is_done: bool,
}

impl<F> BrokenLookup<F> {
    pub(super) fn new(lookup: F, failure: Option<io::Error>) -> Self {
        Self {
            lookup,
            failure,
            is_done: false,
        }
    }
}

impl<F: Future<Output = io::Result<Vec<SocketAddr>>> + Unpin> Future for BrokenLookup<F> {
    type Output = io::Result<Vec<SocketAddr>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if is(Fault::lookup_blocks) && BLOCKED.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Err(failure));
        }
        let result = ready!(Pin::new(&mut self.lookup).poll(cx));
        self.is_done = true;
        if is(Fault::names_kind_lost) {
            return Poll::Ready(result.map_err(io::Error::other));
        }
        Poll::Ready(result)
    }
}

impl<F> Drop for BrokenLookup<F> {
    fn drop(&mut self) {
        if !self.is_done {
            BLOCKED.store(true, Ordering::Relaxed);
        }
    }
}
