use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread::LocalKey;

use pin_project_lite::pin_project;

/// A value that is set while a future or a closure runs, and is found by what it calls: a request's id, a deadline, a user.
///
/// It is declared with [`task_local!`](crate::task_local). The value belongs to a future, not to a thread: it moves with its task from
/// thread to thread. **What the future spawns does not inherit it**; wrap the spawned future as well.
///
/// # Contract
///
/// - The value is set whenever the future is polled or dropped, and at no other time (`local_value::is_set_while_polled`).
/// - A scope inside a scope hides the outer value, and gives it back (`local_value::nests`).
///
/// # Cancellation
///
/// Dropping the future that [`scope`](Self::scope) returns drops the future inside, with the value set.
///
/// # Cost
///
/// No allocation. Two accesses to a thread-local for each poll.
///
/// Rules: `calls::local_value_is_read_in_place`.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::task_local;
///
/// task_local! {
///     static REQUEST: u64;
/// }
///
/// fn log(text: &str) -> String {
///     match REQUEST.get() {
///         Ok(request) => format!("[{request}] {text}"),
///         Err(_) => text.to_owned(),
///     }
/// }
///
/// async fn serve<R: Runtime>(rt: &R, request: u64) -> String {
///     rt.spawn(REQUEST.scope(request, async { log("served") })).await.unwrap_or_default()
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(serve(&rt.handle(), 7)), "[7] served");
/// # assert_eq!(log("idle"), "idle");
/// ```
pub struct TaskLocal<T: 'static> {
    inner: LocalKey<RefCell<Option<T>>>,
}

/// Declares a [`TaskLocal`], as `std::thread_local!` declares a value of a thread, but without an initial value.
///
/// # Examples
///
/// ```
/// anyrt_structured::task_local! {
///     /// The user on whose behalf the task runs.
///     pub static USER: String;
///     static DEPTH: u32;
/// }
/// assert_eq!(DEPTH.sync_scope(1, || DEPTH.get()), Ok(1));
/// assert!(USER.get().is_err());
/// ```
#[macro_export]
macro_rules! task_local {
    ($($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty;)+) => {$(
        $(#[$attribute])*
        $visibility static $name: $crate::TaskLocal<$type> = {
            ::std::thread_local! {
                static VALUE: ::std::cell::RefCell<::std::option::Option<$type>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }
            $crate::TaskLocal::new(VALUE)
        };
    )+};
}

impl<T: 'static> TaskLocal<T> {
    /// Used by [`task_local!`](crate::task_local).
    #[doc(hidden)]
    pub const fn new(inner: LocalKey<RefCell<Option<T>>>) -> Self {
        Self { inner }
    }

    /// Sets the value while `future` is polled or dropped.
    ///
    /// # Panics
    ///
    /// The future panics when it is polled inside [`with`](Self::with) of the same value, and when it is polled again after it
    /// was ready.
    pub fn scope<F: Future>(&'static self, value: T, future: F) -> WithTaskLocal<T, F> {
        WithTaskLocal {
            local: self,
            value: Some(value),
            future: Some(future),
        }
    }

    /// Sets the value while `run` runs.
    ///
    /// # Panics
    ///
    /// Inside [`with`](Self::with) of the same value.
    pub fn sync_scope<U>(&'static self, value: T, run: impl FnOnce() -> U) -> U {
        let mut value = Some(value);
        let _set = self.set(&mut value);
        run()
    }

    /// Calls `read` with the value.
    ///
    /// # Errors
    ///
    /// [`AccessTaskLocalError`] outside of every scope.
    pub fn with<U>(&'static self, read: impl FnOnce(&T) -> U) -> Result<U, AccessTaskLocalError> {
        // The thread may be ending, and its locals gone.
        let read = self
            .inner
            .try_with(|value| value.borrow().as_ref().map(read));
        read.ok().flatten().ok_or(AccessTaskLocalError(()))
    }

    /// Returns a copy of the value.
    ///
    /// # Errors
    ///
    /// [`AccessTaskLocalError`] outside of every scope.
    pub fn get(&'static self) -> Result<T, AccessTaskLocalError>
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    fn set<'a>(&'static self, value: &'a mut Option<T>) -> Set<'a, T> {
        self.swap(value);
        Set { local: self, value }
    }

    fn swap(&'static self, value: &mut Option<T>) {
        // Where the thread is ending there is nothing to swap with, and nobody finds a value.
        _ = self.inner.try_with(|current| {
            let mut current = current.try_borrow_mut();
            let current = current
                .as_mut()
                .expect("a scope was entered inside `TaskLocal::with`");
            std::mem::swap(&mut **current, value);
        });
    }
}

impl<T> fmt::Debug for TaskLocal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskLocal").finish_non_exhaustive()
    }
}

/// Takes the value back, also when a panic passes.
struct Set<'a, T: 'static> {
    local: &'static TaskLocal<T>,
    value: &'a mut Option<T>,
}

impl<T: 'static> Drop for Set<'_, T> {
    fn drop(&mut self) {
        self.local.swap(self.value);
    }
}

pin_project! {
    /// Runs a future with a value set; made by [`TaskLocal::scope`].
    ///
    /// # Cancellation
    ///
    /// Dropping it drops the future inside, with the value set.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::{WithTaskLocal, task_local};
    ///
    /// task_local! {
    ///     static USER: &'static str;
    /// }
    ///
    /// fn as_root<F: Future>(future: F) -> WithTaskLocal<&'static str, F> {
    ///     USER.scope("root", future)
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// assert_eq!(rt.block_on(as_root(async { USER.get() })), Ok("root"));
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct WithTaskLocal<T: 'static, F> {
        local: &'static TaskLocal<T>,
        // In the thread's local while the future runs.
        value: Option<T>,
        #[pin]
        future: Option<F>,
    }

    impl<T: 'static, F> PinnedDrop for WithTaskLocal<T, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                let _set = this.local.set(this.value);
                this.future.set(None);
            }
        }
    }
}

impl<T: 'static, F: Future> Future for WithTaskLocal<T, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let _set = this.local.set(this.value);
        let future = this.future.as_mut().as_pin_mut();
        let polled = future
            .expect("`WithTaskLocal` polled after it was ready")
            .poll(cx);
        if polled.is_ready() {
            // Its destructors find the value as well.
            this.future.set(None);
        }
        polled
    }
}

impl<T: 'static, F> fmt::Debug for WithTaskLocal<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithTaskLocal").finish_non_exhaustive()
    }
}

/// Says that a [`TaskLocal`] has no value here.
///
/// # Examples
///
/// ```
/// use anyrt_structured::{AccessTaskLocalError, task_local};
///
/// task_local! {
///     static USER: &'static str;
/// }
///
/// fn user() -> Result<&'static str, AccessTaskLocalError> {
///     USER.get()
/// }
/// assert!(user().unwrap_err().to_string().contains("`TaskLocal::scope`"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessTaskLocalError(());

impl fmt::Display for AccessTaskLocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("accessing a task-local value failed: no `TaskLocal::scope` is around, and spawned tasks inherit none")
    }
}

impl Error for AccessTaskLocalError {}
