//! Everything that changes in a simulation, behind one lock, and the rules by which it moves on.
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
use crate::report::fault::{Deadlock, Fault, Named};
use crate::report::label::Label;
use crate::report::trace::Trace;
use crate::rng::{Purpose, Rng};
use crate::schedule::choices::{self, Choices, Made};
use crate::schedule::entry::{Entry, Kind, Phase, SendFuture};
use crate::schedule::ready::Ready;
use crate::schedule::step::{Goal, Leftover, Step, Work};
use crate::schedule::timers::{NEVER, TimerKey, Timers};
use crate::settings::Settings;
use crate::task::job::End;
use crate::{EventKind, Policy, TaskId};

/// Real time that is not worth a wait of its own under a pace: it is added up.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// How many tasks that have ended are known by name: more than there are last events, and as many as are likely to have sent one of
/// the last messages.
const ENDED: usize = 512;

pub(crate) struct State {
    pub(crate) now: u64,
    pub(crate) steps: u64,
    pub(crate) tasks: BTreeMap<TaskId, Box<Entry>>,
    next_task: u64,
    ready: Ready,
    /// The choices of faults and lateness; those of the network are its own.
    pub(super) choices: Choices,
    /// The choices of the schedule.
    pub(super) schedule: Vec<Made>,
    pub(crate) timers: Timers,
    pub(crate) wire: Wire,
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
    /// Roots that are being polled by threads that do not drive.
    elsewhere: usize,
    /// Threads that wait for a change.
    pub(crate) waiters: usize,
    /// Real time that a pace has not waited for yet.
    owed: Duration,
    /// How often the clock was moved by something else than the cost of a poll.
    jumps: u64,
    /// The last reading of the clock by `Timer::now`.
    read: Option<u64>,
    /// What the wall clock showed at which virtual time, when it was set last.
    wall: (SystemTime, u64),
    /// The host whose tasks are being dropped.
    pub(crate) dropping: Option<HostId>,
    /// What the last tasks that have ended were called, for the events that are about them.
    pub(super) ended: VecDeque<(TaskId, Label)>,
}

/// Who asks for the next step.
#[derive(Clone, Copy)]
pub(crate) struct Driver {
    pub(crate) thread: u64,
    /// On the thread that built the simulation.
    pub(crate) home: bool,
    /// Loops that the same thread runs further out.
    pub(crate) nested_in: usize,
}

impl State {
    pub(crate) fn new(settings: &Settings) -> Self {
        let seed = settings.seed;
        Self {
            now: 0,
            steps: 0,
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
        } else if self.wire.take_parked(entry.label.host, task) {
            // It ends now, as on a host that is not paused.
            self.ready.push(task, false);
        }
        true
    }

    /// Decides what happens next. Due wakers go into `due`.
    pub(crate) fn next(
        &mut self,
        settings: &Settings,
        goal: Goal,
        driver: Driver,
        due: &mut Vec<Waker>,
    ) -> Step {
        loop {
            if let Some(fault) = &self.fault {
                return Step::Fail(fault.clone());
            }
            // A nested loop cannot leave: what it was called from goes on only after it.
            if self.home_waits && !driver.home && driver.nested_in == 0 {
                return Step::Leave;
            }
            if self.timers.next().is_some_and(|at| at <= self.now) {
                let ordered = matches!(settings.policy(), Policy::Fifo | Policy::Lifo);
                let rng = (!ordered).then_some(&mut self.time_rng);
                self.timers.take_due(self.now, rng, due);
                self.jumps += 1;
                return Step::Fire;
            }
            if self.wire.next().is_some_and(|at| at <= self.now) {
                self.wire.deliver(self.now, due);
                self.jumps += 1;
                return Step::Fire;
            }
            if let Some(task) = self.ready.pop() {
                if let Some((choice, task, first)) = self.ready.take_made() {
                    self.schedule.push(Made {
                        choice,
                        time: self.now,
                        tasks: Some((task, first)),
                    });
                }
                match self.start(settings, task, driver) {
                    Some(step) => return step,
                    None => continue,
                }
            }
            match self.idle(settings, goal, driver) {
                Some(step) => return step,
                None => continue,
            }
        }
    }

