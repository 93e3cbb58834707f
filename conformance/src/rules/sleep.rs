//! Sleeps.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use anyrt_core::{Instant, Sleep as _, Timer};

use crate::backends::{SetsWallClock, WallClock};

use crate::kit::{
    Count, Gate, WakeCount, assert_heap_returns, heap_in_use, on_thread, park_on, pause, poll_once,
    processor_time, scaled, step, yield_until,
};
use anyrt_conformance_engine::rules;

use super::acting::{Acting, Timers, When, arm};

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Notes its number in a list when it is woken.
struct Noting {
    number: usize,
    order: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Noting {
    fn wake(self: Arc<Self>) {
        self.order.lock().expect("no panic").push(self.number);
    }
}

/// The last instant that the clock can express.
fn last_instant(now: Instant) -> Instant {
    let seconds = (0..64).map(|bit| Duration::from_secs(1 << bit));
    let nanos = (0..30).map(|bit| Duration::from_nanos(1 << bit));
    let steps = nanos.chain(seconds).rev();
    steps.fold(now, |at, step| at.checked_add(step).unwrap_or(at))
}

/// What `make` makes of sleeps that take `wait` and are still pending once all of them were polled.
///
/// A machine may be so busy that the time is over by then. The sleeps that are made next take twice as long.
pub(super) fn while_pending<T>(
    mut wait: Duration,
    now: impl Fn() -> Instant,
    mut make: impl FnMut(Duration) -> Option<T>,
) -> T {
    loop {
        let earliest = now() + wait;
        if let Some(made) = make(wait) {
            return made;
        }
        assert!(now() >= earliest, "a sleep of {wait:?} was ready early");
        wait *= 2;
    }
}

/// Sleeps of one deadline whose wakers use the timers, and how many of these have.
fn sleeps_that_act<R: Timers>(rt: &R, when: When) -> (Vec<R::Sleep>, Count) {
    while_pending(
        100 * MS,
        || rt.now(),
        |wait| {
            let (deadline, acts) = (rt.now() + wait, Count::new());
            let mut sleeps = Vec::new();
            for _ in 0..20 {
                let waker = Acting::waker(rt, deadline, when, &acts)?;
                let mut sleep = rt.sleep_until(deadline);
                sleeps.push(arm(&mut sleep, &waker).then_some(sleep)?);
            }
            Some((sleeps, acts))
        },
    )
}

rules! { sleep

/// A sleep of up to two seconds is never ready before its deadline, on the runtime's own clock.
///
/// Intent: rate limits, leases and back-offs are promises to somebody else; being early breaks them.
///
/// If this fails, check how the adapter rounds to the timer's resolution: up, never down.
Must fn never_early(rt: Any) {
    for round in 0..4 {
        // A fault of a coarser level of the timer, or of its arithmetic, shows on longer ones only.
        let longer = if round == 0 { &[60, 130, 270, 520, 1030, 2000][..] } else { &[] };
        let tasks: Vec<_> = (1..=20).chain(longer.iter().copied()).map(|i: u32| {
            let handle = rt.handle();
            rt.spawn(async move {
                let duration = i * MS + Duration::from_micros(u64::from(137 * i + round));
                let before = handle.now();
                handle.sleep(duration).await;
                (duration, handle.now() - before)
            })
        }).collect();
        for task in tasks {
            let (asked, slept) = rt.block_on(task).expect("the task ends");
            assert!(slept >= asked, "asked for {asked:?}, slept {slept:?}");
        }
    }
}

/// A sleep is seldom late: of fifteen, most end before a thread does that began to sleep at the same time, for thirty milliseconds
/// and twice the declared resolution longer; and so does one of five that take a second and a half, before a thread that sleeps a
/// tenth of a second longer. On a virtual clock none is later than the declared resolution and a millisecond.
///
/// Intent: a timer that is always late turns time limits into fiction. A busy machine makes the thread late as well, so the two
/// are raced, and no time is measured.
///
/// If this fails, check that the reactor's time-out is set from the earliest deadline, and that a new earliest one wakes it.
Must fn rarely_late(rt: Any + SystemThreads) {
    const ROUNDS: usize = 15;
    let (short, long, resolution) = (20 * MS, 1500 * MS, rt.claims().timer_resolution);
    if rt.claims().virtual_time {
        for asked in [short; ROUNDS].into_iter().chain([long]) {
            let before = rt.now();
            rt.block_on(rt.sleep(asked));
            let late = (rt.now() - before).saturating_sub(asked);
            assert!(late <= resolution + MS, "a sleep of {asked:?} was {late:?} late");
        }
        String::from("on a virtual clock")
    } else {
        let wins = |asked, ahead| {
            let is_over = Arc::new(AtomicBool::new(false));
            let (begun, over) = (Gate::new(), is_over.clone());
            let wait = begun.clone();
            let system = thread::spawn(move || {
                wait.wait_blocking();
                pause(asked + ahead + 2 * resolution);
                over.store(true, Ordering::SeqCst);
            });
            rt.block_on(async {
                let sleep = rt.sleep(asked);
                begun.open();
                sleep.await;
            });
            let has_won = !is_over.load(Ordering::SeqCst);
            system.join().expect("the thread ends");
            has_won
        };
        let won = (0..ROUNDS).filter(|_| wins(short, 30 * MS)).count();
        assert!(2 * won > ROUNDS, "{won} of {ROUNDS} sleeps ended before a thread that slept for longer");
        assert!((0..5).any(|_| wins(long, 100 * MS)), "no sleep of {long:?} ended before a thread that slept for longer");
        format!("{won} of {ROUNDS} ended before the thread")
    }
}

/// A sleep of zero, or one whose deadline is past, is ready at its first poll.
///
/// Intent: "no wait" must not cost a turn of the timer. tokio's own takes a millisecond, and is pending for a deadline that is
/// past by less than that.
///
/// If this fails, check that the sleep compares its deadline with the runtime's clock before it goes to the timer.
Must fn zero_and_past_are_ready_at_once(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let ready = |poll: Poll<()>, what: &str| assert!(poll.is_ready(), "{what} was pending at its first poll");
        ready(poll_once(handle.sleep(Duration::ZERO)).await, "sleep(0)");
        ready(poll_once(handle.sleep_until(handle.now())).await, "sleep_until(now)");
        let early = handle.sleep(2 * MS);
        let until_early = handle.sleep_until(handle.now() + 2 * MS);
        handle.sleep(3 * MS).await;
        ready(poll_once(early).await, "a sleep whose deadline passed before its first poll");
        ready(poll_once(until_early).await, "a sleep_until whose deadline passed before its first poll");
    });
}

