//! The project's own backends, as far as their features are on.

#[cfg(feature = "async-std")]
mod async_std;
#[cfg(feature = "sim")]
mod sim;
#[cfg(feature = "smol")]
mod smol;
#[cfg(feature = "tokio")]
mod tokio;

mod none;

#[cfg(not(feature = "async-std"))]
use none as async_std;
#[cfg(not(feature = "sim"))]
use none as sim;
#[cfg(not(feature = "smol"))]
use none as smol;
#[cfg(not(feature = "tokio"))]
use none as tokio;

use std::time::SystemTime;

use crate::{Backend, Local, Shared};

crate::capabilities! {
    /// Its wall clock can be set, without the system's being set: see [`SetsWallClock`].
    WallClock: "its wall clock cannot be set", Declared;
}

/// How the wall clock of a runtime is set: what a backend with the capability [`WallClock`](struct@WallClock) is extended with.
#[derive(Clone, Copy, Debug)]
pub struct SetsWallClock {
    /// Where tasks are `Send`.
    pub shared: fn(&Shared, SystemTime),
    /// Where tasks are local.
    pub local: fn(&Local, SystemTime),
}

/// Every backend compiled in.
pub fn all() -> Vec<Backend> {
    [
        tokio::backends(),
        smol::backends(),
        async_std::backends(),
        sim::backends(),
    ]
    .concat()
}

/// The erased form of `backend`, and what it costs.
#[cfg_attr(
    not(any(
        feature = "tokio",
        feature = "smol",
        feature = "async-std",
        feature = "sim"
    )),
    expect(dead_code, reason = "no feature is on, so there is nothing to erase")
)]
fn through_any(backend: Backend) -> Backend {
    let boxed = "what is behind `AnyRuntime` is boxed: two allocations more for a spawn, and one for a sleep";
    backend
        .through_any()
        .deviates("memory::allocations_equal_native", boxed)
        .deviates("spawn::small_task_costs_one_allocation", boxed)
}
