//! Futures around the user's that change an output's type and nothing else.
//!
//! They are written by hand so that they drop the future neither when it completes nor when it panics: when it is dropped
//! stays the runtime's business, which several rules are about.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::{Elapsed, Instant, Interval, Timer};
use pin_project_lite::pin_project;

use super::layer::{LocalValue, RootFuture, Tick, Value};

macro_rules! boxed {
    ($name:ident: $value:ident, $($bound:tt)+) => {
        pin_project! {
            /// Boxes an output.
            pub(super) struct $name<F> {
                #[pin]
                pub(super) future: F,
            }
        }

        impl<F: Future<Output: $($bound)+>> Future for $name<F> {
            type Output = $value;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<$value> {
                let poll = self.project().future.poll(cx);
                poll.map(|output| Box::new(output) as $value)
            }
        }
    };
}

boxed!(Boxed: Value, Any + Send);
boxed!(LocalBoxed: LocalValue, Any);

pin_project! {
    /// Turns the `Result` of a timeout into an `Option`, which others than core can make as well.
    pub(super) struct Limited<F> {
        #[pin]
        pub(super) timeout: F,
    }
}

impl<F: Future<Output = Result<T, Elapsed>>, T> Future for Limited<F> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.project().timeout.poll(cx).map(Result::ok)
    }
}

pin_project! {
    /// Puts an output where the caller finds it.
    struct Stored<'a, F: Future> {
        #[pin]
        future: F,
        slot: &'a mut Option<F::Output>,
    }
}

impl<F: Future> Future for Stored<'_, F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.future
            .poll(cx)
            .map(|output| **this.slot = Some(output))
    }
}

/// Blocks on `future` by way of `block_on`, which takes futures without output.
pub(crate) fn block_on<F: Future>(future: F, block_on: impl FnOnce(RootFuture<'_>)) -> F::Output {
    let mut output = None;
    block_on(Box::pin(Stored {
        future,
        slot: &mut output,
    }));
    output.expect("block_on returned before its future was ready")
}

/// Half a MiB.
pub(super) const BIG: usize = 1 << 19;

/// Sums its bytes, after one pending poll, so that it is moved and kept whole.
pub(super) struct Big {
    bytes: [u8; BIG],
    polled: bool,
}

impl Big {
    pub(super) fn new() -> Self {
        Self {
            bytes: [1; BIG],
            polled: false,
        }
    }
}

impl Future for Big {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        if std::mem::replace(&mut self.polled, true) {
            return Poll::Ready(self.bytes.iter().map(|&byte| usize::from(byte)).sum());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<T: Timer> Tick for Interval<T> {
    fn poll_tick(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        Interval::poll_tick(self, cx)
    }

    fn reset(self: Pin<&mut Self>) {
        Interval::reset(self);
    }

    fn reset_at(self: Pin<&mut Self>, deadline: Instant) {
        Interval::reset_at(self, deadline);
    }
}
