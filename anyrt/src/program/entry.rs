use std::future::Future;

use anyrt_core::{AnyLocalRuntime, AnyRuntime, BlockOn, Config, Launch};

use crate::SelectError;
use crate::program::backend::Backend;
use crate::program::not_started::{NotStarted, or_panic};
use crate::program::select::{self, on};
use crate::program::settings::Settings;

/// Starts the program's runtime, runs `future` on the calling thread to its end, and shuts the runtime down.
///
/// Which runtime that is: the one that `#[anyrt::main]` runs on; or the one that the environment variable `ANYRT_RUNTIME`
/// names (`tokio`, `smol`, `async-std`, `compio` or `sim`; unset and empty are the same); or the only one that is compiled in, where
/// `sim` counts only if it is alone. On tokio it is a multi-threaded one, on smol an executor with a thread per processor, on
/// async-std its global runtime, which is not shut down, on compio a local one, and on `sim` a simulation with the seed `ANYRT_SIM_SEED`, or 0.
///
/// While `future` is polled, that runtime is [`AnyRuntime::current`](anyrt_core::Current), on compio
/// [`AnyLocalRuntime::current`](anyrt_core::Current).
///
/// Call it at the edge of a program that is not written with `#[anyrt::main]`. It starts a runtime each time: a program that
/// blocks often keeps one of its own, such as [`tokio::Owned`](anyrt_core::Launch).
///
/// # Cancellation
///
/// When the future has ended, the runtime is shut down: parked tasks are dropped, and tasks and blocking closures that still run
/// get 5 s to end.
///
/// # Panics
///
/// When the program has not chosen a runtime, with the message of [`SelectError`]; when the runtime cannot be launched, with
/// that of [`LaunchError`](anyrt_core::LaunchError); and when the future panics, with its payload.
///
/// # Examples
///
/// ```
/// # #[cfg(all(feature = "tokio", not(any(feature = "smol", feature = "async-std"))))]
/// assert_eq!(anyrt::block_on(async { 6 * 7 }), 42);
/// ```
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let chosen = or_panic(select::choose().map_err(NotStarted::from));
    or_panic(on!(chosen, backend => drive_here(backend, future)))
}

/// Starts the program's runtime, runs `main` as a task of it to its end, and shuts the runtime down.
///
/// The runtime is that of [`block_on`](fn@block_on). As a task, `main` awaits other tasks as fast as any task does; from the
/// calling thread that takes a hop between threads each. On compio there is one thread, and `main` is polled as
/// [`block_on`](fn@block_on) does.
///
/// # Panics
///
/// As [`block_on`](fn@block_on).
///
/// # Examples
///
/// ```
/// # #[cfg(all(feature = "tokio", not(any(feature = "smol", feature = "async-std"))))]
/// # {
/// use anyrt::Spawn;
///
/// let sum = anyrt::run(async {
///     let rt = anyrt::runtime()?;
///     let task = rt.spawn(async { 40 });
///     Ok::<_, anyrt::SelectError>(task.await.unwrap_or(0) + 2)
/// });
/// assert_eq!(sum, Ok(42));
/// # }
/// ```
#[track_caller]
pub fn run<F>(main: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let chosen = or_panic(select::choose().map_err(NotStarted::from));
    or_panic(on!(chosen, backend => drive_there(backend, main)))
}

/// Returns a handle of the runtime that the program runs on, without its type.
///
/// It is [`Current`](anyrt_core::Current) of the runtime that [`block_on`](fn@block_on) would start. On the thread of an
/// `#[anyrt::test]` that is the runtime of the test; its tasks on other threads are handed the handle, or ask by type. Where
/// one type will do, `anyrt::tokio::Tokio::try_current()` and its siblings are
/// cheaper and leave nothing to choose.
///
/// # Errors
///
/// [`SelectError`] when the program has not chosen a runtime, when the caller does not run on the chosen one, and always on
/// compio, whose handles stay on their thread: ask `AnyLocalRuntime::try_current` there.
///
/// # Runtimes
///
/// The global runtimes of smol and async-std are everywhere: where they are chosen, every caller runs on them, unless an owned
/// executor of smol's is nearer.
///
/// # Examples
///
/// ```
/// # #[cfg(all(feature = "tokio", not(any(feature = "smol", feature = "async-std"))))]
/// # {
/// use std::time::Duration;
/// use anyrt::{SelectError, Timer};
///
/// async fn pause() -> Result<(), SelectError> {
///     anyrt::runtime()?.sleep(Duration::from_millis(1)).await;
///     Ok(())
/// }
///
/// assert!(anyrt::runtime().is_err(), "nothing runs here");
/// assert_eq!(anyrt::block_on(pause()), Ok(()));
/// # }
/// ```
pub fn runtime() -> Result<AnyRuntime, SelectError> {
    select::current()
}

