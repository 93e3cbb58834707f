//! A spawned future as the scheduler polls it: its panics are values, and it is dropped before its outcome is told.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::JoinError;
use pin_project_lite::pin_project;

use crate::report::panics::caught;
use crate::task::join::{Join, payload_of, quietly};

/// How a job ended, for those who watch: the joiner has the value.
pub(crate) enum End {
    Value,
    /// What comes after "panicked": where, if that is known, and the text.
    Panic(String),
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
            Err(payload) => Err((caught(payload.as_ref()), payload)),
        };
        let on_drop = payload_of(|| this.future.set(None));
        let (text, payload) = match (end, on_drop) {
            (Ok(output), None) => {
                this.join.publish(Ok(output));
                return Poll::Ready(End::Value);
            }
            (Ok(output), Some(payload)) => {
                let text = caught(payload.as_ref());
                quietly(|| drop(output));
                (text, payload)
            }
            (Err(panic), on_drop) => {
                quietly(|| drop(on_drop));
                panic
            }
        };
        this.join.publish(Err(JoinError::panic(payload)));
        Poll::Ready(End::Panic(text))
    }
}
