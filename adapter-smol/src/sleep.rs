/// A sleep on the reactor of the process; made by [`Timer::sleep`](anyrt_core::Timer::sleep).
///
/// # Cost
///
/// No allocation, and 24 bytes more than async-io's own timer: its deadline, and a flag. Each poll reads the clock.
///
/// # Runtimes
///
/// The resolution is that of the system's poller. It works without any runtime.
///
/// # Examples
///
/// ```
/// use std::pin::pin;
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
///
/// let rt = anyrt_smol::Smol::global();
/// let mut sleep = pin!(rt.sleep(Duration::from_millis(2)));
/// rt.block_on(sleep.as_mut());
/// assert!(sleep.is_elapsed());
/// ```
pub type Sleep = anyrt_shared::Sleep;
