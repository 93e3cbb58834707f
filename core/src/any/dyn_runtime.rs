use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use super::packet::{BoxPacket, Deliver};
use super::sleep::BoxSleep;
use super::task::BoxTask;
use crate::{BlockOn, Instant, Runtime};

/// What is left of a runtime once its types are gone. Implemented for every runtime.
///
/// The names differ from those of the traits, so that neither hides the other where both are in scope.
pub(super) trait DynRuntime: Debug + Send + Sync {
    #[track_caller]
    fn spawn_packet(&self, packet: BoxPacket) -> BoxTask;
    #[track_caller]
    fn spawn_blocking_packet(&self, packet: BoxPacket) -> BoxTask;
    #[track_caller]
    fn sleep_boxed(&self, duration: Duration) -> BoxSleep;
    #[track_caller]
    fn sleep_until_boxed(&self, deadline: Instant) -> BoxSleep;
    fn now_dyn(&self) -> Instant;
    fn system_time_dyn(&self) -> SystemTime;
    #[track_caller]
    fn block_on_dyn(&self, future: Pin<&mut dyn Future<Output = ()>>);
}

impl<R: Runtime + BlockOn> DynRuntime for R {
    fn spawn_packet(&self, packet: BoxPacket) -> BoxTask {
        Box::new(self.spawn(Deliver::new(packet)))
    }

    fn spawn_blocking_packet(&self, mut packet: BoxPacket) -> BoxTask {
        Box::new(self.spawn_blocking(move || {
            // A closure's packet is ready at its first poll and never looks at the waker.
            let ran = packet
                .as_mut()
                .poll_run(&mut Context::from_waker(Waker::noop()));
            debug_assert!(ran.is_ready());
            packet
        }))
    }

    fn sleep_boxed(&self, duration: Duration) -> BoxSleep {
        Box::pin(self.sleep(duration))
    }

    fn sleep_until_boxed(&self, deadline: Instant) -> BoxSleep {
        Box::pin(self.sleep_until(deadline))
    }

    fn now_dyn(&self) -> Instant {
        self.now()
    }

    fn system_time_dyn(&self) -> SystemTime {
        self.system_time()
    }

    fn block_on_dyn(&self, future: Pin<&mut dyn Future<Output = ()>>) {
        self.block_on(future);
    }
}
