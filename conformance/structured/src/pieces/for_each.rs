use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::JoinError;
use anyrt_structured::for_each_concurrent;
use pin_project_lite::pin_project;

use super::{Flaw, Structured};
use crate::Shared;

impl Structured<Shared> {
    /// Spawns a task for each item, at most `limit` of them at a time.
    pub(crate) fn for_each_concurrent<I, C, F>(
        &self,
        limit: usize,
        items: I,
        mut call: C,
    ) -> impl Future<Output = Result<(), JoinError>> + use<I, C, F>
    where
        I: IntoIterator + 'static,
        C: FnMut(I::Item) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        let one_more = self.flaw == Some(Flaw::ForEachExceedsItsLimit);
        let catches = self.flaw == Some(Flaw::ForEachHidesErrors);
        let items: Box<dyn Iterator<Item = I::Item>> = match self.flaw {
            Some(Flaw::ForEachAsksAhead) => {
                Box::new(items.into_iter().collect::<Vec<_>>().into_iter())
            }
            _ => Box::new(items.into_iter()),
        };
        let limit = limit + usize::from(one_more);
        for_each_concurrent(&self.runtime, limit, items, move |item| Work {
            future: call(item),
            catches,
        })
    }
}

pin_project! {
    /// What the task of an item does.
    struct Work<F> {
        #[pin]
        future: F,
        catches: bool,
    }
}

impl<F: Future<Output = ()>> Future for Work<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if !*this.catches {
            return this.future.poll(cx);
        }
        let poll = catch_unwind(AssertUnwindSafe(|| this.future.poll(cx)));
        poll.unwrap_or(Poll::Ready(()))
    }
}
