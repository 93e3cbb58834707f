use std::time::Duration;

use crate::{BoxWork, RootFuture, Value};

/// A started runtime without its type: what a backend's constructor makes, and what mutants wrap.
pub trait Instance<H> {
    /// The handle that is passed to libraries.
    fn handle(&self) -> H;

    /// Drives the runtime on the calling thread until `future` is ready.
    fn block_on(&self, future: RootFuture<'_>);

    /// Runs `future` as a task and waits for it. Only called where the backend has the capabilities `Owned` and `Shared`.
    fn run(&self, _future: BoxWork) -> Value {
        unreachable!("only rules that need `Owned` and `Shared` run a main task")
    }

    /// Shuts the runtime down. Only called where the backend has the capability `Owned`.
    fn shutdown(self: Box<Self>, grace: Duration);

    /// The end of the runtime, to be moved into a task of its own. Only called where the backend has the capability `Movable`.
    fn into_end(self: Box<Self>) -> End {
        unreachable!("only rules that need `Movable` move a runtime")
    }
}

/// Ends the runtime in it: shuts it down with the grace, or drops it where there is none.
pub type End = Box<dyn FnOnce(Option<Duration>) + Send>;