/// A sleep beyond what the clock can hold never fires, and making it does not panic.
///
/// Intent: `Duration::MAX` is how callers spell "no limit".
///
/// If this fails, check for `Instant + Duration`, which panics on overflow: use `checked_add`, and never where it is `None`.
Must fn far_future_never_fires(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let thousand_years = 1000 * 365 * 24 * HOUR;
        let mut sleeps = Vec::new();
        for duration in [Duration::MAX, Duration::from_secs(u64::MAX), thousand_years] {
            sleeps.push((duration, handle.sleep(duration)));
        }
        if let Some(deadline) = handle.now().checked_add(thousand_years) {
            sleeps.push((thousand_years, handle.sleep_until(deadline)));
        }
        for _ in 0..2 {
            for (duration, sleep) in &mut sleeps {
                assert!(poll_once(sleep).await.is_pending(), "a sleep of {duration:?} fired");
            }
            handle.sleep(5 * MS).await;
        }
    });
}

/// A sleep until the very end of the clock never fires; neither making it, nor polling it, nor moving one there panics.
///
/// Intent: a deadline that was computed with saturating arithmetic is the last instant that there is. A timer that rounds up to
/// its resolution overflows there.
///
/// If this fails, check what is added to the deadline on its way to the timer.
Must fn end_of_the_clock_never_fires(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let last = last_instant(handle.now());
        let mut sleeps = Vec::new();
        for before_the_end in [Duration::ZERO, Duration::from_nanos(1), MS] {
            sleeps.push(handle.sleep_until(last - before_the_end));
            let mut moved = handle.sleep(HOUR);
            assert!(poll_once(moved.as_mut()).await.is_pending(), "an hour has not passed");
            moved.as_mut().reset(last - before_the_end);
            sleeps.push(moved);
            // Also one that was to fire soon, or has.
            let mut soon = handle.sleep(MS);
            _ = poll_once(soon.as_mut()).await;
            soon.as_mut().reset(last - before_the_end);
            sleeps.push(soon);
        }
        for _ in 0..2 {
            for sleep in &mut sleeps {
                assert!(poll_once(sleep).await.is_pending(), "a sleep until the end of the clock fired");
            }
            handle.sleep(5 * MS).await;
        }
    });
}

/// `is_elapsed` is true of a sleep that was seen ready, and of no other: also of one of zero, and not of one that is due but was
/// not polled.
///
/// Intent: callers ask whether they have acted on the sleep; what time it is they can read from the clock.
///
/// If this fails, check that every path on which the sleep's poll is ready leaves a mark, and that `is_elapsed` reads only that.
Must fn is_elapsed_means_seen_ready(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let now = handle.now();
        let sleeps = [
            ("of zero", handle.sleep(Duration::ZERO)),
            ("until now", handle.sleep_until(now)),
            ("of two milliseconds", handle.sleep(2 * MS)),
            ("until two milliseconds from now", handle.sleep_until(now + 2 * MS)),
        ];
        let waiting = handle.sleep(HOUR);
        handle.sleep(3 * MS).await;
        for (what, mut sleep) in sleeps {
            assert!(!sleep.is_elapsed(), "a sleep {what} is due, but nobody has polled it");
            for round in ["was polled", "was reset and polled"] {
                assert!(poll_once(sleep.as_mut()).await.is_ready(), "a sleep {what} is due");
                assert!(sleep.is_elapsed(), "a sleep {what} {round} and was ready");
                sleep.as_mut().reset(now);
                assert!(!sleep.is_elapsed(), "a sleep {what} was reset, and nobody has polled it since");
            }
        }
        let mut waiting = waiting;
        assert!(poll_once(waiting.as_mut()).await.is_pending(), "an hour has not passed");
        assert!(!waiting.is_elapsed(), "it was polled and was pending");
    });
    // One that gives way was not seen ready.
    let timers = rt.handle();
    let ends = rt.spawn(poll_fn(move |cx| {
        for _ in 0..1000 {
            let mut sleep = timers.sleep(Duration::ZERO);
            let is_ready = sleep.as_mut().poll(cx).is_ready();
            assert_eq!(sleep.is_elapsed(), is_ready, "of a sleep of zero that was polled once");
        }
        Poll::Ready(())
    }));
    rt.block_on(ends).expect("it says whether it was seen ready");
}

