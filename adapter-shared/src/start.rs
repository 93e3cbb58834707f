use std::future::Future;
use std::mem::needs_drop;

use crate::guarded::Seal;
use crate::{Guard, Guarded};

/// A runtime's own way to spawn, for [`guard`].
pub trait Start {
    /// The runtime's own task handle.
    type Task<T>;

    /// Spawns `future` as it is.
    fn start<F>(self, future: F) -> Self::Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;
}

/// Spawns `future` so that a panicking destructor of it, or of its output, does no harm.
///
/// # Cost
///
/// As [`Guarded`], but no byte for a future that needs no drop. An `async` block always counts as one that does.
///
/// # Examples
///
/// ```
/// use std::future::Future;
/// use anyrt_shared::{Start, guard};
/// use async_executor::{Executor, Task};
///
/// struct Native<'a>(&'a Executor<'static>);
///
/// impl Start for Native<'_> {
///     type Task<T> = Task<T>;
///
///     fn start<F>(self, future: F) -> Task<F::Output>
///     where
///         F: Future + Send + 'static,
///         F::Output: Send + 'static,
///     {
///         self.0.spawn(future)
///     }
/// }
///
/// let executor = Executor::new();
/// let task = guard(async { 42 }, Native(&executor));
/// assert_eq!(async_io::block_on(executor.run(task)).into_result()?, 42);
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
#[inline]
pub fn guard<F, S>(future: F, start: S) -> S::Task<Guard<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    S: Start,
{
    if const { needs_drop::<F>() } {
        start.start(Guarded::new(future))
    } else {
        start.start(Seal::new(future))
    }
}
