//! agnostic-net, through its `Net`: the sockets are the layer's; tasks and clocks are those of our adapter for the same runtime.

mod datagram;
mod listener;
mod runtime;
mod stream;

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use agnostic_net::{smol, tokio};
use anyrt_conformance::Backend;
use anyrt_conformance_net::Sockets as _;
use anyrt_core::Config;

use runtime::{Handle, Owned};

/// A future of the layer's, which are `async fn`s.
type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The layer on each runtime that it has and that is one of the project's.
pub(crate) fn all() -> Vec<Backend> {
    type OnTokio = Owned<anyrt_tokio::Owned, tokio::Net>;
    type OnSmol = Owned<anyrt_smol::Owned, smol::Net>;
    vec![
        Backend::owned::<OnTokio>("agnostic-net/tokio", Config::new().worker_threads(2))
            .sockets::<Handle<anyrt_tokio::Tokio, tokio::Net>>(),
        Backend::owned::<OnSmol>("agnostic-net/smol", Config::new().worker_threads(2))
            .sockets::<Handle<anyrt_smol::Smol, smol::Net>>(),
    ]
}

/// What the layer only gives to those who await it, where a rule does not wait. It binds and connects datagrams at the first
/// poll.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the layer waits before it binds"),
    }
}