/// A sleep's deadline counts from the call that made it, not from its first poll.
///
/// Intent: a sleep that is made, and then waits its turn in a `select!`, must not start over.
///
/// If this fails, check for a sleep written as an `async fn`: nothing in one runs before its first poll.
Must fn counts_from_creation(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let first = handle.sleep(10 * MS);
        handle.sleep(12 * MS).await;
        assert!(poll_once(first).await.is_ready(), "it began to count at its first poll");
    });
}

/// Of the wakers that a sleep was polled with, the last is the one that is woken.
///
/// Intent: a sleep that moves from one task to another, or between branches of a `select!`, must wake who waits now.
///
/// If this fails, check that each poll of the sleep replaces the stored waker unless `will_wake` says that it is the same.
Must fn last_waker_is_woken(rt: Any) {
    let (_sleep, first, last) = while_pending(200 * MS, || rt.now(), |wait| {
        let (mut sleep, first, last) = (rt.sleep(wait), WakeCount::new(), WakeCount::new());
        let polls = [&first, &last].map(|count| count.with(|cx| sleep.as_mut().poll(cx)));
        polls[1].is_pending().then_some((sleep, first, last))
    });
    step("waiting: the last waker is woken");
    while last.get() == 0 {
        rt.block_on(rt.sleep(5 * MS));
        assert_eq!(first.get(), 0, "the waker of an earlier poll was woken");
    }
}

/// Dropping a sleep releases its waker within a few turns of the reactor, whatever it was reset to before, and polling it with another
/// waker releases the first. Sleeps of one deadline are dropped and reset each for itself.
///
/// Intent: a waker keeps a task's memory; a connection pool that makes and drops a time limit for each request must not
/// collect them until the limits pass.
///
/// If this fails, check that the drop of the sleep takes its entry out of the timer, or that the reactor looks at its queue of
/// removed timers on each turn.
Must fn dropping_releases_the_waker(rt: Any) {
    let wakers: Vec<_> = (0..20).map(|_| WakeCount::new()).collect();
    let held = || wakers.iter().filter(|it| Arc::strong_count(it) > 1).count();
    let some_turns = |goal| {
        for _ in 0..10 {
            if held() <= goal {
                break;
            }
            rt.block_on(rt.sleep(MS));
        }
    };
    let mut sleep = rt.sleep(HOUR);
    for waker in &wakers {
        assert!(waker.with(|cx| sleep.as_mut().poll(cx)).is_pending());
    }
    some_turns(1);
    assert!(held() <= 1, "{} of the wakers that a sleep was polled with are still held after ten turns", held());
    drop(sleep);
    some_turns(0);
    assert_eq!(held(), 0, "the waker of a dropped sleep is still held after ten turns");
    assert!(wakers.iter().all(|it| it.get() == 0), "a dropped sleep woke its waker");

    let now = rt.now();
    for resets in [&[HOUR][..], &[3 * HOUR], &[HOUR, 3 * HOUR], &[3 * HOUR, HOUR], &[2 * HOUR]] {
        let mut sleep = rt.sleep_until(now + 2 * HOUR);
        for waker in &wakers[..2] {
            assert!(waker.with(|cx| sleep.as_mut().poll(cx)).is_pending());
        }
        for reset in resets {
            sleep.as_mut().reset(now + *reset);
        }
        drop(sleep);
        some_turns(0);
        assert_eq!(held(), 0, "the waker of a sleep that was reset by {resets:?} and dropped is still held after ten turns");
    }

    let (mut sleeps, deadline) = while_pending(50 * MS, || rt.now(), |wait| {
        let deadline = rt.now() + wait;
        let mut sleeps: Vec<_> = wakers.iter().map(|_| rt.sleep_until(deadline)).collect();
        let mut pairs = wakers.iter().zip(&mut sleeps);
        let all = pairs.all(|(waker, sleep)| waker.with(|cx| sleep.as_mut().poll(cx)).is_pending());
        all.then_some((sleeps, deadline))
    });
    let stays = |i: usize| i % 3 == 0;
    for i in (0..wakers.len()).rev().filter(|i| !stays(*i)) {
        if i % 3 == 1 {
            drop(sleeps.remove(i));
        } else {
            sleeps[i].as_mut().reset(deadline + HOUR);
        }
    }
    // One that was due before it was dropped may have been woken.
    let in_time = rt.now() < deadline;
    let woken = |wanted| wakers.iter().enumerate().filter(|(i, it)| stays(*i) == wanted && it.get() > 0).count();
    let stay = (0..wakers.len()).filter(|i| stays(*i)).count();
    step("the sleeps fire that stayed when others of the same deadline went");
    rt.block_on(async {
        while woken(true) < stay {
            rt.sleep(MS).await;
        }
    });
    assert!(!in_time || woken(false) == 0, "{} sleeps woke that were dropped or reset", woken(false));
    drop(sleeps);
    some_turns(0);
    assert_eq!(held(), 0, "wakers of sleeps of one deadline are still held after ten turns");
}

