//! Everything that changes in a simulation, behind one lock.
//!
//! Nothing of the user's runs while the lock is held: wakers, futures and outputs are handed out and dropped or called after
//! it was released.

use std::backtrace::Backtrace;
use std::collections::{BTreeMap, VecDeque};
use std::panic::Location;
use std::task::Waker;
use std::time::{Duration, SystemTime};

use crate::host_id::HostId;
use crate::net::Wire;
use crate::report::fault::Fault;
use crate::report::label::Label;
use crate::report::trace::Trace;
use crate::rng::{Purpose, Rng};
use crate::schedule::blocks::Blocks;
use crate::schedule::choices::{Choices, Made};
use crate::schedule::entry::{Entry, Kind, Phase, SendFuture};
use crate::schedule::ready::Ready;
use crate::schedule::timers::Timers;
use crate::schedule::wait::Waking;
use crate::settings::Settings;
use crate::{EventKind, TaskId};

/// How many tasks that have ended are known by name: more than there are last events, and as many as are likely to have sent one of
/// the last messages.
const ENDED: usize = 512;

pub(crate) struct State {
    pub(crate) now: u64,
    pub(crate) steps: u64,
    /// How many steps there were when the clock was moved last after a step, and what it showed before.
    worked: (u64, u64),
    pub(super) blocks: Blocks,
    pub(crate) tasks: BTreeMap<TaskId, Box<Entry>>,
    pub(super) next_task: u64,
    pub(super) ready: Ready,
    /// The choices of faults and lateness; those of the network are its own.
    pub(super) choices: Choices,
    /// The choices of the schedule.
    pub(super) schedule: Vec<Made>,
    pub(crate) timers: Timers,
    pub(crate) wire: Wire,
    pub(super) time_rng: Rng,
    pub(crate) user_rng: Rng,
    pub(crate) fault_rng: Rng,
    pub(crate) trace: Trace,
    /// The tasks that the driving thread polls, the innermost last.
    pub(super) running: Vec<TaskId>,
    /// What the wakers that are called now were woken by.
    pub(super) firing: Option<Waking>,
    /// Why the simulation cannot go on.
    pub(crate) fault: Option<Fault>,
    pub(crate) closed: bool,
    pub(crate) warnings: Vec<String>,
    /// Which thread drives.
    pub(crate) driver: Option<u64>,
    /// The home thread waits until the one that drives lets it.
    pub(crate) home_waits: bool,
    /// Local tasks that another thread than theirs has drawn.
    pub(super) stranded: Vec<TaskId>,
    /// Roots that are being polled by threads that do not drive.
    pub(super) elsewhere: usize,
    /// Threads that wait for a change.
    pub(crate) waiters: usize,
    /// Real time that a pace has not waited for yet.
    pub(super) owed: Duration,
    /// How often the clock was moved by something else than the cost of a poll.
    pub(super) jumps: u64,
    /// The last reading of the clock by `Timer::now`.
    pub(super) read: Option<u64>,
    /// What the wall clock showed at which virtual time, when it was set last.
    pub(super) wall: (SystemTime, u64),
    /// The host whose tasks are being dropped.
    pub(crate) dropping: Option<HostId>,
    /// What the last tasks that have ended were called, for the events that are about them.
    pub(super) ended: VecDeque<(TaskId, Label)>,
}

impl State {
    pub(crate) fn new(settings: &Settings) -> Self {
        let seed = settings.seed;
        Self {
            now: 0,
            steps: 0,
            worked: (0, 0),
            blocks: Blocks::new(settings),
            tasks: BTreeMap::new(),
            next_task: 0,
            ready: Ready::new(
                seed,
                settings.policy(),
                settings.record_choices,
                settings.kept.as_ref(),
            ),
            choices: Choices::new(settings.record_choices, settings.kept.as_ref()),
            schedule: Vec::new(),
            timers: Timers::default(),
            wire: Wire::new(settings),
            time_rng: Rng::stream(seed, Purpose::TIME),
            user_rng: Rng::stream(seed, Purpose::USER),
            fault_rng: Rng::stream(seed, Purpose::FAULTS),
            trace: Trace::new(settings.keep_log),
            running: Vec::new(),
            firing: None,
            fault: None,
            closed: false,
            warnings: Vec::new(),
            driver: None,
            home_waits: false,
            stranded: Vec::new(),
            elsewhere: 0,
            waiters: 0,
            owed: Duration::ZERO,
            jumps: 0,
            read: None,
            wall: (settings.start, 0),
            dropping: None,
            ended: VecDeque::new(),
        }
    }

    pub(crate) fn insert(
        &mut self,
        kind: Kind,
        label: Label,
        location: &'static Location<'static>,
        future: Option<SendFuture>,
        waker: impl FnOnce(TaskId) -> Waker,
    ) -> TaskId {
        let task = TaskId::new(self.next_task);
        self.next_task += 1;
        let entry = Entry::new(kind, label, location, future, waker(task));
        self.trace.describe(location, || entry.label());
        self.tasks.insert(task, Box::new(entry));
        self.trace.add(self.now, task, EventKind::Spawned);
        self.ready.push(task, false);
        task
    }

