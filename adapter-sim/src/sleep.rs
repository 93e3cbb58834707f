use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use anyrt_core::Instant;

use crate::host_id::HostId;
use crate::schedule::shared::{Shared, this_thread};
use crate::schedule::timers::{NEVER, TimerKey};

/// A sleep on a simulation's clock.
///
/// It is `Unpin`. Its resolution is one nanosecond of virtual time: without [lateness](crate::Builder::lateness) it is ready
/// exactly at its deadline.
///
/// After 128 sleeps that are ready in one poll of a task, the next one is pending once and wakes the task, so that a loop over
/// sleeps of zero lets other tasks run.
///
/// # Panics
///
/// When it is polled before its deadline after its simulation is over.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
/// use anyrt_sim::{Sim, Sleep};
///
/// struct Lease { end: Sleep }
///
/// fn lease(sim: &Sim) -> Lease {
///     Lease { end: sim.sleep(Duration::from_secs(30)) }
/// }
/// # let rt = Sim::builder().build();
/// # rt.block_on(lease(&rt.handle()).end);
/// # assert_eq!(rt.handle().elapsed(), Duration::from_secs(30));
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Sleep {
    shared: Arc<Shared>,
    deadline: u64,
    /// Whose clock the deadline is told by.
    host: HostId,
    timer: Option<TimerKey>,
    elapsed: bool,
    /// Ready, it was made to give way once: next time it is ready whatever else the task has done.
    put_off: bool,
}

impl Sleep {
    /// A sleep to a virtual time.
    pub(crate) fn new(shared: Arc<Shared>, host: HostId, deadline: u64) -> Self {
        Self {
            shared,
            deadline,
            host,
            timer: None,
            elapsed: false,
            put_off: false,
        }
    }

    fn disarm(&mut self) -> Option<Waker> {
        let key = self.timer.take()?;
        self.shared.lock().timers.disarm(key)
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let deadline = this.deadline;
        // Cloned before the lock is taken: a waker is somebody else's code.
        let waker = cx.waker().clone();
        let mut state = this.shared.lock();
        let ready = this.elapsed || (deadline <= state.now && deadline < NEVER);
        let was_put_off = std::mem::take(&mut this.put_off);
        // One that was put off counts as well, and is ready all the same.
        let is_driven = ready && state.driver == Some(this_thread());
        if is_driven && state.must_give_way() && !was_put_off {
            this.put_off = true;
            drop(state);
            waker.wake();
            return Poll::Pending;
        }
        let unwanted = if this.elapsed {
            Some(waker)
        } else if deadline <= state.now && deadline < NEVER {
            this.elapsed = true;
            this.timer.take().and_then(|key| state.timers.disarm(key))
        } else if state.closed {
            drop(state);
            panic!("a `Sleep` was polled before its deadline, and its simulation is over");
        } else if let Some((key, armed)) = this
            .timer
            .and_then(|key| Some((key, state.timers.waker(key)?)))
        {
            let old = std::mem::replace(armed, waker);
            state.note_until(key.at());
            Some(old)
        } else {
            this.timer = Some(state.arm(&this.shared.settings, deadline, waker));
            this.shared.notify(&state);
            None
        };
        drop(state);
        drop(unwanted);
        if this.elapsed {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl anyrt_core::Sleep for Sleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        let this = &mut *self;
        let deadline = this.shared.time(deadline);
        this.deadline = this.shared.lock().wire.global_time(this.host, deadline);
        this.elapsed = false;
        // Whoever waits is woken at the new deadline.
        let Some(waker) = this.disarm() else {
            return;
        };
        let mut state = this.shared.lock();
        if !state.closed {
            this.timer = Some(state.arm(&this.shared.settings, this.deadline, waker));
            this.shared.notify(&state);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let local = || self.shared.lock().wire.local_time(self.host, self.deadline);
        (self.deadline != NEVER).then(|| self.shared.instant(local()))
    }

    fn is_elapsed(&self) -> bool {
        self.elapsed
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        drop(self.disarm());
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}