/// A sleep's waker may use the timers while the sleep wakes it: it drops a sleep, resets another and arms a third. All others of
/// the same deadline are woken.
///
/// Intent: a waker is somebody else's code. That of an event loop may poll in place, and the future goes on to its next pause.
///
/// If this fails, check that the timer lets go of its lock, or of its borrow, before it wakes anybody.
Must fn wakers_may_use_the_timers(rt: Any) {
    rt.block_on(async {
        let (sleeps, acts) = sleeps_that_act(&rt.handle(), When::Woken);
        step("waiting: each sleep wakes its waker, which uses the timers");
        while acts.get() < sleeps.len() {
            rt.sleep(5 * MS).await;
        }
    });
    Rt::forget_acts();
}

/// A sleep's waker may use the timers while it is dropped: with its sleep, for the waker of a later poll, and after it was woken.
///
/// Intent: to drop the last waker of a task may drop the task, with all the time limits in it.
///
/// If this fails, check that the timer lets go of its lock, or of its borrow, before it drops a waker.
Must fn dropped_wakers_may_use_the_timers(rt: Any) {
    rt.block_on(async {
        let (mut sleeps, acts) = sleeps_that_act(&rt.handle(), When::Dropped);
        let all = sleeps.len();
        step("a sleep is dropped, another polled with another waker, and a third reset");
        drop(sleeps.pop());
        arm(&mut sleeps[0], Waker::noop());
        let later = rt.now() + 50 * MS;
        sleeps[1].as_mut().reset(later);
        step("the others fire");
        rt.sleep_until(later).await;
        step("waiting: each waker is dropped, and uses the timers");
        // A sleep may keep its waker beyond its deadline.
        drop(sleeps);
        while acts.get() < all {
            rt.sleep(5 * MS).await;
        }
    });
    Rt::forget_acts();
}

/// Of 70 000 sleeps of one deadline, each wakes its waker.
///
/// Intent: a server that restarts reads ten thousands of leases that end in the same second.
///
/// If this fails, check what tells sleeps of one deadline apart: a number of sixteen bits begins anew.
Must fn many_of_one_deadline_wake(rt: Any) {
    rt.block_on(async {
        let (sleeps, woken, deadline) = while_pending(200 * MS, || rt.now(), |wait| {
            let (deadline, woken) = (rt.now() + wait, WakeCount::new());
            let mut sleeps: Vec<_> = (0..70_000).map(|_| rt.sleep_until(deadline)).collect();
            let waker = Waker::from(woken.clone());
            sleeps.iter_mut().all(|it| arm(it, &waker)).then_some((sleeps, woken, deadline))
        });
        rt.sleep_until(deadline).await;
        yield_until("each sleep of the deadline wakes", || woken.get() >= sleeps.len()).await;
    });
}

/// Sleeps with different deadlines wake in the order of their deadlines.
///
/// Intent: a queue of delayed messages keeps its order.
///
/// If this fails, check the order in which the timer drains what is due in one turn.
Must fn fires_in_deadline_order(rt: Any) {
    let (sleeps, order) = while_pending(200 * MS, || rt.now(), |wait| {
        let order = Arc::new(Mutex::new(Vec::new()));
        let first = rt.now() + wait;
        let mut sleeps = Vec::new();
        for number in [5_usize, 2, 7, 0, 3, 6, 1, 4] {
            let mut sleep = rt.sleep_until(first + number as u32 * 5 * MS);
            let waker = Waker::from(Arc::new(Noting { number, order: order.clone() }));
            let poll = sleep.as_mut().poll(&mut Context::from_waker(&waker));
            sleeps.push(poll.is_pending().then_some(sleep)?);
        }
        Some((sleeps, order))
    });
    step("waiting: every sleep wakes");
    while order.lock().expect("no panic").len() < sleeps.len() {
        rt.block_on(rt.sleep(5 * MS));
    }
    assert_eq!(*order.lock().expect("no panic"), [0, 1, 2, 3, 4, 5, 6, 7]);
}

