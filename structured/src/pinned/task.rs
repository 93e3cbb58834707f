use std::fmt;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::CancellationToken;
use crate::sync::lock;

/// A task of a [`PinnedPool`](crate::PinnedPool), as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cost
///
/// A pointer.
///
/// # Examples
///
/// ```
/// use anyrt_core::JoinHandle;
/// use anyrt_structured::PinnedTask;
///
/// struct Session { task: JoinHandle<PinnedTask<u32>> }
/// ```
pub struct PinnedTask<T>(Arc<Packet<T>>);

/// What a task shares with its handle.
pub(super) struct Packet<T> {
    state: Mutex<State<T>>,
    pub(super) stop: CancellationToken,
}

enum State<T> {
    Running(Option<Waker>),
    Ended(Result<T, JoinError>),
    Joined,
}

impl<T> PinnedTask<T> {
    /// Makes a task, and what ends it.
    pub(super) fn new() -> (Self, Finish<T>) {
        let packet = Arc::new(Packet {
            state: Mutex::new(State::Running(None)),
            stop: CancellationToken::new(),
        });
        let finish = Finish {
            packet: packet.clone(),
            end: Mutex::new(None),
        };
        (Self(packet), finish)
    }
}

/// Ends the task when it is dropped: with what was set, or *cancelled*. The task's future holds it, so that the task has not
/// ended before its destructors ran.
pub(super) struct Finish<T> {
    pub(super) packet: Arc<Packet<T>>,
    end: Mutex<Option<Result<T, JoinError>>>,
}

impl<T> Finish<T> {
    pub(super) fn set(&self, end: Result<T, JoinError>) {
        *lock(&self.end) = Some(end);
    }
}

impl<T> Drop for Finish<T> {
    fn drop(&mut self) {
        let end = lock(&self.end).take();
        let end = end.unwrap_or_else(|| Err(JoinError::cancelled()));
        let old = std::mem::replace(&mut *lock(&self.packet.state), State::Ended(end));
        if let State::Running(Some(waker)) = old {
            waker.wake();
        }
    }
}

impl<T: Send + 'static> RawTask for PinnedTask<T> {
    type Output = T;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        // Cloned and dropped without the lock: both run code that is not ours.
        let waker = cx.waker().clone();
        let mut state = lock(&self.0.state);
        match std::mem::replace(&mut *state, State::Joined) {
            State::Ended(end) => Poll::Ready(end),
            State::Running(old) => {
                *state = State::Running(Some(waker));
                drop(state);
                drop(old);
                Poll::Pending
            }
            State::Joined => {
                drop(state);
                panic!("`JoinHandle` polled after it was joined")
            }
        }
    }

    fn abort(&mut self) {
        self.0.stop.cancel();
    }

    fn is_finished(&self) -> bool {
        !matches!(*lock(&self.0.state), State::Running(_))
    }

    fn detach(&mut self) {
        // The task holds the other half, and runs on.
    }

    fn abort_handle(&mut self) -> AbortHandle {
        // Only the token: an output must not be kept.
        let stop = self.0.stop.clone();
        let packet = Arc::downgrade(&self.0);
        AbortHandle::new(
            (stop, packet),
            |(stop, _)| stop.cancel(),
            |(_, packet)| {
                let packet = packet.upgrade();
                packet.is_none_or(|packet| !matches!(*lock(&packet.state), State::Running(_)))
            },
        )
    }
}

impl<T> fmt::Debug for PinnedTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinnedTask").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_shows_its_name() {
        let (task, _finish) = PinnedTask::<()>::new();
        assert_eq!(format!("{task:?}"), "PinnedTask { .. }");
    }
}
