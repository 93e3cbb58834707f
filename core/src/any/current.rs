use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{AnyLocalRuntime, AnyRuntime};
use crate::platform::enter;
use crate::{Current, NoRuntime};

/// An erased runtime that a thread can have as its current one.
///
/// The current runtime is kept in a thread-local, and only while a future or a closure that was given to it is on the stack:
/// nothing is registered, and nothing is found where nobody entered.
pub trait Enter: Sized {
    /// Makes `runtime` the thread's current one, and returns the one before.
    fn swap(runtime: Option<Self>) -> Option<Self>;

    /// Returns the thread's current one.
    fn entered() -> Option<Self>;
}

macro_rules! current {
    ($runtime:ident, $slot:ident, $name:literal, $call:literal, $way_out:literal) => {
        enter!($runtime, $slot);

        /// The innermost one that the caller runs in: as a task, as a closure, inside `block_on`, or inside
        /// [`as_current`](Self::as_current).
        ///
        /// A task that was spawned on the same runtime by other means does not find it, because nobody entered it there.
        impl Current for $runtime {
            /// Returns the erased runtime that the caller runs in.
            ///
            /// # Errors
            ///
            /// [`NoRuntime`] where none was entered; see [`as_current`](Self::as_current).
            fn try_current() -> Result<Self, NoRuntime> {
                Self::entered().ok_or(NoRuntime::new($name, $call, $way_out))
            }
        }
    };
}

current!(
    AnyRuntime,
    CURRENT,
    "erased",
    "AnyRuntime::try_current",
    "call it in a task that an `AnyRuntime` spawned or inside `AnyRuntime::as_current`, or pass a handle in"
);
current!(
    AnyLocalRuntime,
    CURRENT_LOCAL,
    "erased local",
    "AnyLocalRuntime::try_current",
    "call it in a task that an `AnyLocalRuntime` spawned or inside `AnyLocalRuntime::as_current`, or pass a handle in"
);

/// Makes the runtime in `slot` the current one until it is dropped. It moves the runtime, and counts no reference.
pub(super) struct Entered<'a, R: Enter> {
    slot: &'a mut Option<R>,
    before: Option<R>,
}

impl<'a, R: Enter> Entered<'a, R> {
    #[inline]
    pub(super) fn new(slot: &'a mut Option<R>) -> Self {
        let before = R::swap(slot.take());
        Self { slot, before }
    }
}

impl<R: Enter> Drop for Entered<'_, R> {
    #[inline]
    fn drop(&mut self) {
        *self.slot = R::swap(self.before.take());
    }
}

pin_project! {
    /// Runs a future with an erased runtime as its current one; made by [`AnyRuntime::as_current`] and
    /// [`AnyLocalRuntime::as_current`].
    ///
    /// The runtime is the current one in each poll of the future and in its destructor, and nowhere else. Innermost wins.
    ///
    /// # Cost
    ///
    /// Two words more than the future. No allocation, and no reference is counted in a poll.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{AnyRuntime, AsCurrent, Current};
    ///
    /// async fn finds_its_runtime() -> bool {
    ///     AnyRuntime::try_current().is_ok()
    /// }
    ///
    /// fn prepare(rt: &AnyRuntime) -> AsCurrent<impl Future<Output = bool>> {
    ///     rt.as_current(finds_its_runtime())
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert!(rt.block_on(prepare(&AnyRuntime::new(rt.handle()))));
    /// # assert!(!rt.block_on(finds_its_runtime()));
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct AsCurrent<F, R = AnyRuntime>
    where
        R: Enter,
    {
        runtime: Option<R>,
        // `None` only while it is dropped.
        #[pin]
        future: Option<F>,
    }

    impl<F, R> PinnedDrop for AsCurrent<F, R>
    where
        R: Enter,
    {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = Entered::new(this.runtime);
            this.future.set(None);
        }
    }
}

impl<F, R: Enter> AsCurrent<F, R> {
    pub(super) fn new(runtime: R, future: F) -> Self {
        Self {
            runtime: Some(runtime),
            future: Some(future),
        }
    }
}

impl<F: Future, R: Enter> Future for AsCurrent<F, R> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = Entered::new(this.runtime);
        let future = this.future.as_pin_mut();
        future.expect("only the drop takes the future").poll(cx)
    }
}

impl<F, R: Enter> fmt::Debug for AsCurrent<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCurrent").finish_non_exhaustive()
    }
}
