use std::fmt;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use super::packet::BoxPacket;
use crate::{AbortHandle, JoinError, RawTask};

pub(super) type BoxTask = Box<dyn RawTask<Output = BoxPacket> + Send + Sync>;

/// The task of an [`AnyRuntime`](crate::AnyRuntime).
///
/// # Examples
///
/// ```
/// use anyrt_core::{prelude::*, AnyRuntime, AnyTask, JoinHandle};
///
/// struct Background { task: JoinHandle<AnyTask<u32>> }
///
/// fn start(rt: &AnyRuntime) -> Background {
///     Background { task: rt.spawn(async { 42 }) }
/// }
/// ```
pub struct AnyTask<T> {
    task: BoxTask,
    output: PhantomData<fn() -> T>,
}

impl<T> AnyTask<T> {
    pub(super) fn new(task: BoxTask) -> Self {
        Self {
            task,
            output: PhantomData,
        }
    }
}

impl<T: 'static> RawTask for AnyTask<T> {
    type Output = T;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.task.poll_join(cx).map_ok(unpack)
    }

    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.task.try_join(cx).map_ok(unpack)
    }

    fn abort(&mut self) {
        self.task.abort();
    }

    fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    fn detach(&mut self) {
        self.task.detach();
    }

    fn abort_handle(&mut self) -> AbortHandle {
        self.task.abort_handle()
    }

    fn abort_and_detach(&mut self) {
        self.task.abort_and_detach();
    }
}

fn unpack<T: 'static>(mut packet: BoxPacket) -> T {
    let mut output = None;
    packet.as_mut().take_into(&mut output);
    output.expect("a delivered packet is done")
}

impl<T> fmt::Debug for AnyTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyTask").finish_non_exhaustive()
    }
}
