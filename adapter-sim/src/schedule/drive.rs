//! The loop that draws, polls and moves the clock, and who may run it.
//!
//! One thread drives at a time. It may do so again from inside one of its own polls (a nested `block_on`, `Sim::advance` in a
//! task): the tasks on its stack are running, so no inner loop draws them. The roots that wait further out are no tasks on its
//! stack but beneath them, so an inner loop draws and polls them as it does tasks ([`roots`]). With `allow_external`, a `block_on` on another
//! thread drives where nobody else does, and lets the home thread in as soon as that wants to.

use std::panic::Location;
use std::rc::Rc;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::Instant;

use crate::TaskId;
use crate::context;
use crate::report::failure::Failure;
use crate::report::fault::Fault;
use crate::schedule::entry::SendFuture;
use crate::schedule::roots::{self, Frame, PollRoot, Root, Roots};
use crate::schedule::shared::{Shared, this_thread};
use crate::schedule::state::State;
use crate::schedule::step::{Goal, Step, Work};
use crate::schedule::stepping::Driver;
use crate::settings::nanos;
use crate::task::job::End;
use crate::task::join::quietly;
use crate::task::locals::{self, Locals};

/// Drives until `goal` without a root.
///
/// # Panics
///
/// On another thread than the home thread, and with the report when the simulation fails.
#[track_caller]
pub(crate) fn run_until(shared: &Arc<Shared>, goal: Goal) {
    assert!(
        shared.is_home(),
        "only the thread that built a simulation moves its clock"
    );
    let _context = context::enter(Arc::clone(shared));
    let role = Role::wait(shared, None);
    if let Err(failure) = role.drive(goal, None, &mut |_| None) {
        drop(role);
        panic!("anyrt-sim: {failure}");
    }
}

/// Waits for a change as long as `condition` holds.
pub(crate) fn wait_while<'a>(
    shared: &Shared,
    mut state: MutexGuard<'a, State>,
    condition: impl FnMut(&mut State) -> bool,
) -> MutexGuard<'a, State> {
    state.waiters += 1;
    let mut state = shared
        .changed
        .wait_while(state, condition)
        .unwrap_or_else(PoisonError::into_inner);
    state.waiters -= 1;
    state
}

/// Whether the goal was reached, or the home thread wants to drive.
pub(crate) enum Drove {
    End,
    Left,
}

/// The right to drive, which the thread may hold several times.
pub(crate) struct Role<'a> {
    shared: &'a Arc<Shared>,
    nested: bool,
    locals: Option<Rc<Locals>>,
}

impl<'a> Role<'a> {
    /// Takes the right to drive, unless another thread has it; `root` is what the calling thread wants to run.
    pub(crate) fn try_take(shared: &'a Arc<Shared>, root: Option<TaskId>) -> Option<Self> {
        let thread = this_thread();
        let mut state = shared.lock();
        let nested = match state.driver {
            Some(driver) if driver == thread => true,
            Some(_) => return None,
            None if state.home_waits && !shared.is_home() => return None,
            None => false,
        };
        state.driver = Some(thread);
        if let Some(root) = root {
            state.ungrant(root);
        }
        let locals = shared.is_home().then(|| locals::of(shared.id)).flatten();
        if locals.is_some() {
            state.unstrand();
        }
        Some(Self {
            shared,
            nested,
            locals,
        })
    }

    /// For the home thread, which every other thread makes room for.
    pub(crate) fn wait(shared: &'a Arc<Shared>, root: Option<TaskId>) -> Self {
        loop {
            if let Some(role) = Self::try_take(shared, root) {
                shared.lock().home_waits = false;
                return role;
            }
            let mut state = shared.lock();
            state.home_waits = true;
            shared.notify(&state);
            drop(wait_while(shared, state, |state| state.driver.is_some()));
        }
    }

    /// Draws and polls until `goal` is reached; `root` is the one that this call is for, and `poll_root` polls it.
    pub(crate) fn drive(
        &self,
        goal: Goal,
        root: Option<TaskId>,
        poll_root: PollRoot<'_>,
    ) -> Result<Drove, Failure> {
        let root = root.map(|task| self.root(task));
        roots::enter(root, poll_root, |frame| self.run(goal, frame))
    }

    fn root(&self, task: TaskId) -> Root {
        Root {
            simulation: self.shared.id,
            task,
        }
    }

