//! Sleeps.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, SystemTime};

use anyrt_core::{Instant, Sleep};

use super::{Fault, Run, context, leak, mutants};
use crate::kit::{OnDrop, now};
use crate::mutants::wrap::{Dropped, SleepState};
use crate::{HOUR, Tick};

thread_local! {
    /// Whether a waker is woken, or dropped, on this thread while what it belongs to is borrowed.
    static BORROWED: Cell<bool> = const { Cell::new(false) };
}

/// What the timers, or the handles of a task, stay borrowed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Borrows {
    ToWake,
    ToDrop,
}

/// A waker around which the timers, or the handles of a task, are borrowed.
pub(super) struct Borrowing {
    waker: Option<Waker>,
    borrows: Borrows,
}

impl Borrowing {
    pub(super) fn waker(waker: &Waker, borrows: Borrows) -> Waker {
        let waker = Some(waker.clone());
        Waker::from(Arc::new(Self { waker, borrows }))
    }

    pub(super) fn assert_over() {
        assert!(!BORROWED.get(), "it is already borrowed");
    }

    fn borrow(&self, to: Borrows, act: impl FnOnce()) {
        let before = BORROWED.get();
        BORROWED.set(before || to == self.borrows);
        let _given_back = OnDrop(|| BORROWED.set(before));
        act();
    }
}

impl Wake for Borrowing {
    fn wake(self: Arc<Self>) {
        self.borrow(Borrows::ToWake, || {
            self.waker.as_ref().inspect(|it| it.wake_by_ref());
        });
    }
}

impl Drop for Borrowing {
    fn drop(&mut self) {
        let waker = self.waker.take();
        self.borrow(Borrows::ToDrop, || drop(waker));
    }
}

fn poll_borrowing(
    sleep: &mut SleepState,
    inner: Inner<'_>,
    cx: &Context<'_>,
    borrows: Borrows,
) -> Poll<()> {
    Borrowing::assert_over();
    // The timers are to drop the last one.
    sleep.first_waker = None;
    inner.poll(&mut Context::from_waker(&Borrowing::waker(
        cx.waker(),
        borrows,
    )))
}

