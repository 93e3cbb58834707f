use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Pending;
use super::Wire;
use super::call::{self, Home};
use super::hold::Hold;
use super::wire::slab::Id;

/// The signals of one kind to a simulated host, which [`Host::signal`](super::Host::signal) sends.
///
/// It is the [stream](futures_core::Stream) of [`anyrt_net::Signals`]; see there.
#[derive(Debug)]
pub struct Signals(Hold);

impl Signals {
    pub(super) fn new(shared: &Home, id: Id) -> Self {
        Self(Hold::new(shared, id, Wire::drop_subscription))
    }
}

impl futures_core::Stream for Signals {
    type Item = io::Result<()>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let id = self.0.id;
        call::poll(&self.0.shared, cx, Pending::Signal(id), |wire, m, waker| {
            wire.poll_signal(id, waker, m)
        })
        .map(Some)
    }
}
