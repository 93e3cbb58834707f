use crate::{JoinHandle, RawTask, SpawnMeta};

/// Runs closures that block, on threads where blocking hurts nobody.
///
/// # Contract
///
/// - Closures run off the threads that poll tasks and delay neither tasks nor timers (`blocking::runs_off_the_executor`).
/// - A closure starts without its handle being polled (`blocking::starts_without_a_poll`).
/// - **A closure that was submitted runs exactly once**, whatever happens to its handle: dropping the handle detaches it,
///   and [`JoinHandle::abort`] has no effect (`blocking::runs_exactly_once`, `blocking::abort_has_no_effect`). To stop a
///   long one, give it a flag of your own.
/// - A name changes nothing but what is shown (`blocking::named_closure_is_a_closure`).
/// - A panic of the closure is a value of its handle (`panic::blocking_payload_survives`).
/// - Beyond the pool's limit closures wait in a queue (`blocking::queues_beyond_the_limit`). A timeout around the handle counts
///   the time in the queue as well.
///
/// # Runtimes
///
/// The pool belongs to the runtime or to the process. Either way [`Launch::shutdown`](crate::Launch::shutdown) waits within its
/// grace for the closures that were submitted through the runtime's handles and run. Dropping a runtime that owns its pool waits
/// for them as well; dropping one that does not, does not. Each adapter says how many run at once.
///
/// If the system refuses a thread, a pool that has others queues the closure. A pool that has none cannot run it: the call panics,
/// or does not return until a thread is granted, as the adapter's page says.
///
/// # Examples
///
/// ```
/// use anyrt_core::{JoinError, SpawnBlocking};
///
/// async fn checksum<S: SpawnBlocking>(pool: &S, bytes: Vec<u8>) -> Result<u64, JoinError> {
///     pool.spawn_blocking(move || bytes.iter().map(|&byte| u64::from(byte)).sum()).await
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new())?;
/// # assert_eq!(rt.block_on(checksum(&rt.handle(), vec![1, 2, 3]))?, 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run blocking closures",
    label = "`SpawnBlocking` is not implemented for `{Self}`",
    note = "a runtime that was launched has its handle in `rt.handle()`",
    note = "take `R: Runtime` (or `R: SpawnBlocking`) as a parameter and pass a handle in; a local runtime without threads may not offer it"
)]
pub trait SpawnBlocking {
    /// The runtime's blocking task with an output of type `T`; as [`Spawn::Task`](crate::Spawn::Task).
    type BlockingTask<T: Send>: RawTask<Output = T> + Send + Sync;

    /// Submits `work` to the runtime's blocking pool and returns a handle to it.
    ///
    /// # Cancellation
    ///
    /// Dropping the handle detaches the closure, which runs all the same.
    ///
    /// # Panics
    ///
    /// A handle does not panic while the system gives the pool its threads; where it refuses the first one, some runtimes panic. On
    /// a runtime that is gone, and that owns its pool, the closure is dropped unrun and its handle resolves *cancelled*
    /// (`shutdown::late_closures_run_or_are_cancelled`). An [ambient form](crate#handles-and-ambient-forms) panics outside its
    /// runtime.
    ///
    /// # Cost
    ///
    /// What the runtime's own call costs; on a pool that has no idle thread, the start of one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io;
    /// use anyrt_core::SpawnBlocking;
    ///
    /// /// Reads a file without stopping the thread that polls tasks.
    /// async fn read<S: SpawnBlocking>(pool: &S, path: String) -> io::Result<String> {
    ///     pool.spawn_blocking(move || std::fs::read_to_string(path)).await?
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert!(rt.block_on(read(&rt.handle(), "/".into())).is_err());
    /// ```
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static;

    /// Submits `work` under a name that the runtime's own tools show, as
    /// [`Spawn::spawn_named`](crate::Spawn::spawn_named) does with futures.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{JoinError, SpawnBlocking};
    ///
    /// async fn compress<S: SpawnBlocking>(pool: &S, bytes: Vec<u8>) -> Result<usize, JoinError> {
    ///     pool.spawn_blocking_named("compress", move || bytes.len() / 2).await
    /// }
    /// # use anyrt_core::prelude::*;
    /// # let rt = anyrt_sim::Sim::builder().build();
    /// # assert_eq!(rt.block_on(compress(&rt.handle(), vec![0; 8]))?, 4);
    /// # Ok::<(), JoinError>(())
    /// ```
    #[inline]
    #[track_caller]
    fn spawn_blocking_named<F, T>(&self, name: &str, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.spawn_blocking_with(SpawnMeta::named(name), work)
    }

    /// Submits `work`, of which `meta` tells the name and the line that submitted it; see
    /// [`Spawn::spawn_with`](crate::Spawn::spawn_with).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{JoinHandle, SpawnBlocking, SpawnMeta};
    ///
    /// /// The pool's tools show the line that asked for the hash, not this one.
    /// #[track_caller]
    /// fn hash<S: SpawnBlocking>(pool: &S, word: String) -> JoinHandle<S::BlockingTask<usize>> {
    ///     pool.spawn_blocking_with(SpawnMeta::named("hash"), move || word.len())
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(hash(&rt.handle(), "moin".into())).unwrap(), 4);
    /// ```
    #[inline]
    #[track_caller]
    fn spawn_blocking_with<F, T>(
        &self,
        meta: SpawnMeta<'_>,
        work: F,
    ) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let _ = meta;
        self.spawn_blocking(work)
    }
}
