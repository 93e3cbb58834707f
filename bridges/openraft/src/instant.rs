use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time::Duration;

use anyrt_core::{Current, Instant, Timer};

/// A reading of the clock of the runtime around, which a simulation turns by itself.
///
/// openraft reads the clock without a runtime at hand, also where it prints its metrics. Outside of the runtime this is std's clock.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{Instant, Timer};
/// use anyrt_openraft::RaftInstant;
///
/// fn deadline<R: Timer>(rt: &R) -> RaftInstant<R> {
///     RaftInstant::from(rt.now()) + Duration::from_secs(1)
/// }
/// ```
pub struct RaftInstant<R>(Instant, PhantomData<fn() -> R>);

impl<R> From<Instant> for RaftInstant<R> {
    #[inline]
    fn from(instant: Instant) -> Self {
        Self(instant, PhantomData)
    }
}

impl<R> From<RaftInstant<R>> for Instant {
    #[inline]
    fn from(instant: RaftInstant<R>) -> Self {
        instant.0
    }
}

impl<R: Current + Timer + 'static> openraft_rt::Instant for RaftInstant<R> {
    #[inline]
    fn now() -> Self {
        match R::try_current() {
            Ok(runtime) => runtime.now().into(),
            Err(_) => Instant::now().into(),
        }
    }
}

impl<R> Clone for RaftInstant<R> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for RaftInstant<R> {}

impl<R> fmt::Debug for RaftInstant<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<R> PartialEq for RaftInstant<R> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<R> Eq for RaftInstant<R> {}

impl<R> PartialOrd for RaftInstant<R> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<R> Ord for RaftInstant<R> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<R> Hash for RaftInstant<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<R> Add<Duration> for RaftInstant<R> {
    type Output = Self;

    #[inline]
    fn add(self, duration: Duration) -> Self {
        (self.0 + duration).into()
    }
}

impl<R> AddAssign<Duration> for RaftInstant<R> {
    #[inline]
    fn add_assign(&mut self, duration: Duration) {
        self.0 += duration;
    }
}

impl<R> Sub<Duration> for RaftInstant<R> {
    type Output = Self;

    #[inline]
    fn sub(self, duration: Duration) -> Self {
        (self.0 - duration).into()
    }
}

impl<R> SubAssign<Duration> for RaftInstant<R> {
    #[inline]
    fn sub_assign(&mut self, duration: Duration) {
        self.0 -= duration;
    }
}

impl<R> Sub for RaftInstant<R> {
    type Output = Duration;

    #[inline]
    fn sub(self, earlier: Self) -> Duration {
        self.0 - earlier.0
    }
}
