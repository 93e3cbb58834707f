use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use anyrt_core::{Instant, MissedTick};
use futures::channel::oneshot;

use super::instance::ambient;
use super::interval::BrokenInterval;
use super::late::Late;
use super::lazy::LazyTask;
use super::limit::Limit;
use super::parked::Parked;
use super::sleep::BrokenSleep;
use super::slot::{InSlot, Slot};
use super::task::BrokenTask;
use super::work::Work;
use super::{Defect, Fault, context};
use crate::{
    BlockingWork, BoxInterval, BoxSleep, BoxTask, BoxTimeout, BoxWork, Layer, RootFuture, Sizes,
    Value,
};

/// The handle of a runtime with one defect.
#[derive(Debug)]
pub(super) struct BrokenLayer {
    inner: Arc<dyn Layer>,
    fault: Fault,
    home: ThreadId,
    spawned: AtomicUsize,
    submitted: AtomicUsize,
    first: bool,
}

/// How many runtimes with a defect were started in this process.
static STARTED: AtomicUsize = AtomicUsize::new(0);

/// Held by the closure that runs, where they run one after the other.
static ONE: Mutex<()> = Mutex::new(());

/// Held by the thread that blocks on a runtime, where one may.
static BLOCKING: Mutex<()> = Mutex::new(());

/// What is left of a call that never returns.
pub(super) fn hang() -> ! {
    loop {
        thread::park();
    }
}

/// Takes as much of the stack as sixteen big futures.
#[inline(never)]
fn sixteen_frames() {
    let frames = [1_u8; 16 << 19];
    std::hint::black_box(&frames);
}

impl BrokenLayer {
    pub(super) fn new(inner: Arc<dyn Layer>, fault: Fault) -> Self {
        Self {
            inner,
            fault,
            home: thread::current().id(),
            spawned: AtomicUsize::new(0),
            submitted: AtomicUsize::new(0),
            first: STARTED.fetch_add(1, Ordering::Relaxed) == 0,
        }
    }

    fn lost(&self) -> bool {
        let before = self.spawned.fetch_add(1, Ordering::Relaxed);
        match self.fault.defect {
            Defect::LosesOneInAThousand => before % 1000 == 999,
            Defect::LosesForeignSpawn => thread::current().id() != self.home,
            Defect::OneRuntimeOnly => !self.first,
            _ => false,
        }
    }

    /// Where work goes.
    fn target(&self) -> Arc<dyn Layer> {
        match self.fault.defect {
            Defect::AmbientWins => ambient().unwrap_or(self.inner.clone()),
            _ => self.inner.clone(),
        }
    }

    fn broken(&self, sleep: BoxSleep, duration: Option<Duration>) -> BoxSleep {
        if self.fault.breaks_sleeps() {
            Box::pin(BrokenSleep::new(sleep, &self.fault, duration))
        } else {
            sleep
        }
    }

    fn work(&self, mut future: BoxWork) -> BoxWork {
        match self.fault.defect {
            _ if self.lost() => Box::pin(pending()),
            Defect::SpawnPollsInline => {
                let mut cx = Context::from_waker(Waker::noop());
                match future.as_mut().poll(&mut cx) {
                    Poll::Ready(output) => Box::pin(ready(output)),
                    Poll::Pending => future,
                }
            }
            Defect::ForeignExecutor => {
                let (sender, receiver) = oneshot::channel();
                thread::spawn(move || sender.send(crate::kit::park_on(future)).is_ok());
                Box::pin(async { receiver.await.expect("the future does not panic") })
            }
            Defect::FutureDroppedLate => Box::pin(Late::new(future)),
            _ if self.fault.breaks_work() => Box::pin(Work::new(future, &self.fault)),
            _ => future,
        }
    }
}

impl Layer for BrokenLayer {
    fn spawn(&self, future: BoxWork) -> BoxTask {
        if self.fault.spawning() {
            std::mem::forget(future);
            return Box::new(Parked::<Value>::new());
        }
        if self.fault.breaks_slots() {
            let slot = Slot::new(future);
            let in_slot = InSlot::new(slot.clone(), &self.fault);
            let task = self.inner.spawn(Box::pin(in_slot));
            return Box::new(BrokenTask::new(task, &self.fault, Some(slot)));
        }
        let task = self.target().spawn(self.work(future));
        Box::new(BrokenTask::new(task, &self.fault, None))
    }

    fn spawn_named(&self, name: &str, future: BoxWork) -> BoxTask {
        if self.fault.loses_named() {
            std::mem::forget(future);
            return Box::new(Parked::<Value>::new());
        }
        match self.fault.defect {
            Defect::NamedDropCancels => {
                let fault = Fault::new(Defect::DropCancels);
                let task = self.inner.spawn_named(name, future);
                Box::new(BrokenTask::new(task, &fault, None))
            }
            _ => self.spawn(future),
        }
    }

