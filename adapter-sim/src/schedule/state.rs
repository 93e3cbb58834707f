//! Everything that changes in a simulation, behind one lock, and the rules by which it moves on.
//!
//! Nothing of the user's runs while the lock is held: wakers, futures and outputs are handed out and dropped or called after
//! it was released.

use std::backtrace::Backtrace;
use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use crate::report::failure::Fault;
use crate::report::trace::Trace;
use crate::rng::{Purpose, Rng};
use crate::schedule::entry::{Entry, Kind, Phase, SendFuture};
use crate::schedule::ready::Ready;
use crate::schedule::step::{Goal, Leftover, Step, Work};
use crate::schedule::timers::{NEVER, TimerKey, Timers};
use crate::settings::Settings;
use crate::task::job::End;
use crate::{EventKind, Policy, TaskId, TaskInfo};

/// Real time that is not worth a wait of its own under a pace: it is added up.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

pub(crate) struct State {
    pub(crate) now: u64,
    pub(crate) steps: u64,
    pub(crate) tasks: BTreeMap<TaskId, Box<Entry>>,
    next_task: u64,
    ready: Ready,
    pub(crate) timers: Timers,
    time_rng: Rng,
    pub(crate) user_rng: Rng,
    pub(crate) fault_rng: Rng,
    pub(crate) trace: Trace,
    /// The tasks that the driving thread polls, the innermost last.
    running: Vec<TaskId>,
    /// Why the simulation cannot go on.
    pub(crate) fault: Option<Fault>,
    pub(crate) closed: bool,
    pub(crate) warnings: Vec<String>,
    /// Which thread drives.
    pub(crate) driver: Option<u64>,
    /// The home thread waits until the one that drives lets it.
    pub(crate) home_waits: bool,
    /// Local tasks that another thread than theirs has drawn.
    stranded: Vec<TaskId>,
    /// Roots that a loop inside theirs has drawn: only their own can poll them.
    held: Vec<TaskId>,
    /// Roots that are being polled by threads that do not drive.
    elsewhere: usize,
    /// Threads that wait for a change.
    pub(crate) waiters: usize,
    /// Real time that a pace has not waited for yet.
    owed: Duration,
}

impl State {
    pub(crate) fn new(settings: &Settings) -> Self {
        let seed = settings.seed;
        Self {
            now: 0,
            steps: 0,
            tasks: BTreeMap::new(),
            next_task: 0,
            ready: Ready::new(seed, settings.policy),
            timers: Timers::default(),
            time_rng: Rng::stream(seed, Purpose::Time),
            user_rng: Rng::stream(seed, Purpose::User),
            fault_rng: Rng::stream(seed, Purpose::Faults),
            trace: Trace::new(settings.keep_log),
            running: Vec::new(),
            fault: None,
            closed: false,
            warnings: Vec::new(),
            driver: None,
            home_waits: false,
            stranded: Vec::new(),
            held: Vec::new(),
            elsewhere: 0,
            waiters: 0,
            owed: Duration::ZERO,
        }
    }

    pub(crate) fn insert(
        &mut self,
        kind: Kind,
        name: Option<Arc<str>>,
        location: &'static Location<'static>,
        future: Option<SendFuture>,
        waker: impl FnOnce(TaskId) -> Waker,
    ) -> TaskId {
        let task = TaskId::new(self.next_task);
        self.next_task += 1;
        let entry = Entry::new(kind, name, location, future, waker(task));
        self.tasks.insert(task, Box::new(entry));
        self.trace.locate(location);
        self.trace.add(self.now, task, EventKind::Spawned);
        self.ready.push(task, false);
        task
    }

    /// Makes a task ready; tells whether it made a difference.
    pub(crate) fn wake(&mut self, task: TaskId) -> bool {
        let Some(entry) = self.tasks.get_mut(&task) else {
            return false;
        };
        match entry.phase {
            Phase::Ready => return false,
            Phase::Running if entry.woken => return false,
            Phase::Running => {
                entry.woken = true;
                entry.yielded = self.running.last() == Some(&task);
            }
            Phase::Waiting => {
                entry.phase = Phase::Ready;
                self.ready.push(task, false);
            }
        }
        self.trace.add(self.now, task, EventKind::Woken);
        true
    }

    pub(crate) fn keep_backtrace(&mut self, task: TaskId, backtrace: Backtrace) {
        if let Some(entry) = self.tasks.get_mut(&task) {
            entry.backtrace = Some(backtrace);
        }
    }

    /// Asks a task to stop; tells whether there is one to ask.
    pub(crate) fn abort(&mut self, task: TaskId) -> bool {
        let Some(entry) = self.tasks.get_mut(&task).filter(|entry| !entry.aborted) else {
            return false;
        };
        entry.aborted = true;
        self.trace.add(self.now, task, EventKind::Aborted);
        if entry.phase == Phase::Waiting {
            entry.phase = Phase::Ready;
            self.ready.push(task, false);
        }
        true
    }

