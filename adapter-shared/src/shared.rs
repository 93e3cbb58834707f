use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll, Wake, Waker};

use anyrt_core::{AbortHandle, JoinError};

use crate::contain_drop::discard;
use crate::desk::{Calls, Desk};
use crate::slot::Slot;
use crate::{Contained, Joinable};

/// A task that was aborted, or that abort handles have a part in.
///
/// While the join handle lives, it waits for the task; once it was dropped and abort handles are left, [`drain`](Self::drain)
/// takes the output out when it comes, so that abort handles pin nothing.
///
/// The functions in it are made where the output is known to be `'static`, so that no method asks for that.
pub(crate) struct Shared<J: Joinable> {
    desk: Desk<J>,
    /// Made with the first abort handle, so that to detach allocates nothing.
    drainer: OnceLock<Waker>,
    drain: fn(&Arc<Self>) -> Waker,
    abort_handle: fn(Arc<Self>) -> AbortHandle,
}

impl<J: Joinable> Shared<J> {
    pub(crate) fn poll_join(
        self: &mut Arc<Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<J::Output, JoinError>> {
        if let Some(own) = Arc::get_mut(self) {
            return own.desk.poll_own(cx);
        }
        let (end, calls) = self.desk.poll_join(cx);
        self.call(calls);
        end
    }

    /// An abort through the join handle.
    pub(crate) fn abort_own(self: &mut Arc<Self>) {
        match Arc::get_mut(self) {
            Some(own) => own.desk.abort_own(),
            None => self.abort(),
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        let (is_finished, calls) = self.desk.is_finished();
        self.call(calls);
        is_finished
    }

    pub(crate) fn abort(&self) {
        let calls = self.desk.abort();
        self.call(calls || self.desk.is_detached());
    }

    pub(crate) fn abort_handle(self: &Arc<Self>) -> AbortHandle {
        self.drainer.get_or_init(|| (self.drain)(self));
        (self.abort_handle)(self.clone())
    }

    pub(crate) fn detach(&self) {
        if self.drainer.get().is_some() {
            self.desk.set_detached();
            self.drain();
        } else {
            // The join handle alone has a part in it.
            self.desk.detach();
        }
    }

    fn call(&self, calls: Calls) {
        if calls {
            self.drain();
        }
    }

    fn drain(&self) {
        let Some(drainer) = self.drainer.get() else {
            return;
        };
        while self.desk.is_detached() {
            let polled = self.desk.look(|slot, _| {
                let mut cx = Context::from_waker(drainer);
                (!slot.is_joined()).then(|| slot.poll_join(&mut cx))
            });
            // Where somebody else works on it, that one calls.
            let Some((end, calls)) = polled else {
                return;
            };
            if let Some(Poll::Ready(end)) = end {
                discard(end.map(Contained::new));
            }
            if !calls {
                return;
            }
        }
    }
}

impl<J> Shared<J>
where
    J: Joinable<Output: Send + 'static, Cancel: Send> + Send + 'static,
{
    /// Of a task that ran when it was spawned; without the runtime's handle, of one that was joined.
    pub(crate) fn running(task: Option<J>) -> Arc<Self> {
        Self::new(Slot::running(task))
    }

    /// Of a task that was dead before it began.
    pub(crate) fn dead(_: Option<J>) -> Arc<Self> {
        Self::new(Slot::Dead)
    }

    fn new(slot: Slot<J>) -> Arc<Self> {
        Arc::new(Self {
            desk: Desk::new(slot, J::cancel),
            drainer: OnceLock::new(),
            drain: |shared| Waker::from(Arc::new(Drainer(Arc::downgrade(shared)))),
            abort_handle: |shared| {
                AbortHandle::new(
                    shared,
                    |shared| shared.abort(),
                    |shared| shared.is_finished(),
                )
            },
        })
    }
}

impl<J: Joinable> Drop for Shared<J> {
    fn drop(&mut self) {
        // Neither a join handle nor an abort handle is left; the task runs on.
        self.desk.detach();
    }
}

/// Weak, because the task's header keeps it: a task that never ends must not keep itself.
struct Drainer<J: Joinable>(Weak<Shared<J>>);

impl<J> Wake for Drainer<J>
where
    J: Joinable<Output: Send, Cancel: Send> + Send,
{
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(shared) = self.0.upgrade() {
            shared.drain();
        }
    }
}
