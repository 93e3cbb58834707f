use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use anyrt_core::Instant;
use anyrt_shared::give_way;

use crate::queue::Ticket;

/// What wakes sleeps at their deadlines.
pub(crate) trait Alarms {
    /// Waits with `waker`, under the ticket that it returns; `None` where the runtime is gone.
    fn arm(&self, deadline: Instant, ticket: Option<Ticket>, waker: &Waker) -> Option<Ticket>;

    fn disarm(&self, deadline: Instant, ticket: Ticket);
}

/// A sleep that waits in a queue.
pub(crate) struct Queued<A: Alarms> {
    alarms: A,
    // `None` where the clock cannot represent it: then it never comes.
    deadline: Option<Instant>,
    ticket: Option<Ticket>,
    // The last waiter, whom a reset must wake at the new deadline.
    waiter: Option<Waker>,
    is_over: bool,
    put_off: bool,
}

impl<A: Alarms> Queued<A> {
    pub(crate) fn new(alarms: A, deadline: Option<Instant>) -> Self {
        Self {
            alarms,
            deadline,
            ticket: None,
            waiter: None,
            is_over: false,
            put_off: false,
        }
    }

    fn is_due(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Waits with `waker`, and tells whether somebody will wake it.
    fn arm(&mut self, waker: &Waker) -> bool {
        let Some(deadline) = self.deadline else {
            return true;
        };
        self.ticket = self.alarms.arm(deadline, self.ticket, waker);
        self.ticket.is_some()
    }

    fn disarm(&mut self) {
        if let (Some(deadline), Some(ticket)) = (self.deadline, self.ticket.take()) {
            self.alarms.disarm(deadline, ticket);
        }
    }

    pub(crate) fn reset(&mut self, deadline: Instant) {
        self.disarm();
        self.deadline = Some(deadline);
        self.is_over = false;
        self.put_off = false;
        let Some(waiter) = self.waiter.take() else {
            return;
        };
        if self.is_due() || !self.arm(&waiter) {
            waiter.wake();
        } else {
            self.waiter = Some(waiter);
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    pub(crate) fn is_elapsed(&self) -> bool {
        self.is_over && !self.put_off
    }
}

impl<A: Alarms + Unpin> Future for Queued<A> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.is_over {
            if !self.is_due() {
                if !self.arm(cx.waker()) {
                    panic!(
                        "a sleep of a compio local runtime was polled after the runtime was dropped"
                    );
                }
                match &mut self.waiter {
                    Some(waiter) => waiter.clone_from(cx.waker()),
                    waiter => *waiter = Some(cx.waker().clone()),
                }
                return Poll::Pending;
            }
            self.is_over = true;
            self.disarm();
            self.waiter = None;
        }
        ready!(give_way(&mut self.put_off, cx));
        Poll::Ready(())
    }
}

impl<A: Alarms> Drop for Queued<A> {
    fn drop(&mut self) {
        self.disarm();
    }
}
