use std::fmt;
use std::future::Future;
use std::iter;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use anyrt_core::{Instant, Timer};
use anyrt_shared::{LocalExecutor, LocalTask};
use compio_runtime::time;

use crate::driver::Slot;
use crate::queue::{Queue, Ticket};
use crate::queued::{Alarms, Queued};

/// The timer of a [`Local`](crate::Local) for other threads; made by [`ShareTimer::shared_timer`](anyrt_core::ShareTimer::shared_timer).
///
/// Its sleeps wait in a queue that one task of the runtime watches: the task sleeps on compio's timer until the first of them is due. So
/// they fire while the runtime is driven, as all its sleeps do. It does not keep the runtime alive.
///
/// # Cost
///
/// 8 bytes. The first one of a runtime starts the task.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use std::time::Duration;
/// use anyrt_compio::Local;
/// use anyrt_core::{Config, prelude::*};
///
/// let rt = Local::launch(Config::new())?;
/// let timer = rt.handle().shared_timer();
/// let sleep = thread::spawn(move || timer.sleep(Duration::from_millis(1))).join().expect("no panic");
/// rt.block_on(sleep);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SharedTimer(Arc<Mutex<Watched>>);

/// What the sleeps and the task that watches them share.
#[derive(Default)]
struct Watched {
    sleeps: Queue,
    /// Wakes the task that waits for the first of them.
    alarm: Option<Waker>,
    is_gone: bool,
}

impl SharedTimer {
    /// Starts the task that watches the sleeps, among the tasks of the runtime.
    pub(crate) fn start(slot: &Rc<Slot>, tasks: &Rc<LocalExecutor>) -> Self {
        let timer = Self(Arc::default());
        let alarm = Alarm {
            timer: timer.clone(),
            slot: slot.clone(),
            armed: None,
        };
        drop(anyrt_core::JoinHandle::new(LocalTask::spawn(tasks, alarm)));
        timer
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on `alarm` is woken when a sleep becomes the first. Tells when the first one is due.
    fn watch(&self, alarm: &Waker) -> Option<Instant> {
        let alarm = alarm.clone();
        let mut watched = self.watched();
        let last = watched.alarm.replace(alarm);
        let first = watched.sleeps.first();
        drop(watched);
        drop(last);
        first
    }

    fn wake_due(&self) {
        let now = Instant::now();
        let take = || self.watched().sleeps.take_due(now);
        iter::from_fn(take).for_each(Waker::wake);
    }

    /// The runtime is gone: whoever waits is woken, and finds out.
    fn close(&self) {
        let mut watched = self.watched();
        watched.is_gone = true;
        let (waiting, alarm) = (watched.sleeps.take_all(), watched.alarm.take());
        drop(watched);
        drop(alarm);
        waiting.for_each(Waker::wake);
    }
}

impl Alarms for SharedTimer {
    fn arm(&self, deadline: Instant, ticket: Option<Ticket>, waker: &Waker) -> Option<Ticket> {
        // Wakers are strangers' code.
        let waker = waker.clone();
        let mut watched = self.watched();
        if watched.is_gone {
            return None;
        }
        let is_first = watched.sleeps.first().is_none_or(|first| deadline < first);
        let alarm = watched.alarm.clone().filter(|_| is_first);
        let (ticket, last) = watched.sleeps.arm(deadline, ticket, waker);
        drop(watched);
        drop(last);
        if let Some(alarm) = alarm {
            alarm.wake();
        }
        Some(ticket)
    }

    fn disarm(&self, deadline: Instant, ticket: Ticket) {
        let waker = self.watched().sleeps.disarm(deadline, ticket);
        drop(waker);
    }
}

impl Timer for SharedTimer {
    type Sleep = SharedSleep;

    #[inline]
    fn sleep(&self, duration: Duration) -> SharedSleep {
        SharedSleep::new(self, Instant::now().checked_add(duration))
    }

    #[inline]
    fn sleep_until(&self, deadline: Instant) -> SharedSleep {
        SharedSleep::new(self, Some(deadline))
    }

    #[inline]
    fn now(&self) -> Instant {
        Instant::now()
    }
}

impl fmt::Debug for SharedTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTimer").finish_non_exhaustive()
    }
}

/// The task that waits for the first sleep, with a timer of compio's. It ends with the runtime.
struct Alarm {
    timer: SharedTimer,
    slot: Rc<Slot>,
    armed: Option<(Instant, Boxed)>,
}

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

impl Alarm {
    /// Waits for `first` with compio's timer, which the runtime around the first poll of it wakes.
    fn poll_timer(&mut self, first: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let armed = self.armed.as_mut();
        if let Some((_, timer)) = armed.filter(|(deadline, _)| *deadline == first) {
            return timer.as_mut().poll(cx);
        }
        let runtime = self.slot.runtime();
        let runtime = runtime.expect("a task runs only inside its runtime");
        let mut timer: Boxed = Box::pin(time::sleep_until(first));
        let polled = runtime.enter(|| timer.as_mut().poll(cx));
        self.armed = Some((first, timer));
        polled
    }
}

impl Future for Alarm {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.timer.wake_due();
            let Some(first) = self.timer.watch(cx.waker()) else {
                return Poll::Pending;
            };
            ready!(self.poll_timer(first, cx));
            self.armed = None;
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.timer.close();
    }
}

/// A sleep that goes to other threads; made by [`SharedTimer`].
///
/// # Panics
///
/// When it is polled before its deadline and its [`Local`](crate::Local) is gone: nobody would wake it.
///
/// # Cost
///
/// `Unpin`. Each poll that is pending takes the lock of the runtime's queue, an ordered map, and the first one in the queue wakes the
/// runtime's thread.
pub struct SharedSleep(Queued<SharedTimer>);

impl SharedSleep {
    fn new(timer: &SharedTimer, deadline: Option<Instant>) -> Self {
        Self(Queued::new(timer.clone(), deadline))
    }
}

impl Future for SharedSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl anyrt_core::Sleep for SharedSleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.0.reset(deadline);
    }

    fn deadline(&self) -> Option<Instant> {
        self.0.deadline()
    }

    fn is_elapsed(&self) -> bool {
        self.0.is_elapsed()
    }
}

impl fmt::Debug for SharedSleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSleep")
            .field("elapsed", &self.0.is_elapsed())
            .finish_non_exhaustive()
    }
}
