use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::fmt::{self, Debug};
use core::time::Duration;

use super::AnyRuntime;
use super::block_on::AnyBlockOn;
use super::sleep::{AnySleep, BoxSleep};
use crate::{Instant, SystemTime, Timer};

/// What is left of a timer once its types are gone.
///
/// The names differ from those of [`Timer`], so that neither hides the other where both are in scope.
pub(super) trait DynTimer: Debug + Send + Sync {
    #[track_caller]
    fn sleep_boxed(&self, duration: Duration) -> BoxSleep;
    #[track_caller]
    fn sleep_until_boxed(&self, deadline: Instant) -> BoxSleep;
    fn now_dyn(&self) -> Instant;
    fn system_time_dyn(&self) -> SystemTime;
}

impl<T> DynTimer for T
where
    T: Timer<Sleep: Send + Sync + 'static> + Debug + Send + Sync,
{
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
}

/// Any timer, without its type: for what needs a clock and nothing else.
///
/// Rate limits, retries, caches and tokens that expire can store it instead of a type parameter. It is `Send`, `Sync` and
/// `Unpin`, and it keeps every rule of the timer that it holds.
///
/// # For library authors
///
/// It takes the handle of any [`Runtime`](crate::Runtime), and what
/// [`shared_timer`](crate::ShareTimer::shared_timer) returns on a local one.
///
/// # Cost
///
/// One allocation per sleep, and one per timeout that had to wait. `now` allocates nothing. Every call is a virtual one. The
/// value is 16 bytes, and cloning it counts a reference.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{AnyTimer, Instant, Runtime, Timer};
///
/// struct Cached { timer: AnyTimer, expires: Instant }
///
/// impl Cached {
///     fn new<R: Runtime>(rt: R, lifetime: Duration) -> Self {
///         let timer = AnyTimer::new(rt);
///         Self { expires: timer.now() + lifetime, timer }
///     }
///     fn is_fresh(&self) -> bool {
///         self.timer.now() < self.expires
///     }
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert!(Cached::new(rt.handle(), Duration::from_secs(60)).is_fresh());
/// ```
#[derive(Clone)]
pub struct AnyTimer(Arc<dyn DynTimer>);

impl AnyTimer {
    /// Takes the type off a timer. An `AnyTimer` is returned as it is, and an [`AnyRuntime`] is not wrapped twice.
    ///
    /// # Cost
    ///
    /// One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{AnyTimer, Runtime, Timer};
    ///
    /// struct Limiter { timer: AnyTimer }
    ///
    /// impl Limiter {
    ///     fn new<R: Runtime>(rt: R) -> Self {
    ///         Self { timer: AnyTimer::new(rt) }
    ///     }
    ///     async fn permit(&self) {
    ///         self.timer.sleep(Duration::from_millis(2)).await;
    ///     }
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(Limiter::new(rt.handle()).permit());
    /// ```
    pub fn new<T>(timer: T) -> Self
    where
        T: Timer<Sleep: Send + Sync + 'static> + Debug + Send + Sync + 'static,
    {
        let any: &dyn Any = &timer;
        if let Some(erased) = any.downcast_ref::<Self>() {
            erased.clone()
        } else if let Some(erased) = any.downcast_ref::<AnyRuntime>() {
            Self(erased.clone().into_timer())
        } else if let Some(erased) = any.downcast_ref::<AnyBlockOn>() {
            Self(erased.runtime().into_timer())
        } else {
            Self(Arc::new(timer))
        }
    }
}

impl Timer for AnyTimer {
    type Sleep = AnySleep;

    #[track_caller]
    fn sleep(&self, duration: Duration) -> AnySleep {
        AnySleep::new(self.0.sleep_boxed(duration))
    }

    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> AnySleep {
        AnySleep::new(self.0.sleep_until_boxed(deadline))
    }

    fn now(&self) -> Instant {
        self.0.now_dyn()
    }

    fn system_time(&self) -> SystemTime {
        self.0.system_time_dyn()
    }
}

impl Debug for AnyTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyTimer").field(&self.0).finish()
    }
}
