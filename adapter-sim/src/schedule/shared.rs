//! What all handles of a simulation share.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use std::time::Duration;

use anyrt_core::Instant;

use crate::host_id::HostId;
use crate::report::fault::Fault;
use crate::report::label::Label;
use crate::schedule::entry::{Kind, SendFuture};
use crate::schedule::state::State;
use crate::schedule::wait::Wait;
use crate::schedule::watchdog::Watchdog;
use crate::settings::{Settings, nanos};
use crate::task::job::End;
use crate::task::join::quietly;
use crate::task::locals::{self, LocalFuture};
use crate::{Failure, TaskId};

pub(crate) struct Shared {
    /// The number of the simulation, which no other of the process has.
    pub(crate) id: u64,
    pub(crate) settings: Settings,
    /// The thread that the simulation was built on, and on which local tasks live.
    home: u64,
    /// What the clock showed when it was built: virtual time counts from here.
    base: Instant,
    state: Mutex<State>,
    pub(crate) changed: Condvar,
    pub(crate) watchdog: Watchdog,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Arc<Self> {
        let state = State::new(&settings);
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Arc::new(Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            settings,
            home: this_thread(),
            // The one reading of the real clock: it anchors the virtual time and decides nothing.
            base: Instant::now(),
            state: Mutex::new(state),
            changed: Condvar::new(),
            watchdog: Watchdog::default(),
        })
    }

    /// Nothing of the user's runs under the lock, so no panic can leave the state half changed.
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub(crate) fn is_home(&self) -> bool {
        this_thread() == self.home
    }

    pub(crate) fn instant(&self, time: u64) -> Instant {
        self.base + Duration::from_nanos(time)
    }

    /// The virtual time of an instant, or the end of time when the clock cannot hold it.
    pub(crate) fn time(&self, instant: Instant) -> u64 {
        nanos(instant.saturating_duration_since(self.base))
    }

    /// Spawns a `Send` future; `None` when the simulation is over or the host is down, and the future has then been dropped.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        kind: Kind,
        label: Label,
        location: &'static Location<'static>,
        future: impl Future<Output = End> + Send + 'static,
    ) -> Option<TaskId> {
        let future: SendFuture = Box::pin(future);
        let mut state = self.lock();
        if state.closed || state.wire.is_down(label.host) {
            drop(state);
            drop(future);
            return None;
        }
        self.report_foreign(&mut state, "spawned a task");
        let task = state.insert(kind, label, location, Some(future), |task| self.waker(task));
        self.notify(&state);
        Some(task)
    }

    /// Spawns a future that stays on the home thread.
    ///
    /// # Panics
    ///
    /// On another thread, unless the simulation is over.
    #[track_caller]
    pub(crate) fn spawn_local(
        self: &Arc<Self>,
        label: Label,
        location: &'static Location<'static>,
        future: impl Future<Output = End> + 'static,
    ) -> Option<TaskId> {
        let future: LocalFuture = Box::pin(future);
        let mut state = self.lock();
        if state.closed || state.wire.is_down(label.host) {
            drop(state);
            drop(future);
            return None;
        }
        let Some(locals) = self.is_home().then(|| locals::of(self.id)).flatten() else {
            drop(state);
            panic!(
                "`Sim::spawn_local` outside its simulation: local tasks live on the thread that built it, so call it there"
            );
        };
        let task = state.insert(Kind::Local, label, location, None, |task| self.waker(task));
        drop(state);
        locals.put(task, future);
        Some(task)
    }

    pub(crate) fn waker(self: &Arc<Self>, task: TaskId) -> Waker {
        Waker::from(Arc::new(TaskWaker {
            shared: Arc::clone(self),
            task,
        }))
    }

    fn wake(&self, task: TaskId) {
        let backtrace = self.settings.wake_backtraces.then(Backtrace::force_capture);
        let mut state = self.lock();
        if let Some(backtrace) = backtrace {
            state.keep_backtrace(task, backtrace);
        }
        // Without other threads, whoever wakes is on the thread that drives.
        let is_driver = !self.settings.external || state.driver == Some(this_thread());
        if state.wake(task, is_driver) {
            self.report_foreign(&mut state, "woke a task");
            self.notify(&state);
        }
    }

    pub(crate) fn abort(&self, task: TaskId) {
        let mut state = self.lock();
        if state.abort(task) {
            self.report_foreign(&mut state, "aborted a task");
            self.notify(&state);
        }
    }

    #[inline]
    pub(crate) fn report_foreign(&self, state: &mut State, what: &'static str) {
        if self.settings.external || self.is_home() || state.fault.is_some() || state.closed {
            return;
        }
        state.fault = Some(Fault::Foreign {
            what,
            thread: thread_name(),
        });
    }

    /// Tells threads that wait that something changed.
    #[inline]
    pub(crate) fn notify(&self, state: &State) {
        if state.waiters > 0 {
            self.changed.notify_all();
        }
    }

    /// What the task is called that the calling thread polls, and its group.
    pub(crate) fn running_label(&self) -> Label {
        let state = self.lock();
        if state.driver == Some(this_thread()) {
            state.running_label()
        } else {
            Label::default()
        }
    }

    /// The same, its number and the time, unless the state is locked.
    pub(crate) fn try_running(&self) -> Option<((TaskId, Label), Duration)> {
        let state = self.state.try_lock().ok()?;
        let drives = state.driver == Some(this_thread());
        let running = drives.then(|| state.running()).flatten()?;
        Some((running, Duration::from_nanos(state.now)))
    }

    /// The host of a handle: its own, or that of the task that the calling thread polls.
    pub(crate) fn place(&self, state: &State, own: Option<HostId>) -> HostId {
        match own {
            Some(host) => host,
            None if !state.wire.has_hosts() => HostId::default(),
            None if state.driver == Some(this_thread()) => state.running_host(),
            None => HostId::default(),
        }
    }

    /// Writes a line into the log, for the task that the calling thread polls.
    pub(crate) fn note(&self, own: Option<HostId>, text: String) {
        self.note_at(own, text, None, false);
    }

    /// The same, pinned, and of an earlier moment where one is given.
    pub(crate) fn pin(&self, own: Option<HostId>, text: String, at: Option<u64>) {
        self.note_at(own, text, at, true);
    }

    fn note_at(&self, own: Option<HostId>, text: String, at: Option<u64>, is_pinned: bool) {
        let mut state = self.lock();
        let host = self.place(&state, own);
        let drives = state.driver == Some(this_thread());
        let task = drives.then(|| state.running_task()).flatten();
        // Of an earlier moment it is not known which task it was.
        let task = task.filter(|_| at.is_none());
        let at = at.unwrap_or(state.now).min(state.now);
        state.wire.note_event(at, host, task, text, is_pinned);
    }

    /// The virtual time, the host and the task of the calling thread.
    #[cfg(feature = "tracing")]
    pub(crate) fn moment(&self) -> (Duration, Option<Arc<str>>, Option<(TaskId, Label)>) {
        let state = self.lock();
        let drives = state.driver == Some(this_thread());
        let task = drives.then(|| state.running()).flatten();
        let host = self.place(&state, None);
        (
            Duration::from_nanos(state.now),
            state.wire.name_of(host),
            task,
        )
    }

    /// Asks the tasks of a group to stop.
    pub(crate) fn abort_group(&self, group: &str) {
        let tasks = self.lock().group(group);
        for task in tasks {
            self.abort(task);
        }
    }

    pub(crate) fn warn(&self, warning: String) {
        if self.settings.print_reports {
            eprintln!("anyrt-sim: {warning}");
        }
        self.lock().warnings.push(warning);
    }

    pub(crate) fn failure(&self, fault: &Fault) -> Failure {
        let described = self.describe_payloads();
        self.lock().failure(fault, &self.settings, &described)
    }

    /// For reports: the running task waits for this.
    pub(crate) fn note_wait(&self, wait: Wait) {
        let mut state = self.lock();
        if state.driver == Some(this_thread()) {
            state.note_wait(wait);
        }
    }

    /// Drops every task. Idempotent. The caller has entered the context, which the destructors look at.
    pub(crate) fn close(&self) {
        let (tasks, timers, wakers) = {
            let mut state = self.lock();
            let tasks = state.close();
            let timers = state.timers.take_all();
            (tasks, timers, state.wire.close())
        };
        for (task, entry) in tasks {
            drop(entry);
            if self.is_home() {
                drop(locals::take(self.id, task));
            }
        }
        drop(timers);
        for waker in wakers {
            // One that waits elsewhere for a socket is to hear of the end.
            quietly(|| waker.wake());
        }
        let state = self.lock();
        self.notify(&state);
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

struct TaskWaker {
    shared: Arc<Shared>,
    task: TaskId,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.shared.wake(self.task);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.shared.wake(self.task);
    }
}

fn thread_name() -> String {
    let thread = std::thread::current();
    match thread.name() {
        Some(name) => format!("`{name}`"),
        None => format!("{:?}", thread.id()),
    }
}

/// A number of the calling thread's own. Cheaper than `thread::current().id()`, which counts a reference, and it may be asked
/// while the thread's destructors run.
#[inline]
pub(crate) fn this_thread() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    thread_local! {
        static THIS: Cell<u64> = const { Cell::new(0) };
    }
    THIS.with(|this| match this.get() {
        0 => {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            this.set(number);
            number
        }
        number => number,
    })
}
