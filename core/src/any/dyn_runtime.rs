use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt::Debug;
use core::panic::Location;
use core::time::Duration;

use super::packet::{BoxPacket, Deliver, Packet, run_closure};
use super::sleep::LocalBoxSleep;
use super::task::{BoxTask, LocalBoxTask};
use super::timer::DynTimer;
use super::{AnyLocalRuntime, AnyRuntime};
use crate::{Instant, LocalRuntime, Runtime, SpawnMeta, SystemTime};

/// The work of an [`AnyRuntime`].
pub(super) type Work = Deliver<dyn Packet + Send, AnyRuntime>;

/// The work of an [`AnyLocalRuntime`].
pub(super) type LocalWork = Deliver<dyn Packet, AnyLocalRuntime>;

/// What is left of a runtime once its types are gone. Implemented for every runtime.
///
/// The names differ from those of the traits, so that neither hides the other where both are in scope. The caller's line goes
/// as an argument, because `#[track_caller]` ends at a virtual call.
pub(super) trait DynRuntime: DynTimer {
    fn spawn_packet(
        &self,
        work: Work,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> BoxTask;
    fn spawn_blocking_packet(
        &self,
        work: Work,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> BoxTask;
    fn into_timer(self: Arc<Self>) -> Arc<dyn DynTimer>;
}

impl<R: Runtime> DynRuntime for R {
    fn spawn_packet(
        &self,
        work: Work,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> BoxTask {
        Box::new(self.spawn_with(meta(name, location), work))
    }

    fn spawn_blocking_packet(
        &self,
        work: Work,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> BoxTask {
        Box::new(self.spawn_blocking_with(meta(name, location), move || work.run()))
    }

    fn into_timer(self: Arc<Self>) -> Arc<dyn DynTimer> {
        self
    }
}

/// What is left of a local runtime once its types are gone. Implemented for every local runtime.
pub(super) trait DynLocalRuntime: Debug {
    fn spawn_local_packet(
        &self,
        work: LocalWork,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> LocalBoxTask;
    fn spawn_blocking_packet(
        &self,
        packet: BoxPacket,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> BoxTask;
    #[track_caller]
    fn sleep_boxed(&self, duration: Duration) -> LocalBoxSleep;
    #[track_caller]
    fn sleep_until_boxed(&self, deadline: Instant) -> LocalBoxSleep;
    fn now_dyn(&self) -> Instant;
    fn system_time_dyn(&self) -> SystemTime;
}

impl<R: LocalRuntime> DynLocalRuntime for R {
    fn spawn_local_packet(
        &self,
        work: LocalWork,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> LocalBoxTask {
        Box::new(self.spawn_local_with(meta(name, location), work))
    }

    fn spawn_blocking_packet(
        &self,
        packet: BoxPacket,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> BoxTask {
        Box::new(self.spawn_blocking_with(meta(name, location), move || run_closure(packet)))
    }

    fn sleep_boxed(&self, duration: Duration) -> LocalBoxSleep {
        Box::pin(self.sleep(duration))
    }

    fn sleep_until_boxed(&self, deadline: Instant) -> LocalBoxSleep {
        Box::pin(self.sleep_until(deadline))
    }

    fn now_dyn(&self) -> Instant {
        self.now()
    }

    fn system_time_dyn(&self) -> SystemTime {
        self.system_time()
    }
}

#[inline]
fn meta<'a>(name: Option<&'a str>, location: &'static Location<'static>) -> SpawnMeta<'a> {
    name.map_or_else(SpawnMeta::unnamed, SpawnMeta::named)
        .at(location)
}
