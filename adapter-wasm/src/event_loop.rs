//! The queue of what is due, and the turns in which JavaScript's event loop calls back for it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use anyrt_core::Instant;

use crate::driver::Driver;
use crate::host::{self, Macrotasks, Timeout, Timeouts};
use crate::timers::{Key, Timers};

/// How long a turn goes on while something is due: a quarter of a frame, so that the page is drawn and answers meanwhile.
const SLICE: Duration = Duration::from_millis(4);

thread_local! {
    static LOOP: EventLoop = EventLoop {
        woken: RefCell::default(),
        timers: RefCell::default(),
        armed: RefCell::default(),
        is_requested: Cell::new(false),
        is_turning: Cell::new(false),
        macrotasks: Macrotasks::new(turn_when_requested),
        timeouts: Timeouts::new(turn_at_deadline),
    };
}

/// Nothing of it is borrowed while foreign code runs: a poll, a wake, or a destructor.
struct EventLoop {
    woken: RefCell<VecDeque<Arc<Driver>>>,
    timers: RefCell<Timers>,
    /// The one timeout of JavaScript's, for the first of the timers or for an earlier one that is gone.
    armed: RefCell<Option<(Instant, Timeout)>>,
    /// A macrotask is on its way.
    is_requested: Cell<bool>,
    /// A turn is under way. Without unwinding it stays so after a panic: the state is unknown, and no turn comes any more.
    is_turning: Cell<bool>,
    macrotasks: Macrotasks,
    timeouts: Timeouts,
}

/// Has `driver` polled in a turn of the event loop.
pub(crate) fn push(driver: Arc<Driver>) {
    with(|it| {
        it.woken.borrow_mut().push_back(driver);
        // A turn looks into the queue before it ends.
        if !it.is_turning.get() {
            it.request();
        }
    });
}

/// Has `waker` woken when a deadline has come; `key` is made at the first call for that deadline.
pub(crate) fn wake_at(key: &mut Option<Key>, deadline: Option<Instant>, waker: &Waker) {
    with(|it| {
        let mut timers = it.timers.borrow_mut();
        let key = *key.get_or_insert_with(|| timers.key(deadline));
        let before = timers.insert(key, waker);
        drop(timers);
        it.timers_changed();
        drop(before);
    });
}

/// Has nobody woken at a deadline, and returns who was to be.
pub(crate) fn forget(key: &mut Option<Key>) -> Option<Waker> {
    let key = key.take()?;
    with(|it| {
        let waker = it.timers.borrow_mut().remove(key);
        it.timers_changed();
        waker
    })
}

/// The loop is never gone: without threads, no destructor of a thread's locals runs.
fn with<T>(work: impl FnOnce(&EventLoop) -> T) -> T {
    LOOP.with(work)
}

fn turn_when_requested() {
    with(|it| {
        it.is_requested.set(false);
        it.turn();
    });
}

fn turn_at_deadline() {
    with(|it| {
        it.armed.take();
        it.turn();
    });
}

impl EventLoop {
    fn request(&self) {
        if !self.is_requested.replace(true) {
            self.macrotasks.request();
        }
    }

    /// Polls what is due, batch by batch, until nothing is or the slice is over.
    fn turn(&self) {
        if self.is_turning.replace(true) {
            return;
        }
        let end = host::now() + SLICE;
        loop {
            // A panic here is one of a waker's.
            let goes_on = catch_unwind(AssertUnwindSafe(|| self.batch(host::now())));
            if !goes_on.unwrap_or(true) || host::now() >= end {
                break;
            }
        }
        self.is_turning.set(false);
        if !self.woken.borrow().is_empty() {
            self.request();
        }
        self.arm();
    }

    /// Wakes the sleeps that are due and polls the first driver, and tells whether there was one.
    fn batch(&self, now: Instant) -> bool {
        loop {
            let due = self.timers.borrow_mut().pop(now);
            match due {
                Some(waker) => waker.wake(),
                None => break,
            }
        }
        let first = self.woken.borrow_mut().pop_front();
        first.is_some_and(|driver| {
            driver.poll();
            true
        })
    }

    fn timers_changed(&self) {
        // A turn arms the timeout once, before it ends.
        if !self.is_turning.get() {
            self.arm();
        }
    }

    /// Has the event loop call back for the first of the timers, and not at all if there is none: node would wait for it.
    fn arm(&self) {
        let mut armed = self.armed.borrow_mut();
        let Some(first) = self.timers.borrow().first() else {
            if let Some((_, timeout)) = armed.take() {
                timeout.cancel();
            }
            return;
        };
        // One that is armed for an earlier time comes in vain, and arms anew.
        if armed.as_ref().is_some_and(|(at, _)| *at <= first) {
            return;
        }
        if let Some((_, timeout)) = armed.take() {
            timeout.cancel();
        }
        let wait = first.saturating_duration_since(host::now());
        *armed = Some((first, self.timeouts.request(wait)));
    }
}
