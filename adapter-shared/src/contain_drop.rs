use std::any::Any;
use std::fmt;
use std::future::Future;
use std::mem::{forget, needs_drop};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_core::JoinError;
use pin_project_lite::pin_project;

pin_project! {
    /// A future whose destructor may panic without harm; wrap a future in it before it is spawned on async-task.
    ///
    /// async-task aborts the process when the destructor of a task's future or output panics. This wrapper drops the future
    /// itself: when it is ready, before the output is published, where a panic becomes the panic of the task; and when it is
    /// cancelled, where a panic is contained (`panic::panicking_destructor_is_contained`).
    ///
    /// # Cost
    ///
    /// Nothing where the future needs no drop; otherwise entering one `catch_unwind` per task. No byte where the future has a
    /// niche, as a box has, and up to its alignment where it has none: 8 bytes for most `async` blocks.
    ///
    /// # Panics
    ///
    /// When it is polled again after it was ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_shared::ContainDrop;
    ///
    /// let greeting = String::from("moin");
    /// let contained = ContainDrop::new(async move { greeting.len() });
    /// assert_eq!(async_io::block_on(contained).into_result()?, 4);
    /// # Ok::<(), anyrt_core::JoinError>(())
    /// ```
    pub struct ContainDrop<F> {
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for ContainDrop<F> {
        fn drop(this: Pin<&mut Self>) {
            if const { needs_drop::<F>() } {
                let mut future = this.project().future;
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| future.set(None))) {
                    discard(payload);
                }
            }
        }
    }
}

impl<F> ContainDrop<F> {
    /// Wraps `future`.
    #[inline]
    pub fn new(future: F) -> Self {
        Self {
            future: Some(future),
        }
    }
}

impl<F: Future> ContainDrop<F> {
    /// Drops the future and returns the output of a task that joins as *cancelled*, for an executor that ends its tasks by
    /// polling them.
    ///
    /// A panic of the destructor is contained.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::pending;
    /// use std::pin::pin;
    /// use anyrt_shared::ContainDrop;
    ///
    /// let task = pin!(ContainDrop::new(pending::<()>()));
    /// assert!(task.cancel().into_result().unwrap_err().is_cancelled());
    /// ```
    #[cold]
    #[inline(never)]
    pub fn cancel(self: Pin<&mut Self>) -> Contained<F::Output> {
        let mut future = self.project().future;
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| future.set(None))) {
            discard(payload);
        }
        Contained(None)
    }
}

impl<F: Future> Future for ContainDrop<F> {
    type Output = Contained<F::Output>;

    // Always, so that the unwinder has one frame less to look up when a task panics.
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut future = self.project().future;
        let Some(pending) = future.as_mut().as_pin_mut() else {
            panic!("`ContainDrop` polled after it was ready")
        };
        let output = Contained::new(ready!(pending.poll(cx)));
        if const { needs_drop::<F>() } {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| future.set(None))) {
                drop(output);
                resume_unwind(payload);
            }
        }
        Poll::Ready(output)
    }
}

impl<F> fmt::Debug for ContainDrop<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContainDrop").finish_non_exhaustive()
    }
}

/// The output of a [`ContainDrop`] future: dropped with nobody to take it, it contains a panic of its destructor.
///
/// # Cost
///
/// No byte where the output has a niche, and up to its alignment where it has none.
///
/// # Examples
///
/// ```
/// use anyrt_shared::Contained;
///
/// struct Grumpy;
/// impl Drop for Grumpy {
///     fn drop(&mut self) {
///         panic!("not yet");
///     }
/// }
///
/// drop(Contained::new(Grumpy)); // says so on stderr, and goes on
/// assert_eq!(Contained::new(42).into_result()?, 42);
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
pub struct Contained<T>(Option<T>);

/// The value is never pinned.
impl<T> Unpin for Contained<T> {}

impl<T> Contained<T> {
    /// Wraps `value`.
    #[inline]
    pub fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// Takes the value out.
    ///
    /// # Errors
    ///
    /// *Cancelled*, when it is what [`ContainDrop::cancel`] returned.
    #[inline]
    pub fn into_result(mut self) -> Result<T, JoinError> {
        self.0.take().ok_or_else(JoinError::cancelled)
    }
}

impl<T> Drop for Contained<T> {
    #[inline]
    fn drop(&mut self) {
        if const { needs_drop::<T>() } && self.0.is_some() {
            discard(self.0.take());
        }
    }
}

impl<T> fmt::Debug for Contained<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contained").finish_non_exhaustive()
    }
}

/// Drops `value` and contains a panic of its destructor, and one of the payload's of that panic.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        discard_payload(payload);
    }
}

#[cold]
fn discard_payload(payload: Box<dyn Any + Send>) {
    if let Err(stubborn) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // A payload whose destructor panics with such a payload: enough.
        forget(stubborn);
    }
}
