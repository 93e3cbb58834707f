//! The rules by which a simulation moves on: which task runs next, how its step ends, and when the clock moves.

use std::task::Waker;
use std::time::Duration;

use crate::report::fault::{Deadlock, Fault, Named};
use crate::schedule::choices::Made;
use crate::schedule::entry::{Kind, Phase, SendFuture};
use crate::schedule::state::State;
use crate::schedule::step::{Goal, Leftover, Step, Work};
use crate::schedule::wait::Waking;
use crate::settings::Settings;
use crate::task::job::End;
use crate::{EventKind, Policy, TaskId};

/// Real time that is not worth a wait of its own under a pace: it is added up.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

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
    /// Decides what happens next. Due wakers go into `due`.
    pub(crate) fn next(
        &mut self,
        settings: &Settings,
        goal: Goal,
        driver: Driver,
        due: &mut Vec<Waker>,
    ) -> Step {
        self.firing = None;
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
                self.firing = Some(Waking::Timer);
                return Step::Fire;
            }
            if self.wire.next().is_some_and(|at| at <= self.now) {
                self.wire.deliver(self.now, due);
                self.jumps += 1;
                self.firing = Some(Waking::Arrival);
                return Step::Fire;
            }
            if let Some(task) = self.ready.pop(self.now) {
                if let Some((choice, task, first)) = self.ready.take_made() {
                    self.schedule.push(Made {
                        choice,
                        time: self.now,
                        tasks: Some((task, first)),
                        what: None,
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
        if self.steps > self.blocks.end {
            let limit = settings.step_limit;
            if self.steps > limit {
                let busiest = self.busiest();
                return Some(self.fail(Fault::Steps { limit, busiest }));
            }
            if let Some((steps, took)) = self.blocks.begin(self.now, settings) {
                let busiest = self.busiest();
                return Some(self.fail(Fault::Busy {
                    steps,
                    took,
                    busiest,
                }));
            }
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

    fn deadlock(&self, driver: Driver) -> Deadlock {
        match self.next_event() {
            _ if self.closed => Deadlock::Closed,
            Some(_) => Deadlock::ClockStands(self.timers.count()),
            None if driver.nested_in > 0 => Deadlock::Nested(driver.nested_in),
            None => Deadlock::Idle,
        }
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

    pub(crate) fn unstrand(&mut self) {
        for task in std::mem::take(&mut self.stranded) {
            self.ready.push(task, false);
        }
    }

    fn busiest(&self) -> Option<(Named, u64)> {
        let most = self.tasks.iter().max_by_key(|(_, entry)| entry.polls);
        most.map(|(&task, entry)| (entry.named(task), entry.polls))
    }
}
