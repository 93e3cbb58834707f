use std::rc::Rc;

use anyrt_core::Timer;
use anyrt_net::{Incoming, Listener};
use futures::{Stream, StreamExt};

use super::Fault;
use super::fault::is;

anyrt_conformance_engine::mutants! { Fault;
    incoming_goes_on: "an accept loop goes on after an error of its listener",
        killed by "net::incoming_ends_with_the_listener";
}

/// The accept loop of `anyrt-net`, with the fault that was planted. No fault of a listener breaks it.
pub(crate) fn incoming<L, T>(
    listener: L,
    timer: T,
) -> impl Stream<Item = <Incoming<L, T> as Stream>::Item>
where
    L: Listener,
    T: Timer + Clone,
    Incoming<L, T>: Stream,
    Incoming<Rc<L>, T>: Stream<Item = <Incoming<L, T> as Stream>::Item>,
{
    let listener = Rc::new(listener);
    let again = if is(Fault::incoming_goes_on) {
        usize::MAX
    } else {
        0
    };
    let first = Rc::clone(&listener).incoming(timer.clone());
    first.chain(listener.incoming(timer).take(again))
}
