//! The schedule of an interval, to the nanosecond, on a clock that the test moves.

mod manual;

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use anyrt_core::{Interval, MissedTick, Timer};

use self::manual::{ManualTimer, poll};

const MS: Duration = Duration::from_millis(1);

/// Takes every tick as soon as it can be taken, except between `away.0` and `away.1`, and returns (due, taken) in ms.
fn ticks(policy: MissedTick, away: (u32, u32), until: u32) -> Vec<(u128, u32)> {
    let timer = ManualTimer::new();
    let start = timer.peek();
    let mut interval = pin!(timer.interval(10 * MS).missed_tick(policy));
    let mut taken = Vec::new();
    for now in 0..=until {
        if now <= away.0 || now >= away.1 {
            while let Poll::Ready(due) = poll(pin!(interval.as_mut().tick())) {
                taken.push(((due - start).as_millis(), now));
            }
        }
        timer.advance(MS);
    }
    taken
}

/// The table in the documentation of `MissedTick`.
#[test]
fn each_policy_follows_its_line_of_the_table() {
    assert_eq!(
        ticks(MissedTick::Burst, (5, 35), 50),
        [(0, 0), (10, 35), (20, 35), (30, 35), (40, 40), (50, 50)]
    );
    assert_eq!(
        ticks(MissedTick::Delay, (5, 35), 55),
        [(0, 0), (10, 35), (45, 45), (55, 55)]
    );
    assert_eq!(
        ticks(MissedTick::Skip, (5, 35), 50),
        [(0, 0), (10, 35), (40, 40), (50, 50)]
    );
}

#[test]
fn a_tick_that_is_late_by_less_than_a_period_moves_nothing() {
    for policy in [MissedTick::Burst, MissedTick::Delay, MissedTick::Skip] {
        assert_eq!(
            ticks(policy, (5, 19), 30),
            [(0, 0), (10, 19), (20, 20), (30, 30)],
            "{policy:?}"
        );
    }
}

#[test]
fn one_sleep_serves_all_ticks_and_burst_reads_no_clock() {
    let timer = ManualTimer::new();
    let mut interval = pin!(timer.interval(MS));
    let reads = timer.reads();
    for _ in 0..100 {
        assert!(poll(pin!(interval.as_mut().tick())).is_ready());
        assert!(poll(pin!(interval.as_mut().tick())).is_pending());
        timer.advance(MS);
    }
    assert_eq!((timer.sleeps(), timer.reads() - reads), (1, 0));
}

#[test]
fn dropping_a_tick_loses_none() {
    let timer = ManualTimer::new();
    let start = timer.peek();
    let mut interval = pin!(timer.interval_at(start + MS, MS));
    assert!(poll(pin!(interval.as_mut().tick())).is_pending());
    timer.advance(MS);
    // The tick that waited is gone; the next one takes its place.
    let due = poll(pin!(interval.as_mut().tick()));
    assert_eq!(due, Poll::Ready(start + MS));
}

#[test]
fn resets_restart_the_phase() {
    let timer = ManualTimer::new();
    let start = timer.peek();
    let mut interval = pin!(timer.interval(10 * MS));
    assert!(poll(pin!(interval.as_mut().tick())).is_ready());
    assert!(poll(pin!(interval.as_mut().tick())).is_pending());
    timer.advance(4 * MS);
    interval.as_mut().reset();
    timer.advance(10 * MS);
    assert_eq!(
        poll(pin!(interval.as_mut().tick())),
        Poll::Ready(start + 14 * MS)
    );

    interval.as_mut().reset_at(start + 15 * MS);
    assert!(poll(pin!(interval.as_mut().tick())).is_pending());
    timer.advance(MS);
    assert_eq!(
        poll(pin!(interval.as_mut().tick())),
        Poll::Ready(start + 15 * MS)
    );
    timer.advance(10 * MS);
    assert_eq!(
        poll(pin!(interval.as_mut().tick())),
        Poll::Ready(start + 25 * MS)
    );
}

#[test]
fn an_endless_period_ticks_once() {
    let timer = ManualTimer::new();
    let mut interval = pin!(timer.interval(Duration::MAX));
    assert!(poll(pin!(interval.as_mut().tick())).is_ready());
    assert!(poll(pin!(interval.as_mut().tick())).is_pending());
    interval.as_mut().reset();
    assert!(poll(pin!(interval.as_mut().tick())).is_pending());
}

#[test]
#[should_panic = "must not be zero"]
fn a_period_of_zero_panics() {
    drop::<Interval<_>>(ManualTimer::new().interval(Duration::ZERO));
}

#[test]
fn a_reset_moves_the_next_tick_and_the_phase() {
    let timer = ManualTimer::new();
    let start = timer.peek();
    let mut interval = timer.interval_at(start + 10 * MS, 10 * MS).boxed();
    assert!(poll(pin!(interval.tick())).is_pending());

    interval.reset_immediately();
    assert_eq!(poll(pin!(interval.tick())), Poll::Ready(start));
    assert!(poll(pin!(interval.tick())).is_pending());
    timer.advance(10 * MS);
    assert_eq!(poll(pin!(interval.tick())), Poll::Ready(start + 10 * MS));

    interval.reset_after(3 * MS);
    timer.advance(2 * MS);
    assert!(poll(pin!(interval.tick())).is_pending());
    timer.advance(MS);
    assert_eq!(poll(pin!(interval.tick())), Poll::Ready(start + 13 * MS));
    timer.advance(10 * MS);
    assert_eq!(poll(pin!(interval.tick())), Poll::Ready(start + 23 * MS));

    interval.reset_after(Duration::MAX);
    timer.advance(Duration::from_secs(1 << 30));
    assert!(poll(pin!(interval.tick())).is_pending());
}

#[test]
fn the_policy_can_be_changed_between_two_ticks() {
    let timer = ManualTimer::new();
    let start = timer.peek();
    let mut interval = timer.interval(10 * MS).boxed();
    assert_eq!(interval.missed(), MissedTick::Burst);
    assert_eq!(poll(pin!(interval.tick())), Poll::Ready(start));
    interval.set_missed_tick(MissedTick::Skip);
    timer.advance(35 * MS);
    assert_eq!(poll(pin!(interval.tick())), Poll::Ready(start + 10 * MS));
    assert!(poll(pin!(interval.tick())).is_pending());
    timer.advance(5 * MS);
    assert_eq!(poll(pin!(interval.tick())), Poll::Ready(start + 40 * MS));
}
