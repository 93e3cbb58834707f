//! `#[anyrt::test]` for a runtime that runs a test once.

use std::future::Future;

use anyrt_core::{AnyLocalRuntime, AnyRuntime, Config};

use crate::WatchPanics;
use crate::program::backend::Backend;
use crate::program::entry::{LocalHandle, OwnedHandle, drive, drive_local};
use crate::program::not_started::or_panic;
use crate::program::select;
use crate::program::settings::Settings;
use crate::program::unheard::Unheard;

/// `#[anyrt::test]`, for one of its runtimes
#[track_caller]
pub fn test<B: Backend, F: Future>(
    backend: B,
    config: Config,
    settings: Settings,
    test: impl FnOnce(OwnedHandle<B>) -> F,
) -> F::Output {
    let _during = select::during_test(backend.chosen());
    or_panic(drive(backend, config, settings, test))
}

/// `#[anyrt::test(local)]`, for one of its runtimes
#[track_caller]
pub fn test_local<B: Backend, F: Future>(
    backend: B,
    config: Config,
    settings: Settings,
    test: impl FnOnce(LocalHandle<B>) -> F,
) -> F::Output {
    let _during = select::during_test(backend.chosen());
    or_panic(drive_local(backend, config, settings, test))
}

/// `#[anyrt::test(unheard_panics = "fail")]`, for one of its runtimes
#[track_caller]
pub fn test_watched<B: Backend, F: Future>(
    backend: B,
    config: Config,
    settings: Settings,
    root: impl FnOnce(WatchPanics<OwnedHandle<B>>) -> F,
) -> F::Output {
    let unheard = Unheard::default();
    let output = test(backend, config, settings, |rt| {
        let rt = unheard.watch(rt);
        AnyRuntime::new(rt.clone()).as_current(root(rt))
    });
    // The runtime is shut down, so no more tasks panic.
    unheard.fail_for_first();
    output
}

/// `#[anyrt::test(local, unheard_panics = "fail")]`, for one of its runtimes
#[track_caller]
pub fn test_local_watched<B: Backend, F: Future>(
    backend: B,
    config: Config,
    settings: Settings,
    root: impl FnOnce(WatchPanics<LocalHandle<B>>) -> F,
) -> F::Output {
    let unheard = Unheard::default();
    let output = test_local(backend, config, settings, |rt| {
        let rt = unheard.watch(rt);
        AnyLocalRuntime::new(rt.clone()).as_current(root(rt))
    });
    // The runtime is shut down, so no more tasks panic.
    unheard.fail_for_first();
    output
}
