//! Intervals.

use std::future::poll_fn;
use std::time::Duration;

use anyrt_core::MissedTick;

use crate::kit::{catch, message, pause};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);

/// Waits for the next tick of a pinned interval.
macro_rules! tick {
    ($interval:expr) => {
        poll_fn(|cx| $interval.as_mut().poll_tick(cx)).await
    };
}

/// Whether the next tick is pending now.
macro_rules! is_waiting {
    ($interval:expr) => {
        poll_fn(|cx| std::task::Poll::Ready($interval.as_mut().poll_tick(cx).is_pending())).await
    };
}

rules! { interval

/// The first tick of an interval comes at once.
///
/// Intent: "every ten seconds" starts now; natively smol and async-std start a period later.
///
/// If this fails, check that the first deadline is the time of the call, and that a deadline that has passed is ready at once.
Must fn first_tick_is_immediate(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let mut interval = handle.interval(Duration::from_secs(3600), MissedTick::Burst);
        assert!(!is_waiting!(interval), "the first tick was pending at its first poll");
        assert!(is_waiting!(interval), "the second tick is an hour away");
    });
}

/// Tick *k* is due at start + *k* × period, and is never taken before.
///
/// Intent: a late tick must not move the next one; async-std's intervals drift by every delay.
///
/// If this fails, check that the next deadline is counted from the last deadline, not from the clock.
Must fn does_not_drift(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let (start, period) = (handle.now(), 3 * MS);
        let mut interval = handle.interval_at(start, period, MissedTick::Burst);
        for k in 0..20 {
            let due = tick!(interval);
            assert_eq!(due, start + k * period, "tick {k}");
            assert!(handle.now() >= due, "tick {k} was early");
            if k % 5 == 4 {
                handle.sleep(MS).await;
            }
        }
    });
}

/// After a whole period was missed, `Burst` delivers every tick, `Delay` starts the phase anew, and `Skip` leaves the missed ones out.
///
/// Intent: each runtime has a policy of its own natively; here the caller chooses, and it is the same everywhere.
///
/// If this fails, check `MissedTick` and that `now` and the sleeps read one clock.
Must fn missed_ticks_follow_the_policy(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        for policy in [MissedTick::Burst, MissedTick::Delay, MissedTick::Skip] {
            let mut period = 5 * MS;
            let (start, mut interval) = loop {
                let start = handle.now();
                let mut interval = handle.interval_at(start, period, policy);
                assert_eq!(tick!(interval), start);
                if handle.now() < start + period {
                    break (start, interval);
                }
                // On a busy machine this tick, too, was taken a whole period late, and so was missed.
                period *= 2;
            };
            handle.sleep(3 * period + 2 * MS).await;
            let before = handle.now();
            assert_eq!(tick!(interval), start + period, "{policy:?}: the first missed tick is delivered");
            let after = handle.now();
            let next = tick!(interval);
            let since = (next - start).as_nanos();
            match policy {
                MissedTick::Burst => assert_eq!(next, start + 2 * period, "Burst left ticks out"),
                MissedTick::Delay => {
                    assert!(next >= before + period && next <= after + period, "Delay: next tick at {since} ns");
                }
                MissedTick::Skip => {
                    assert_eq!(since % period.as_nanos(), 0, "Skip lost the phase: {since} ns");
                    assert!(next > before && next <= after + period, "Skip: next tick at {since} ns");
                }
            }
            assert!(handle.now() >= next, "{policy:?}: the next tick was early");
        }
    });
}

/// A period of zero is refused by a panic that says so.
///
/// Intent: natively smol and async-std spin, with a hundred thousand ticks in a moment.
///
/// If this fails, check that `Interval::new` is what makes the interval.
Must fn zero_period_panics(rt: Any) {
    let handle = rt.handle();
    let refused = rt.block_on(async { catch(|| drop(handle.interval(Duration::ZERO, MissedTick::Burst))) });
    let payload = refused.expect_err("a period of zero was taken");
    assert!(message(&*payload).contains("zero"), "the panic says: {}", message(&*payload));
}

/// An interval with a period of `Duration::MAX` ticks once, then never, and does not panic.
///
/// Intent: `Duration::MAX` is how callers switch a heartbeat off.
///
/// If this fails, check for `Instant + Duration`, which panics on overflow.
Must fn endless_period_never_ticks(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let mut interval = handle.interval(Duration::MAX, MissedTick::Burst);
        tick!(interval);
        for _ in 0..2 {
            assert!(is_waiting!(interval), "it ticked a second time");
            handle.sleep(2 * MS).await;
        }
    });
}

