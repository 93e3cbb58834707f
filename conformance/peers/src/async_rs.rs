//! async-rs, through its `Runtime`.

use std::future::Future;
use std::mem::size_of;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_conformance::{
    BlockingWork, BoxInterval, BoxSleep, BoxTask, BoxTimeout, BoxWork, Layer, RootFuture, Sizes,
    Tick, Value,
};
use anyrt_core::{Instant, JoinError, MissedTick};
use async_rs::traits::{Executor, Reactor, RuntimeKit};
use async_rs::util::{Task, TaskImpl};
use futures::Stream;

use crate::big::{big, small};
use crate::missing::missing;
use crate::sleep::PeerSleep;
use crate::task::{Cancel, PeerHandle, PeerTask};

impl<I: TaskImpl<Output = Value>> PeerHandle for Task<I> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Value, JoinError>> {
        Pin::new(self).poll(cx).map(Ok)
    }

    fn abort(mut self) -> Option<Cancel> {
        Some(Box::pin(async move { self.cancel().await }))
    }

    fn detach(self) {
        drop(self);
    }
}

#[derive(Debug)]
pub(crate) struct AsyncRs<K: RuntimeKit>(pub(crate) async_rs::Runtime<K>);

impl<K: RuntimeKit + Send + Sync + 'static> Layer for AsyncRs<K> {
    fn spawn(&self, future: BoxWork) -> BoxTask {
        Box::new(PeerTask::new(self.0.spawn(future)))
    }

    fn spawn_detached(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        drop(self.0.spawn(future));
    }

    fn spawn_blocking(&self, work: BlockingWork) -> BoxTask {
        Box::new(PeerTask::new(self.0.spawn_blocking(work)))
    }

    fn sleep(&self, duration: Duration) -> BoxSleep {
        Box::pin(PeerSleep::new(self.0.sleep(duration), None))
    }

    fn sleep_until(&self, _: Instant) -> BoxSleep {
        missing("sleeping until a deadline")
    }

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn timeout(&self, _: Duration, _: BoxWork) -> BoxTimeout {
        missing("timeouts")
    }

    fn interval_at(&self, start: Instant, period: Duration, missed: MissedTick) -> BoxInterval {
        if missed != MissedTick::Burst {
            missing("policies for missed ticks");
        }
        if start > Instant::now() {
            missing("intervals that start later");
        }
        Box::pin(Ticks {
            stream: Box::pin(self.0.interval(period)),
            start,
            first: None,
        })
    }

    fn block_on(&self, future: RootFuture<'_>) {
        self.0.block_on(future);
    }

    fn spawn_big(&self) -> BoxTask {
        let big = async { Box::new(big().await) as Value };
        Box::new(PeerTask::new(self.0.spawn(big)))
    }

    fn spawn_small(&self) {
        drop(self.0.spawn(small()));
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            join_handle: size_of::<Task<K::Task<usize>>>(),
            blocking_handle: size_of::<Task<K::Task<usize>>>(),
            sleep: size_of::<K::Sleep>(),
        }
    }
}

struct Ticks {
    stream: Pin<Box<dyn Stream<Item = Instant> + Send>>,
    /// When the suite asked for the first tick, a moment before the layer read the clock.
    start: Instant,
    first: Option<Instant>,
}

impl Tick for Ticks {
    fn poll_tick(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        let tick = ready!(self.stream.as_mut().poll_next(cx));
        let tick = tick.expect("an interval has no end");
        let first = *self.first.get_or_insert(tick);
        Poll::Ready(self.start + (tick - first))
    }

    fn reset(self: Pin<&mut Self>) {
        missing("resetting an interval")
    }

    fn reset_at(self: Pin<&mut Self>, _: Instant) {
        missing("resetting an interval")
    }
}
