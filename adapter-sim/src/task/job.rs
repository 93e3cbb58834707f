//! A spawned future as the scheduler polls it: its panics are values, and it is dropped before its outcome is told.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::JoinError;
use pin_project_lite::pin_project;

use crate::task::join::{Join, payload_of, quietly};

/// How a job ended, for those who watch: the joiner has the value.
pub(crate) enum End {
    Value,
    /// The panic's text.
    Panic(String),
}

/// The text of a panic, where it is text.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("with a payload that is not text")
        .to_owned()
}

pin_project! {
    /// Neither its poll nor its drop unwinds.
    pub(crate) struct Job<F, J>
    where
        F: Future,
        J: Join<F::Output>,
    {
        #[pin]
        future: Option<F>,
        join: J,
    }

    impl<F, J> PinnedDrop for Job<F, J>
    where
        F: Future,
        J: Join<F::Output>,
    {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                quietly(|| this.future.set(None));
                this.join.publish(Err(JoinError::cancelled()));
            }
        }
    }
}

impl<F, J> Job<F, J>
where
    F: Future,
    J: Join<F::Output>,
{
    pub(crate) fn new(future: F, join: J) -> Self {
        Self {
            future: Some(future),
            join,
        }
    }
}

impl<F, J> Future for Job<F, J>
where
    F: Future,
    J: Join<F::Output>,
{
    type Output = End;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<End> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Ready(End::Value);
        };
        // A future that panicked is dropped and not looked at again.
        let end = match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(payload) => Err(payload),
        };
        let on_drop = payload_of(|| this.future.set(None));
        let payload = match (end, on_drop) {
            (Ok(output), None) => {
                this.join.publish(Ok(output));
                return Poll::Ready(End::Value);
            }
            (Ok(output), Some(payload)) => {
                quietly(|| drop(output));
                payload
            }
            (Err(payload), on_drop) => {
                quietly(|| drop(on_drop));
                payload
            }
        };
        let end = End::Panic(message(payload.as_ref()));
        this.join.publish(Err(JoinError::panic(payload)));
        Poll::Ready(end)
    }
}