/// Dropping the future that waits for a tick loses no tick.
///
/// Intent: `select!` drops the branches that lose, in every turn of the loop.
///
/// If this fails, check that the next deadline is set when a tick is delivered, not when one is asked for.
Must fn dropping_a_tick_loses_none(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let (start, period) = (handle.now(), 10 * MS);
        let mut interval = handle.interval_at(start + period, period, MissedTick::Burst);
        let mut due = start + period;
        for _ in 0..3 {
            // On a slow machine a tick may be due already, and is then delivered here.
            if !is_waiting!(interval) {
                assert!(handle.now() >= due, "a tick was early");
                due += period;
            }
        }
        handle.sleep(12 * MS).await;
        assert_eq!(tick!(interval), due);
        assert_eq!(tick!(interval), due + period);
    });
}

/// A reset restarts the phase: the next tick comes one period from then, or at the time that is given, and the others follow.
///
/// Intent: a message that was sent counts as the heartbeat.
///
/// If this fails, check that a reset also moves a sleep that is armed already.
Must fn reset_restarts_the_phase(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let period = 10 * MS;
        let mut interval = handle.interval(period, MissedTick::Burst);
        tick!(interval);
        is_waiting!(interval);
        handle.sleep(4 * MS).await;
        let before = handle.now();
        interval.as_mut().reset();
        let after = handle.now();
        let due = tick!(interval);
        assert!(due >= before + period && due <= after + period, "the phase was not restarted");
        assert!(handle.now() >= due, "the tick was early");
        assert_eq!(tick!(interval), due + period);

        let at = handle.now() + 3 * MS;
        interval.as_mut().reset_at(at);
        assert_eq!(tick!(interval), at);
        assert!(handle.now() >= at, "the tick was early");
        assert_eq!(tick!(interval), at + period);
    });
}

/// A reset to a given time moves a tick that is waited for already, to an earlier and to a later time, and wakes who waits.
///
/// Intent: a heartbeat is pulled forward by the task that has something to say, while another waits for it.
///
/// If this fails, check that a reset of an interval resets its armed sleep, or has the next poll do so and wakes for it.
Must fn reset_at_moves_an_armed_tick(rt: Any) {
    let handle = rt.handle();
    let period = Duration::from_secs(3600);
    rt.block_on(async {
        let mut interval = handle.interval(period, MissedTick::Burst);
        tick!(interval);
        assert!(is_waiting!(interval), "an hour has not passed");
        let at = handle.now() + 5 * MS;
        interval.as_mut().reset_at(at);
        assert_eq!(tick!(interval), at, "it was not moved to an earlier time");
        assert!(handle.now() >= at, "the tick was early");
        assert!(is_waiting!(interval), "an hour has not passed");
        let soon = handle.now() + MS;
        interval.as_mut().reset_at(soon);
        is_waiting!(interval);
        let later = handle.now() + 30 * MS;
        interval.as_mut().reset_at(later);
        assert_eq!(tick!(interval), later, "it was not moved to a later time");
        assert!(handle.now() >= later, "the tick was early");
    });
}

/// A tick that is taken exactly one period late counts as missed, and one that is taken a nanosecond earlier does not: under
/// `Delay` and `Skip` the next tick is then two periods after it, under `Burst` always one.
///
/// Intent: at the boundary a policy that is off by one doubles a tick or loses one.
///
/// If this fails, check the comparison in `MissedTick`: a tick whose successor is due already is late.
Capability fn missed_tick_at_the_boundary(rt: Any + VirtualTime) {
    let (handle, ns) = (rt.handle(), Duration::from_nanos(1));
    let period = 10 * MS;
    // Takes a tick that was due `late` before now, and tells when the next is due.
    let take = |late: Duration, policy: MissedTick| {
        let now = handle.now();
        let start = now.checked_sub(late).expect("the clock began earlier");
        let mut interval = handle.interval_at(start, period, policy);
        rt.block_on(async {
            assert_eq!(tick!(interval), start);
            (tick!(interval), start, now)
        })
    };
    rt.block_on(handle.sleep(10 * period));
    // On a clock that goes on, each tick would be taken a little later, and now and then by chance at the very nanosecond.
    let before = handle.now();
    pause(MS);
    assert!(handle.now() - before < MS, "the clock goes on while nobody waits");
    // How much later than `now` the tick is taken: a virtual clock may move a little when it is read.
    let (next, _, now) = take(5 * period, MissedTick::Delay);
    let step = next - period - now;
    for policy in [MissedTick::Burst, MissedTick::Delay, MissedTick::Skip] {
        for late in [period - ns, period, period + ns] {
            let (next, start, _) = take(late - step, policy);
            let expected = match policy {
                MissedTick::Delay if late >= period => late + period,
                MissedTick::Skip if late >= period => 2 * period,
                _ => period,
            };
            assert_eq!(next - start, expected, "{policy:?}: the tick after one that was taken {late:?} late");
        }
    }
}

}