/// A reset moves the deadline, to an earlier or a later time, also after the sleep was ready, and wakes who waits at the new one.
///
/// Intent: an idle limit is one sleep that every byte moves on.
///
/// If this fails, check that the reset keeps the stored waker, clears the mark of a finished sleep, and tells the timer.
Must fn reset_moves_the_deadline(rt: Any) {
    let handle = rt.handle();

    // Earlier, under a waker that is not polled again.
    let count = WakeCount::new();
    let mut sleep = handle.sleep(HOUR);
    assert!(count.with(|cx| sleep.as_mut().poll(cx)).is_pending());
    sleep.as_mut().reset(handle.now() + 5 * MS);
    step("waiting: a sleep that was reset to an earlier time wakes who waits");
    while count.get() == 0 {
        rt.block_on(handle.sleep(5 * MS));
    }
    rt.block_on(sleep.as_mut());

    rt.block_on(async {
        // After it was ready.
        assert!(sleep.is_elapsed(), "it has been seen ready");
        step("a sleep that was ready ends again after a reset");
        let deadline = handle.now() + 10 * MS;
        sleep.as_mut().reset(deadline);
        assert!(!sleep.is_elapsed(), "it has not been seen ready since its reset");
        sleep.as_mut().await;
        assert!(handle.now() >= deadline, "early after a reset of a finished sleep");

        // Later.
        step("a sleep that was reset to a later time ends");
        let mut sleep = while_pending(5 * MS, || handle.now(), |wait| {
            let mut sleep = handle.sleep(wait);
            count.with(|cx| sleep.as_mut().poll(cx)).is_pending().then_some(sleep)
        });
        let deadline = handle.now() + 40 * MS;
        sleep.as_mut().reset(deadline);
        sleep.as_mut().await;
        assert!(handle.now() >= deadline, "early after a reset to a later time");

        // To a time that is past.
        sleep.as_mut().reset(deadline);
        assert!(poll_once(sleep).await.is_ready(), "pending after a reset to a time that is past");
    });
}

/// A reset gives a sleep that never fires a deadline, and wakes who waits for it then.
///
/// Intent: a limit that is set while the work is under way, on a timer that waited without one.
///
/// If this fails, check that a sleep without a deadline keeps the waker that it is polled with.
Must fn reset_of_an_endless_sleep_wakes(rt: Any) {
    let (handle, waits) = (rt.handle(), WakeCount::new());
    let mut sleep = handle.sleep(Duration::MAX);
    assert!(waits.with(|cx| sleep.as_mut().poll(cx)).is_pending(), "it never fires");
    sleep.as_mut().reset(handle.now() + 5 * MS);
    step("waiting: a sleep that never fired and was reset wakes who waits");
    while waits.get() == 0 {
        rt.block_on(handle.sleep(5 * MS));
    }
    rt.block_on(sleep);
}

/// A sleep that was ready is ready again whenever it is polled, until it is reset.
///
/// Intent: a `select!` in a loop polls a finished branch again; natively that is ready, pending for ever, or a panic.
///
/// If this fails, check that the sleep remembers that it was ready.
Must fn stays_ready(rt: Any) {
    let mut sleep = rt.sleep(2 * MS);
    rt.block_on(sleep.as_mut());
    for _ in 0..3 {
        assert!(rt.block_on(poll_once(sleep.as_mut())).is_ready(), "it was ready before");
        assert!(sleep.is_elapsed());
    }
}

/// A sleep that is made through a handle on a plain thread works when it is polled inside the runtime.
///
/// Intent: constructors are called wherever the program sets itself up.
///
/// If this fails, check that making a sleep enters the handle's runtime instead of looking for one in thread-local storage.
Must fn is_made_outside_the_runtime(rt: Shared + SystemThreads) {
    let handle = rt.handle();
    let begun = rt.now();
    let sleep = on_thread(move || handle.sleep(5 * MS));
    rt.block_on(rt.spawn(sleep)).expect("the task ends");
    assert!(rt.now() - begun >= 5 * MS);
}

/// A sleep fires although nobody drives the runtime.
///
/// Intent: it tells whether a handle may be used from code that blocks by other means.
///
/// If this fails on a backend that claims `global_timer`, check which thread drives the timer while all are parked.
Capability fn works_without_a_runtime(rt: Any + GlobalTimer) {
    let begun = rt.now();
    // One that is over before it is polled shows nothing.
    let (sleep, wakes) = while_pending(5 * MS, || rt.now(), |wait| {
        let (mut sleep, wakes) = (rt.sleep(wait), WakeCount::new());
        wakes.with(|cx| sleep.as_mut().poll(cx)).is_pending().then_some((sleep, wakes))
    });
    step("the sleep fires while nobody drives the runtime");
    // Nor does a second look, which finds the time over whoever drives the timer.
    while wakes.get() == 0 {
        pause(MS);
    }
    park_on(sleep);
    assert!(rt.now() - begun >= 5 * MS);
}

/// A sleep that was polled in one task fires in another that it is moved to.
///
/// Intent: pools hand connections, and the time limits inside them, from task to task.
///
/// If this fails, check that the sleep registers the waker of each poll, and nothing that belongs to the first task.
Must fn moves_between_tasks(rt: Any) {
    let handle = rt.handle();
    let first = rt.spawn(async move {
        let sleep = while_pending(200 * MS, || handle.now(), |wait| {
            let mut sleep = handle.sleep(wait);
            WakeCount::new().with(|cx| sleep.as_mut().poll(cx)).is_pending().then_some(sleep)
        });
        [sleep]
    });
    step("the sleep is polled in one task");
    let [sleep] = rt.block_on(first).expect("the first task ends");
    step("the sleep fires in another task");
    rt.block_on(rt.spawn(sleep)).expect("the second task ends");
}

/// What does a sleep do that is polled on another runtime of the same kind?
///
/// Intent: it belongs to the runtime that made it, and fires only while that one's timer is driven.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn on_another_runtime(rt: Any + Owned) {
    let other = rt.another();
    let sleep = rt.sleep(5 * MS);
    match other.block_on(other.timeout(300 * MS, sleep)) {
        Some(()) => String::from("fires"),
        None => String::from("waits for its own runtime to be driven"),
    }
}

