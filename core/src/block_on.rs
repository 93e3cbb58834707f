use core::future::Future;

/// Runs a future to its end on the calling thread.
///
/// # Contract
///
/// - The future is polled and dropped on the calling thread; it needs to be neither `Send` nor `'static`
///   (`block_on::polls_on_the_calling_thread`, `block_on::drops_the_future_before_returning`).
/// - The thread parks between wakes (`block_on::parks_between_wakes`), and a wake from any thread resumes it
///   (`block_on::is_woken_from_any_thread`).
/// - A panic of the future passes through, after its locals were dropped (`block_on::passes_a_panic_on`).
/// - Called inside the same runtime it completes, or panics with a documented message; it never hangs
///   (`block_on::nested_completes_or_panics`, `block_on::inside_another_completes_or_panics`).
///
/// # For library authors
///
/// Do not ask for this trait: code that blocks inside a task stops the worker under it. It is for programs, tests and
/// synchronous facades.
///
/// # Runtimes
///
/// Through a *handle* of a runtime that polls on the thread that drives it, the future is polled here. Tasks and timers may move
/// only while somebody blocks on the launched runtime itself.
///
/// # Examples
///
/// A synchronous facade, which keeps its runtime:
///
/// ```
/// use anyrt_core::{BlockOn, Runtime};
///
/// struct Client<R> { rt: R }
///
/// impl<R: Runtime + BlockOn> Client<R> {
///     fn get(&self, key: u32) -> u32 {
///         self.rt.block_on(async { key + 1 })
///     }
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(Client { rt: rt.handle() }.get(1), 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot block on a future",
    label = "`BlockOn` is not implemented for `{Self}`",
    note = "programs block on what they launched, such as `anyrt_tokio::Owned`; `Runtime` leaves `BlockOn` out, so ask for `R: Runtime + BlockOn` where a library must block"
)]
pub trait BlockOn {
    /// Polls `future` on this thread until it is ready, and returns its output.
    ///
    /// # Panics
    ///
    /// When the future panics, and where the runtime cannot block: inside its own async code, on some runtimes.
    ///
    /// # Cost
    ///
    /// What the runtime's own call costs. On multi-threaded runtimes, awaiting tasks from here takes a hop between threads
    /// each; [`Launch::run`](crate::Launch::run) moves the root into a task.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{BlockOn, Timer};
    ///
    /// /// The future may borrow: it ends before the call returns.
    /// fn count<R: BlockOn + Timer>(rt: &R, words: &[&str]) -> usize {
    ///     rt.block_on(async {
    ///         rt.sleep(Duration::from_millis(1)).await;
    ///         words.len()
    ///     })
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(count(&rt.handle(), &["moin", "moin"]), 2);
    /// ```
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output;
}
