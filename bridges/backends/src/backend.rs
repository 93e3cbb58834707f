//! Each backend as a function that runs a case on it.
//!
//! An owned runtime is shut down afterwards, with a grace of five seconds; a [`Watchdog`] ends a test that hangs.

use std::future::Future;
use std::time::Duration;

use anyrt_async_std::AsyncStd;
use anyrt_core::{BlockOn, Config, Flavor, Launch};
use anyrt_net::AnyNet;
use anyrt_smol::Smol;
use anyrt_tokio::Tokio;

use crate::Watchdog;

const GRACE: Duration = Duration::from_secs(5);

fn run<L, F>(config: Config, case: impl FnOnce(L::Handle) -> F) -> F::Output
where
    L: Launch,
    F: Future,
{
    let _watchdog = Watchdog::new();
    let owner = L::launch(config).expect("it has all that it needs");
    let output = owner.block_on(case(owner.handle()));
    owner.shutdown(GRACE);
    output
}

fn two_threads() -> Config {
    Config::new().worker_threads(2)
}

/// tokio with two workers.
pub fn tokio_multi_thread<F: Future>(case: impl FnOnce(Tokio) -> F) -> F::Output {
    run::<anyrt_tokio::Owned, F>(two_threads(), case)
}

/// tokio on the test's thread.
pub fn tokio_current_thread<F: Future>(case: impl FnOnce(Tokio) -> F) -> F::Output {
    let config = Config::new().flavor(Flavor::CurrentThread);
    run::<anyrt_tokio::Owned, F>(config, case)
}

/// smol's executor with two threads of its own.
pub fn smol_owned<F: Future>(case: impl FnOnce(Smol) -> F) -> F::Output {
    run::<anyrt_smol::Owned, F>(two_threads(), case)
}

/// smol's global executor.
pub fn smol_global<F: Future>(case: impl FnOnce(Smol) -> F) -> F::Output {
    run::<anyrt_smol::Global, F>(Config::new(), case)
}

/// async-std.
pub fn async_std_global<F: Future>(case: impl FnOnce(AsyncStd) -> F) -> F::Output {
    run::<anyrt_async_std::Global, F>(Config::new(), case)
}

/// tokio without its type.
pub fn any_net_on_tokio<F: Future>(case: impl FnOnce(AnyNet) -> F) -> F::Output {
    tokio_multi_thread(|rt| case(AnyNet::new(rt)))
}

/// smol without its type.
pub fn any_net_on_smol<F: Future>(case: impl FnOnce(AnyNet) -> F) -> F::Output {
    smol_owned(|rt| case(AnyNet::new(rt)))
}

/// tokio's local runtime.
pub fn tokio_local<F: Future>(case: impl FnOnce(anyrt_tokio::LocalHandle) -> F) -> F::Output {
    run::<anyrt_tokio::Local, F>(Config::new(), case)
}

/// smol's local runtime.
pub fn smol_local<F: Future>(case: impl FnOnce(anyrt_smol::LocalHandle) -> F) -> F::Output {
    run::<anyrt_smol::Local, F>(Config::new(), case)
}

/// async-std's local runtime.
pub fn async_std_local<F: Future>(
    case: impl FnOnce(anyrt_async_std::LocalHandle) -> F,
) -> F::Output {
    run::<anyrt_async_std::Local, F>(Config::new(), case)
}

/// A simulation, with one seed after another.
pub fn simulation<F: Future<Output = ()>>(case: impl Fn(anyrt_sim::Sim) -> F) {
    let _watchdog = Watchdog::new();
    for seed in 0..20 {
        let simulation = anyrt_sim::Sim::builder().seed(seed).build();
        simulation.block_on(case(simulation.handle()));
    }
}
