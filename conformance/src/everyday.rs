//! Ordinary code, compiled with the handle of who certifies a runtime; see [`everyday!`](crate::everyday!).
//!
//! A spawned future must be `Send`, and the compiler checks that with a lifetime of its own in place of each `'static` in what the
//! future holds across an await. A handle that is `Send` for `'static` outputs only then fails with "implementation of `Send` is
//! not general enough", far from its cause. Generic code does not show it where it is written, only where a concrete handle
//! enters.

use std::error::Error;
use std::future::{Future, pending};
use std::pin::pin;
use std::time::Duration;

#[doc(hidden)]
pub use anyrt_core::{Launch, Spawn, SpawnBlocking, SpawnLocal, Timer};
use anyrt_core::{LocalRuntime, Runtime};
use futures::FutureExt;

/// The error that most applications return.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A limit that is not reached.
pub const LONG: Duration = Duration::from_secs(60);

/// Tells the compiler to look whether `future` may be spawned.
///
/// # Examples
///
/// ```
/// use anyrt_conformance::everyday::{spawnable, tasks};
///
/// fn compiles(rt: anyrt_core::AnyRuntime) {
///     drop(spawnable(async move { tasks(&rt).await }));
/// }
/// ```
pub fn spawnable<F>(future: F) -> F
where
    F: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    future
}

/// What a library writes for every runtime: an `async fn` that holds handles and references across awaits.
///
/// With the feature `structured` it has groups and scopes, too.
///
/// # Errors
///
/// When a task does not return what it should.
///
/// # Examples
///
/// ```
/// use anyrt_conformance::everyday;
/// use anyrt_core::{Config, prelude::*};
///
/// let owned = anyrt_tokio::Owned::launch(Config::new())?;
/// let rt = owned.handle();
/// owned.block_on(everyday::tasks(&rt))?;
/// # Ok::<(), everyday::BoxError>(())
/// ```
pub async fn tasks<R: Runtime>(rt: &R) -> Result<(), BoxError> {
    let word = String::from("everyday");
    let part = &word[5..];
    let text: &'static str = rt.spawn(async { "text" }).await?;
    let boxed: Box<dyn Fn(&str) -> usize + Send> =
        rt.spawn(async { Box::new(str::len) as _ }).await?;
    let inner = rt.clone();
    let nested = rt.spawn(async move { inner.spawn(async { Ok::<_, BoxError>("nested") }).await });
    let nested = nested.await???;
    let closure = rt
        .spawn_blocking(|| Ok::<&str, BoxError>("closure"))
        .await??;

    let mut held = rt.spawn(async { "held" });
    let held = rt.timeout(LONG, &mut held).await??;
    let moved = rt.timeout(LONG, rt.spawn_blocking(|| "moved")).await??;
    let guarded = rt
        .spawn(async { Ok::<&str, BoxError>("guarded") })
        .abort_on_drop()
        .await??;

    let mut stopped = rt.spawn(pending::<Result<(), BoxError>>());
    let stop = stopped.abort_handle();
    rt.spawn(async move { stop.abort() }).await?;
    let is_stopped = stopped.await.is_err_and(|error| error.is_cancelled());

    let mut tasks = Vec::new();
    for letter in ["a", "b"] {
        tasks.push(rt.spawn(async move { letter }));
    }
    let mut letters = String::new();
    for task in &mut tasks {
        letters += task.await?;
    }

    let mut last = rt.spawn(async { Ok::<&str, BoxError>("last") }).fuse();
    let mut ticks = pin!(rt.interval(Duration::from_millis(1)));
    let last = loop {
        futures::select_biased! {
            end = last => break end??,
            _ = ticks.as_mut().tick().fuse() => {}
        }
    };

    let found = [
        text, nested, closure, held, moved, guarded, &letters, last, part,
    ];
    let wanted = [
        "text", "nested", "closure", "held", "moved", "guarded", "ab", "last", "day",
    ];
    if found != wanted || boxed(text) != 4 || !is_stopped {
        return Err(format!("tasks returned {found:?} instead of {wanted:?}").into());
    }
    #[cfg(feature = "structured")]
    anyrt_conformance_structured::everyday(rt).await?;
    Ok(())
}

