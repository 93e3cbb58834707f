use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::Timer;
use anyrt_structured::{
    CancellationToken, ShutdownReport, TaskInfo, TaskPanic, TaskTracker, Tracked, Wait,
};
use pin_project_lite::pin_project;

use super::{Flaw, Structured};
use crate::{Handle, Local, LocalHandle, Shared};

anyrt_conformance_engine::mutants! { Flaw;
    tracker_cannot_abort: "the tasks of a tracker run on after the grace",
        killed by "tracker::shutdown_aborts_after_the_grace";
    tracker_changes_payloads: "a tracked task panics with another payload",
        killed by "tracker::task_rules_hold";
    tracker_ends_before_destructors: "a tracker is drained while its last task is dropped",
        killed by "tracker::wait_resolves_after_the_last_task";
    tracker_forgets_names: "the report of a shutdown has no names",
        killed by "tracker::report_names_the_late";
    tracker_hides_panics: "the hook of a tracker is not called",
        killed by "tracker::panics_are_reported";
    tracker_needs_no_close: "a tracker is drained whenever it is empty",
        killed by "tracker::wait_asks_for_a_close";
    tracker_reads_its_own_clock: "a shutdown counts its grace by another clock than it was given",
        killed by "tracker::shutdown_uses_the_timers_clock";
    tracker_remembers: "a tracker lists tasks that have ended",
        killed by "tracker::forgets_ended_tasks";
    tracker_stays_closed: "a tracker cannot be reopened",
        killed by "tracker::reopens";
    tracker_takes_the_whole_grace: "a shutdown takes its whole grace, though nothing is left",
        killed by "tracker::shutdown_returns_early";
    tracker_token_is_apart: "a shutdown does not cancel the tracker's token",
        killed by "tracker::shutdown_cancels_its_token";
    tracker_waits_for_ever: "a shutdown waits for tasks that no abort ends",
        killed by "tracker::shutdown_is_bounded";
    tracker_waits_for_its_close_only: "a tracker is drained when it is closed",
        killed by "tracker::wait_resolves_after_the_last_task";
    tracker_wakes_nobody: "the end of the last task of a tracker wakes nobody",
        killed by "tracker::last_end_wakes_who_waits";
}

impl<H: Clone> Structured<H> {
    /// A tracker with a token of its own.
    pub(crate) fn tracker(&self) -> Tracker<H> {
        Tracker {
            real: TaskTracker::new(),
            runtime: self.runtime.clone(),
            flaw: self.flaw,
            apart: CancellationToken::new(),
            counts: Arc::default(),
        }
    }
}

/// A tracker, with the runtime on which it spawns.
#[derive(Clone)]
pub(crate) struct Tracker<H> {
    real: TaskTracker,
    runtime: H,
    flaw: Option<Flaw>,
    /// A token of which the tracker knows nothing.
    apart: CancellationToken,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    spawned: AtomicUsize,
    outputs: AtomicUsize,
    infos: Mutex<Vec<TaskInfo>>,
}

impl<H> Tracker<H> {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        if self.has(Flaw::tracker_token_is_apart) {
            &self.apart
        } else {
            self.real.token()
        }
    }

    pub(crate) fn track<F: Future>(&self, name: &str, future: F) -> Tracked<F> {
        self.real.track(self.name(name), future)
    }

    pub(crate) fn close(&self) {
        self.real.close();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.real.is_closed()
    }

    pub(crate) fn reopen(&self) -> bool {
        if self.has(Flaw::tracker_stays_closed) {
            return self.real.is_closed();
        }
        self.real.reopen()
    }

    pub(crate) fn on_panic(&self, hook: impl Fn(&TaskPanic) + Send + Sync + 'static) {
        if !self.has(Flaw::tracker_hides_panics) {
            self.real.on_panic(hook);
        }
    }

    pub(crate) fn real(&self) -> TaskTracker {
        self.real.clone()
    }

    pub(crate) fn panics(&self) -> Vec<TaskPanic> {
        self.real.panics()
    }

    pub(crate) fn abort_all(&self) {
        if !self.has(Flaw::tracker_cannot_abort) {
            self.real.abort_all();
        }
    }

    pub(crate) fn wait(&self) -> Waiting {
        Waiting {
            real: self.real.wait(),
            tracker: self.real.clone(),
            flaw: self.flaw,
            counts: self.counts.clone(),
        }
    }

    pub(crate) fn running(&self) -> Vec<TaskInfo> {
        if self.has(Flaw::tracker_remembers) {
            let infos = self.counts.infos.lock();
            return infos.unwrap_or_else(PoisonError::into_inner).clone();
        }
        self.real.running()
    }

    pub(crate) fn len(&self) -> usize {
        self.real.len()
    }

    fn name<'a>(&self, name: &'a str) -> &'a str {
        if self.has(Flaw::tracker_forgets_names) {
            ""
        } else {
            name
        }
    }

    fn work<F>(&self, future: F) -> Work<F> {
        self.counts.spawned.fetch_add(1, Ordering::SeqCst);
        Work {
            future,
            changes_payload: self.has(Flaw::tracker_changes_payloads),
            counts: self.counts.clone(),
        }
    }

    fn spawned(&self) {
        if self.has(Flaw::tracker_remembers) {
            let mut infos = self
                .counts
                .infos
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            infos.extend(self.real.running());
        }
    }
}

