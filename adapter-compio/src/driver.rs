use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::{Instant, LaunchError};
use anyrt_shared::{LocalDriver, LocalExecutor, ShareDriver};
use compio_runtime::Runtime;

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

    pub(crate) fn is_gone(&self) -> bool {
        matches!(*self.place.borrow(), Where::Gone)
    }

    /// The timer for other threads, and for sleeps outside of the program's own runtime, which was started with that.
    pub(crate) fn watched(&self) -> &SharedTimer {
        self.shared
            .get()
            .expect("only a runtime of the program's own is left while it goes on")
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
                if tick(&runtime) {
                    runtime.poll_with(Some(Duration::ZERO));
                } else {
                    runtime.poll();
                }
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