/// The sound sleep.
type Inner<'a> = Pin<&'a mut (dyn Sleep + 'a)>;

mutants! {
    dropped_sleeps_stay: "a sleep that is dropped stays in the timer",
        killed by "sleep::dropping_releases_the_waker", "sleep::a_hundred_thousand_are_cheap"; {
        fn drop_sleep(&self, sleep: &mut dyn Dropped) {
            sleep.forget();
        }
    }

    sleep_keeps_each_waker: "a sleep keeps the wakers of all its polls",
        killed by "sleep::dropping_releases_the_waker"; {
        fn poll_sleep(&self, _: &mut SleepState, inner: Pin<&mut dyn Sleep>, cx: &mut Context<'_>) -> Poll<()> {
            std::mem::forget(cx.waker().clone());
            inner.poll(cx)
        }
    }

    wakes_under_a_borrow: "a sleep wakes its waker while the timers are borrowed",
        killed by "sleep::wakers_may_use_the_timers"; {
        fn poll_sleep(&self, sleep: &mut SleepState, inner: Inner<'_>, cx: &mut Context<'_>) -> Poll<()> {
            poll_borrowing(sleep, inner, cx, Borrows::ToWake)
        }
    }

    endless_sleep_keeps_nobody: "a sleep that never fires keeps no waker",
        killed by "sleep::reset_of_an_endless_sleep_wakes"; {
        fn poll_sleep(&self, _: &mut SleepState, inner: Inner<'_>, cx: &mut Context<'_>) -> Poll<()> {
            if inner.deadline().is_none() {
                return inner.poll(&mut Context::from_waker(Waker::noop()));
            }
            inner.poll(cx)
        }
    }

    drops_under_a_borrow: "a sleep drops its waker while the timers are borrowed",
        killed by "sleep::dropped_wakers_may_use_the_timers"; {
        fn poll_sleep(&self, sleep: &mut SleepState, inner: Inner<'_>, cx: &mut Context<'_>) -> Poll<()> {
            poll_borrowing(sleep, inner, cx, Borrows::ToDrop)
        }
    }

    sixteen_bits_of_sleeps: "a sleep to a deadline is lost when 65 536 were made before it",
        killed by "sleep::many_of_one_deadline_wake"; {
        fn deadline(&self, run: &Run, deadline: Instant) -> Instant {
            if run.count() >> 16 == 0 { deadline } else { deadline + HOUR }
        }
    }

    elapsed_forgets_zero: "a sleep of zero is never elapsed",
        killed by "sleep::is_elapsed_means_seen_ready"; {
        fn is_elapsed(&self, sleep: &SleepState, elapsed: bool) -> bool {
            elapsed && sleep.duration != Some(Duration::ZERO)
        }
    }

    elapsed_reads_the_clock: "a sleep is elapsed when its time has come, though nobody polled it",
        killed by "sleep::is_elapsed_means_seen_ready"; {
        fn is_elapsed(&self, sleep: &SleepState, elapsed: bool) -> bool {
            elapsed || sleep.due.is_some_and(|it| it <= now())
        }
    }

    fires_early: "a sleep until a deadline ends five milliseconds before it",
        killed by "workload::rate_limiter", "timeout::until_a_deadline_elapses_there", "forms::erased_local_runtime_keeps_time"; {
        fn deadline(&self, _: &Run, deadline: Instant) -> Instant {
            let early = deadline.checked_sub(Duration::from_millis(5));
            early.unwrap_or(deadline)
        }
    }

    last_instant_overflows: "a deadline is rounded up beyond the end of the clock",
        killed by "sleep::end_of_the_clock_never_fires"; {
        fn deadline(&self, _: &Run, deadline: Instant) -> Instant {
            let rounded = deadline.checked_add(Duration::from_millis(1));
            rounded.expect("overflow when adding a duration to an instant");
            deadline
        }
    }

    leaks_on_sleep: "every sleep leaks a few bytes",
        killed by "sleep::dropped_sleeps_free_memory"; {
        fn duration(&self, _: &Run, duration: Duration) -> Duration {
            leak();
            duration
        }
    }

    reset_ignored: "the reset of a sleep or an interval does nothing",
        killed by "sleep::reset_moves_the_deadline", "interval::reset_restarts_the_phase", "forms::intervals_tick_where_they_are_reset_to"; {
        fn reset_sleep(&self, _: Pin<&mut dyn Sleep>, _: Instant) {}

        fn reset_interval(&self, _: Pin<&mut dyn Tick>, _: Option<Instant>) {}
    }

    sleep_bound_to_thread: "a sleep panics on a thread other than that of its first poll",
        killed by "sleep::is_send"; {
        fn poll_sleep(&self, sleep: &mut SleepState, inner: Inner<'_>, cx: &mut Context<'_>) -> Poll<()> {
            let here = thread::current().id();
            assert_eq!(sleep.thread, Some(here), "the timer of another thread");
            inner.poll(cx)
        }
    }

    sleep_counts_from_poll: "a sleep counts from its first poll",
        killed by "sleep::counts_from_creation"; {
        fn poll_sleep(&self, sleep: &mut SleepState, mut inner: Inner<'_>, cx: &mut Context<'_>) -> Poll<()> {
            if sleep.polls == 0 {
                sleep.restart(inner.as_mut(), Duration::ZERO);
            }
            inner.poll(cx)
        }
    }

    sleep_fires_once: "a sleep that was ready is pending for ever",
        killed by "sleep::stays_ready"; {
        fn poll_sleep(&self, sleep: &mut SleepState, inner: Inner<'_>, cx: &mut Context<'_>) -> Poll<()> {
            if sleep.has_fired {
                return Poll::Pending;
            }
            inner.poll(cx)
        }
    }

    sleep_keeps_first_waker: "a sleep keeps the waker of its first poll",
        killed by "sleep::last_waker_is_woken", "sleep::moves_between_tasks"; {
        fn poll_sleep(&self, sleep: &mut SleepState, inner: Inner<'_>, cx: &mut Context<'_>) -> Poll<()> {
            let first = sleep.first_waker.as_ref().unwrap_or(cx.waker());
            inner.poll(&mut Context::from_waker(&first.clone()))
        }
    }

    sleep_needs_context on Shared: "a sleep cannot be made on a plain thread",
        killed by "sleep::is_made_outside_the_runtime"; {
        fn duration(&self, run: &Run, duration: Duration) -> Duration {
            assert!(run.is_home() || context::is_inside(), "no timer on this thread");
            duration
        }
    }

    sleep_pends_first: "a sleep is pending at its first poll",
        killed by "sleep::zero_and_past_are_ready_at_once", "sleep::zero_sleeps_do_not_wait"; {
        fn poll_sleep(&self, sleep: &mut SleepState, inner: Inner<'_>, cx: &mut Context<'_>) -> Poll<()> {
            if sleep.polls == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            inner.poll(cx)
        }
    }

    sleep_put_off: "a sleep that is polled twice before it is due lasts an hour more",
        killed by "yield_now::lets_a_select_fire"; {
        fn poll_sleep(&self, sleep: &mut SleepState, mut inner: Inner<'_>, cx: &mut Context<'_>) -> Poll<()> {
            let poll = inner.as_mut().poll(cx);
            if poll.is_pending() && sleep.polls > 0 {
                sleep.restart(inner, HOUR);
            }
            poll
        }
    }

    sleeps_half: "sleeps last half as long as they should",
        killed by "sleep::never_early", "workload::retry_with_backoff", "right_runtime::beside_another_kind", "forms::limit_gives_its_future_back",
            "forms::erased_timer_is_the_runtimes", "forms::erased_runtime_is_current_where_entered",
            "forms::erased_local_runtime_is_current_where_entered"; {
        fn duration(&self, _: &Run, duration: Duration) -> Duration {
            duration / 2
        }
    }

    sleeps_late: "every sleep is 100 milliseconds late",
        killed by "sleep::rarely_late"; {
        fn duration(&self, _: &Run, duration: Duration) -> Duration {
            duration.saturating_add(Duration::from_millis(100))
        }
    }

    long_sleeps_late: "sleeps of a second and more take a tenth longer",
        killed by "sleep::rarely_late"; {
        fn duration(&self, _: &Run, duration: Duration) -> Duration {
            if duration < Duration::from_secs(1) {
                return duration;
            }
            duration.saturating_add(duration / 10)
        }
    }

    sleeps_out_of_order on Shared: "sleeps are late by times that differ",
        killed by "stress::random_sleeps_keep_order", "sleep::fires_in_deadline_order"; {
        fn deadline(&self, run: &Run, deadline: Instant) -> Instant {
            deadline + Duration::from_millis((run.count() * 37 % 200) as u64)
        }
    }

    deadline_of_the_timer: "a sleep says the deadline that its timer rounded up",
        killed by "sleep::deadline_is_what_was_asked_for"; {
        fn sleep_deadline(&self, deadline: Option<Instant>) -> Option<Instant> {
            deadline.map(|it| it.checked_add(Duration::from_micros(1)).unwrap_or(it))
        }
    }

    far_sleeps_have_no_deadline: "a sleep of more than a day says that it has no deadline",
        killed by "sleep::deadline_is_none_only_where_it_never_comes"; {
        fn sleep_deadline(&self, deadline: Option<Instant>) -> Option<Instant> {
            deadline.filter(|it| it.duration_since(now()) < Duration::from_secs(86_400))
        }
    }

    never_is_thirty_years: "a sleep that the clock cannot hold says that it ends in thirty years",
        killed by "sleep::deadline_is_none_only_where_it_never_comes"; {
        fn sleep_deadline(&self, deadline: Option<Instant>) -> Option<Instant> {
            deadline.or_else(|| now().checked_add(Duration::from_secs(30 * 365 * 86_400)))
        }
    }

    far_sleeps_are_cut on VirtualTime: "a sleep lasts thirty years at the most",
        killed by "sleep::far_sleep_is_not_early"; {
        fn duration(&self, _: &Run, duration: Duration) -> Duration {
            duration.min(Duration::from_secs(30 * 365 * 24 * 3600))
        }
    }

    ready_sleeps_never_give_way: "a sleep of next to nothing is always ready",
        killed by "sleep::ready_sleeps_give_way"; {
        fn poll_sleep(
            &self,
            sleep: &mut SleepState,
            inner: Pin<&mut dyn Sleep>,
            cx: &mut Context<'_>,
        ) -> Poll<()> {
            if sleep.duration.is_some_and(|it| it < Duration::from_micros(1)) {
                return Poll::Ready(());
            }
            inner.poll(cx)
        }
    }

    reset_rounds_up: "a reset rounds its deadline up to the next millisecond",
        killed by "sleep::reset_to_now_is_ready_at_once"; {
        fn reset_sleep(&self, inner: Pin<&mut dyn Sleep>, deadline: Instant) {
            inner.reset(deadline.checked_add(Duration::from_millis(1)).unwrap_or(deadline));
        }
    }

    wall_clock_stands_still on VirtualTime: "the wall clock shows the same time for ever",
        killed by "sleep::wall_clock_set_forward_is_seen", "sleep::wall_clock_set_back_is_waited_for"; {
        fn system_time(&self, _: SystemTime) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }
    }
}
