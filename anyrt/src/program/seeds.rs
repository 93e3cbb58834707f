//! `#[anyrt::test]` for the simulation: as many runs as there are seeds.

use std::cell::Cell;
use std::fmt::Debug;
use std::future::Future;
use std::panic::Location;
use std::process::{ExitCode, Termination};

use anyrt_core::{AnyLocalRuntime, AnyRuntime, Config, Launch};
use anyrt_sim::{Outcome, Owned, Sim};

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
    F: Future<Output: Outcome>,
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
        run
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
    F: Future<Output: Outcome>,
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

/// What a test returned. The attribute asks it [`told`](ByError::told), which finds the error of a `Result`, and the exit code of
/// anything else: where the type is known, a method of the type itself comes before one of its reference.
#[expect(missing_debug_implementations, reason = "no user sees one")]
pub struct Returned<T>(Cell<Option<T>>);

impl<T> Returned<T> {
    /// Takes what a test returned.
    pub fn new(value: T) -> Self {
        Self(Cell::new(Some(value)))
    }

    fn take(&self) -> T {
        self.0.take().expect("a test returns once")
    }
}

/// Judges a `Result` by its error.
pub trait ByError {
    /// How the test ended.
    fn told(&self) -> Told;
}

impl<T: Termination, E: Debug> ByError for Returned<Result<T, E>> {
    fn told(&self) -> Told {
        match self.take() {
            Ok(value) => judge(value),
            Err(error) => Told(Err(format!("{error:?}"))),
        }
    }
}

/// Judges what else a test may return as the test harness does.
pub trait ByCode {
    /// How the test ended.
    fn told(&self) -> Told;
}

impl<T: Termination> ByCode for &Returned<T> {
    fn told(&self) -> Told {
        judge(self.take())
    }
}

fn judge(returned: impl Termination) -> Told {
    let code = returned.report();
    // Exit codes have no other comparison.
    match format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS) {
        true => Told(Ok(())),
        false => Told(Err(format!("{code:?}"))),
    }
}

/// How a test ended.
#[derive(Debug)]
pub struct Told(Result<(), String>);

impl Outcome for Told {
    fn into_error(self) -> Option<String> {
        self.0.err()
    }
}
