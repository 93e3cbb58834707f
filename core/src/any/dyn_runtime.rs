use std::fmt::Debug;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use super::packet::{BoxPacket, Deliver};
use super::sleep::BoxSleep;
use super::task::BoxTask;
use crate::{BlockOn, Instant, Runtime, SpawnMeta};

/// What is left of a runtime once its types are gone. Implemented for every runtime.
///
/// The names differ from those of the traits, so that neither hides the other where both are in scope. The caller's line goes
/// as an argument, because `#[track_caller]` ends at a virtual call. With the name beside it all fits into registers.
pub(super) trait DynRuntime: Debug + Send + Sync {
    fn spawn_packet(
        &self,
        packet: BoxPacket,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> BoxTask;
    fn spawn_blocking_packet(
        &self,
        packet: BoxPacket,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> BoxTask;
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
    fn spawn_packet(
        &self,
        packet: BoxPacket,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> BoxTask {
        Box::new(self.spawn_with(meta(name, location), Deliver::new(packet)))
    }

    fn spawn_blocking_packet(
        &self,
        mut packet: BoxPacket,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> BoxTask {
        Box::new(self.spawn_blocking_with(meta(name, location), move || {
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

#[inline]
fn meta<'a>(name: Option<&'a str>, location: &'static Location<'static>) -> SpawnMeta<'a> {
    name.map_or_else(SpawnMeta::unnamed, SpawnMeta::named)
        .at(location)
}