/// A hundred thousand sleeps that are made, polled and dropped cost at most five times as much at once as ten thousand at a time,
/// and release their wakers. One that is made beside them fires.
///
/// Intent: one time limit per connection is normal, and many connections are, too.
///
/// If this fails, check for work per armed sleep that grows with their number.
Must fn a_hundred_thousand_are_cheap(rt: Any) {
    let count = WakeCount::new();
    let cost_of = |sleeps: usize| {
        let begun = processor_time();
        let mut sleeps: Vec<_> = (0..sleeps as u64).map(|i| rt.sleep(HOUR + Duration::from_micros(i * 7919 % 1_000_003))).collect();
        for sleep in &mut sleeps {
            assert!(count.with(|cx| sleep.as_mut().poll(cx)).is_pending());
        }
        step(format_args!("a sleep fires beside {} others", sleeps.len()));
        rt.block_on(rt.sleep(MS));
        drop(sleeps);
        step("waiting: the dropped sleeps release their waker");
        while Arc::strong_count(&count) > 1 {
            rt.block_on(rt.sleep(MS));
        }
        processor_time().saturating_sub(begun)
    };
    let tenth = scaled(10_000);
    let few: Duration = (0..10).map(|_| cost_of(tenth)).sum();
    let many = cost_of(10 * tenth);
    // The system counts processor time in steps of some milliseconds.
    assert!(many <= 5 * few + 20 * MS, "{many:?} of processor time at once, and {few:?} in ten parts");
    format!("{many:?} at once, {few:?} in ten parts")
}

/// Twenty thousand sleeps that are armed for the far future and dropped leave no growth of the heap.
///
/// Intent: every request arms a time limit and is done long before it passes.
///
/// If this fails, check that the drop of a sleep takes its entry, and its waker, out of the timer.
Must fn dropped_sleeps_free_memory(rt: Any + Heap) {
    let handle = rt.handle();
    let round = |n: usize| rt.block_on(async {
        for _ in 0..n {
            assert!(poll_once(handle.sleep(HOUR)).await.is_pending());
        }
        // The reactor may take dropped entries out when it next turns.
        handle.sleep(2 * MS).await;
    });
    // Queues and wheels keep what they once grew to.
    round(20_000);
    let before = heap_in_use();
    round(20_000);
    assert_heap_returns(before, 20_000);
}

/// A sleep that was polled on one thread may be moved to another, be polled there, and fire.
///
/// Intent: work-stealing moves futures between polls.
///
/// If this fails, check for thread-local state in the sleep or its timer.
Must fn is_send(rt: Shared + SystemThreads) {
    let deadline = rt.now() + 100 * MS;
    let mut sleep = rt.sleep_until(deadline);
    let count = WakeCount::new();
    let moved = count.clone();
    let here = count.with(|cx| sleep.as_mut().poll(cx));
    let (there, sleep) = on_thread(move || (moved.with(|cx| sleep.as_mut().poll(cx)), sleep));
    if here.is_ready() || there.is_ready() {
        // On a slow machine it may be due already.
        assert!(rt.now() >= deadline, "it was early");
    } else {
        while count.get() == 0 {
            rt.block_on(rt.sleep(5 * MS));
        }
    }
    rt.block_on(sleep);
    format!("{} bytes", rt.sizes().sleep)
}

/// A sleep and `now` share one virtual clock, which jumps when everything waits.
///
/// Intent: a test of an hour's time limits takes a moment.
///
/// If this fails on a backend that claims `virtual_time`, check that `now` reads the clock that the sleeps wait on.
Capability fn shares_the_virtual_clock(rt: Any + VirtualTime) {
    let before = rt.now();
    step("an hour passes on the virtual clock");
    rt.block_on(rt.sleep(HOUR));
    let passed = rt.now() - before;
    assert!(passed >= HOUR, "an hour was slept, the clock says {passed:?}");
}

/// In which order do sleeps of one deadline wake?
///
/// Intent: code must not depend on it.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn equal_deadlines_fifo(rt: Any) {
    let (sleeps, order) = while_pending(200 * MS, || rt.now(), |wait| {
        let order = Arc::new(Mutex::new(Vec::new()));
        let deadline = rt.now() + wait;
        let mut sleeps = Vec::new();
        for number in 0..8 {
            let mut sleep = rt.sleep_until(deadline);
            let waker = Waker::from(Arc::new(Noting { number, order: order.clone() }));
            let poll = sleep.as_mut().poll(&mut Context::from_waker(&waker));
            sleeps.push(poll.is_pending().then_some(sleep)?);
        }
        Some((sleeps, order))
    });
    while order.lock().expect("no panic").len() < sleeps.len() {
        rt.block_on(rt.sleep(5 * MS));
    }
    let order = order.lock().expect("no panic");
    format!("{order:?}")
}

/// A thousand sleeps of zero in a row suspend the task at most a hundred times.
///
/// Intent: a back-off that starts at zero must not cost a timer's turn each time; natively these take over a second on tokio.
///
/// If this fails, check that a sleep of zero does not go to the timer.
Should fn zero_sleeps_do_not_wait(rt: Any) {
    let handle = rt.handle();
    let mut polls = 0;
    let mut thousand = std::pin::pin!(async {
        for _ in 0..1000 {
            handle.sleep(Duration::ZERO).await;
        }
    });
    rt.block_on(poll_fn(|cx| {
        polls += 1;
        thousand.as_mut().poll(cx)
    }));
    assert!(polls <= 100, "{polls} polls");
}

