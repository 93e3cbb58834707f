use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::future::Future;
use std::iter;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::{Instant, LaunchError};
use anyrt_shared::{LocalDriver, LocalExecutor, ShareDriver};
use compio_runtime::Runtime;

use crate::queue::{Queue, Ticket};
use crate::queued::Alarms;
use crate::{SharedTimer, Sleep};

/// The compio runtime that drives a [`Local`](crate::Local).
///
/// Operations of compio's may start wherever a task or a root future of the `Local` is polled, and in the tasks' destructors.
///
/// # Examples
///
/// A runtime with compio's own options, here the poller instead of io_uring:
///
/// ```
/// use anyrt_compio::{Driver, Local};
/// use anyrt_core::prelude::*;
/// use compio_driver::{DriverType, ProactorBuilder};
///
/// let mut proactor = ProactorBuilder::new();
/// proactor.driver_type(DriverType::Poll);
/// let runtime = compio_runtime::RuntimeBuilder::new().with_proactor(proactor).build()?;
/// let rt = Local::with_driver(Driver::new(runtime));
/// assert_eq!(rt.block_on(async { 42 }), 42);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Driver(Rc<Slot>);

/// Where sleeps and sockets find their runtime.
pub(crate) struct Slot {
    place: RefCell<Where>,
    /// The sleeps on this thread, where we drive the runtime.
    sleeps: RefCell<Queue>,
    /// The timer for other threads, once somebody asked for it.
    shared: OnceCell<SharedTimer>,
}

enum Where {
    /// It is driven by us.
    Here(Runtime),
    /// The program started it: the one that has this waker, if the caller is inside it. A clone would keep it alive from inside.
    Around(Waker),
    Gone,
}

/// The name of the runtime in errors.
pub(crate) const RUNTIME: &str = "compio local";

impl Slot {
    pub(crate) fn runtime(&self) -> Option<Runtime> {
        match &*self.place.borrow() {
            Where::Here(runtime) => Some(runtime.clone()),
            Where::Around(waker) => {
                Runtime::try_current().filter(|runtime| runtime.waker().will_wake(waker))
            }
            Where::Gone => None,
        }
    }

    /// The timer where sleeps wait while we do not drive the runtime: that of a program's own, which was started with it.
    fn watched(&self) -> Option<&SharedTimer> {
        matches!(*self.place.borrow(), Where::Around(_)).then(|| {
            self.shared
                .get()
                .expect("the handle to a program's own runtime comes with its shared timer")
        })
    }

    /// How long the thread may wait.
    fn wait(&self, runtime: &Runtime) -> Option<Duration> {
        let first = self.sleeps.borrow().first();
        let ours = first.map(|first| first.saturating_duration_since(Instant::now()));
        let theirs = runtime.current_timeout();
        ours.into_iter().chain(theirs).min()
    }

    fn wake_due(&self) {
        if self.sleeps.borrow().first().is_none() {
            return;
        }
        let now = Instant::now();
        let take = || self.sleeps.borrow_mut().take_due(now);
        iter::from_fn(take).for_each(Waker::wake);
    }

    /// The runtime, or the error of what cannot wait without it.
    #[cfg(feature = "net")]
    pub(crate) fn running(&self) -> std::io::Result<Runtime> {
        self.runtime().ok_or_else(|| {
            std::io::Error::other(
                "the compio local runtime of this socket is gone: nobody would wake the caller",
            )
        })
    }
}

#[cfg(feature = "net")]
impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

impl Alarms for Rc<Slot> {
    fn arm(&self, deadline: Instant, ticket: Option<Ticket>, waker: &Waker) -> Option<Ticket> {
        if let Some(watched) = self.watched() {
            return watched.arm(deadline, ticket, waker);
        }
        if matches!(*self.place.borrow(), Where::Gone) {
            return None;
        }
        let is_armed = |ticket: &Ticket| self.sleeps.borrow().is_armed(deadline, *ticket, waker);
        if let Some(armed) = ticket.filter(is_armed) {
            return Some(armed);
        }
        let waker = waker.clone();
        // The one that it replaces is dropped after the borrow.
        let (ticket, _last) = self.sleeps.borrow_mut().arm(deadline, ticket, waker);
        Some(ticket)
    }