/// As [`tasks`], on a local runtime, where nothing need be `Send`.
///
/// # Errors
///
/// When a task does not return what it should.
///
/// # Examples
///
/// ```
/// use anyrt_conformance::everyday;
/// use anyrt_core::{Config, prelude::*};
///
/// let local = anyrt_tokio::Local::launch(Config::new())?;
/// local.block_on(everyday::local_tasks(&local.handle()))?;
/// # Ok::<(), everyday::BoxError>(())
/// ```
pub async fn local_tasks<R: LocalRuntime>(rt: &R) -> Result<(), BoxError> {
    let inner = rt.clone();
    let nested = rt.spawn_local(async move { inner.spawn_local(async { "nested" }).await });
    let nested = nested.await??;
    let closure = rt
        .spawn_blocking(|| Ok::<&str, BoxError>("closure"))
        .await??;
    let limited = rt
        .timeout(
            LONG,
            rt.spawn_local(async { Ok::<&str, BoxError>("limited") }),
        )
        .await???;
    let found = [nested, closure, limited];
    if found != ["nested", "closure", "limited"] {
        return Err(format!("tasks returned {found:?}").into());
    }
    Ok(())
}

/// Compiles ordinary code with handles whose types are given, and runs nothing.
///
/// [`suite!`](crate::suite!) calls it for the handles of the backends that its list names by their types, as
/// `Backend::owned::<L>`, `Backend::local::<L>` and `Backend::global` do. Call it for the others: ambient forms, and backends
/// that a function returns. A handle of a local runtime stands behind `local`.
///
/// # Examples
///
/// ```
/// anyrt_conformance::everyday!(anyrt_tokio::Tokio, anyrt_tokio::Ambient);
/// anyrt_conformance::everyday!(local anyrt_tokio::LocalHandle);
/// ```
#[macro_export]
macro_rules! everyday {
    (@backends) => {};
    (@backends owned::<$launch:ty> $($rest:tt)*) => {
        $crate::everyday!(<$launch as $crate::everyday::Launch>::Handle);
        $crate::everyday!(@backends $($rest)*);
    };
    (@backends owned_by_thread::<$launch:ty> $($rest:tt)*) => {
        $crate::everyday!(<$launch as $crate::everyday::Launch>::Handle);
        $crate::everyday!(@backends $($rest)*);
    };
    (@backends local::<$launch:ty> $($rest:tt)*) => {
        $crate::everyday!(local <$launch as $crate::everyday::Launch>::Handle);
        $crate::everyday!(@backends $($rest)*);
    };
    (@backends global($key:expr, $handle:expr $(,)?) $($rest:tt)*) => {
        const _: () = {
            #[allow(dead_code, reason = "it is only compiled")]
            fn compiles() {
                let rt = ($handle)();
                drop($crate::everyday!(@code rt));
            }
        };
        $crate::everyday!(@backends $($rest)*);
    };
    // What is done with a backend, and anything else, is passed over.
    (@backends . $call:ident $(::<$($of:ty),*>)? ($($argument:tt)*) $($rest:tt)*) => {
        $crate::everyday!(@backends $($rest)*);
    };
    (@backends $token:tt $($rest:tt)*) => {
        $crate::everyday!(@backends $($rest)*);
    };
    (@code $rt:ident) => {
        $crate::everyday::spawnable(async move {
            #[allow(unused_imports, reason = "handles may have methods of their own")]
            use $crate::everyday::{BoxError, LONG, Spawn, SpawnBlocking, Timer};
            let inner = $rt.clone();
            let nested = $rt.spawn(async move { inner.spawn(async { "nested" }).await });
            let text: &'static str = nested.await??;
            let part = &text[1..];
            let task = $rt.spawn(async { Ok::<u32, BoxError>(1) });
            let number = $rt.timeout(LONG, task).await???;
            let closure = $rt.spawn_blocking(|| Ok::<&str, BoxError>("closure")).await??;
            if (part, number, closure) != ("ested", 1, "closure") {
                return Err("tasks returned something else".into());
            }
            $crate::everyday::tasks(&$rt).await
        })
    };
    (local $($handle:ty),+ $(,)?) => {$(
        const _: () = {
            #[allow(dead_code, reason = "it is only compiled")]
            fn compiles(rt: $handle) {
                drop(async move { $crate::everyday::local_tasks(&rt).await });
            }
        };
    )+};
    ($($handle:ty),+ $(,)?) => {$(
        const _: () = {
            #[allow(dead_code, reason = "it is only compiled")]
            fn compiles(rt: $handle) {
                drop($crate::everyday!(@code rt));
            }
        };
    )+};
}
