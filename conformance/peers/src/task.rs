use std::future::Future;
use std::mem::replace;
use std::pin::Pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use anyrt_conformance::Value;
use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::missing::{is_case, missing};

/// A layer's own handle of a task.
pub(crate) trait PeerHandle: Send + Unpin + 'static {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Value, JoinError>>;

    /// Asks the task to stop, in the way that the layer has; what it returns makes the request when it is polled, and waits.
    fn abort(self) -> Option<Cancel>;

    /// Lets the task run on, in the way that the layer has.
    fn detach(self);
}

/// Waits for a task that is being cancelled; the output is that of a task that was faster.
pub(crate) type Cancel = Pin<Box<dyn Future<Output = Option<Value>> + Send>>;

/// The rules about what becomes of a task whose handle is dropped.
const ABOUT_DROPPING: [&str; 2] = [
    "join::dropping_the_handle_detaches",
    "blocking::runs_exactly_once",
];

fn is_about_dropping() -> bool {
    static IT_IS: OnceLock<bool> = OnceLock::new();
    *IT_IS.get_or_init(|| ABOUT_DROPPING.into_iter().any(is_case))
}

/// A layer's handle as the suite holds it. The lock is never taken; it makes the handle `Sync`, which not all are.
pub(crate) struct PeerTask<H>(Mutex<State<H>>);

enum State<H> {
    Running(H),
    Stopping(Cancel),
    Stopped(Option<Value>),
    /// Detached, or aborted with nothing left to wait for.
    Gone,
}

impl<H> PeerTask<H> {
    pub(crate) fn new(handle: H) -> Self {
        // Now, because to detach must not allocate, and to ask does.
        is_about_dropping();
        Self(Mutex::new(State::Running(handle)))
    }

    fn state(&mut self) -> &mut State<H> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H: PeerHandle> RawTask for PeerTask<H> {
    type Output = Value;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Value, JoinError>> {
        let end = match self.state() {
            State::Running(handle) => return handle.poll(cx),
            State::Stopping(cancel) => ready!(cancel.as_mut().poll(cx)),
            State::Stopped(end) => end.take(),
            State::Gone => missing("a join after an abort"),
        };
        *self.state() = State::Gone;
        Poll::Ready(end.ok_or_else(JoinError::cancelled))
    }

    fn abort(&mut self) {
        *self.state() = match replace(self.state(), State::Gone) {
            State::Running(handle) => match handle.abort() {
                Some(mut cancel) => {
                    match cancel
                        .as_mut()
                        .poll(&mut Context::from_waker(Waker::noop()))
                    {
                        Poll::Ready(end) => State::Stopped(end),
                        Poll::Pending => State::Stopping(cancel),
                    }
                }
                None => State::Gone,
            },
            other => other,
        };
    }

    fn is_finished(&self) -> bool {
        missing("`is_finished`")
    }

    /// The suite detaches by dropping. Where dropping is not what a rule is about, the layer's own way to detach is taken, so
    /// that a layer whose handles cancel is not blamed for it by every rule.
    fn detach(&mut self) {
        if let State::Running(handle) = replace(self.state(), State::Gone) {
            if is_about_dropping() {
                drop(handle);
            } else {
                handle.detach();
            }
        }
    }

    fn abort_handle(&mut self) -> AbortHandle {
        missing("abort handles")
    }
}
