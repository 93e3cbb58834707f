//! Timeouts and intervals.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{Instant, MissedTick};

use super::{Fault, Run, context, mutants};
use crate::Tick;
use crate::kit::now;
use crate::mutants::wrap::Limited;

const MS: Duration = Duration::from_millis(1);

/// What an interval is made of.
type Parts = (Instant, Duration, MissedTick);

/// Fails as a runtime does that adds without a check.
fn checked(duration: Duration) -> Duration {
    let end = now().checked_add(duration);
    end.expect("overflow when adding a duration to an instant");
    duration
}

mutants! {
    endless_overflows: "a duration that the clock cannot hold panics",
        killed by "sleep::far_future_never_fires", "timeout::endless_never_elapses",
            "interval::endless_period_never_ticks"; {
        fn duration(&self, _: &Run, duration: Duration) -> Duration {
            checked(duration)
        }

        fn limit(&self, limit: Duration) -> Duration {
            checked(limit)
        }

        fn interval(&self, start: Instant, period: Duration, missed: MissedTick) -> Parts {
            (start, checked(period), missed)
        }
    }

    interval_bursts: "an interval delivers every missed tick, whatever the policy",
        killed by "interval::missed_ticks_follow_the_policy"; {
        fn interval(&self, start: Instant, period: Duration, _: MissedTick) -> Parts {
            (start, period, MissedTick::Burst)
        }
    }

    interval_drifts: "a tick is due one period after the last one was taken",
        killed by "interval::does_not_drift", "interval::dropping_a_tick_loses_none"; {
        fn poll_tick(&self, mut inner: Pin<&mut dyn Tick>, cx: &mut Context<'_>) -> Poll<Instant> {
            let tick = inner.as_mut().poll_tick(cx);
            if tick.is_ready() {
                inner.reset();
            }
            tick
        }
    }

    interval_starts_late: "an interval starts one period late",
        killed by "interval::first_tick_is_immediate"; {
        fn interval(&self, start: Instant, period: Duration, missed: MissedTick) -> Parts {
            (start.checked_add(period).unwrap_or(start), period, missed)
        }
    }

    interval_takes_zero: "a period of zero is taken for a millisecond",
        killed by "interval::zero_period_panics"; {
        fn interval(&self, start: Instant, period: Duration, missed: MissedTick) -> Parts {
            (start, period.max(MS), missed)
        }
    }

    timeout_catches_panics: "a panic under a time limit counts as elapsed",
        killed by "timeout::panic_passes_through"; {
        fn poll_timeout(&self, timeout: &mut dyn Limited, cx: &mut Context<'_>) -> Poll<bool> {
            match catch_unwind(AssertUnwindSafe(|| timeout.poll_value(cx))) {
                Ok(Poll::Ready(())) => Poll::Ready(false),
                Ok(Poll::Pending) => timeout.poll_time(cx).map(|()| true),
                Err(_) => Poll::Ready(true),
            }
        }
    }

    timeout_drops_future: "a timeout drops its future when it elapses",
        killed by "timeout::keeps_the_future_after_elapsing"; {
        fn poll_timeout(&self, timeout: &mut dyn Limited, cx: &mut Context<'_>) -> Poll<bool> {
            if timeout.poll_value(cx).is_ready() {
                return Poll::Ready(false);
            }
            let end = timeout.poll_time(cx);
            if end.is_ready() {
                timeout.drop_value();
            }
            end.map(|()| true)
        }
    }

    timeout_looks_once: "a timeout looks at the time in its first poll only",
        killed by "timeout::interrupts_a_busy_future", "timeout::shorter_one_fires", "timeout::passes_over_a_busy_future"; {
        fn poll_timeout(&self, timeout: &mut dyn Limited, cx: &mut Context<'_>) -> Poll<bool> {
            match timeout.poll_value(cx) {
                Poll::Ready(()) => Poll::Ready(false),
                Poll::Pending if timeout.polls() > 0 => Poll::Pending,
                Poll::Pending => timeout.poll_time(cx).map(|()| true),
            }
        }
    }

    timeout_rounds_up: "a limit of zero lasts a millisecond",
        killed by "timeout::zero_elapses_at_once"; {
        fn limit(&self, limit: Duration) -> Duration {
            limit.max(MS)
        }
    }

    timer_first: "a timeout looks at the time before it polls its future",
        killed by "timeout::value_wins", "timeout::polls_the_value_at_least_once",
            "timeout::ready_value_arms_nothing"; {
        fn poll_timeout(&self, timeout: &mut dyn Limited, cx: &mut Context<'_>) -> Poll<bool> {
            match timeout.poll_time(cx) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending => timeout.poll_value(cx).map(|()| false),
            }
        }
    }

    reset_at_ignored: "a reset of an interval to a given time does nothing",
        killed by "interval::reset_at_moves_an_armed_tick"; {
        fn reset_interval(&self, inner: Pin<&mut dyn Tick>, deadline: Option<Instant>) {
            if deadline.is_none() {
                inner.reset();
            }
        }
    }

    timeout_begins_when_polled: "a timeout begins to count at its first poll",
        killed by "timeout::counts_from_the_call"; {
        fn poll_timeout(&self, timeout: &mut dyn Limited, cx: &mut Context<'_>) -> Poll<bool> {
            if timeout.poll_value(cx).is_ready() {
                return Poll::Ready(false);
            }
            if timeout.polls() == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            timeout.poll_time(cx).map(|()| true)
        }
    }

    root_has_no_limits on Shared: "a limit in the future of block_on never passes",
        killed by "timeout::root_is_as_a_task"; {
        fn poll_timeout(&self, timeout: &mut dyn Limited, cx: &mut Context<'_>) -> Poll<bool> {
            match timeout.poll_value(cx) {
                Poll::Ready(()) => Poll::Ready(false),
                Poll::Pending if !context::is_in_task() => Poll::Pending,
                Poll::Pending => timeout.poll_time(cx).map(|()| true),
            }
        }
    }

    nothing_is_missed on VirtualTime: "no tick counts as missed",
        killed by "interval::missed_tick_at_the_boundary"; {
        fn interval(&self, start: Instant, period: Duration, _: MissedTick) -> Parts {
            (start, period, MissedTick::Burst)
        }
    }
}
