use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use super::super::faults::Slot;
use super::Run;

/// What a mutant may know of a task.
#[derive(Clone, Debug)]
pub(in crate::mutants) struct TaskState {
    pub(in crate::mutants) run: Run,
    /// Whether it is a closure on the blocking pool.
    pub(in crate::mutants) is_closure: bool,
    /// Whether it was spawned with a name.
    pub(in crate::mutants) is_named: bool,
    /// Whether it was aborted through its handle.
    pub(in crate::mutants) is_aborted: bool,
    /// Whether its handle was ready.
    pub(in crate::mutants) is_joined: bool,
    /// The waker of the first poll of its handle.
    pub(in crate::mutants) first_waker: Option<Waker>,
    /// Where its future is, for mutants that reach it from outside.
    pub(in crate::mutants) slot: Arc<OnceLock<Slot>>,
    /// A note for the mutant, which all that belongs to the task shares.
    pub(in crate::mutants) note: Arc<AtomicBool>,
    /// Whether `is_finished` was asked since the last poll.
    pub(in crate::mutants) is_asked: Arc<AtomicBool>,
}

/// A task as the hooks see it.
pub(in crate::mutants) trait Joined {
    /// Polls for the end, and keeps the output.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JoinError>>;
    /// As `poll`, where the end is there, and without the budget of who asks.
    fn try_poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JoinError>>;
    fn abort(&mut self);
    fn detach(&mut self);
    fn abort_and_detach(&mut self);
    fn abort_handle(&mut self) -> AbortHandle;
    /// Never drops the task.
    fn forget(&mut self);
}

impl TaskState {
    pub(super) fn new(run: &Run, name: Option<&str>, is_closure: bool) -> Self {
        Self {
            run: run.clone(),
            is_closure,
            is_named: name.is_some(),
            is_aborted: false,
            is_joined: false,
            first_waker: None,
            slot: Arc::default(),
            note: Arc::default(),
            is_asked: Arc::default(),
        }
    }
}

/// A task, which calls the hooks.
pub(super) struct BrokenTask<B: RawTask> {
    task: Option<B>,
    state: TaskState,
}

struct View<'a, B: RawTask> {
    task: &'a mut Option<B>,
    output: Option<B::Output>,
}

impl<B: RawTask> BrokenTask<B> {
    pub(super) fn new(task: B, state: TaskState) -> Self {
        let mut this = Self {
            task: Some(task),
            state,
        };
        let fault = this.state.run.fault();
        let (mut view, state) = this.view();
        fault.made(state, &mut view);
        this
    }

    fn view(&mut self) -> (View<'_, B>, &mut TaskState) {
        let view = View {
            task: &mut self.task,
            output: None,
        };
        (view, &mut self.state)
    }
}

impl<B: RawTask> View<'_, B> {
    fn task(&mut self) -> &mut B {
        let task = self.task.as_mut();
        task.expect("nothing is asked of a detached task")
    }
}

impl<B: RawTask> Joined for View<'_, B> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
        let poll = self.task().poll_join(cx);
        poll.map_ok(|output| self.output = Some(output))
    }

    fn try_poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
        let poll = self.task().try_join(cx);
        poll.map_ok(|output| self.output = Some(output))
    }

    fn abort(&mut self) {
        self.task().abort();
    }

    fn detach(&mut self) {
        self.task().detach();
    }

    fn abort_and_detach(&mut self) {
        self.task().abort_and_detach();
    }

    fn abort_handle(&mut self) -> AbortHandle {
        self.task().abort_handle()
    }

    fn forget(&mut self) {
        std::mem::forget(self.task.take());
    }
}

impl<B: RawTask> RawTask for BrokenTask<B> {
    type Output = B::Output;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<B::Output, JoinError>> {
        let (mut view, state) = self.view();
        state.is_asked.store(false, Ordering::SeqCst);
        state.first_waker.get_or_insert_with(|| cx.waker().clone());
        let poll = state.run.fault().join(state, &mut view, cx);
        state.is_joined |= poll.is_ready();
        poll.map_ok(|()| view.output.expect("it was ready"))
    }

    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<B::Output, JoinError>> {
        let (mut view, state) = self.view();
        let poll = state.run.fault().try_join(state, &mut view, cx);
        state.is_joined |= poll.is_ready();
        poll.map_ok(|()| view.output.expect("it was ready"))
    }

    fn abort(&mut self) {
        let (mut view, state) = self.view();
        state.is_aborted = true;
        state.run.fault().abort(state, &mut view);
    }

    fn is_finished(&self) -> bool {
        self.state.is_asked.store(true, Ordering::SeqCst);
        let finished = self.task.as_ref().is_none_or(RawTask::is_finished);
        self.state.run.fault().is_finished(finished)
    }

    fn detach(&mut self) {
        let (mut view, state) = self.view();
        state.run.fault().detach(state, &mut view);
    }

    fn abort_handle(&mut self) -> AbortHandle {
        let (mut view, state) = self.view();
        state.run.fault().abort_handle(state, &mut view)
    }
}
