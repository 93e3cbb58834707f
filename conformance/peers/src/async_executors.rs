//! async_executors, through its executors and its `Timer`.

use std::future::Future;
use std::mem::size_of;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_conformance::{
    BlockingWork, BoxInterval, BoxSleep, BoxTask, BoxTimeout, BoxWork, Layer, RootFuture, Sizes,
    Value,
};
use anyrt_core::{Instant, JoinError, MissedTick};
use async_executors::{
    AsyncStd, BlockingHandle, JoinHandle, SpawnBlocking, SpawnHandleExt, Timer, TimerExt, TokioTp,
};
use futures::future::BoxFuture;
use futures::task::SpawnExt;
use tokio::runtime::Runtime;

use crate::big::{big, small};
use crate::limited::Limited;
use crate::missing::missing;
use crate::sleep::PeerSleep;
use crate::task::{Cancel, PeerHandle, PeerTask};

impl PeerHandle for JoinHandle<Value> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Value, JoinError>> {
        Pin::new(self).poll(cx).map(Ok)
    }

    fn abort(self) -> Option<Cancel> {
        // To drop it is the documented way.
        drop(self);
        None
    }

    fn detach(self) {
        Self::detach(self);
    }
}

impl PeerHandle for BlockingHandle<Value> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Value, JoinError>> {
        Pin::new(self).poll(cx).map(Ok)
    }

    fn abort(self) -> Option<Cancel> {
        drop(self);
        None
    }

    fn detach(self) {
        drop(self);
    }
}

/// A layer of one executor of the crate, which names no trait for blocking on a future.
macro_rules! layer {
    ($name:ident, $executor:ty, $block_on:expr) => {
        #[derive(Debug)]
        pub(crate) struct $name($executor);

        impl Layer for $name {
            fn spawn(&self, future: BoxWork) -> BoxTask {
                let handle = self.0.spawn_handle(future);
                Box::new(PeerTask::new(handle.expect("these executors spawn always")))
            }

            fn spawn_detached(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
                self.0.spawn(future).expect("these executors spawn always");
            }

            fn spawn_blocking(&self, work: BlockingWork) -> BoxTask {
                Box::new(PeerTask::new(SpawnBlocking::spawn_blocking(&self.0, work)))
            }

            fn sleep(&self, duration: Duration) -> BoxSleep {
                Box::pin(PeerSleep::new(Timer::sleep(&self.0, duration), None))
            }

            fn sleep_until(&self, _: Instant) -> BoxSleep {
                missing("sleeping until a deadline")
            }

            fn now(&self) -> Instant {
                Instant::now()
            }

            fn timeout(&self, limit: Duration, future: BoxWork) -> BoxTimeout {
                let limited = TimerExt::timeout(&self.0, limit, future);
                Box::pin(Limited(Box::pin(limited)))
            }

            fn interval_at(&self, _: Instant, _: Duration, _: MissedTick) -> BoxInterval {
                missing("intervals")
            }

            fn block_on(&self, future: RootFuture<'_>) {
                $block_on(&self.0, future);
            }

            fn spawn_big(&self) -> BoxTask {
                let big = async { Box::new(big().await) as Value };
                let handle = self.0.spawn_handle(big);
                Box::new(PeerTask::new(handle.expect("these executors spawn always")))
            }

            fn spawn_small(&self) {
                self.0.spawn(small()).expect("these executors spawn always");
            }

            fn sizes(&self) -> Sizes {
                Sizes {
                    join_handle: size_of::<JoinHandle<usize>>(),
                    blocking_handle: size_of::<BlockingHandle<usize>>(),
                    sleep: size_of::<BoxFuture<'static, ()>>(),
                }
            }
        }
    };
}

layer!(OnTokio, TokioTp, |executor: &TokioTp, future| executor
    .block_on(future));
layer!(OnAsyncStd, AsyncStd, |_, future| AsyncStd::block_on(future));

impl OnTokio {
    pub(crate) fn new(runtime: &Runtime) -> Self {
        let executor = TokioTp::try_from(runtime.handle().clone());
        Self(executor.expect("the runtime is a multi-threaded one"))
    }
}

impl OnAsyncStd {
    pub(crate) fn new() -> Self {
        Self(AsyncStd::new())
    }
}
