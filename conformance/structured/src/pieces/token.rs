use std::error::Error;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use anyrt_structured::{CancellationToken, Cancelled, DropGuard, RunUntilCancelled};

use super::entrant::Entrant;
use super::lock::Lock;
use super::{Flaw, Structured};

impl<H> Structured<H> {
    /// A token that is not cancelled.
    pub(crate) fn token(&self) -> Token {
        Token {
            real: CancellationToken::new(),
            parent: None,
            flaw: self.flaw,
            waiters: Arc::default(),
            last_cause: Arc::default(),
            lock: Lock::new(self.flaw == Some(Flaw::TokenWakesUnderItsLock)),
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
        let cut_off = self.has(Flaw::TokenForgetsGrandchildren) && self.parent.is_some()
            || self.has(Flaw::TokenRevives) && self.is_cancelled();
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
        if let (Some(parent), true) = (&self.parent, self.has(Flaw::TokenCancelsItsParent)) {
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
        if self.has(Flaw::TokenKeepsTheLastCause) {
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
            is_deaf: self.has(Flaw::TokenWakesOneOnly) && before > 0,
            first: None,
        }
    }

    pub(crate) fn run_until_cancelled<F: Future>(
        &self,
        future: F,
    ) -> RunUntilCancelled<Running<F>> {
        let stays = self.has(Flaw::TokenKeepsTheFuture);
        let mut future = Entrant::new(future).stays(stays);
        if self.has(Flaw::TokenPollsFirst) && self.is_cancelled() {
            let mut cx = Context::from_waker(Waker::noop());
            let _: Poll<F::Output> = Pin::new(&mut future).poll(&mut cx);
        }
        self.real.run_until_cancelled(Running {
            future,
            token: self.real.clone(),
            yields: self.has(Flaw::TokenBeatsTheOutput),
        })
    }

    pub(crate) fn drop_guard(&self) -> DropGuard {
        if self.has(Flaw::TokenGuardIsIdle) {
            CancellationToken::new().drop_guard()
        } else {
            self.real.clone().drop_guard()
        }
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.has(Flaw::TokensAreAllEqual) || self.real == other.real
    }
}

impl Eq for Token {}

impl Hash for Token {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if !self.has(Flaw::TokensAreAllEqual) {
            self.real.hash(state);
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if self.has(Flaw::TokenDropCancels) {
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
            Some(Flaw::TokenKeepsFirstWaker) => real.poll(&mut Context::from_waker(first)),
            Some(Flaw::TokenWakesOneOnly) if this.is_deaf => {
                real.poll(&mut Context::from_waker(Waker::noop()))
            }
            // Looks, and registers a moment later without a second look.
            Some(Flaw::TokenMissesRaces) if is_first && !this.token.real.is_cancelled() => {
                thread::sleep(Duration::from_micros(200));
                let _: Poll<()> = real.poll(cx);
                Poll::Pending
            }
            _ => real.poll(cx),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.token.has(Flaw::TokenKeepsWaiters) {
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
