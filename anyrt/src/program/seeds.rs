//! `#[anyrt::test]` for the simulation: as many runs as there are seeds.

use std::future::Future;
use std::panic::Location;
use std::process::{ExitCode, Termination};

use anyrt_core::{AnyLocalRuntime, AnyRuntime, Config, Launch};
use anyrt_sim::{Owned, Sim};

use crate::WatchPanics;
use crate::program::backend::Backend;
use crate::program::backend::sim::Compiled;
use crate::program::select;
use crate::program::settings::Settings;
use crate::program::unheard::Unheard;

/// `#[anyrt::test]`, and with `local`: the one handle of the simulation is for local tasks as well.
#[track_caller]
pub fn test<F>(
    backend: Compiled,
    config: Config,
    settings: Settings,
    test: impl Fn(Sim) -> F + Sync,
) where
    F: Future<Output: Termination>,
{
    // Options that it cannot honour are refused as on the other runtimes, although the seeds' own simulations have none.
    if let Err(error) = Owned::launch(config) {
        panic!("{error}");
    }
    let chosen = backend.chosen();
    let _during = select::during_test(chosen);
    let location = Location::caller();
    settings.check().location(location).run(|sim| {
        // Seeds run on threads of the check's own, too, which end with it.
        select::for_the_rest_of_the_thread(chosen);
        let (shared, local) = (
            AnyRuntime::new(sim.clone()),
            AnyLocalRuntime::new(sim.clone()),
        );
        let run = shared.as_current(local.as_current(test(sim)));
        async move { judge(run.await) }
    });
}

pub use self::test as test_local;

/// `#[anyrt::test(unheard_panics = "fail")]`, and with `local`
#[track_caller]
pub fn test_watched<F>(
    backend: Compiled,
    config: Config,
    settings: Settings,
    root: impl Fn(WatchPanics<Sim>) -> F + Sync,
) where
    F: Future<Output: Termination>,
{
    test(backend, config, settings, |sim| {
        let unheard = Unheard::default();
        let rt = unheard.watch(sim);
        let (shared, local) = (
            AnyRuntime::new(rt.clone()),
            AnyLocalRuntime::new(rt.clone()),
        );
        let run = shared.as_current(local.as_current(root(rt)));
        async move {
            let output = run.await;
            unheard.fail_for_first();
            output
        }
    });
}

pub use self::test_watched as test_local_watched;

/// Judges what a test returns as the test harness does. An error prints itself.
fn judge(returned: impl Termination) -> Result<(), ExitCode> {
    let code = returned.report();
    // Exit codes have no other comparison.
    match format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS) {
        true => Ok(()),
        false => Err(code),
    }
}
