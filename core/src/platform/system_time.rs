use core::error::Error;
use core::fmt;
use core::ops::{Add, Sub};
use core::time::Duration;

/// A reading of a wall clock, on a target without a standard library: the time since the Unix epoch.
///
/// It has the methods of `std::time::SystemTime` except `elapsed`, and cannot represent times before the epoch. A board with a
/// wall clock has an adapter that overrides [`Timer::system_time`](crate::Timer::system_time).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SystemTime(Duration);

impl SystemTime {
    /// 1970-01-01 00:00:00 UTC.
    pub const UNIX_EPOCH: Self = Self(Duration::ZERO);

    /// Panics: there is no wall clock to read.
    ///
    /// # Panics
    ///
    /// Always. An adapter for a board with a wall clock overrides [`Timer::system_time`](crate::Timer::system_time).
    #[track_caller]
    pub fn now() -> Self {
        panic!("this target has no wall clock: use an adapter that overrides `Timer::system_time`")
    }

    /// Returns the time since `earlier`.
    ///
    /// # Errors
    ///
    /// When `earlier` is later; the error has the time between them.
    pub fn duration_since(&self, earlier: Self) -> Result<Duration, SystemTimeError> {
        self.0
            .checked_sub(earlier.0)
            .ok_or_else(|| SystemTimeError(earlier.0 - self.0))
    }

    /// Returns the time `duration` later, or `None` if it cannot be represented.
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Self)
    }

    /// Returns the time `duration` earlier, or `None` if it is before the epoch.
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        self.0.checked_sub(duration).map(Self)
    }
}

impl Add<Duration> for SystemTime {
    type Output = Self;

    /// # Panics
    ///
    /// When the result cannot be represented.
    #[track_caller]
    fn add(self, duration: Duration) -> Self {
        self.checked_add(duration)
            .expect("the time is too late to be represented")
    }
}

impl Sub<Duration> for SystemTime {
    type Output = Self;

    /// # Panics
    ///
    /// When the result is before the epoch.
    #[track_caller]
    fn sub(self, duration: Duration) -> Self {
        self.checked_sub(duration)
            .expect("the time is before the Unix epoch")
    }
}

impl fmt::Debug for SystemTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SystemTime").field(&self.0).finish()
    }
}

/// The error of [`SystemTime::duration_since`].
#[derive(Clone, Debug)]
pub struct SystemTimeError(Duration);

impl SystemTimeError {
    /// Returns by how much the other time is later.
    pub fn duration(&self) -> Duration {
        self.0
    }
}

impl fmt::Display for SystemTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the other time is later")
    }
}

impl Error for SystemTimeError {}
