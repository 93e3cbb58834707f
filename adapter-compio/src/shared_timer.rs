use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use anyrt_core::{Instant, Sleep as _, Timer};
use anyrt_shared::{LocalExecutor, LocalTask, give_way};

use crate::Sleep;
use crate::driver::Slot;

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
pub struct SharedTimer(Arc<Mutex<Queue>>);

/// The sleeps that somebody waits for.
#[derive(Default)]
struct Queue {
    armed: BTreeMap<Place, Waker>,
    next: u64,
    /// Wakes the task that waits for the first of them.
    alarm: Option<Waker>,
    is_gone: bool,
}

/// Sleeps that are due at the same time have places of their own.
type Place = (Instant, u64);

impl SharedTimer {
    /// Starts the task that watches the sleeps, among the tasks of the runtime.
    pub(crate) fn start(slot: &Rc<Slot>, tasks: &Rc<LocalExecutor>) -> Self {
        let timer = Self(Arc::default());
        let alarm = Alarm {
            timer: timer.clone(),
            sleep: Sleep::new(slot, None),
        };
        drop(anyrt_core::JoinHandle::new(LocalTask::spawn(tasks, alarm)));
        timer
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits with `waker` for `deadline`, in the place that it returns; `None` where the runtime is gone.
    fn arm(&self, deadline: Instant, place: Option<Place>, waker: Waker) -> Option<Place> {
        let mut queue = self.queue();
        if queue.is_gone {
            return None;
        }
        let place = place.unwrap_or_else(|| {
            queue.next += 1;
            (deadline, queue.next)
        });
        let is_first = queue.armed.keys().next().is_none_or(|first| place < *first);
        let alarm = queue.alarm.clone().filter(|_| is_first);
        let last = queue.armed.insert(place, waker);
        // Wakers are strangers' code.
        drop(queue);
        drop(last);
        if let Some(alarm) = alarm {
            alarm.wake();
        }
        Some(place)
    }

    fn disarm(&self, place: Place) {
        let waker = self.queue().armed.remove(&place);
        drop(waker);
    }

    /// Takes the wakers of the sleeps that are due out, and tells when the next one is.
    fn take_due(&self, alarm: &Waker) -> (Vec<Waker>, Option<Instant>) {
        let alarm = alarm.clone();
        let mut queue = self.queue();
        let last = queue.alarm.replace(alarm);
        let later = queue.armed.split_off(&(Instant::now(), u64::MAX));
        let next = later.keys().next().map(|(deadline, _)| *deadline);
        let due = mem::replace(&mut queue.armed, later);
        drop(queue);
        drop(last);
        (due.into_values().collect(), next)
    }

    /// The runtime is gone: whoever waits is woken, and finds out.
    fn close(&self) {
        let mut queue = self.queue();
        queue.is_gone = true;
        let (armed, alarm) = (mem::take(&mut queue.armed), queue.alarm.take());
        drop(queue);
        drop(alarm);
        armed.into_values().for_each(Waker::wake);
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

/// The task that waits for the first sleep. It ends with the runtime.
struct Alarm {
    timer: SharedTimer,
    sleep: Sleep,
}

impl Future for Alarm {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let (due, next) = self.timer.take_due(cx.waker());
            due.into_iter().for_each(Waker::wake);
            let Some(next) = next else {
                return Poll::Pending;
            };
            let sleep = &mut self.sleep;
            if sleep.deadline() != Some(next) || sleep.is_elapsed() {
                Pin::new(&mut *sleep).reset(next);
            }
            ready!(Pin::new(sleep).poll(cx));
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
pub struct SharedSleep {
    timer: SharedTimer,
    // `None` where the clock cannot represent it: then it never comes.
    deadline: Option<Instant>,
    place: Option<Place>,
    // The last waiter, whom a reset must wake at the new deadline.
    waiter: Option<Waker>,
    is_over: bool,
    put_off: bool,
}

impl SharedSleep {
    fn new(timer: &SharedTimer, deadline: Option<Instant>) -> Self {
        Self {
            timer: timer.clone(),
            deadline,
            place: None,
            waiter: None,
            is_over: false,
            put_off: false,
        }
    }

    fn is_due(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Waits with `waker`, and tells whether somebody will wake it.
    fn arm(&mut self, waker: &Waker) -> bool {
        let Some(deadline) = self.deadline else {
            return true;
        };
        self.place = self.timer.arm(deadline, self.place, waker.clone());
        self.place.is_some()
    }

    fn disarm(&mut self) {
        if let Some(place) = self.place.take() {
            self.timer.disarm(place);
        }
    }
}

impl Future for SharedSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.is_over {
            if !self.is_due() {
                if !self.arm(cx.waker()) {
                    panic!(
                        "a sleep of a compio local runtime was polled after the runtime was dropped"
                    );
                }
                self.waiter = Some(cx.waker().clone());
                return Poll::Pending;
            }
            self.is_over = true;
            self.waiter = None;
            self.disarm();
        }
        ready!(give_way(&mut self.put_off, cx));
        Poll::Ready(())
    }
}

impl anyrt_core::Sleep for SharedSleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.disarm();
        self.deadline = Some(deadline);
        self.is_over = false;
        self.put_off = false;
        let Some(waiter) = self.waiter.take() else {
            return;
        };
        if self.is_due() || !self.arm(&waiter) {
            waiter.wake();
        } else {
            self.waiter = Some(waiter);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_elapsed(&self) -> bool {
        self.is_over && !self.put_off
    }
}

impl Drop for SharedSleep {
    fn drop(&mut self) {
        self.disarm();
    }
}

impl fmt::Debug for SharedSleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSleep")
            .field("elapsed", &anyrt_core::Sleep::is_elapsed(self))
            .finish_non_exhaustive()
    }
}
