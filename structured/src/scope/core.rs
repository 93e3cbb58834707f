//! What a scope's future shares with those who spawn into the scope.

use std::sync::{Arc, Mutex};
use std::task::Waker;

use anyrt_core::{JoinHandle, RawTask};

use crate::CancellationToken;
use crate::sync::lock;

pub(super) struct Core<H: RawTask> {
    state: Mutex<State<H>>,
    token: CancellationToken,
}

struct State<H: RawTask> {
    /// Tasks on their way to the scope's future.
    new: Vec<JoinHandle<H>>,
    ended: bool,
    waker: Option<Waker>,
}

impl<H: RawTask> Core<H> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                new: Vec::new(),
                ended: false,
                waker: None,
            }),
            token: CancellationToken::new(),
        })
    }

    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }

    pub(super) fn has_ended(&self) -> bool {
        lock(&self.state).ended
    }

    /// Hands a task over to the scope's future, or stops it when that is gone.
    pub(super) fn add(&self, mut handle: JoinHandle<H>) {
        let mut state = lock(&self.state);
        if state.ended {
            drop(state);
            handle.abort_and_detach();
            return;
        }
        state.new.push(handle);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn take_new(&self) -> Vec<JoinHandle<H>> {
        std::mem::take(&mut lock(&self.state).new)
    }

    /// Leaves the waker for the next task to come, unless one has come already.
    pub(super) fn wait_for_new(&self, waker: &Waker) -> bool {
        let waker = Some(waker.clone());
        let mut state = lock(&self.state);
        let waits = state.new.is_empty();
        let old = if waits {
            std::mem::replace(&mut state.waker, waker)
        } else {
            waker
        };
        drop(state);
        drop(old);
        waits
    }

    /// Ends the scope, unless a task has come.
    pub(super) fn try_end(&self) -> bool {
        let mut state = lock(&self.state);
        state.ended = state.new.is_empty();
        state.ended
    }

    /// Ends the scope for good and stops the tasks that are on their way.
    pub(super) fn end(&self) {
        let mut state = lock(&self.state);
        state.ended = true;
        let new = std::mem::take(&mut state.new);
        let waker = state.waker.take();
        drop(state);
        drop(waker);
        self.token.cancel();
        for mut handle in new {
            handle.abort_and_detach();
        }
    }
}
