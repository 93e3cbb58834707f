use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_structured::{self as real, Budgeted, budgeted};
use futures::Stream;
use pin_project_lite::pin_project;

use super::{Flaw, Structured};

impl<H> Structured<H> {
    /// A budget of so many steps.
    pub(crate) fn budget(&self, steps: u32) -> Budget {
        Budget {
            real: real::Budget::new(self.steps(steps)),
            never_ends: self.flaw == Some(Flaw::BudgetNeverEnds),
        }
    }

    /// A stream that yields after so many items.
    pub(crate) fn budgeted<S: Stream>(&self, stream: S, steps: u32) -> Budgeted<Sieve<S>> {
        let loses = self.flaw == Some(Flaw::BudgetLosesItems);
        let sieve = Sieve {
            stream,
            loses,
            items: 0,
        };
        budgeted(sieve, self.steps(steps))
    }

    fn steps(&self, steps: u32) -> u32 {
        match self.flaw {
            Some(Flaw::BudgetIsOneStep) => 1,
            Some(Flaw::BudgetNeverEnds) => u32::MAX,
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
