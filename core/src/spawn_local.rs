use core::future::Future;

use crate::spawn::Discard;
use crate::{JoinHandle, RawTask, SpawnMeta};

/// Starts tasks on the current thread, for futures that are not `Send`.
///
/// A value of this trait carries its local runtime, as the handle of [`Spawn`](crate::Spawn) does; there is no ambient
/// function that could park a task on a thread that never runs it.
///
/// # Contract
///
/// - Tasks are polled only on the thread that owns the local runtime (`local::polls_on_the_owner_thread`), and dropped only
///   there (`local::drops_on_the_owner_thread`).
/// - When the local runtime ends, every pending future has been dropped (`local::scope_end_drops_everything`).
/// - Wakes from other threads work and do not block (`local::foreign_wakes_work`).
/// - All that [`JoinHandle`] promises holds for local tasks as well (`local::task_rules_hold`), with a name or without
///   (`spawn::named_task_is_a_task`).
///
/// # For library authors
///
/// Take `R: LocalRuntime` where your futures hold an `Rc`. A function that needs `Send` futures takes
/// [`Spawn`](crate::Spawn): two traits, never a feature that switches between them.
///
/// # Examples
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
/// use anyrt_core::{JoinError, SpawnLocal};
///
/// async fn count<S: SpawnLocal>(spawner: &S) -> Result<u32, JoinError> {
///     let hits = Rc::new(Cell::new(0));
///     for _ in 0..3 {
///         let hits = hits.clone();
///         spawner.spawn_local(async move { hits.set(hits.get() + 1) }).await?;
///     }
///     Ok(hits.get())
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Local::launch(Config::new())?;
/// # assert_eq!(rt.block_on(count(&rt.handle()))?, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot spawn local tasks",
    label = "`SpawnLocal` is not implemented for `{Self}`",
    note = "take `R: LocalRuntime` as a parameter and pass the handle of a local runtime in, such as the one of `anyrt_tokio::Local`",
    note = "if the future is `Send`, `Spawn` takes it on any runtime"
)]
pub trait SpawnLocal {
    /// The runtime's local task with an output of type `T`; as [`Spawn::Task`](crate::Spawn::Task).
    type LocalTask<T>: RawTask<Output = T>;

    /// Starts `future` as a task of its own on this thread and returns a handle to it.
    ///
    /// # Cancellation
    ///
    /// Dropping the handle detaches the task. See [`JoinHandle`].
    ///
    /// # Panics
    ///
    /// Never: on a local runtime that is gone the future is dropped and the handle resolves *cancelled*.
    ///
    /// # Cost
    ///
    /// What spawning on the local runtime itself costs, and a look whether the runtime is still there.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use anyrt_core::{JoinError, SpawnLocal};
    ///
    /// /// The task and its caller share an `Rc`, which no other thread sees.
    /// async fn measure<S: SpawnLocal>(spawner: &S, word: Rc<str>) -> Result<usize, JoinError> {
    ///     let shared = word.clone();
    ///     let letters = spawner.spawn_local(async move { shared.chars().count() }).await?;
    ///     Ok(letters * word.len())
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(measure(&rt.handle(), "moin".into())).unwrap(), 16);
    /// ```
    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static;

    /// Starts `future` as a local task that goes by `name` in the runtime's own tools, as
    /// [`Spawn::spawn_named`](crate::Spawn::spawn_named) does with futures that are `Send`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use anyrt_core::SpawnLocal;
    ///
    /// fn paint<S: SpawnLocal>(spawner: &S, picture: Rc<str>) {
    ///     spawner.spawn_local_named("painter", async move { println!("{picture}") }).detach();
    /// }
    /// # use anyrt_core::prelude::*;
    /// # let rt = anyrt_sim::Sim::builder().build();
    /// # let sim = rt.handle();
    /// # paint(&sim, "a boat".into());
    /// # assert_eq!(sim.tasks()[0].name(), Some("painter"));
    /// ```
    #[inline]
    #[track_caller]
    fn spawn_local_named<F>(&self, name: &str, future: F) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local_with(SpawnMeta::named(name), future)
    }

    /// Starts `future` as a local task of which `meta` tells the name and the line that spawned it; see
    /// [`Spawn::spawn_with`](crate::Spawn::spawn_with).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{JoinHandle, SpawnLocal, SpawnMeta};
    ///
    /// #[track_caller]
    /// fn start_job<S: SpawnLocal>(spawner: &S) -> JoinHandle<S::LocalTask<u32>> {
    ///     spawner.spawn_local_with(SpawnMeta::named("job"), async { 42 })
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(start_job(&rt.handle())).unwrap(), 42);
    /// ```
    #[inline]
    #[track_caller]
    fn spawn_local_with<F>(
        &self,
        meta: SpawnMeta<'_>,
        future: F,
    ) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let _ = meta;
        self.spawn_local(future)
    }

    /// Starts `future` as a local task that nobody will join; its output is dropped inside the task.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use anyrt_core::SpawnLocal;
    ///
    /// fn record<S: SpawnLocal>(spawner: &S, event: Rc<str>) {
    ///     spawner.spawn_local_detached(async move { println!("{event}") });
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
    /// # record(&rt.handle(), "started".into());
    /// ```
    #[inline]
    #[track_caller]
    fn spawn_local_detached<F>(&self, future: F)
    where
        F: Future + 'static,
    {
        self.spawn_local(Discard { future }).detach();
    }
}
