use alloc::boxed::Box;
use alloc::string::String;
use core::any::Any;
use core::error::Error;
use core::fmt;

use crate::platform::{self, Payload};

/// Why a task has no output: it panicked, or it was cancelled.
///
/// The payload of a panic survives on every runtime (`panic::payload_survives`).
///
/// # Cost
///
/// 32 bytes on 64-bit targets, of which the payload of a panic is 16 and the lock that makes it `Sync` is 8; making one
/// allocates nothing.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
///
/// async fn work<R: Runtime>(rt: &R) {
///     let error = rt.spawn(async { panic!("out of cheese") }).await.unwrap_err();
///     assert!(error.is_panic());
///     assert_eq!(error.to_string(), "task panicked: out of cheese");
///     assert_eq!(error.into_panic().downcast_ref(), Some(&"out of cheese"));
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(work(&rt.handle()));
/// ```
pub struct JoinError(Repr);

enum Repr {
    Cancelled,
    Panic(Payload),
}

impl JoinError {
    /// The error of a task that was aborted, or whose runtime went away. Adapters call this.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(anyrt_core::JoinError::cancelled().is_cancelled());
    /// ```
    #[inline]
    pub fn cancelled() -> Self {
        Self(Repr::Cancelled)
    }

    /// The error of a task that panicked with `payload`. Adapters call this.
    ///
    /// # Examples
    ///
    /// ```
    /// let payload = std::panic::catch_unwind(|| panic!("boom")).unwrap_err();
    /// assert!(anyrt_core::JoinError::panic(payload).is_panic());
    /// ```
    #[inline]
    pub fn panic(payload: Box<dyn Any + Send + 'static>) -> Self {
        Self(Repr::Panic(Payload::new(payload)))
    }

    /// Tells whether the task panicked.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::JoinError;
    ///
    /// /// A bug is reported; an abort was asked for.
    /// fn worth_a_report(error: &JoinError) -> bool {
    ///     error.is_panic()
    /// }
    /// assert!(!worth_a_report(&JoinError::cancelled()));
    /// ```
    #[inline]
    pub fn is_panic(&self) -> bool {
        matches!(self.0, Repr::Panic(_))
    }

    /// Tells whether the task was cancelled: by an abort, or because its runtime went away.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// async fn stops<R: Runtime>(rt: &R) -> bool {
    ///     let mut task = rt.spawn(std::future::pending::<()>());
    ///     task.abort();
    ///     task.await.is_err_and(|error| error.is_cancelled())
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert!(rt.block_on(stops(&rt.handle())));
    /// ```
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        matches!(self.0, Repr::Cancelled)
    }

    /// Returns the payload of the task's panic.
    ///
    /// Where the future panics and its destructor panics afterwards, it is that of the first (`panic::first_panic_is_told`). tokio ends
    /// the process there, and every runtime does where the second panic comes from a local of an `async` block: that is dropped while
    /// the first one unwinds.
    ///
    /// # Panics
    ///
    /// When the task was cancelled. [`try_into_panic`](Self::try_into_panic) does not panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::panic::catch_unwind;
    /// use anyrt_core::JoinError;
    ///
    /// let payload = catch_unwind(|| panic!("out of cheese")).unwrap_err();
    /// let error = JoinError::panic(payload);
    /// assert_eq!(error.into_panic().downcast_ref(), Some(&"out of cheese"));
    /// ```
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        match self.try_into_panic() {
            Ok(payload) => payload,
            Err(error) => panic!("`JoinError::into_panic` on an error that is no panic: {error}"),
        }
    }

    /// Returns the payload of the task's panic, or the error unchanged when the task was cancelled.
    ///
    /// # Errors
    ///
    /// The same error, when it is not a panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::JoinError;
    ///
    /// /// The text of a panic, and nothing for a task that was stopped.
    /// fn message(error: JoinError) -> Option<String> {
    ///     let payload = error.try_into_panic().ok()?;
    ///     payload.downcast_ref::<&str>().map(|text| text.to_string())
    /// }
    /// assert_eq!(message(JoinError::cancelled()), None);
    /// ```
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send + 'static>, Self> {
        match self.0 {
            Repr::Panic(payload) => Ok(payload.into_inner()),
            Repr::Cancelled => Err(self),
        }
    }

    /// Goes on with the task's panic in the caller, without a second message from the panic hook
    /// (`panic::hook_runs_once`).
    ///
    /// # Panics
    ///
    /// Always: with the task's payload, or, when the task was cancelled, with a message that says so.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// async fn must_work<R: Runtime>(rt: &R) -> u32 {
    ///     rt.spawn(async { 42 }).await.unwrap_or_else(|error| error.resume_unwind())
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(must_work(&rt.handle())), 42);
    /// ```
    #[track_caller]
    pub fn resume_unwind(self) -> ! {
        match self.try_into_panic() {
            Ok(payload) => platform::resume_unwind(payload),
            Err(error) => panic!("{error}"),
        }
    }

    /// The panic's message, where it is text, as those of `panic!` are.
    fn with_message<T>(&self, read: impl FnOnce(Option<&str>) -> T) -> T {
        let Repr::Panic(payload) = &self.0 else {
            return read(None);
        };
        payload.read(|payload| {
            let text = payload.downcast_ref::<&'static str>().copied();
            read(text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)))
        })
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Cancelled => {
                f.write_str("task was cancelled: it was aborted, or its runtime is gone")
            }
            Repr::Panic(_) => self.with_message(|message| match message {
                Some(message) => write!(f, "task panicked: {message}"),
                None => f.write_str("task panicked with a payload that is not text"),
            }),
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Cancelled => f.write_str("JoinError::Cancelled"),
            Repr::Panic(_) => self.with_message(|message| match message {
                Some(message) => write!(f, "JoinError::Panic({message:?}, ..)"),
                None => f.write_str("JoinError::Panic(..)"),
            }),
        }
    }
}

impl Error for JoinError {}
