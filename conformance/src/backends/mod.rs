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

use std::fmt::{self, Debug};
use std::time::SystemTime;

use anyrt_core::{AnyTimer, BlockOn, ShareTimer, Timer};

use crate::{Backend, Local, RootFuture, Shared};

crate::capabilities! {
    /// Its wall clock can be set, without the system's being set: see [`SetsWallClock`].
    WallClock: "its wall clock cannot be set", Declared;
    /// A local runtime that gives its timer to other threads: see [`SharesTimer`].
    SharedTimer: "it is no local runtime that shares its timer (no `ShareTimer`)", Declared;
    /// A local runtime whose handle blocks: see [`BlocksByHandle`].
    LocalBlockOn: "it is no local runtime whose handle blocks (no `BlockOn`)", Declared;
}

/// How the wall clock of a runtime is set: what a backend with the capability [`WallClock`](const@WallClock) is extended with.
#[derive(Clone, Copy, Debug)]
pub struct SetsWallClock {
    /// Where tasks are `Send`.
    pub shared: fn(&Shared, SystemTime),
    /// Where tasks are local.
    pub local: fn(&Local, SystemTime),
}

/// How a local runtime gives its timer away: what a backend with the capability [`SharedTimer`](const@SharedTimer) is extended
/// with.
#[derive(Clone, Copy, Debug)]
pub struct SharesTimer(pub fn(&Local) -> AnyTimer);

impl SharesTimer {
    /// For the runtime whose handle is `R`.
    pub fn of<R>() -> Self
    where
        R: ShareTimer<
                SharedTimer: Timer<Sleep: Send + Sync + 'static> + Debug + Send + Sync + 'static,
            > + 'static,
    {
        Self(|rt| {
            let handle = rt.native::<R>().expect("a handle of this runtime");
            AnyTimer::new(handle.shared_timer())
        })
    }
}

/// How the handle of a local runtime blocks: what a backend with the capability [`LocalBlockOn`](const@LocalBlockOn) is extended
/// with.
#[derive(Clone, Copy)]
pub struct BlocksByHandle(pub fn(&Local, RootFuture<'_>));

impl BlocksByHandle {
    /// For the runtime whose handle is `R`.
    pub fn of<R: BlockOn + 'static>() -> Self {
        Self(|rt, future| {
            let handle = rt.native::<R>().expect("a handle of this runtime");
            handle.block_on(future);
        })
    }
}

impl Debug for BlocksByHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlocksByHandle").finish_non_exhaustive()
    }
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