impl<H: Timer + Clone> Tracker<H> {
    /// The call closes the tracker and cancels its token.
    pub(crate) fn shutdown<T: Timer + Clone>(
        &self,
        timer: &T,
        grace: Duration,
        abort_grace: Duration,
    ) -> impl Future<Output = ShutdownReport> + use<T, H> {
        let abort_grace = match self.flaw {
            Some(Flaw::tracker_waits_for_ever) => Duration::MAX,
            _ => abort_grace,
        };
        let own_clock = self.has(Flaw::tracker_reads_its_own_clock);
        let on_own = own_clock.then(|| self.real.shutdown(&self.runtime, grace));
        let on_given = (!own_clock).then(|| self.real.shutdown(timer, grace));
        let takes_its_time = self.has(Flaw::tracker_takes_the_whole_grace);
        let rest = takes_its_time.then(|| timer.sleep(grace));
        async move {
            if let Some(rest) = rest {
                rest.await;
            }
            match (on_own, on_given) {
                (Some(real), _) => real.abort_grace(abort_grace).await,
                (_, Some(real)) => real.abort_grace(abort_grace).await,
                (None, None) => unreachable!("one of them is there"),
            }
        }
    }
}

impl Tracker<Shared> {
    pub(crate) fn spawn_named<F>(&self, name: &str, future: F) -> Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (name, work) = (self.name(name), self.work(future));
        let handle = if self.has(Flaw::tracker_cannot_abort) {
            self.runtime.spawn(self.real.track(name, work))
        } else {
            self.real.spawn_named(&self.runtime, name, work)
        };
        self.spawned();
        handle
    }
}

impl Tracker<Local> {
    pub(crate) fn spawn_named<F>(&self, name: &str, future: F) -> LocalHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let (name, work) = (self.name(name), self.work(future));
        let handle = if self.has(Flaw::tracker_cannot_abort) {
            self.runtime.spawn(self.real.track(name, work))
        } else {
            self.real.spawn_local_named(&self.runtime, name, work)
        };
        self.spawned();
        handle
    }
}

pin_project! {
    /// What a tracked task does.
    struct Work<F> {
        #[pin]
        future: F,
        changes_payload: bool,
        counts: Arc<Counts>,
    }
}

impl<F: Future> Future for Work<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let poll = if *this.changes_payload {
            let poll = catch_unwind(AssertUnwindSafe(|| this.future.poll(cx)));
            poll.unwrap_or_else(|_| resume_unwind(Box::new("a tracked task panicked")))
        } else {
            this.future.poll(cx)
        };
        if poll.is_ready() {
            this.counts.outputs.fetch_add(1, Ordering::SeqCst);
        }
        poll
    }
}

/// Waits until a tracker is closed and empty.
pub(crate) struct Waiting {
    real: Wait,
    tracker: TaskTracker,
    flaw: Option<Flaw>,
    counts: Arc<Counts>,
}

impl Future for Waiting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let load = |count: &AtomicUsize| count.load(Ordering::SeqCst);
        let is_closed = self.tracker.is_closed();
        let is_early = match self.flaw {
            Some(Flaw::tracker_needs_no_close) => self.tracker.is_empty(),
            Some(Flaw::tracker_waits_for_its_close_only) => is_closed,
            Some(Flaw::tracker_ends_before_destructors) => {
                is_closed && load(&self.counts.outputs) == load(&self.counts.spawned)
            }
            _ => false,
        };
        if is_early {
            return Poll::Ready(());
        }
        if self.flaw == Some(Flaw::tracker_wakes_nobody) {
            return Pin::new(&mut self.real).poll(&mut Context::from_waker(Waker::noop()));
        }
        Pin::new(&mut self.real).poll(cx)
    }
}