/// A task that awaits sleeps which are ready gives way after a bounded number of them: it can be aborted, and where time passes
/// meanwhile, a time limit ends it.
///
/// Intent: a loop with a pause that is set to zero must not take a thread for ever.
///
/// If this fails, check that the adapter's sleep is pending once in a while although it is ready, and wakes itself then.
Must fn ready_sleeps_give_way(rt: Any) {
    for pause in [Duration::ZERO, Duration::from_nanos(1)] {
        // It may stand still as long as a task is busy, and no nanosecond passes.
        let stands_still = rt.claims().virtual_time;
        if stands_still && !pause.is_zero() {
            continue;
        }
        let (handle, slept) = (rt.handle(), Count::new());
        let counter = slept.clone();
        let task = rt.spawn(async move {
            loop {
                handle.sleep(pause).await;
                counter.add();
            }
        });
        step(format_args!("a task that sleeps for {pause:?} all the time is aborted"));
        let end: Result<(), _> = rt.block_on(async {
            yield_until("the task sleeps", || slept.get() > 10).await;
            task.cancel().await
        });
        assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
        let (handle, slept) = (rt.handle(), Count::new());
        let counter = slept.clone();
        let task = rt.spawn(async move {
            let mut sleep = handle.sleep(pause);
            loop {
                sleep.as_mut().await;
                counter.add();
                let now = handle.now();
                sleep.as_mut().reset(now);
            }
        });
        step("a task that resets one sleep all the time is aborted");
        let end: Result<(), _> = rt.block_on(async {
            yield_until("the task sleeps", || slept.get() > 10).await;
            task.cancel().await
        });
        assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
        if stands_still {
            continue;
        }
        let handle = rt.handle();
        let sleeping = handle.clone();
        let limited = rt.spawn(async move {
            handle.timeout(10 * MS, async move {
                loop {
                    sleeping.sleep(pause).await;
                }
            }).await
        });
        step(format_args!("a time limit ends a task that sleeps for {pause:?} all the time"));
        let end: Option<()> = rt.block_on(limited).expect("the task ends");
        assert_eq!(end, None);
    }
}

/// However far its deadline is, a sleep is not ready before it, also where the clock jumps there at once.
///
/// Intent: `Duration::MAX` and "in fifty years" are how callers spell "never", and tests stop the clock.
///
/// If this fails, check for a limit of the timer to which the adapter cuts a deadline: arm it again when that passed too soon.
Capability fn far_sleep_is_not_early(rt: Any + VirtualTime) {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    for years in [1, 31, 100] {
        let (before, far) = (rt.now(), years * YEAR);
        step(format_args!("{years} years pass"));
        rt.block_on(rt.sleep(far));
        let passed = rt.now() - before;
        assert!(passed >= far, "a sleep of {years} years ended after {passed:?}");
        let before = rt.now();
        assert_eq!(rt.block_on(rt.timeout(far, std::future::pending::<()>())), None);
        let passed = rt.now() - before;
        assert!(passed >= far, "a limit of {years} years elapsed after {passed:?}");
    }
    let mut never = rt.sleep(Duration::MAX);
    let handle = rt.handle();
    rt.block_on(async {
        for _ in 0..2 {
            assert!(poll_once(never.as_mut()).await.is_pending(), "a sleep of `Duration::MAX` fired");
            handle.sleep(31 * YEAR).await;
        }
        assert!(poll_once(never.as_mut()).await.is_pending(), "a sleep of `Duration::MAX` fired");
    });
}

/// The deadline of a sleep is the one that was asked for, also after a reset and after it was ready; for one that the clock
/// cannot hold, there is none.
///
/// Intent: who is given a sleep shows when it ends, or moves it on from there.
///
/// If this fails, check that the adapter keeps what was asked for, and not what it told its timer.
Must fn deadline_is_what_was_asked_for(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let at = handle.now() + 3 * MS + Duration::from_nanos(1);
        let mut sleep = handle.sleep_until(at);
        assert_eq!(sleep.deadline(), Some(at), "before its first poll");
        sleep.as_mut().await;
        assert_eq!(sleep.deadline(), Some(at), "after it was ready");
        let later = handle.now() + HOUR + Duration::from_nanos(7);
        sleep.as_mut().reset(later);
        assert_eq!(sleep.deadline(), Some(later), "after a reset");
        assert!(poll_once(sleep.as_mut()).await.is_pending(), "an hour has not passed");
        assert_eq!(sleep.deadline(), Some(later), "while it waits");
        for duration in [Duration::ZERO, MS, HOUR] {
            let before = handle.now();
            let deadline = handle.sleep(duration).deadline().expect("the clock can hold it");
            let after = handle.now();
            assert!(
                deadline >= before + duration && deadline <= after + duration,
                "a sleep of {duration:?} ends {:?} after the call",
                deadline - before
            );
        }
        assert_eq!(handle.sleep(Duration::MAX).deadline(), None, "the clock cannot hold it");
    });
}

