use alloc::boxed::Box;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::packet::{BoxPacket, LocalBoxPacket, Packet};
use crate::{AbortHandle, JoinError, RawTask};

pub(super) type BoxTask = Box<dyn RawTask<Output = BoxPacket> + Send + Sync>;
pub(super) type LocalBoxTask = Box<dyn RawTask<Output = LocalBoxPacket>>;

macro_rules! erased_task {
    ($(#[$doc:meta])* $name:ident, $inner:ident, $packet:ident) => {
        $(#[$doc])*
        pub struct $name<T> {
            task: $inner,
            /// Made where the output is known to be `'static`, which the task itself must not ask for.
            unpack: fn($packet) -> T,
        }

        impl<T: 'static> $name<T> {
            pub(super) fn new(task: $inner) -> Self {
                Self {
                    task,
                    unpack,
                }
            }
        }

        impl<T> RawTask for $name<T> {
            type Output = T;

            fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
                self.task.poll_join(cx).map_ok(self.unpack)
            }

            fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
                self.task.try_join(cx).map_ok(self.unpack)
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

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

erased_task! {
    /// The task of an [`AnyRuntime`](crate::AnyRuntime).
    ///
    /// # Cost
    ///
    /// 24 bytes.
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
    AnyTask, BoxTask, BoxPacket
}

erased_task! {
    /// The local task of an [`AnyLocalRuntime`](crate::AnyLocalRuntime).
    ///
    /// # Cost
    ///
    /// 24 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use anyrt_core::{prelude::*, AnyLocalRuntime, AnyLocalTask, JoinHandle};
    ///
    /// struct Background { task: JoinHandle<AnyLocalTask<Rc<str>>> }
    ///
    /// fn start(rt: &AnyLocalRuntime) -> Background {
    ///     Background { task: rt.spawn_local(async { "moin".into() }) }
    /// }
    /// ```
    AnyLocalTask, LocalBoxTask, LocalBoxPacket
}

fn unpack<P: Packet + ?Sized, T: 'static>(mut packet: Pin<Box<P>>) -> T {
    let mut output = None;
    packet.as_mut().take_into(&mut output);
    output.expect("a delivered packet is done")
}