    /// Decides what happens next. Due wakers go into `due`.
    pub(crate) fn next(
        &mut self,
        settings: &Settings,
        goal: Goal,
        root: Option<TaskId>,
        (thread, home): (u64, bool),
        due: &mut Vec<Waker>,
    ) -> Step {
        loop {
            if let Some(fault) = &self.fault {
                return Step::Fail(fault.clone());
            }
            if self.home_waits && !home {
                return Step::Leave;
            }
            if self.timers.next().is_some_and(|at| at <= self.now) {
                let ordered = matches!(settings.policy, Policy::Fifo | Policy::Lifo);
                let rng = (!ordered).then_some(&mut self.time_rng);
                self.timers.take_due(self.now, rng, due);
                return Step::Fire;
            }
            if let Some(task) = self.ready.pop() {
                match self.start(settings, task, root, (thread, home)) {
                    Some(step) => return step,
                    None => continue,
                }
            }
            match self.idle(settings, goal) {
                Some(step) => return step,
                None => continue,
            }
        }
    }

    /// Begins the step of a ready task; `None` when it is not for this thread.
    fn start(
        &mut self,
        settings: &Settings,
        task: TaskId,
        root: Option<TaskId>,
        (thread, home): (u64, bool),
    ) -> Option<Step> {
        let entry = self.tasks.get_mut(&task)?;
        if entry.kind == Kind::Local && !home {
            self.stranded.push(task);
            return None;
        }
        if entry.kind == Kind::Root(thread) && Some(task) != root {
            self.held.push(task);
            return None;
        }
        self.steps += 1;
        if self.steps > settings.step_limit {
            return Some(self.fail(Fault::Steps(settings.step_limit)));
        }
        if settings.time_limit.is_some_and(|limit| self.now > limit) {
            return Some(self.fail(Fault::Time(self.now)));
        }
        if entry.aborted {
            self.trace.add(self.now, task, EventKind::Dropped);
            self.ready.forget(task);
            let entry = self.tasks.remove(&task)?;
            return Some(Step::Discard { task, entry });
        }
        if entry.begin(self.now) > settings.spin_limit {
            return Some(self.fail(Fault::Spinning(task, settings.spin_limit)));
        }
        self.trace.add(self.now, task, EventKind::Polled);
        let work = match (entry.kind, entry.future.take()) {
            (Kind::Root(owner), _) if owner != thread => {
                self.elsewhere += 1;
                return Some(Step::Granted);
            }
            (Kind::Root(_), _) => Work::Root,
            (Kind::Blocking, Some(future)) => Work::Blocking(future),
            (_, Some(future)) => Work::Task(future),
            (_, None) => Work::Local,
        };
        let waker = entry.waker.clone();
        self.running.push(task);
        Some(Step::Poll { task, work, waker })
    }

    fn fail(&mut self, fault: Fault) -> Step {
        self.fault = Some(fault.clone());
        Step::Fail(fault)
    }

    /// Nothing is ready: moves the clock, or says what else to do.
    fn idle(&mut self, settings: &Settings, goal: Goal) -> Option<Step> {
        let next = self.timers.next();
        let target = match goal {
            Goal::Stalled => return Some(Step::Stop),
            Goal::Until(end) => match next.filter(|&at| at <= end) {
                Some(at) => at,
                None if settings.time_limit.is_none_or(|limit| end <= limit) => {
                    self.move_to(end);
                    return Some(Step::Stop);
                }
                None => end,
            },
            Goal::Root if self.elsewhere > 0 || !self.stranded.is_empty() => {
                return Some(Step::Wait { longest: None });
            }
            Goal::Root => match next.filter(|_| settings.auto_advance) {
                Some(at) => at,
                None if settings.external => return Some(Step::Wait { longest: None }),
                // Not kept: the tasks may still go on, under another root.
                None => return Some(Step::Fail(Fault::Deadlock)),
            },
        };
        if settings.time_limit.is_some_and(|limit| target > limit) {
            return Some(self.fail(Fault::Time(target)));
        }
        if goal == Goal::Root {
            if let Some(pace) = settings.pace {
                let wait = Duration::from_nanos(target - self.now) / pace + self.owed;
                if wait >= SHORTEST_WAIT {
                    self.owed = Duration::ZERO;
                    return Some(Step::Wait {
                        longest: Some((wait, target)),
                    });
                }
                self.owed = wait;
            }
        }
        self.move_to(target);
        None
    }

    pub(crate) fn move_to(&mut self, time: u64) {
        if time > self.now {
            self.now = time;
            self.trace.add(time, TaskId::new(0), EventKind::Advanced);
        }
    }

    /// What a thread that waits for a change looks at.
    pub(crate) fn outlook(&self) -> (bool, usize, Option<u64>) {
        (self.ready.has_any(), self.elsewhere, self.timers.next())
    }