    fn disarm(&self, deadline: Instant, ticket: Ticket) {
        if let Some(watched) = self.watched() {
            return watched.disarm(deadline, ticket);
        }
        let waker = self.sleeps.borrow_mut().disarm(deadline, ticket);
        drop(waker);
    }
}

impl Driver {
    /// Drives a [`Local`](crate::Local) with a compio runtime that was built elsewhere.
    ///
    /// The `Local` is the one who drives it: do not call the runtime's own `block_on`, `run` or `poll` at the same time.
    pub fn new(runtime: Runtime) -> Self {
        Self::at(Where::Here(runtime))
    }

    /// Uses the runtime with this waker where the caller is inside it.
    pub(crate) fn around(waker: Waker) -> Self {
        Self::at(Where::Around(waker))
    }

    fn at(place: Where) -> Self {
        Self(Rc::new(Slot {
            place: RefCell::new(place),
            sleeps: RefCell::default(),
            shared: OnceCell::new(),
        }))
    }

    #[cfg(feature = "net")]
    pub(crate) fn slot(&self) -> &Rc<Slot> {
        &self.0
    }
}

impl LocalDriver for Driver {
    type Sleep = Sleep;

    fn launch(runtime: &'static str) -> Result<Self, LaunchError> {
        Runtime::new()
            .map(Self::new)
            .map_err(|error| LaunchError::system(runtime, "start compio's driver", error))
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let Some(runtime) = self.0.runtime() else {
            panic!(
                "cannot block on a future outside of the compio runtime that this handle belongs to"
            );
        };
        runtime.enter(|| {
            let mut future = pin!(future);
            let waker = runtime.waker();
            let mut cx = Context::from_waker(&waker);
            loop {
                if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                    return output;
                }
                // A wake of the root ends the wait at once.
                let wait = if tick(&runtime) {
                    Some(Duration::ZERO)
                } else {
                    self.0.wait(&runtime)
                };
                runtime.poll_with(wait);
                self.0.wake_due();
            }
        })
    }

    fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        match self.0.runtime() {
            Some(runtime) => runtime.enter(work),
            // The program's own, which is being dropped.
            None => work(),
        }
    }

    fn close(&self) {
        // Outside of the borrow: tasks of compio's own are dropped here.
        let runtime = self.0.place.replace(Where::Gone);
        drop(runtime);
        // Whoever waits is woken, and finds out.
        let waiting = self.0.sleeps.borrow_mut().take_all();
        waiting.for_each(Waker::wake);
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(&self.0, Instant::now().checked_add(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::new(&self.0, Some(deadline))
    }
}

impl ShareDriver for Driver {
    type SharedTimer = SharedTimer;

    fn shared_timer(&self, _: &'static str, tasks: &Rc<LocalExecutor>) -> SharedTimer {
        let start = || SharedTimer::start(&self.0, tasks);
        self.0.shared.get_or_init(start).clone()
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

thread_local! {
    static TICKING: Cell<bool> = const { Cell::new(false) };
}

/// Tells whether a task of compio's own is being polled on this thread.
pub(crate) fn is_ticking() -> bool {
    TICKING.with(Cell::get)
}

/// Runs tasks that were spawned on compio itself, and tells whether some are left.
fn tick(runtime: &Runtime) -> bool {
    as_tick(|| runtime.run())
}

/// Does what is done inside a task of compio's.
pub(crate) fn as_tick<T>(work: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            TICKING.set(self.0);
        }
    }
    let _restore = Restore(TICKING.replace(true));
    work()
}
