use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use anyrt_core::{Instant, MissedTick};

use super::interval::BrokenInterval;
use super::limit::Limit;
use super::parked::Parked;
use super::sleep::BrokenSleep;
use super::task::BrokenTask;
use super::work::Work;
use super::{Defect, Fault};
use crate::{
    BlockingWork, BoxTask, LocalBoxInterval, LocalBoxSleep, LocalBoxTask, LocalBoxTimeout,
    LocalBoxWork, LocalLayer, LocalValue, Sizes, Value,
};

/// The handle of a local runtime with one defect.
#[derive(Debug)]
pub(super) struct BrokenLocal {
    inner: Rc<dyn LocalLayer>,
    fault: Fault,
}

impl BrokenLocal {
    pub(super) fn new(inner: Rc<dyn LocalLayer>, fault: Fault) -> Self {
        Self { inner, fault }
    }

    fn broken(&self, sleep: LocalBoxSleep, duration: Option<Duration>) -> LocalBoxSleep {
        if self.fault.breaks_sleeps() {
            Box::pin(BrokenSleep::new(sleep, &self.fault, duration))
        } else {
            sleep
        }
    }
}

impl LocalLayer for BrokenLocal {
    fn spawn(&self, future: LocalBoxWork) -> LocalBoxTask {
        if self.fault.spawning() {
            std::mem::forget(future);
            return Box::new(Parked::<LocalValue>::new());
        }
        let future: LocalBoxWork = if self.fault.breaks_work() {
            Box::pin(Work::new(future, &self.fault))
        } else {
            future
        };
        let task = self.inner.spawn(future);
        Box::new(BrokenTask::new(task, &self.fault, None))
    }

    fn spawn_detached(&self, future: Pin<Box<dyn Future<Output = ()>>>) {
        let work = Box::pin(async move {
            future.await;
            Box::new(()) as LocalValue
        });
        drop(anyrt_core::JoinHandle::new(self.spawn(work)));
    }

    fn spawn_named(&self, name: &str, future: LocalBoxWork) -> LocalBoxTask {
        if self.fault.loses_named() {
            std::mem::forget(future);
            return Box::new(Parked::<LocalValue>::new());
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
        let task = self.inner.spawn_blocking(work);
        match self.fault.defect {
            Defect::PanicAsCancelled | Defect::PayloadBecomesText => {
                Box::new(BrokenTask::new(task, &self.fault, None))
            }
            _ => task,
        }
    }

    fn spawn_blocking_named(&self, _: &str, work: BlockingWork) -> BoxTask {
        if self.fault.loses_named_closures() {
            std::mem::forget(work);
            return Box::new(Parked::<Value>::new());
        }
        self.spawn_blocking(work)
    }

    fn sleep(&self, duration: Duration) -> LocalBoxSleep {
        let duration = self.fault.duration(duration);
        self.broken(self.inner.sleep(duration), Some(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> LocalBoxSleep {
        let deadline = self.fault.deadline(deadline);
        self.broken(self.inner.sleep_until(deadline), None)
    }

    fn now(&self) -> Instant {
        self.inner.now()
    }

    fn timeout(&self, limit: Duration, future: LocalBoxWork) -> LocalBoxTimeout {
        let limit = self.fault.limit(limit);
        if self.fault.breaks_timeouts() {
            Box::pin(Limit::new(future, self.inner.sleep(limit), &self.fault))
        } else {
            self.inner.timeout(limit, future)
        }
    }

    fn interval_at(
        &self,
        start: Instant,
        period: Duration,
        missed: MissedTick,
    ) -> LocalBoxInterval {
        let (start, period, missed) = self.fault.interval(start, period, missed);
        let interval = self.inner.interval_at(start, period, missed);
        if self.fault.breaks_intervals() {
            Box::pin(BrokenInterval::new(interval, &self.fault))
        } else {
            interval
        }
    }

    fn spawn_zero_sized(&self) -> LocalBoxTask {
        match self.fault.defect {
            Defect::ZeroSizedLost => Box::new(Parked::<LocalValue>::new()),
            _ => self.inner.spawn_zero_sized(),
        }
    }

    fn spawn_big(&self) -> LocalBoxTask {
        self.inner.spawn_big()
    }

    fn spawn_small(&self) {
        self.inner.spawn_small();
    }

    fn arm_sleep(&self) {
        self.inner.arm_sleep();
    }

    fn sizes(&self) -> Sizes {
        self.fault.sizes(self.inner.sizes())
    }
}