/// A sleep has a deadline wherever its end may come: always, if it is less than a hundred years away. One without a deadline
/// never fires, until it is reset.
///
/// Intent: code that takes `None` for "never" must not wait for ever for something that comes, nor be woken by what never does.
///
/// If this fails, check that the adapter keeps no deadline only where its clock cannot hold one.
Must fn deadline_is_none_only_where_it_never_comes(rt: Any) {
    const YEAR: u64 = 365 * 86_400;
    let handle = rt.handle();
    for seconds in [0, 1, 3600, YEAR, 31 * YEAR, 99 * YEAR, 1000 * YEAR, u64::MAX / 4, u64::MAX] {
        let duration = Duration::from_secs(seconds);
        let before = handle.now();
        let sleep = handle.sleep(duration);
        let after = handle.now();
        let (earliest, latest) = (before.checked_add(duration), after.checked_add(duration));
        match sleep.deadline() {
            Some(deadline) => assert!(
                earliest.is_some_and(|it| it <= deadline) && latest.is_none_or(|it| deadline <= it),
                "a sleep of {duration:?} ends {:?} after the call", deadline.duration_since(before)
            ),
            None => assert!(seconds > 100 * YEAR, "a sleep of {duration:?} has no deadline"),
        }
    }
    rt.block_on(async {
        let mut never = handle.sleep(Duration::MAX);
        assert_eq!(never.deadline(), None, "the clock cannot hold it");
        for _ in 0..2 {
            assert!(poll_once(never.as_mut()).await.is_pending(), "a sleep without a deadline fired");
            handle.sleep(3 * MS).await;
        }
        let soon = handle.now() + 2 * MS;
        never.as_mut().reset(soon);
        assert_eq!(never.deadline(), Some(soon), "after a reset");
        step("a sleep that had no deadline fires after a reset");
        never.await;
        assert!(handle.now() >= soon, "it was early");
    });
}

/// A reset to the present time, or to one that has just passed, makes a sleep ready at its next poll.
///
/// Intent: "now" is how an idle limit is cut short, and a timer that rounds up makes it wait for its next tick.
///
/// If this fails, check that a poll after a reset compares the deadline with the clock before it goes to the timer.
Must fn reset_to_now_is_ready_at_once(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let mut sleep = handle.sleep(HOUR);
        for round in 0..50 {
            assert!(poll_once(sleep.as_mut()).await.is_pending(), "an hour has not passed");
            let now = handle.now();
            let ago = Duration::from_micros(10 * round);
            sleep.as_mut().reset(now.checked_sub(ago).unwrap_or(now));
            assert!(poll_once(sleep.as_mut()).await.is_ready(), "pending after a reset to {ago:?} ago");
            sleep.as_mut().reset(now + HOUR);
        }
    });
}

/// A sleep until a date sees that the wall clock was set forward past it: it ends within two seconds of the runtime's own clock.
///
/// Intent: a machine that was asleep wakes up to certificates that have expired.
///
/// If this fails, check that the adapter's `system_time` reads the clock that is set.
Capability fn wall_clock_set_forward_is_seen(rt: Shared + WallClock) {
    let set = rt.backend().extension::<SetsWallClock>().expect("declared with `WallClock`").shared;
    let (date, begun) = (rt.system_time() + 2 * HOUR, rt.now());
    let handle = rt.handle();
    assert_eq!(Timer::sleep_until_system_time(&handle, date).deadline(), date, "the date that was asked for");
    let waiting = rt.spawn(async move {
        Timer::sleep_until_system_time(&handle, date).await;
        (handle.system_time(), handle.now())
    });
    rt.block_on(rt.sleep(10 * MS));
    set(&rt, date + MS);
    step("a sleep until a date ends that the wall clock was set past");
    let (shown, ended) = rt.block_on(waiting).expect("the task ends");
    assert!(shown >= date, "it ended before the wall clock showed its date");
    let took = ended - begun;
    assert!(took <= Duration::from_secs(2), "it ended {took:?} later");
}

/// A sleep until a date waits on when the wall clock was set back: it ends when that shows the date again, and not before.
///
/// Intent: a time server corrects a clock that was ahead, and a lease is not over by that.
///
/// If this fails, check that each look at the wall clock decides anew.
Capability fn wall_clock_set_back_is_waited_for(rt: Shared + WallClock) {
    let set = rt.backend().extension::<SetsWallClock>().expect("declared with `WallClock`").shared;
    let (before, begun) = (rt.system_time(), rt.now());
    let date = before + Duration::from_secs(5);
    let handle = rt.handle();
    let waiting = rt.spawn(async move {
        Timer::sleep_until_system_time(&handle, date).await;
        (handle.system_time(), handle.now())
    });
    rt.block_on(rt.sleep(Duration::from_secs(3)));
    set(&rt, before);
    step("a sleep until a date ends after the wall clock was set back");
    let (shown, ended) = rt.block_on(waiting).expect("the task ends");
    assert!(shown >= date, "it ended before the wall clock showed its date");
    let took = ended - begun;
    assert!(took >= Duration::from_secs(8), "it ended after {took:?}, and three seconds were set back");
}

}
