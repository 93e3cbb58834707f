use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_structured::{self as real, Budgeted, budgeted};
use futures::Stream;
use pin_project_lite::pin_project;

use super::{Flaw, Structured};

anyrt_conformance_engine::mutants! { Flaw;
    budget_is_one_step: "a loop with a budget yields after every step",
        killed by "coop::budget_yields_after_its_steps", "coop::stream_yields_after_its_steps";
    budget_loses_items: "a stream with a budget loses items",
        killed by "coop::stream_keeps_its_items", "coop::stream_yields_after_its_steps";
    budget_never_ends: "a loop with a budget does not yield",
        killed by "coop::timeout_interrupts_a_budgeted_loop", "coop::budget_yields_after_its_steps",
            "coop::stream_yields_after_its_steps";
}

impl<H> Structured<H> {
    /// A budget of so many steps.
    pub(crate) fn budget(&self, steps: u32) -> Budget {
        Budget {
            real: real::Budget::new(self.steps(steps)),
            never_ends: self.flaw == Some(Flaw::budget_never_ends),
        }
    }

    /// A stream that yields after so many items.
    pub(crate) fn budgeted<S: Stream>(&self, stream: S, steps: u32) -> Budgeted<Sieve<S>> {
        let loses = self.flaw == Some(Flaw::budget_loses_items);
        let sieve = Sieve {
            stream,
            loses,
            items: 0,
        };
        budgeted(sieve, self.steps(steps))
    }

    fn steps(&self, steps: u32) -> u32 {
        match self.flaw {
            Some(Flaw::budget_is_one_step) => 1,
            Some(Flaw::budget_never_ends) => u32::MAX,
            _ => steps,
        }
    }
}

/// A budget of steps.
pub(crate) struct Budget {
    real: real::Budget,
    never_ends: bool,
}

impl Budget {
    pub(crate) async fn step(&mut self) {
        if self.never_ends {
            self.real.refill();
        }
        self.real.step().await;
    }
}

pin_project! {
    /// A stream that, if told to, loses one item in eight.
    pub(crate) struct Sieve<S> {
        #[pin]
        stream: S,
        loses: bool,
        items: usize,
    }
}

impl<S: Stream> Stream for Sieve<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        loop {
            let item = ready!(this.stream.as_mut().poll_next(cx));
            *this.items += 1;
            if !(*this.loses && item.is_some() && *this.items % 8 == 0) {
                return Poll::Ready(item);
            }
        }
    }
}