    /// Begins the step of a ready task; `None` when it is not for this thread.
    fn start(&mut self, settings: &Settings, task: TaskId, driver: Driver) -> Option<Step> {
        let entry = self.tasks.get_mut(&task)?;
        if entry.kind == Kind::Local && !driver.home {
            self.stranded.push(task);
            return None;
        }
        if !entry.aborted && self.wire.park(entry.label.host, task) {
            return None;
        }
        self.steps += 1;
        if self.steps > settings.step_limit {
            let busiest = self.busiest();
            let limit = settings.step_limit;
            return Some(self.fail(Fault::Steps { limit, busiest }));
        }
        if let Some(limit) = settings.time_limit.filter(|&limit| self.now > limit) {
            let at = self.now;
            return Some(self.fail(Fault::Time { at, limit }));
        }
        if entry.aborted {
            self.trace.add(self.now, task, EventKind::Dropped);
            let entry = self.take_off(task)?;
            return Some(Step::Discard { task, entry });
        }
        if entry.polls > 0 {
            let free = entry.last_poll.saturating_add(settings.poll_cost);
            self.now = self.now.max(free);
        }
        entry.begin(self.now, self.jumps);
        // Where polls cost time, an armed timer ends the wait.
        let time_helps =
            settings.poll_cost > 0 && (self.timers.next().is_some() || self.wire.next().is_some());
        if entry.burst > settings.spin_limit && !time_helps {
            let fault = Fault::Spinning {
                task: entry.named(task),
                polls: entry.burst_polls,
                ready_sleeps: entry.burst - entry.burst_polls,
            };
            return Some(self.fail(fault));
        }
        self.trace.add(self.now, task, EventKind::Polled);
        let work = match (entry.kind, entry.future.take()) {
            (Kind::Root(owner), _) if owner != driver.thread => {
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
    fn idle(&mut self, settings: &Settings, goal: Goal, driver: Driver) -> Option<Step> {
        let next = self.next_event();
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
                None => return Some(Step::Fail(Fault::Deadlock(self.deadlock(driver)))),
            },
        };
        if let Some(limit) = settings.time_limit.filter(|&limit| target > limit) {
            return Some(self.fail(Fault::Time { at: target, limit }));
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

    /// When something happens by itself: a timer fires, or a message arrives.
    pub(crate) fn next_event(&self) -> Option<u64> {
        match (self.timers.next(), self.wire.next()) {
            (Some(timer), Some(message)) => Some(timer.min(message)),
            (timer, message) => timer.or(message),
        }
    }

    fn deadlock(&self, driver: Driver) -> Deadlock {
        match self.next_event() {
            _ if self.closed => Deadlock::Closed,
            Some(_) => Deadlock::ClockStands(self.timers.count()),
            None if driver.nested_in > 0 => Deadlock::Nested(driver.nested_in),
            None => Deadlock::Idle,
        }
    }

    pub(crate) fn move_to(&mut self, time: u64) {
        if time > self.now {
            self.now = time;
            self.jumps += 1;
            self.trace.add(time, TaskId::new(0), EventKind::Advanced);
        }
    }

    /// What a thread that waits for a change looks at.
    pub(crate) fn outlook(&self) -> (bool, usize, Option<u64>) {
        (self.ready.has_any(), self.elsewhere, self.next_event())
    }

    /// Ends the step of a task.
    pub(crate) fn after_poll(
        &mut self,
        settings: &Settings,
        task: TaskId,
        end: Option<End>,
        future: Option<SendFuture>,
    ) -> Leftover {
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
                        let fault = Fault::TaskPanic(entry.named(task), message);
                        self.fault.get_or_insert(fault);
                    }
                    EventKind::Panicked
                }
                None => EventKind::Dropped,
            };
            self.trace.add(self.now, task, kind);
            return Leftover {
                _entry: self.take_off(task),
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
        let entry = self.take_off(task)?;
        self.ready.remove(task);
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

    /// Takes off a task that has ended, and remembers what it was called.
    fn take_off(&mut self, task: TaskId) -> Option<Box<Entry>> {
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

    /// Arms a timer for the task that runs; a sleep may be late, never early.
    pub(crate) fn arm(&mut self, settings: &Settings, deadline: u64, waker: Waker) -> TimerKey {
        let late = match settings.lateness {
            None | Some(0) => 0,
            Some(longest) => self.time_rng.below(longest.saturating_add(1)),
        };
        let late = match self.choices.keeps(choices::Kind::Late, late > 0, self.now) {
            true => late,
            false => 0,
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

    /// What the task that runs is called, and its group.
    pub(crate) fn running_label(&self) -> Label {
        if let Some(host) = self.dropping {
            return Label {
                host: Some(host),
                ..Label::default()
            };
        }
        let running = self.running.last().and_then(|task| self.tasks.get(task));
        running.map_or_else(Label::default, |entry| entry.label.clone())
    }

    /// The task that runs.
    pub(crate) fn running_task(&self) -> Option<TaskId> {
        self.running.last().copied()
    }

    /// The task that runs, and what reports call it.
    pub(crate) fn running(&self) -> Option<(TaskId, Label)> {
        let task = self.running_task()?;
        Some((task, self.tasks.get(&task)?.label()))
    }

    /// The host of the task that runs.
    pub(crate) fn running_host(&self) -> HostId {
        let running = self.running.last().and_then(|task| self.tasks.get(task));
        let host = running.and_then(|entry| entry.label.host);
        self.dropping.or(host).unwrap_or_default()
    }

    /// The blocking closure that runs, if that is what the driving thread is at.
    pub(crate) fn running_closure(&self) -> Option<Named> {
        let task = *self.running.last()?;
        let entry = self.tasks.get(&task)?;
        (entry.kind == Kind::Blocking).then(|| entry.named(task))
    }

    /// Counts a sleep that is ready; tells whether the task that polls it has to give way first.
    pub(crate) fn must_give_way(&mut self) -> bool {
        self.innermost().is_some_and(Entry::must_give_way)
    }

    /// Gives back what [`must_give_way`](Self::must_give_way) counted for an operation that was not ready.
    #[cfg_attr(
        not(feature = "net"),
        expect(dead_code, reason = "sockets are charged before they are asked")
    )]
    pub(crate) fn take_charge_back(&mut self) {
        if let Some(entry) = self.innermost() {
            entry.take_charge_back();
        }
    }

    /// Reads the clock of a host.
    pub(crate) fn read(&mut self, settings: &Settings, host: HostId) -> u64 {
        if settings.strict_now && self.read == Some(self.now) {
            self.now = self.now.saturating_add(1);
        }
        self.read = Some(self.now);
        if !self.wire.clocks_differ() {
            return self.now;
        }
        let mut local = self.wire.local_time(host, self.now);
        while settings.strict_now && self.wire.repeats(host, local) {
            // A slow clock may show the same for longer than a nanosecond.
            self.now = self.now.saturating_add(1);
            self.read = Some(self.now);
            local = self.wire.local_time(host, self.now);
        }
        local
    }

    /// What the wall clock of a host shows.
    pub(crate) fn system_time(&self, host: HostId) -> SystemTime {
        let local = self.wire.local_time(host, self.now);
        self.wire.wall(host, local).unwrap_or_else(|| {
            let (shown, at) = self.wall;
            let at = self.wire.local_time(host, at);
            shown + Duration::from_nanos(local.saturating_sub(at))
        })
    }

    pub(crate) fn set_system_time(&mut self, time: SystemTime) {
        self.wall = (time, self.now);
        self.trace
            .add(self.now, TaskId::new(0), EventKind::WallClockSet);
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

    fn busiest(&self) -> Option<(Named, u64)> {
        let most = self.tasks.iter().max_by_key(|(_, entry)| entry.polls);
        most.map(|(&task, entry)| (entry.named(task), entry.polls))
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

    /// Counts a fault, which strikes or does not; tells whether it is to.
    pub(crate) fn keeps_fault(&mut self, kind: choices::Kind, strikes: bool) -> bool {
        self.choices.keeps(kind, strikes, self.now)
    }
}
