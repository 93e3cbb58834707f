use crate::NoRuntime;

/// Finds the runtime that the caller runs on, for code that has no value in hand.
///
/// Implemented by the handle types of the adapters, so the runtime is named where it is looked up. Look it up once, when a
/// value is made, and keep the handle: a handle works from any thread.
///
/// # Contract
///
/// The answer is the runtime that runs the caller, inside a task and inside `block_on`
/// (`right_runtime::looked_up_is_the_one_around`), also after a `block_on` inside another one has ended
/// (`right_runtime::nested_block_on_gives_the_outer_back`).
///
/// Where there is no such runtime the answer is an error that names the runtime, the call and the way out; there is no
/// fallback (`right_runtime::missing_runtime_is_an_error`).
///
/// # Examples
///
/// ```
/// use anyrt_core::{Current, NoRuntime, Runtime};
///
/// struct Pool<R> { rt: R }
///
/// impl<R: Runtime + Current> Pool<R> {
///     fn new() -> Result<Self, NoRuntime> {
///         Ok(Self { rt: R::try_current()? })
///     }
/// }
/// # use anyrt_tokio::Tokio;
/// let outside = Pool::<Tokio>::new();
/// assert!(outside.is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "the current `{Self}` cannot be looked up",
    label = "`Current` is not implemented for `{Self}`",
    note = "pass the handle in as a value; only adapters' own handle types, `AnyRuntime` and `AnyLocalRuntime` know where they are"
)]
pub trait Current: Sized {
    /// Returns the handle of the runtime that this thread or task runs on.
    ///
    /// # Errors
    ///
    /// [`NoRuntime`] when the caller runs on no runtime of this kind.
    ///
    /// # Cost
    ///
    /// A look into a thread-local, and a clone of the handle.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Config, Current, Launch};
    /// use anyrt_tokio::{Owned, Tokio};
    ///
    /// let rt = Owned::launch(Config::new())?;
    /// assert!(rt.run(async { Tokio::try_current().is_ok() }));
    /// assert!(Tokio::try_current().is_err()); // a plain thread
    /// # Ok::<(), anyrt_core::LaunchError>(())
    /// ```
    fn try_current() -> Result<Self, NoRuntime>;

    /// Returns the handle of the runtime that this thread or task runs on.
    ///
    /// # Panics
    ///
    /// When the caller runs on no runtime of this kind, with the message of [`NoRuntime`].
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Current, Runtime};
    ///
    /// /// For a constructor that takes no argument and is documented to be called inside a runtime.
    /// fn handle_of_the_caller<R: Runtime + Current>() -> R {
    ///     R::current()
    /// }
    /// # use anyrt_core::{Config, Launch};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new())?;
    /// # rt.run(async { handle_of_the_caller::<anyrt_tokio::Tokio>(); });
    /// # Ok::<(), anyrt_core::LaunchError>(())
    /// ```
    #[inline]
    #[track_caller]
    fn current() -> Self {
        match Self::try_current() {
            Ok(current) => current,
            Err(error) => panic!("{error}"),
        }
    }
}
