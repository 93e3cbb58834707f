use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{Instant, ShareTimer};
use pin_project_lite::pin_project;

/// Tells hyper the time of a runtime: [`hyper::rt::Timer`].
///
/// hyper has no timeouts, keep-alive pings or idle connections that end, unless it is given a timer. On a simulation it is the
/// virtual time.
///
/// # Cost
///
/// A sleep is one box, as hyper's trait asks. To move its deadline allocates nothing: the runtime's own sleep is reset in place.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Runtime;
/// use anyrt_hyper::Timer;
/// use hyper::server::conn::http1;
///
/// /// Closes a connection that takes more than 5 s to send a request's head.
/// fn builder<R: Runtime>(rt: &R) -> http1::Builder {
///     let mut builder = http1::Builder::new();
///     builder.timer(Timer::new(rt)).header_read_timeout(Duration::from_secs(5));
///     builder
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Timer<T> {
    timer: T,
}

impl<T> Timer<T> {
    /// The timer of a runtime, or of a local runtime that shares it.
    ///
    /// hyper asks for a timer that is `Send`. [`ShareTimer`] gives one, also where the handle of the runtime is not.
    #[inline]
    pub fn new<R>(runtime: &R) -> Self
    where
        R: ShareTimer<SharedTimer = T>,
    {
        Self {
            timer: runtime.shared_timer(),
        }
    }

    /// The timer without hyper's trait.
    #[inline]
    pub const fn get_ref(&self) -> &T {
        &self.timer
    }
}

impl<T> hyper::rt::Timer for Timer<T>
where
    T: anyrt_core::Timer<Sleep: Send + Sync + 'static>,
{
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Sleep {
            sleep: self.timer.sleep(duration),
        })
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Sleep {
            sleep: self.timer.sleep_until(deadline),
        })
    }

    #[inline]
    fn now(&self) -> Instant {
        self.timer.now()
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn hyper::rt::Sleep>>, deadline: Instant) {
        match sleep.as_mut().downcast_mut_pin::<Sleep<T::Sleep>>() {
            Some(sleep) => anyrt_core::Sleep::reset(sleep.project().sleep, deadline),
            // Another timer's.
            None => *sleep = hyper::rt::Timer::sleep_until(self, deadline),
        }
    }
}

pin_project! {
    /// A sleep of a runtime as a [`hyper::rt::Sleep`]; what [`Timer`] makes.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Sleep<S> {
        #[pin]
        sleep: S,
    }
}

impl<S: Future<Output = ()>> Future for Sleep<S> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().sleep.poll(cx)
    }
}

impl<S: anyrt_core::Sleep + Send + Sync> hyper::rt::Sleep for Sleep<S> {}
