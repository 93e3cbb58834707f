//! The project's own backends, as far as their features are on.

/// Declares backends, one line each: the feature that turns it on, and its module, which has a function `backends`.
macro_rules! backends {
    ($($feature:literal in $module:ident;)+) => {
        $(
            #[cfg(feature = $feature)]
            mod $module;
        )+

        /// Every backend compiled in.
        pub fn all() -> Vec<Backend> {
            let all: Vec<Vec<Backend>> = vec![$(
                #[cfg(feature = $feature)]
                $module::backends(),
            )+];
            all.concat()
        }
    };
}

backends! {
    "tokio" in tokio;
    "smol" in smol;
    "async-std" in async_std;
    "compio" in compio;
    "sim" in sim;
}

#[cfg(any(feature = "tokio", feature = "sim"))]
mod ambient;
#[cfg(any(feature = "smol", feature = "async-std", feature = "compio"))]
mod async_task;

#[cfg(all(feature = "net", unix))]
mod os;
#[cfg(all(feature = "net", not(unix)))]
#[path = "no_os.rs"]
mod os;

#[cfg(feature = "net")]
#[allow(unused_imports, reason = "without a backend there are no sockets")]
use os::{local_os, os, unix};

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

/// One runtime of each other kind than `backend` that is compiled in, whose tasks are `Send`: for rules about two runtimes that
/// know nothing of each other. Before them comes one of its own family that is launched, where `backend` is always there.
pub(crate) fn other_kinds(backend: &Backend) -> Vec<Backend> {
    let kind = |key: &str| {
        let end = key.find(['-', '+', '~']).unwrap_or(key.len());
        key[..end].to_owned()
    };
    let own = kind(backend.key());
    let mut kinds = Vec::new();
    // An ambient form means, inside of the other, the other.
    let is_beside_its_family =
        !backend.has(crate::capability::Owned) && !backend.key().contains("+ambient");
    let mut others = all();
    others.retain(|it| {
        let is_own = kind(it.key()) == own;
        let may_be = !is_own || is_beside_its_family && it.has(crate::capability::Owned);
        let is_new =
            may_be && it.has(crate::capability::Shared) && !kinds.contains(&kind(it.key()));
        if is_new {
            kinds.push(kind(it.key()));
        }
        is_new
    });
    others.sort_by_key(|it| kind(it.key()) != own);
    others
}

/// The erased form of `backend`, and what it costs.
#[allow(dead_code, reason = "without a backend there is nothing to erase")]
fn through_any(backend: Backend) -> Backend {
    let boxed = "what is behind `AnyRuntime` is boxed: two allocations more for a spawn, and one for a sleep";
    backend
        .through_any()
        .deviates("memory::allocations_equal_native", boxed)
        .deviates("spawn::small_task_costs_one_allocation", boxed)
}
