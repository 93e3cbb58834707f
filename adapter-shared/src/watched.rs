use std::fmt;
use std::future::Future;
use std::mem::replace;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use anyrt_core::JoinError;

use crate::{Contained, settle};

/// A task's end that can be asked about through `&self`, for handles that can only be polled.
///
/// To ask is to poll with the waker of the last poll, so that the one who waits is still woken, and to keep the output that
/// was found.
///
/// # Cost
///
/// Polling takes no lock. A pending poll clones the waker when it is a new one.
///
/// # Examples
///
/// ```
/// use std::future::{ready, Ready};
/// use anyrt_shared::{Contained, Watched};
///
/// let end = Watched::new(ready(Some(Contained::new(42))));
/// assert!(end.is_finished());
/// ```
pub struct Watched<F, T>(Mutex<Cell<F, T>>);

struct Cell<F, T> {
    future: F,
    seen: Seen<T>,
}

/// What is kept from one poll to the next.
enum Seen<T> {
    Nothing,
    /// The waker of the last poll by a joiner.
    Joiner(Waker),
    /// What [`Watched::is_finished`] found.
    End(Result<Contained<T>, JoinError>),
}

impl<F: Future<Output = Option<Contained<T>>> + Unpin, T> Watched<F, T> {
    /// Watches `future`.
    #[inline]
    pub fn new(future: F) -> Self {
        Self(Mutex::new(Cell {
            future,
            seen: Seen::Nothing,
        }))
    }

    /// Polls for the end. Not to be called again after it was ready.
    #[inline]
    pub fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        let cell = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if matches!(cell.seen, Seen::End(_)) {
            if let Seen::End(result) = replace(&mut cell.seen, Seen::Nothing) {
                return Poll::Ready(result.and_then(Contained::into_result));
            }
        }
        let end = settle(|| Pin::new(&mut cell.future).poll(cx));
        if end.is_pending() {
            match &mut cell.seen {
                Seen::Joiner(waker) => waker.clone_from(cx.waker()),
                seen => *seen = Seen::Joiner(cx.waker().clone()),
            }
        }
        end
    }

    /// Tells whether the next [`poll_join`](Self::poll_join) is ready.
    pub fn is_finished(&self) -> bool {
        self.advance()
    }

    /// Polls the future for its effect, in the name of the joiner, keeps its end if it has one, and tells whether it has.
    pub(crate) fn advance(&self) -> bool {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = &mut *guard;
        let waker = match &cell.seen {
            Seen::Nothing => Waker::noop(),
            Seen::Joiner(waker) => waker,
            Seen::End(_) => return true,
        };
        let mut cx = Context::from_waker(waker);
        let Poll::Ready(result) = settle(|| Pin::new(&mut cell.future).poll(&mut cx)) else {
            return false;
        };
        let seen = replace(&mut cell.seen, Seen::End(result.map(Contained::new)));
        drop(guard);
        // async-task wakes nobody when a poll finds the end with the joiner's own waker, and this poll was not the joiner's.
        if let Seen::Joiner(waker) = seen {
            waker.wake();
        }
        true
    }

    /// Returns the future, and forgets what was found.
    pub fn into_inner(self) -> F {
        self.0
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .future
    }
}

impl<F, T> fmt::Debug for Watched<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}