    fn run(&self, goal: Goal, frame: &Frame<'_>) -> Result<Drove, Failure> {
        let settings = &self.shared.settings;
        let driver = Driver {
            thread: this_thread(),
            home: self.shared.is_home(),
            nested_in: frame.depth() - 1,
        };
        if frame.depth() > settings.nesting_limit {
            let mut state = self.shared.lock();
            let fault = state
                .fault
                .get_or_insert(Fault::Nesting(settings.nesting_limit));
            let fault = fault.clone();
            drop(state);
            return Err(self.shared.failure(&fault));
        }
        let mut due = Vec::new();
        loop {
            if frame.is_ended() {
                return Ok(Drove::End);
            }
            let mut state = self.shared.lock();
            match state.next(settings, goal, driver, &mut due) {
                Step::Poll { task, work, waker } => {
                    drop(state);
                    self.poll(task, work, &waker, frame);
                }
                Step::Fire => {
                    drop(state);
                    for waker in due.drain(..) {
                        // A waker from elsewhere may panic, and the next one is still to be called.
                        quietly(|| waker.wake());
                    }
                }
                Step::Discard { task, entry } => {
                    drop(state);
                    drop(entry);
                    if let Some(locals) = &self.locals {
                        drop(locals.take(task));
                    }
                }
                Step::Granted => self.shared.changed.notify_all(),
                Step::Wait { longest } => self.wait_outside(state, longest),
                Step::Stop => return Ok(Drove::End),
                Step::Leave => return Ok(Drove::Left),
                Step::Fail(fault) => {
                    drop(state);
                    return Err(self.shared.failure(&fault));
                }
            }
        }
    }

    fn poll(&self, task: TaskId, work: Work, waker: &Waker, frame: &Frame<'_>) {
        let mut cx = Context::from_waker(waker);
        match work {
            Work::Task(future) => self.poll_future(task, future, &mut cx),
            Work::Blocking(future) => {
                self.shared.watchdog.watch(self.shared);
                let start = Instant::now();
                let location = self
                    .shared
                    .lock()
                    .tasks
                    .get(&task)
                    .map(|entry| entry.location());
                self.poll_future(task, future, &mut cx);
                self.report_blocking(start.elapsed(), location);
            }
            Work::Local => {
                let Some((locals, mut future)) = self
                    .locals
                    .as_ref()
                    .and_then(|locals| Some((locals, locals.take(task)?)))
                else {
                    unreachable!("a local task is drawn on its thread alone, where its future is");
                };
                let end = ready(future.as_mut().poll(&mut cx));
                // Where the task is gone, its future goes at the end of this arm.
                if !self.after_poll(task, end, None) {
                    locals.put(task, future);
                }
            }
            Work::Root => {
                let Some(end) = frame.poll(self.root(task), &mut cx) else {
                    unreachable!("a root that is drawn on its thread is on the stack there");
                };
                self.after_poll(task, end, None);
            }
        }
    }

    fn poll_future(&self, task: TaskId, mut future: SendFuture, cx: &mut Context<'_>) {
        let end = ready(future.as_mut().poll(cx));
        self.after_poll(task, end, Some(future));
    }

    /// Ends a step, and drops what is left of a task that is gone, which it tells.
    fn after_poll(&self, task: TaskId, end: Option<End>, future: Option<SendFuture>) -> bool {
        let settings = &self.shared.settings;
        let leftover = self.shared.lock().after_poll(settings, task, end, future);
        leftover.gone
    }

    /// A closure that takes long in real time is no failure, but the virtual clock knows nothing of it.
    fn report_blocking(&self, took: Duration, location: Option<&'static Location<'static>>) {
        let settings = &self.shared.settings;
        let Some(location) = location.filter(|_| took >= settings.blocking_limit) else {
            return;
        };
        let warning = format!(
            "the blocking closure of {location} took {took:?} of real time, in which the virtual clock stood still"
        );
        self.shared.warn(warning);
    }

    /// Waits in real time until something comes from outside, or, under a pace, until the virtual clock may move on.
    fn wait_outside(&self, mut state: MutexGuard<'_, State>, longest: Option<(Duration, u64)>) {
        let home = self.shared.is_home();
        let before = state.outlook();
        let nothing_new = |state: &mut State| {
            state.outlook() == before && state.fault.is_none() && (home || !state.home_waits)
        };
        let Some((wait, target)) = longest else {
            drop(wait_while(self.shared, state, nothing_new));
            return;
        };
        let start = Instant::now();
        state.waiters += 1;
        let (mut state, timeout) = self
            .shared
            .changed
            .wait_timeout_while(state, wait, nothing_new)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiters -= 1;
        if timeout.timed_out() {
            state.move_to(target);
        } else {
            let pace = u64::from(self.shared.settings.pace.unwrap_or(1));
            let passed = nanos(start.elapsed()).saturating_mul(pace);
            let reached = state.now.saturating_add(passed);
            state.move_to(reached.min(target));
        }
    }
}

fn ready(poll: Poll<End>) -> Option<End> {
    match poll {
        Poll::Ready(end) => Some(end),
        Poll::Pending => None,
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if self.nested {
            return;
        }
        state.driver = None;
        self.shared.notify(&state);
    }
}
