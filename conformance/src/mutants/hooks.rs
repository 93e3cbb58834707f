//! The hooks: what a mutant may override.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use anyrt_core::{AbortHandle, Instant, JoinError, MissedTick, Sleep};

use super::run::Run;
use super::wrap::{Dropped, Joined, Limited, Signals, SleepState, TaskState};
use crate::{Backend, BlockingWork, BoxTask, BoxWork, RootFuture, Sizes, Tick, Value};

/// Polls the future of a task.
pub(super) type PollWork<'a> = &'a mut dyn FnMut(&mut Context<'_>) -> Poll<()>;

/// A fault: one hook, seldom two, that does what it should not. Every other hook passes the call on.
///
/// The hooks are the same for both kinds of runtimes. Those that take a [`BoxWork`] are called for tasks that are `Send` only;
/// a mutant that overrides one needs `Shared`.
pub(super) trait Fault: Send + Sync {
    /// Changes what a backend declares, or how it is looked up.
    fn backend(&self, backend: Backend) -> Backend {
        backend
    }

    /// A runtime was started.
    fn start(&self) {}

    /// Drives a started runtime, by `block_on` of its owner; `drive` does it.
    fn drive(&self, _run: &Run, drive: &mut dyn FnMut()) {
        drive();
    }

    /// Runs a main task; `run` does it.
    fn run(&self, run: &mut dyn FnMut() -> Value) -> Value {
        run()
    }

    /// Blocks on a handle; `block` does it.
    fn block_on(&self, _run: &Run, block: &mut dyn FnMut()) {
        block();
    }

    /// Wraps the future of the owner's `block_on`.
    fn root<'a>(&self, _run: &Run, root: RootFuture<'a>) -> RootFuture<'a> {
        root
    }

    /// Shuts a runtime down; `next` does it. A `next` that is forgotten leaves everything as it is.
    fn shutdown(&self, grace: Duration, next: Box<dyn FnOnce(Duration) + '_>) {
        next(grace);
    }

    /// A runtime is about to be ended by what was moved into a task or a closure.
    fn end_inside(&self) {}

    /// A task is about to be spawned, perhaps with a name; whether it is lost.
    fn loses_task(&self, _run: &Run, _name: Option<&str>) -> bool {
        false
    }

    /// A closure is about to be submitted, perhaps with a name; whether it is lost.
    fn loses_closure(&self, _run: &Run, _name: Option<&str>) -> bool {
        false
    }

    /// Wraps the future of a task that is `Send`.
    fn work(&self, _run: &Run, _task: &TaskState, future: BoxWork) -> BoxWork {
        future
    }

    /// Whether work goes to the runtime that blocks the thread.
    fn is_ambient(&self) -> bool {
        false
    }

    /// Submits a closure; `pool` does it.
    fn submit(
        &self,
        _run: &Run,
        work: BlockingWork,
        pool: &dyn Fn(BlockingWork) -> BoxTask,
    ) -> BoxTask {
        pool(work)
    }

    /// Whether a future without size is lost.
    fn loses_zero_sized(&self) -> bool {
        false
    }

    /// A big future is about to be spawned.
    fn spawn_big(&self) {}

    /// Whether a small future is boxed before it is spawned.
    fn boxes_small(&self) -> bool {
        false
    }

    /// The sizes of the runtime's types.
    fn sizes(&self, sizes: Sizes) -> Sizes {
        sizes
    }

    /// Polls the future of a task; `poll` does it.
    fn poll(
        &self,
        _run: &Run,
        _signals: &Signals,
        cx: &mut Context<'_>,
        poll: PollWork<'_>,
    ) -> Poll<()> {
        poll(cx)
    }

    /// Whether the future of a task is never dropped.
    fn loses_future(&self, _signals: &Signals) -> bool {
        false
    }

    /// Drops the future of a task, which was ready or not.
    fn drop_work(&self, _was_ready: bool, future: &mut dyn Dropped) {
        future.drop_now();
    }

    /// Wakes a task; `wake` does it.
    fn wake(&self, _run: &Run, _signals: &Signals, wake: &dyn Fn()) {
        wake();
    }

    /// Whether each poll of a task has another waker.
    fn changes_wakers(&self) -> bool {
        false
    }

    /// A task was made.
    fn made(&self, _task: &TaskState, _inner: &mut dyn Joined) {}

    /// Polls the handle of a task.
    fn join(
        &self,
        _task: &mut TaskState,
        inner: &mut dyn Joined,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), JoinError>> {
        inner.poll(cx)
    }

    /// Takes the output of a task whose end is there.
    fn try_join(
        &self,
        _task: &mut TaskState,
        inner: &mut dyn Joined,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), JoinError>> {
        inner.try_poll(cx)
    }

    /// Aborts a task through its handle.
    fn abort(&self, _task: &TaskState, inner: &mut dyn Joined) {
        inner.abort();
    }

    /// Makes an abort handle.
    fn abort_handle(&self, _task: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
        inner.abort_handle()
    }

    /// Detaches a task.
    fn detach(&self, _task: &TaskState, inner: &mut dyn Joined) {
        inner.detach();
    }

    /// Whether a task has finished, when `finished` is true.
    fn is_finished(&self, finished: bool) -> bool {
        finished
    }

    /// What the wall clock shows.
    fn system_time(&self, time: SystemTime) -> SystemTime {
        time
    }

    /// How long a sleep lasts.
    fn duration(&self, _run: &Run, duration: Duration) -> Duration {
        duration
    }

    /// When a sleep ends.
    fn deadline(&self, _run: &Run, deadline: Instant) -> Instant {
        deadline
    }

    /// Polls a sleep.
    fn poll_sleep(
        &self,
        _sleep: &mut SleepState,
        inner: Pin<&mut dyn Sleep>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        inner.poll(cx)
    }

    /// Resets a sleep.
    fn reset_sleep(&self, inner: Pin<&mut dyn Sleep>, deadline: Instant) {
        inner.reset(deadline);
    }

    /// Whether a sleep is elapsed, when `elapsed` is true.
    fn is_elapsed(&self, _sleep: &SleepState, elapsed: bool) -> bool {
        elapsed
    }

    /// What a sleep says of its deadline.
    fn sleep_deadline(&self, deadline: Option<Instant>) -> Option<Instant> {
        deadline
    }

    /// Drops a sleep.
    fn drop_sleep(&self, sleep: &mut dyn Dropped) {
        sleep.drop_now();
    }

    /// The limit of a timeout.
    fn limit(&self, limit: Duration) -> Duration {
        limit
    }

    /// Polls a timeout: whether it elapsed.
    fn poll_timeout(&self, timeout: &mut dyn Limited, cx: &mut Context<'_>) -> Poll<bool> {
        match timeout.poll_value(cx) {
            Poll::Ready(()) => Poll::Ready(false),
            Poll::Pending => timeout.poll_time(cx).map(|()| true),
        }
    }

    /// What an interval is made of.
    fn interval(
        &self,
        start: Instant,
        period: Duration,
        missed: MissedTick,
    ) -> (Instant, Duration, MissedTick) {
        (start, period, missed)
    }

    /// Polls an interval.
    fn poll_tick(&self, mut inner: Pin<&mut dyn Tick>, cx: &mut Context<'_>) -> Poll<Instant> {
        inner.as_mut().poll_tick(cx)
    }

    /// Resets an interval, to a deadline or by one period.
    fn reset_interval(&self, inner: Pin<&mut dyn Tick>, deadline: Option<Instant>) {
        match deadline {
            Some(deadline) => inner.reset_at(deadline),
            None => inner.reset(),
        }
    }
}

/// Declares mutants, one block each: its name, with what a backend needs for it behind `on`; what it breaks; the rules that kill
/// it; and the [hooks](Fault) that it overrides.
macro_rules! mutants {
    ($($name:ident $(on $needs:ident)?: $breaks:literal,
        killed by $($rule:literal),+; {$($hooks:tt)*})+) => {
        /// The mutants of this file.
        pub(super) fn all() -> Vec<crate::Mutant> {
            vec![$({
                let mutant = crate::Mutant::new(
                    stringify!($name),
                    $breaks,
                    &[$($rule),+],
                    |backend| super::super::broken(backend, &$name),
                );
                $(let mutant = mutant.needs(crate::capability::$needs);)?
                mutant
            }),+]
        }

        $(
            #[allow(non_camel_case_types, reason = "the type of a mutant has its name")]
            #[derive(Clone, Copy)]
            pub(super) struct $name;

            impl Fault for $name {
                $($hooks)*
            }
        )+
    };
}

pub(super) use mutants;
