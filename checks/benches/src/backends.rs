//! Every pair of ways, from the crates of the runtimes. Each compiles what is measured on its runtime by itself, so that none can move
//! what the compiler does with another's.

use std::sync::Arc;

use anyrt_async_std::AsyncStd;
use anyrt_benches_async_std::OnAsyncStd;
use anyrt_benches_async_std::native::AsyncStd as NativeAsyncStd;
use anyrt_benches_kit::layer::Layer;
use anyrt_benches_kit::operation::Operation;
use anyrt_benches_kit::pair::{Pair, launch};
use anyrt_benches_smol::native::{Smol as NativeSmol, SmolOwned};
use anyrt_benches_smol::{OnExecutor, OnSmol, OnSmolOwned, start_executor};
use anyrt_benches_tokio::native::TokioHandle;
use anyrt_benches_tokio::{OnTokio, current_thread, multi_thread};
use anyrt_core::{Config, Launch};
use anyrt_smol::Smol;

use crate::wall::ScalePoint;
use crate::wall::run_pair;

/// Every pair that can be started: a backend's key, with `+ambient` for the zero-sized form, `+any` for the erased one, which is
/// compared with the static form, and `+structured` for what `anyrt-structured` does on it.
pub const KEYS: &[&str] = &[
    "tokio-multi-thread",
    "tokio-multi-thread+ambient",
    "tokio-multi-thread+any",
    "tokio-current-thread",
    "tokio-current-thread+ambient",
    "tokio-current-thread+any",
    "smol",
    "smol+ambient",
    "smol+any",
    "smol-owned",
    "smol-owned+any",
    "async-std",
    "async-std+ambient",
    "async-std+any",
    "tokio-local",
    "smol-local",
    "async-std-local",
    "compio-local",
    "tokio-multi-thread+structured",
    "tokio-current-thread+structured",
    "smol+structured",
];

/// What is measured on `key`.
pub fn operations(key: &str) -> &'static [Operation] {
    if key.ends_with("+structured") {
        &Operation::STRUCTURED
    } else if key == "compio-local" {
        // compio starts a thread for a closure whenever none waits, hundreds within a round: more than valgrind can have.
        &Operation::WITHOUT_BLOCKING
    } else {
        &Operation::ALL
    }
}

/// How many operations are measured on all backends together.
pub fn cases() -> usize {
    KEYS.iter().map(|key| operations(key).len()).sum()
}

/// Starts what `key`, one of [`KEYS`], needs, with `workers` threads where the program has the choice.
///
/// # Panics
///
/// When `key` is unknown or a runtime does not start.
pub fn start(key: &'static str, workers: usize) -> Pair {
    anyrt_benches_tokio::start(key, workers)
        .or_else(|| anyrt_benches_smol::start(key, workers))
        .or_else(|| anyrt_benches_async_std::start(key))
        .or_else(|| anyrt_benches_compio::start(key))
        .unwrap_or_else(|| panic!("no backend is called `{key}`"))
}

/// Measures how the cost per item grows with the number of items, on every backend.
pub(crate) fn scale(most: usize, progress: &mut dyn FnMut(&ScalePoint)) {
    for (key, owned) in [
        ("tokio-multi-thread", multi_thread(2)),
        ("tokio-current-thread", current_thread()),
    ] {
        let handle = owned.handle();
        let native = TokioHandle(handle.as_tokio().clone());
        let drive = || OnTokio(owned.clone());
        run_pair(
            key,
            (native, drive()),
            (Layer(handle), drive()),
            most,
            progress,
        );
    }
    let layer = Layer(Smol::global());
    run_pair(
        "smol",
        (NativeSmol, OnSmol),
        (layer, OnSmol),
        most,
        progress,
    );
    let executor = start_executor(2);
    let owned: Arc<anyrt_smol::Owned> = launch(Config::new().worker_threads(2));
    run_pair(
        "smol-owned",
        (SmolOwned(executor.clone()), OnExecutor(executor)),
        (Layer(owned.handle()), OnSmolOwned(owned)),
        most,
        progress,
    );
    run_pair(
        "async-std",
        (NativeAsyncStd, OnAsyncStd),
        (Layer(AsyncStd::global()), OnAsyncStd),
        most,
        progress,
    );
}
