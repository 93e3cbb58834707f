use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::JoinError;
use anyrt_structured::for_each_concurrent;
use pin_project_lite::pin_project;

use super::{Flaw, Structured};
use crate::Shared;

anyrt_conformance_engine::mutants! { Flaw;
    for_each_asks_ahead: "all items are asked for before the first task",
        killed by "for_each::asks_when_there_is_room";
    for_each_exceeds_its_limit: "one task more runs than the limit allows",
        killed by "for_each::keeps_its_limit", "for_each::asks_when_there_is_room";
    for_each_hides_errors: "the panic of an item's task is passed over",
        killed by "for_each::first_error_stops_the_rest";
}

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
        let one_more = self.flaw == Some(Flaw::for_each_exceeds_its_limit);
        let catches = self.flaw == Some(Flaw::for_each_hides_errors);
        let items: Box<dyn Iterator<Item = I::Item>> = match self.flaw {
            Some(Flaw::for_each_asks_ahead) => {
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
