use std::error::Error;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_structured::{CancellationToken, Cancelled, DropGuard, RunUntilCancelled};

use super::entrant::Entrant;
use super::lock::Lock;
use super::{Flaw, Structured};
use crate::kit::pause;

anyrt_conformance_engine::mutants! { Flaw;
    token_beats_the_output: "a token that is cancelled hides the output that is there",
        killed by "token::output_wins";
    token_cancels_its_parent: "cancelling a child cancels its parent",
        killed by "token::child_leaves_its_parent_alone";
    token_drop_cancels: "the drop of a token cancels it",
        killed by "token::dropping_a_token_cancels_nothing";
    token_forgets_grandchildren: "a token reaches its children and no further",
        killed by "token::cancels_all_descendants";
    token_guard_is_idle: "the drop of a guard cancels nothing",
        killed by "token::drop_guard_cancels";
    token_keeps_children: "a token keeps its children when nobody else does",
        killed by "token::dropped_children_leave_nothing";
    token_keeps_first_waker: "a token wakes the first waker of a wait, not the last",
        killed by "token::last_waker_is_woken";
    token_keeps_the_future: "what ran until a token was cancelled is kept",
        killed by "token::run_drops_the_future_first";
    token_keeps_the_last_cause: "a later cause takes the place of the first",
        killed by "token::first_cause_wins";
    token_keeps_waiters: "a token keeps the wakers of waits that are gone",
        killed by "token::dropped_waiters_leave_nothing";
    token_misses_races: "a wait looks at its token, and registers a moment later",
        killed by "token::no_gap_before_the_wait";
    token_polls_first: "what is to run until a token is cancelled runs though it is",
        killed by "token::cancelled_first_polls_nothing";
    token_revives: "a child of a cancelled token is not cancelled",
        killed by "token::stays_cancelled";
    token_wakes_one_only: "a token wakes the first who waits and no other",
        killed by "token::wakes_all_waiters";
    token_wakes_under_its_lock: "a token is locked while it wakes",
        killed by "token::wakes_outside_the_lock";
    tokens_are_all_equal: "every token equals every other",
        killed by "token::clones_are_equal";
}

impl<H> Structured<H> {
    /// A token that is not cancelled.
    pub(crate) fn token(&self) -> Token {
        Token {
            real: CancellationToken::new(),
            parent: None,
            flaw: self.flaw,
            waiters: Arc::default(),
            last_cause: Arc::default(),
            lock: Lock::new(self.flaw == Some(Flaw::token_wakes_under_its_lock)),
        }
    }
}

/// A cancellation token.
#[derive(Clone)]
pub(crate) struct Token {
    real: CancellationToken,
    parent: Option<CancellationToken>,
    flaw: Option<Flaw>,
    /// How many waits for it were begun.
    waiters: Arc<AtomicUsize>,
    /// Of the whole tree.
    last_cause: Arc<Mutex<Option<String>>>,
    lock: Lock,
}

impl Token {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    pub(crate) fn child_token(&self) -> Self {
        self.lock.touch();
        let cut_off = self.has(Flaw::token_forgets_grandchildren) && self.parent.is_some()
            || self.has(Flaw::token_revives) && self.is_cancelled();
        if self.has(Flaw::token_keeps_children) {
            std::mem::forget(self.real.child_token());
        }
        Self {
            real: if cut_off {
                CancellationToken::new()
            } else {
                self.real.child_token()
            },
            parent: Some(self.real.clone()),
            flaw: self.flaw,
            waiters: Arc::default(),
            last_cause: self.last_cause.clone(),
            lock: self.lock.clone(),
        }
    }

    pub(crate) fn cancel(&self) {
        let _held = self.lock.hold();
        self.real.cancel();
        if let (Some(parent), true) = (&self.parent, self.has(Flaw::token_cancels_its_parent)) {
            parent.cancel();
        }
    }

    pub(crate) fn cancel_with(&self, cause: impl Into<Box<dyn Error + Send + Sync>>) {
        let cause = cause.into();
        let mut last = self
            .last_cause
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *last = Some(cause.to_string());
        drop(last);
        self.real.cancel_with(cause);
    }

    /// The text of the cause.
    pub(crate) fn cause(&self) -> Option<String> {
        if self.has(Flaw::token_keeps_the_last_cause) {
            let last = self.last_cause.lock();
            return last.unwrap_or_else(PoisonError::into_inner).clone();
        }
        self.real.cause().map(|cause| cause.to_string())
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.lock.touch();
        self.real.is_cancelled()
    }

    pub(crate) fn cancelled(&self) -> Waiting {
        self.lock.touch();
        let before = self.waiters.fetch_add(1, Ordering::Relaxed);
        Waiting {
            real: Some(self.real.cancelled()),
            token: self.clone(),
            is_deaf: self.has(Flaw::token_wakes_one_only) && before > 0,
            first: None,
        }
    }

    pub(crate) fn run_until_cancelled<F: Future>(
        &self,
        future: F,
    ) -> RunUntilCancelled<Running<F>> {
        let stays = self.has(Flaw::token_keeps_the_future);
        let mut future = Entrant::new(future).stays(stays);
        if self.has(Flaw::token_polls_first) && self.is_cancelled() {
            let mut cx = Context::from_waker(Waker::noop());
            let _: Poll<F::Output> = Pin::new(&mut future).poll(&mut cx);
        }
        self.real.run_until_cancelled(Running {
            future,
            token: self.real.clone(),
            yields: self.has(Flaw::token_beats_the_output),
        })
    }

    pub(crate) fn drop_guard(&self) -> DropGuard {
        if self.has(Flaw::token_guard_is_idle) {
            CancellationToken::new().drop_guard()
        } else {
            self.real.clone().drop_guard()
        }
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.has(Flaw::tokens_are_all_equal) || self.real == other.real
    }
}

impl Eq for Token {}

impl Hash for Token {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if !self.has(Flaw::tokens_are_all_equal) {
            self.real.hash(state);
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if self.has(Flaw::token_drop_cancels) {
            self.real.cancel();
        }
    }
}

/// Waits until a token is cancelled.
pub(crate) struct Waiting {
    /// `None` only while it is dropped.
    real: Option<Cancelled>,
    token: Token,
    is_deaf: bool,
    first: Option<Waker>,
}

impl Future for Waiting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.token.lock.touch();
        let is_first = this.first.is_none();
        let first = this.first.get_or_insert_with(|| cx.waker().clone());
        let real = Pin::new(this.real.as_mut().expect("taken only when it is dropped"));
        match this.token.flaw {
            Some(Flaw::token_keeps_first_waker) => real.poll(&mut Context::from_waker(first)),
            Some(Flaw::token_wakes_one_only) if this.is_deaf => {
                real.poll(&mut Context::from_waker(Waker::noop()))
            }
            // Looks, and registers a moment later without a second look.
            Some(Flaw::token_misses_races) if is_first && !this.token.real.is_cancelled() => {
                pause(Duration::from_micros(200));
                let _: Poll<()> = real.poll(cx);
                Poll::Pending
            }
            _ => real.poll(cx),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.token.has(Flaw::token_keeps_waiters) {
            std::mem::forget(self.real.take());
        }
    }
}

/// What runs until a token is cancelled.
pub(crate) struct Running<F> {
    future: Entrant<F>,
    token: CancellationToken,
    /// It is not polled any more once the token is cancelled.
    yields: bool,
}

impl<F: Future> Future for Running<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if self.yields && self.token.is_cancelled() {
            return Poll::Pending;
        }
        Pin::new(&mut self.future).poll(cx)
    }
}