    /// Makes a task ready; tells whether it made a difference.
    pub(crate) fn wake(&mut self, task: TaskId, is_driver: bool) -> bool {
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
        entry.woken_at = self.now;
        entry.woken_by = Some(match (is_driver, self.firing, self.running.last()) {
            (true, Some(firing), _) => firing,
            (true, None, Some(&running)) => Waking::Task(running),
            _ => Waking::Outside,
        });
        self.trace.add(self.now, task, EventKind::Woken);
        true
    }

    pub(crate) fn keep_backtrace(&mut self, task: TaskId, backtrace: Backtrace) {
        if let Some(entry) = self.tasks.get_mut(&task) {
            entry.backtrace = Some(Box::new(backtrace));
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
        } else if self.wire.take_parked(entry.label.host, task) {
            // It ends now, as on a host that is not paused.
            self.ready.push(task, false);
        }
        true
    }

    /// When something happens by itself: a timer fires, or a message arrives.
    pub(crate) fn next_event(&self) -> Option<u64> {
        match (self.timers.next(), self.wire.next()) {
            (Some(timer), Some(message)) => Some(timer.min(message)),
            (timer, message) => timer.or(message),
        }
    }

    pub(crate) fn move_to(&mut self, time: u64) {
        if time > self.now {
            if self.worked.0 != self.steps {
                self.worked = (self.steps, self.now);
            }
            self.now = time;
            self.jumps += 1;
            self.trace.add(time, TaskId::new(0), EventKind::Advanced);
        }
    }

    /// When a task ran last.
    pub(crate) fn last_step(&self) -> u64 {
        match self.worked {
            (steps, at) if steps == self.steps => at,
            _ => self.now,
        }
    }

    /// What a thread that waits for a change looks at.
    pub(crate) fn outlook(&self) -> (bool, usize, Option<u64>) {
        (self.ready.has_any(), self.elsewhere, self.next_event())
    }

    /// Takes a root off that ended without a step of its own, because its simulation failed.
    pub(crate) fn remove(&mut self, task: TaskId) -> Option<Box<Entry>> {
        let entry = self.take_off(task)?;
        self.ready.remove(task);
        if self.running.last() == Some(&task) {
            self.running.pop();
        }
        Some(entry)
    }

    /// Takes off a task that has ended, and remembers what it was called.
    pub(super) fn take_off(&mut self, task: TaskId) -> Option<Box<Entry>> {
        let entry = self.tasks.remove(&task)?;
        self.ready.forget(task);
        let label = entry.label();
        if label != Label::default() {
            if self.ended.len() == ENDED {
                self.ended.pop_front();
            }
            self.ended.push_back((task, label));
        }
        Some(entry)
    }

    /// The tasks of a group.
    pub(crate) fn group(&self, group: &str) -> Vec<TaskId> {
        self.tasks
            .iter()
            .filter(|(_, entry)| entry.label.group.as_deref() == Some(group))
            .map(|(&task, _)| task)
            .collect()
    }

    /// Takes off the tasks of a host that are not being polled, in the order of their numbers; those that are end with their poll.
    /// Until `dropping` is unset, what their destructors do belongs to the host.
    #[cfg(feature = "net")]
    pub(crate) fn begin_dropping(&mut self, host: HostId) -> Vec<(TaskId, Box<Entry>)> {
        self.dropping = Some(host);
        let all: Vec<TaskId> = self
            .tasks
            .iter()
            .filter(|(_, entry)| entry.label.host == Some(host))
            .map(|(&task, _)| task)
            .collect();
        let mut taken = Vec::new();
        for task in all {
            let Some(entry) = self.tasks.get_mut(&task) else {
                continue;
            };
            if entry.phase == Phase::Running || matches!(entry.kind, Kind::Root(_)) {
                if !entry.aborted {
                    entry.aborted = true;
                    self.trace.add(self.now, task, EventKind::Aborted);
                }
                continue;
            }
            self.trace.add(self.now, task, EventKind::Dropped);
            taken.extend(self.take_off(task).map(|entry| (task, entry)));
        }
        taken
    }

    /// Tells whether any task of a host is left.
    #[cfg(feature = "net")]
    pub(crate) fn has_tasks(&self, host: HostId) -> bool {
        self.tasks
            .values()
            .any(|entry| entry.label.host == Some(host))
    }

    /// Makes tasks ready that were drawn while their host was paused.
    #[cfg(feature = "net")]
    pub(crate) fn unpark(&mut self, tasks: Vec<TaskId>) {
        for task in tasks {
            if self.tasks.contains_key(&task) {
                self.ready.push(task, false);
            }
        }
    }

    pub(super) fn innermost(&mut self) -> Option<&mut Entry> {
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
}
