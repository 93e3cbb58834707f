use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyrt_core::{Instant, JoinHandle, MissedTick};

use super::super::context;
use super::Run;
use super::instance::ambient;
use super::interval::Interval;
use super::parked::Parked;
use super::sleep::BrokenSleep;
use super::task::{BrokenTask, TaskState};
use super::timeout::Timeout;
use super::work::Work;
use crate::{
    BlockingWork, BoxInterval, BoxSleep, BoxTask, BoxTimeout, BoxWork, Layer, LocalBoxInterval,
    LocalBoxSleep, LocalBoxTask, LocalBoxTimeout, LocalBoxWork, LocalLayer, LocalValue, RootFuture,
    Sizes, Value,
};

/// Makes the layer of one kind of runtimes, which calls the hooks.
macro_rules! layer {
    (
        $name:ident: $layer:ident in $pointer:ident $([$send:ident])?;
        $work:ident $task:ident $sleep:ident $timeout:ident $interval:ident $value:ident;
        fn target($this:ident) $target:block
        fn prepare($on:ident, $state:ident, $future:ident) $prepare:block
        { $($more:tt)* }
    ) => {
        /// The handle of a runtime with one fault.
        #[derive(Debug)]
        pub(super) struct $name {
            inner: $pointer<dyn $layer>,
            run: Run,
        }

        impl $name {
            pub(super) fn new(inner: $pointer<dyn $layer>, run: Run) -> Self {
                Self { inner, run }
            }

            /// Where work goes.
            fn target(&self) -> $pointer<dyn $layer> {
                let $this = self;
                $target
            }

            fn prepare(&self, $state: &TaskState, $future: $work) -> $work {
                let $on = self;
                $prepare
            }

            fn start(&self, name: Option<&str>, future: $work) -> $task {
                if self.run.fault().loses_task(&self.run, name) {
                    std::mem::forget(future);
                    return Box::new(Parked::<$value>::new());
                }
                let state = TaskState::new(&self.run, name, false);
                let future = self.prepare(&state, future);
                let work = Box::pin(Work::new(future, &self.run));
                let target = self.target();
                let task = match name {
                    Some(name) => target.spawn_named(name, work),
                    None => target.spawn(work),
                };
                Box::new(BrokenTask::new(task, state))
            }

            fn submit(&self, name: Option<&str>, work: BlockingWork) -> BoxTask {
                let fault = self.run.fault();
                if fault.loses_closure(&self.run, name) {
                    std::mem::forget(work);
                    return Box::new(Parked::<Value>::new());
                }
                let work: BlockingWork = Box::new(|| context::closure(work));
                let task = fault.submit(&self.run, work, &|work| match name {
                    Some(name) => self.inner.spawn_blocking_named(name, work),
                    None => self.inner.spawn_blocking(work),
                });
                let state = TaskState::new(&self.run, name, true);
                Box::new(BrokenTask::new(task, state))
            }
        }

        impl $layer for $name {
            fn spawn(&self, future: $work) -> $task {
                self.start(None, future)
            }

            fn spawn_named(&self, name: &str, future: $work) -> $task {
                self.start(Some(name), future)
            }

            fn spawn_detached(&self, future: Pin<Box<dyn Future<Output = ()> $(+ $send)?>>) {
                let work = Box::pin(async move {
                    future.await;
                    Box::new(()) as $value
                });
                drop(JoinHandle::new(self.spawn(work)));
            }

            fn spawn_blocking(&self, work: BlockingWork) -> BoxTask {
                self.submit(None, work)
            }

            fn spawn_blocking_named(&self, name: &str, work: BlockingWork) -> BoxTask {
                self.submit(Some(name), work)
            }

            fn sleep(&self, duration: Duration) -> $sleep {
                let duration = self.run.fault().duration(&self.run, duration);
                let sleep = self.target().sleep(duration);
                Box::pin(BrokenSleep::new(sleep, &self.run, Some(duration)))
            }

            fn sleep_until(&self, deadline: Instant) -> $sleep {
                let deadline = self.run.fault().deadline(&self.run, deadline);
                let sleep = self.target().sleep_until(deadline);
                Box::pin(BrokenSleep::new(sleep, &self.run, None))
            }

            fn now(&self) -> Instant {
                self.inner.now()
            }

            fn system_time(&self) -> SystemTime {
                self.run.fault().system_time(self.inner.system_time())
            }

            fn timeout(&self, limit: Duration, future: $work) -> $timeout {
                let limit = self.run.fault().limit(limit);
                let sleep = self.target().sleep(limit);
                Box::pin(Timeout::new(future, sleep, &self.run))
            }

            fn interval_at(&self, start: Instant, period: Duration, missed: MissedTick) -> $interval {
                let (start, period, missed) = self.run.fault().interval(start, period, missed);
                let inner = self.target().interval_at(start, period, missed);
                Box::pin(Interval { inner, run: self.run.clone() })
            }

            fn spawn_zero_sized(&self) -> $task {
                if self.run.fault().loses_zero_sized() {
                    return Box::new(Parked::<$value>::new());
                }
                self.inner.spawn_zero_sized()
            }

            fn spawn_big(&self) -> $task {
                self.run.fault().spawn_big();
                self.inner.spawn_big()
            }

            fn spawn_small(&self) {
                if self.run.fault().boxes_small() {
                    self.spawn_detached(Box::pin(std::future::ready(())));
                } else {
                    self.inner.spawn_small();
                }
            }

            fn arm_sleep(&self) {
                self.inner.arm_sleep();
            }

            fn sizes(&self) -> Sizes {
                self.run.fault().sizes(self.inner.sizes())
            }

            $($more)*
        }
    };
}

layer! {
    BrokenLayer: Layer in Arc [Send];
    BoxWork BoxTask BoxSleep BoxTimeout BoxInterval Value;
    fn target(this) {
        let ambient = if this.run.fault().is_ambient() { ambient() } else { None };
        ambient.unwrap_or_else(|| this.inner.clone())
    }
    fn prepare(this, task, future) {
        this.run.fault().work(&this.run, task, future)
    }
    {
        fn block_on(&self, future: RootFuture<'_>) {
            let mut future = Some(future);
            self.run.fault().block_on(&self.run, &mut || {
                let future = future.take().expect("blocked on once");
                context::blocking(|| self.inner.block_on(future));
            });
        }
    }
}

layer! {
    BrokenLocal: LocalLayer in Rc;
    LocalBoxWork LocalBoxTask LocalBoxSleep LocalBoxTimeout LocalBoxInterval LocalValue;
    fn target(this) {
        this.inner.clone()
    }
    fn prepare(_this, _task, future) {
        future
    }
    {}
}