    /// Ends the step of a task.
    pub(crate) fn after_poll(
        &mut self,
        settings: &Settings,
        task: TaskId,
        end: Option<End>,
        future: Option<SendFuture>,
    ) -> Leftover {
        self.now = self.now.saturating_add(settings.poll_cost);
        // Not so for a root that another thread polled.
        if self.running.last() == Some(&task) {
            self.running.pop();
        }
        let Some(entry) = self.tasks.get_mut(&task) else {
            // Shut down from inside.
            return Leftover {
                _entry: None,
                _future: future,
                gone: true,
            };
        };
        if end.is_some() || entry.aborted {
            let kind = match end {
                Some(End::Value) => EventKind::Ended,
                Some(End::Panic(message)) => {
                    if settings.task_panics_fail && !matches!(entry.kind, Kind::Root(_)) {
                        let fault = Fault::TaskPanic(task, entry.location, message);
                        self.fault.get_or_insert(fault);
                    }
                    EventKind::Panicked
                }
                None => EventKind::Dropped,
            };
            self.trace.add(self.now, task, kind);
            self.ready.forget(task);
            return Leftover {
                _entry: self.tasks.remove(&task),
                _future: future,
                gone: true,
            };
        }
        entry.future = future;
        if entry.woken {
            entry.phase = Phase::Ready;
            self.ready.push(task, entry.yielded);
        } else {
            entry.phase = Phase::Waiting;
        }
        Leftover {
            _entry: None,
            _future: None,
            gone: false,
        }
    }

    /// Ends the step of a root that was polled by a thread that does not drive.
    pub(crate) fn returned(&mut self) {
        self.elsewhere -= 1;
    }

    /// Tells whether a root of a thread that does not drive may be polled by it.
    pub(crate) fn is_granted(&self, task: TaskId) -> bool {
        self.tasks
            .get(&task)
            .is_some_and(|entry| entry.phase == Phase::Running)
    }

    /// Takes back what a driver granted to a root whose thread has come to drive itself.
    pub(crate) fn ungrant(&mut self, task: TaskId) {
        if let Some(entry) = self.tasks.get_mut(&task) {
            if entry.phase == Phase::Running {
                self.elsewhere -= 1;
                entry.phase = Phase::Ready;
                self.ready.push(task, false);
            }
        }
    }

    /// Takes a root off that ended without a step of its own, because its simulation failed.
    pub(crate) fn remove(&mut self, task: TaskId) -> Option<Box<Entry>> {
        let entry = self.tasks.remove(&task)?;
        self.ready.forget(task);
        self.ready.remove(task);
        self.held.retain(|&other| other != task);
        if self.running.last() == Some(&task) {
            self.running.pop();
        }
        Some(entry)
    }

    pub(crate) fn unstrand(&mut self) {
        for task in std::mem::take(&mut self.stranded) {
            self.ready.push(task, false);
        }
    }

    /// Tells whether a loop waits for one that it is inside of.
    pub(crate) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    pub(crate) fn unhold(&mut self) {
        for task in std::mem::take(&mut self.held) {
            self.ready.push(task, false);
        }
    }

    /// Arms a timer for the task that runs; a sleep may be late, never early.
    pub(crate) fn arm(&mut self, settings: &Settings, deadline: u64, waker: Waker) -> TimerKey {
        let late = match settings.lateness {
            0 => 0,
            longest => self.time_rng.below(longest.saturating_add(1)),
        };
        let at = match deadline {
            NEVER => NEVER,
            _ => deadline.saturating_add(late).min(NEVER - 1),
        };
        self.note_until(at);
        self.timers.arm(at, waker)
    }

    pub(crate) fn note_until(&mut self, at: u64) {
        if at == NEVER {
            return;
        }
        if let Some(entry) = self.innermost() {
            entry.until = Some(entry.until.map_or(at, |until| until.min(at)));
        }
    }

    pub(crate) fn note_joining(&mut self, other: TaskId) {
        if let Some(entry) = self.innermost() {
            entry.joining = Some(other);
        }
    }

    fn innermost(&mut self) -> Option<&mut Entry> {
        let task = self.running.last()?;
        self.tasks.get_mut(task).map(Box::as_mut)
    }

    /// Closes the simulation and hands out all that is to be dropped. Roots stay: their threads still wait for them.
    pub(crate) fn close(&mut self) -> BTreeMap<TaskId, Box<Entry>> {
        self.closed = true;
        let all = std::mem::take(&mut self.tasks);
        let (roots, tasks) = all
            .into_iter()
            .partition(|(_, entry)| matches!(entry.kind, Kind::Root(_)));
        self.tasks = roots;
        self.stranded.clear();
        self.ready.clear();
        for (&task, entry) in &self.tasks {
            if entry.phase == Phase::Ready {
                self.ready.push(task, false);
            }
        }
        tasks
    }

    pub(crate) fn infos(&self) -> Vec<TaskInfo> {
        self.tasks
            .iter()
            .map(|(&id, entry)| entry.info(id))
            .collect()
    }
}
