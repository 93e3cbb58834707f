//! The backends on which the tests of the bridges run.
//!
//! A test is one function, `async fn case<R: NetRuntime>(rt: R)`. [`on_each_runtime!`] makes a module of its name with a test per
//! backend, and [`on_each_local_runtime!`] does so with `async fn case<R: LocalNet>(rt: R)`. A backend is one line in here.

#[doc(hidden)]
pub mod passed;
mod refusing;
mod replay;
mod watchdog;

use std::time::Duration;

use anyrt_core::{BlockOn, Config, Flavor, Launch};
use anyrt_net::AnyNet;

pub use refusing::refusing;
pub use replay::replays;
pub use watchdog::progress;
#[doc(hidden)]
pub use watchdog::watched;

/// Runs each case as a test on every runtime with sockets.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_net::prelude::*;
///
/// async fn an_answer_comes_back<R: NetRuntime>(rt: R) {
///     assert_eq!(rt.spawn(async { 42 }).await.unwrap(), 42);
/// }
///
/// anyrt_bridge_testing::on_each_runtime!(an_answer_comes_back);
/// ```
#[macro_export]
macro_rules! on_each_runtime {
    ($($case:ident),+ $(,)?) => {$(
        $crate::on_each_runtime! {
            @ $case:
            tokio_multi_thread,
            tokio_current_thread,
            smol_owned,
            smol_global,
            async_std_global,
            any_tokio,
            any_smol,
        }
    )+};
    (@ $case:ident: $($backend:ident),+ $(,)?) => {
        mod $case {$(
            #[test]
            fn $backend() {
                $crate::watched(|| $crate::$backend(|rt| super::$case(rt)));
            }
        )+}
    };
}

/// Runs each case as a test on every runtime whose sockets are the system's, with its type: `async fn case<R: NetRuntime + OsNet>(rt: R)`.
#[macro_export]
macro_rules! on_each_system_runtime {
    ($($case:ident),+ $(,)?) => {$(
        $crate::on_each_runtime! {
            @ $case:
            tokio_multi_thread,
            tokio_current_thread,
            smol_owned,
            smol_global,
            async_std_global,
        }
    )+};
}

/// Runs each case as a test on runtimes without their types: `async fn case(rt: AnyNet)`.
#[macro_export]
macro_rules! on_each_any_runtime {
    ($($case:ident),+ $(,)?) => {$(
        $crate::on_each_runtime! { @ $case: any_tokio, any_smol }
    )+};
}

/// Runs each case as a test on every local runtime with sockets.
#[macro_export]
macro_rules! on_each_local_runtime {
    ($($case:ident),+ $(,)?) => {$(
        $crate::on_each_runtime! { @ $case: tokio_local, smol_local, async_std_local, compio_local }
    )+};
}

/// Runs each case as a test on every local runtime with sockets that shares its timer:
/// `async fn case<R: LocalNet + ShareTimer>(rt: R)`.
#[macro_export]
macro_rules! on_each_local_runtime_that_shares_its_timer {
    ($($case:ident),+ $(,)?) => {$(
        $crate::on_each_runtime! { @ $case: tokio_local, smol_local, async_std_local }
    )+};
}

/// Runs each case as a test on a simulation with a network, with several seeds: `async fn case<R: NetRuntime>(rt: R)`.
#[macro_export]
macro_rules! on_simulation {
    ($($case:ident),+ $(,)?) => {
        mod simulation {$(
            #[test]
            fn $case() {
                $crate::watched(|| {
                    for seed in 0..5 {
                        $crate::simulation(seed, |rt| super::$case(rt));
                    }
                });
            }
        )+}
    };
}

/// Runs the case on a simulation with this seed.
pub fn simulation<F: Future<Output = ()>>(seed: u64, case: impl FnOnce(anyrt_sim::Sim) -> F) {
    let simulation = anyrt_sim::Sim::builder().seed(seed).build();
    simulation.block_on(case(simulation.handle()));
}

/// How many times a test repeats what it does: `long` if `ANYRT_BRIDGES_LONG` is set, and else `short`.
pub fn repeats(short: usize, long: usize) -> usize {
    match std::env::var_os("ANYRT_BRIDGES_LONG") {
        Some(_) => long,
        None => short,
    }
}

macro_rules! backends {
    ($($name:ident($handle:ty) = $run:expr;)+) => {$(
        /// Runs the case on the backend of this name.
        pub fn $name<F: Future<Output = ()>>(case: impl FnOnce($handle) -> F) {
            $run(case);
        }
    )+};
}

backends! {
    tokio_multi_thread(anyrt_tokio::Tokio) = |case| owned(tokio(), |rt| rt, case);
    tokio_current_thread(anyrt_tokio::Tokio) = |case| {
        let config = Config::new().flavor(Flavor::CurrentThread);
        owned(anyrt_tokio::Owned::launch(config).expect("it starts"), |rt| rt, case);
    };
    smol_owned(anyrt_smol::Smol) = |case| owned(smol(), |rt| rt, case);
    smol_global(anyrt_smol::Smol) = |case| global(anyrt_smol::Smol::global(), case);
    async_std_global(anyrt_async_std::AsyncStd) = |case| global(anyrt_async_std::AsyncStd::global(), case);
    any_tokio(AnyNet) = |case| owned(tokio(), AnyNet::new, case);
    any_smol(AnyNet) = |case| owned(smol(), AnyNet::new, case);
    tokio_local(<anyrt_tokio::Local as Launch>::Handle) = |case| local::<anyrt_tokio::Local, _>(case);
    smol_local(<anyrt_smol::Local as Launch>::Handle) = |case| local::<anyrt_smol::Local, _>(case);
    async_std_local(<anyrt_async_std::Local as Launch>::Handle) = |case| local::<anyrt_async_std::Local, _>(case);
    compio_local(anyrt_compio::LocalHandle) = |case| local::<anyrt_compio::Local, _>(case);
}

/// How long a runtime may take to end.
const GRACE: Duration = Duration::from_secs(5);

fn tokio() -> anyrt_tokio::Owned {
    Launch::launch(Config::new().worker_threads(2)).expect("it starts")
}

fn smol() -> anyrt_smol::Owned {
    Launch::launch(Config::new().worker_threads(2)).expect("it starts")
}

fn owned<L, R, F>(runtime: L, wrap: fn(L::Handle) -> R, case: impl FnOnce(R) -> F)
where
    L: Launch + BlockOn,
    F: Future<Output = ()>,
{
    runtime.block_on(case(wrap(runtime.handle())));
    runtime.shutdown(GRACE);
}

fn global<R, F>(runtime: R, case: impl FnOnce(R) -> F)
where
    R: BlockOn + Clone,
    F: Future<Output = ()>,
{
    runtime.block_on(case(runtime.clone()));
}

fn local<L, F>(case: impl FnOnce(L::Handle) -> F)
where
    L: Launch + BlockOn,
    F: Future<Output = ()>,
{
    let runtime = L::launch(Config::new()).expect("it starts");
    runtime.block_on(case(runtime.handle()));
    runtime.shutdown(GRACE);
}
