use alloc::boxed::Box;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::{Instant, Sleep};

pub(super) type BoxSleep = Pin<Box<dyn Sleep + Send + Sync>>;
pub(super) type LocalBoxSleep = Pin<Box<dyn Sleep>>;

macro_rules! erased_sleep {
    ($(#[$doc:meta])* $name:ident, $inner:ident) => {
        $(#[$doc])*
        #[must_use = "futures do nothing unless polled"]
        pub struct $name($inner);

        impl $name {
            pub(super) fn new(sleep: $inner) -> Self {
                Self(sleep)
            }
        }

        impl Future for $name {
            type Output = ();

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
                self.0.as_mut().poll(cx)
            }
        }

        impl Sleep for $name {
            fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
                self.0.as_mut().reset(deadline);
            }

            fn deadline(&self) -> Option<Instant> {
                self.0.deadline()
            }

            fn is_elapsed(&self) -> bool {
                self.0.is_elapsed()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }
    };
}

erased_sleep! {
    /// The sleep of an [`AnyRuntime`](crate::AnyRuntime) and of an [`AnyTimer`](crate::AnyTimer): 16 bytes and `Unpin`, with the
    /// runtime's own in a box.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{prelude::*, AnyRuntime, AnySleep};
    ///
    /// struct Lease { end: AnySleep }
    ///
    /// fn lease(rt: &AnyRuntime) -> Lease {
    ///     Lease { end: rt.sleep(Duration::from_secs(30)) }
    /// }
    /// ```
    AnySleep, BoxSleep
}

erased_sleep! {
    /// The sleep of an [`AnyLocalRuntime`](crate::AnyLocalRuntime): 16 bytes and `Unpin`, with the runtime's own in a box.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{prelude::*, AnyLocalRuntime, AnyLocalSleep};
    ///
    /// struct Lease { end: AnyLocalSleep }
    ///
    /// fn lease(rt: &AnyLocalRuntime) -> Lease {
    ///     Lease { end: rt.sleep(Duration::from_secs(30)) }
    /// }
    /// ```
    AnyLocalSleep, LocalBoxSleep
}