/// `#[anyrt::main]`
#[track_caller]
pub fn main<F>(
    config: Config,
    settings: Settings,
    main: impl FnOnce(AnyRuntime) -> F,
) -> Result<F::Output, NotStarted>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let chosen = select::choose()?;
    on!(chosen, backend => main_on(backend, config, settings, |handle| main(AnyRuntime::new(handle))))
}

/// `#[anyrt::main(local)]`
#[track_caller]
pub fn main_local<F: Future>(
    config: Config,
    settings: Settings,
    main: impl FnOnce(()) -> F,
) -> Result<F::Output, NotStarted> {
    let chosen = select::choose()?;
    on!(chosen, backend => main_on_local(backend, config, settings, |_| main(())))
}

/// `#[anyrt::main(tokio)]`
#[track_caller]
pub fn main_on<B: Backend, F>(
    backend: B,
    config: Config,
    settings: Settings,
    main: impl FnOnce(OwnedHandle<B>) -> F,
) -> Result<F::Output, NotStarted>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    select::remember(backend.chosen());
    drive_task(backend, config, settings, main)
}

/// `#[anyrt::main(tokio, local)]`
#[track_caller]
pub fn main_on_local<B: Backend, F: Future>(
    backend: B,
    config: Config,
    settings: Settings,
    main: impl FnOnce(LocalHandle<B>) -> F,
) -> Result<F::Output, NotStarted> {
    select::remember(backend.chosen());
    drive_local(backend, config, settings, main)
}

pub(crate) type OwnedHandle<B> = <<B as Backend>::Owned as Launch>::Handle;
pub(crate) type LocalHandle<B> = <<B as Backend>::Local as Launch>::Handle;

/// Blocks on `future`, on whatever kind of runtime the backend has.
#[track_caller]
fn drive_here<B: Backend, F: Future>(backend: B, future: F) -> Result<F::Output, NotStarted> {
    match B::IS_LOCAL {
        true => drive_local(backend, Config::new(), Settings::new(), |_| future),
        false => drive(backend, Config::new(), Settings::new(), |_| future),
    }
}

/// Runs `main` as a task, where tasks run on other threads than the caller's.
#[track_caller]
fn drive_there<B: Backend, F>(backend: B, main: F) -> Result<F::Output, NotStarted>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    match B::IS_LOCAL {
        true => drive_local(backend, Config::new(), Settings::new(), |_| main),
        false => drive_task(backend, Config::new(), Settings::new(), |_| main),
    }
}

#[track_caller]
pub(crate) fn drive<B: Backend, F: Future>(
    _: B,
    config: Config,
    settings: Settings,
    root: impl FnOnce(OwnedHandle<B>) -> F,
) -> Result<F::Output, NotStarted> {
    let runtime = B::Owned::launch(config)?;
    let current = AnyRuntime::new(runtime.handle());
    let output = runtime.block_on(current.as_current(root(runtime.handle())));
    runtime.shutdown(settings.shutdown_grace);
    Ok(output)
}

#[track_caller]
pub(crate) fn drive_task<B: Backend, F>(
    _: B,
    config: Config,
    settings: Settings,
    root: impl FnOnce(OwnedHandle<B>) -> F,
) -> Result<F::Output, NotStarted>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let runtime = B::Owned::launch(config)?;
    let current = AnyRuntime::new(runtime.handle());
    let output = runtime.run(current.as_current(root(runtime.handle())));
    runtime.shutdown(settings.shutdown_grace);
    Ok(output)
}

#[track_caller]
pub(crate) fn drive_local<B: Backend, F: Future>(
    _: B,
    config: Config,
    settings: Settings,
    root: impl FnOnce(LocalHandle<B>) -> F,
) -> Result<F::Output, NotStarted> {
    let runtime = B::Local::launch(config)?;
    let current = AnyLocalRuntime::new(runtime.handle());
    let output = runtime.block_on(current.as_current(root(runtime.handle())));
    runtime.shutdown(settings.shutdown_grace);
    Ok(output)
}