    fn spawn_blocking(&self, work: BlockingWork) -> BoxTask {
        let before = self.submitted.fetch_add(1, Ordering::Relaxed);
        match self.fault.defect {
            Defect::BlockingInline => self.inner.spawn(Box::pin(ready(work()))),
            Defect::BlockingLazy => Box::new(LazyTask::new(self.inner.clone(), work)),
            Defect::BlockingLimitLoses if before >= 500 => self.inner.spawn(Box::pin(pending())),
            Defect::BlockingLosesSome if before % 10 == 9 => self.inner.spawn(Box::pin(pending())),
            Defect::BlockingOneAtATime => self.inner.spawn_blocking(Box::new(|| {
                let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
                work()
            })),
            Defect::BlockingAbortCancels
            | Defect::PanicAsCancelled
            | Defect::PayloadBecomesText => Box::new(BrokenTask::new(
                self.inner.spawn_blocking(work),
                &self.fault,
                None,
            )),
            Defect::BlockOnPanicsInClosures | Defect::ShutdownWaitsForItself => self
                .inner
                .spawn_blocking(Box::new(|| context::closure(work))),
            _ => self.inner.spawn_blocking(work),
        }
    }

    fn spawn_blocking_named(&self, _: &str, work: BlockingWork) -> BoxTask {
        if self.fault.loses_named_closures() {
            std::mem::forget(work);
            return Box::new(Parked::<Value>::new());
        }
        self.spawn_blocking(work)
    }

    fn sleep(&self, duration: Duration) -> BoxSleep {
        let here = thread::current().id();
        let needs = self.fault.defect == Defect::SleepNeedsContext;
        assert!(
            !needs || here == self.home || context::is_inside(),
            "no timer on this thread"
        );
        let duration = self.fault.duration(duration);
        self.broken(self.target().sleep(duration), Some(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> BoxSleep {
        match self.fault.defect {
            Defect::SleepsOutOfOrder => {
                let before = self.spawned.fetch_add(1, Ordering::Relaxed);
                let late = Duration::from_millis((before * 37 % 200) as u64);
                self.inner.sleep_until(deadline + late)
            }
            _ => {
                let deadline = self.fault.deadline(deadline);
                self.broken(self.target().sleep_until(deadline), None)
            }
        }
    }

    fn now(&self) -> Instant {
        self.inner.now()
    }

    fn timeout(&self, limit: Duration, future: BoxWork) -> BoxTimeout {
        let limit = self.fault.limit(limit);
        if self.fault.breaks_timeouts() {
            Box::pin(Limit::new(future, self.inner.sleep(limit), &self.fault))
        } else {
            self.target().timeout(limit, future)
        }
    }

    fn interval_at(&self, start: Instant, period: Duration, missed: MissedTick) -> BoxInterval {
        let (start, period, missed) = self.fault.interval(start, period, missed);
        let interval = self.target().interval_at(start, period, missed);
        if self.fault.breaks_intervals() {
            Box::pin(BrokenInterval::new(interval, &self.fault))
        } else {
            interval
        }
    }

    fn block_on(&self, future: RootFuture<'_>) {
        match self.fault.defect {
            Defect::BlockOnHangsElsewhere
                if thread::current().id() != self.home && !context::is_inside() =>
            {
                hang();
            }
            Defect::BlockOnPanicsInClosures => {
                assert!(!context::is_in_closure(), "a closure cannot block");
            }
            Defect::NestedBlockOnHangs if context::is_inside() => hang(),
            Defect::OneBlockOnOnly => {
                let _one = BLOCKING.lock().unwrap_or_else(PoisonError::into_inner);
                return self.inner.block_on(future);
            }
            _ => {}
        }
        context::blocking(|| self.inner.block_on(future));
    }

    fn spawn_zero_sized(&self) -> BoxTask {
        match self.fault.defect {
            Defect::ZeroSizedLost => Box::new(Parked::<Value>::new()),
            _ => self.inner.spawn_zero_sized(),
        }
    }

    fn spawn_detached(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        let work = Box::pin(async move {
            future.await;
            Box::new(()) as Value
        });
        drop(anyrt_core::JoinHandle::new(self.spawn(work)));
    }

    fn spawn_big(&self) -> BoxTask {
        if self.fault.defect == Defect::BigFuturesOnTheStack {
            sixteen_frames();
        }
        self.inner.spawn_big()
    }

    fn spawn_small(&self) {
        match self.fault.defect {
            Defect::SpawnBoxes => self.spawn_detached(Box::pin(ready(()))),
            _ => self.inner.spawn_small(),
        }
    }

    fn arm_sleep(&self) {
        self.inner.arm_sleep();
    }

    fn sizes(&self) -> Sizes {
        self.fault.sizes(self.inner.sizes())
    }
}
