//! Tasks, handles and sleeps, on the global runtime.

use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use anyrt_core::{Sleep as _, prelude::*, yield_now};

use super::common::{CountDrop, Gate, PanicOnDrop, WakeCount, eventually, message, within};
use super::{Ambient, Global};

fn runtime() -> Global {
    Global::global()
}

#[test]
fn abort_wakes_a_waiting_joiner_and_join_comes_after_the_drop() {
    within(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let started = Gate::new();
        let slow = CountDrop::slow(&drops);
        let opener = started.clone();
        let mut task = runtime().spawn(async move {
            let _slow = slow;
            opener.open();
            pending::<()>().await;
        });
        started.wait();

        let (count, waker) = WakeCount::new();
        let mut cx = Context::from_waker(&waker);
        assert!(Pin::new(&mut task).poll(&mut cx).is_pending());
        task.abort();
        task.abort();
        loop {
            let seen = count.get();
            match Pin::new(&mut task).poll(&mut cx) {
                Poll::Ready(end) => {
                    assert!(end.unwrap_err().is_cancelled());
                    break;
                }
                Poll::Pending => count.wait_beyond(seen),
            }
        }
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        assert!(count.get() > 0);
    });
}

#[test]
fn an_aborted_task_is_finished_once_its_future_was_dropped() {
    within(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let slow = CountDrop::slow(&drops);
        let mut task = runtime().spawn(async move {
            let _slow = slow;
            pending::<()>().await;
        });
        task.abort();
        while !task.is_finished() {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        assert!(Ambient.block_on(task).unwrap_err().is_cancelled());
    });
}

#[test]
fn asking_whether_it_is_finished_keeps_the_joiner_waiting() {
    within(|| {
        let gate = Gate::new();
        let opened = gate.clone();
        let mut task = runtime().spawn(async move { opened.opened().await });
        let (count, waker) = WakeCount::new();
        let mut cx = Context::from_waker(&waker);
        assert!(Pin::new(&mut task).poll(&mut cx).is_pending());
        assert!(!task.is_finished());
        gate.open();
        count.wait_beyond(0);
        eventually(|| task.is_finished());
        assert!(Pin::new(&mut task).poll(&mut cx).is_ready());
    });
}

#[test]
fn an_abort_handle_reaches_a_parked_joiner_from_another_thread() {
    within(|| {
        let rt = runtime();
        let mut task = rt.spawn(pending::<()>());
        let stop = task.abort_handle();
        let again = task.abort_handle();
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            stop.abort();
        });
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        again.abort();
        other.join().unwrap();
    });
}

#[test]
fn an_abort_handle_works_after_the_join_handle_was_dropped() {
    within(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let guard = CountDrop::new(&drops);
        let mut task = runtime().spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        let stop = task.abort_handle();
        drop(task);
        thread::sleep(Duration::from_millis(5));
        assert_eq!(drops.load(Ordering::SeqCst), 0);
        stop.abort();
        stop.abort();
        eventually(|| drops.load(Ordering::SeqCst) == 1);
    });
}

#[test]
fn an_abort_handle_keeps_neither_future_nor_output() {
    within(|| {
        let futures = Arc::new(AtomicUsize::new(0));
        let outputs = Arc::new(AtomicUsize::new(0));
        for finish_first in [false, true] {
            let gate = Gate::new();
            let opened = gate.clone();
            let (future, output) = (CountDrop::new(&futures), CountDrop::new(&outputs));
            let mut task = runtime().spawn(async move {
                let _future = future;
                opened.opened().await;
                output
            });
            let stop = task.abort_handle();
            if finish_first {
                gate.open();
                eventually(|| task.is_finished());
            }
            drop(task);
            gate.open();
            let expected = 1 + usize::from(finish_first);
            eventually(|| outputs.load(Ordering::SeqCst) == expected);
            assert_eq!(futures.load(Ordering::SeqCst), expected);
            stop.abort();
        }
    });
}

#[test]
fn dropping_the_last_abort_handle_does_not_cancel() {
    within(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let gate = Gate::new();
        for join_handle_first in [false, true] {
            let (opened, output) = (gate.clone(), CountDrop::new(&drops));
            let mut task = runtime().spawn(async move {
                opened.opened().await;
                output.complete();
            });
            let stop = task.abort_handle();
            if join_handle_first {
                drop(task);
                drop(stop);
            } else {
                drop(stop);
                drop(task);
            }
        }
        gate.open();
        // `complete` counts ten for each that ran to its end, where a mere drop counts one.
        eventually(|| drops.load(Ordering::SeqCst) == 20);
    });
}

#[test]
fn every_output_is_dropped_once_whoever_comes_first() {
    within(|| {
        let rt = runtime();
        let drops = Arc::new(AtomicUsize::new(0));
        let made = Arc::new(AtomicUsize::new(0));
        for round in 0..2_000_u32 {
            let (guard, made) = (CountDrop::new(&drops), made.clone());
            made.fetch_add(1, Ordering::SeqCst);
            let mut task = rt.spawn(async move {
                for _ in 0..round % 4 {
                    yield_now().await;
                }
                guard
            });
            match round % 5 {
                0 => drop(task),
                1 => drop(rt.block_on(task)),
                2 => {
                    task.abort();
                    drop(task);
                }
                3 => {
                    let stop = task.abort_handle();
                    let other = thread::spawn(move || stop.abort());
                    drop(task);
                    other.join().unwrap();
                }
                _ => {
                    let stop = task.abort_handle();
                    let other = thread::spawn(move || stop.abort());
                    drop(rt.block_on(task));
                    other.join().unwrap();
                }
            }
        }
        eventually(|| drops.load(Ordering::SeqCst) == made.load(Ordering::SeqCst));
    });
}

#[test]
fn a_panic_is_an_error_with_its_payload() {
    within(|| {
        let rt = runtime();
        let end = rt.block_on(rt.spawn(async { panic!("out of cheese") }));
        assert_eq!(message(end.unwrap_err()), "out of cheese");
        let end = rt.block_on(rt.spawn_blocking(|| panic!("out of milk")));
        assert_eq!(message(end.unwrap_err()), "out of milk");
        assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
    });
}

#[test]
fn a_panicking_destructor_is_contained_on_completion_and_on_abort() {
    within(|| {
        let rt = runtime();
        // Kept alive by the future itself, so that the panic comes from dropping it.
        let end = rt.block_on(rt.spawn({
            let mut grumpy = Some(PanicOnDrop);
            poll_fn(move |_| Poll::Ready(grumpy.as_mut().map(|_| 1)))
        }));
        assert_eq!(message(end.unwrap_err()), "dropped");

        let mut task = rt.spawn(async {
            let _grumpy = PanicOnDrop;
            pending::<()>().await;
        });
        task.abort();
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
    });
}

#[test]
fn a_panicking_destructor_of_a_detached_output_is_contained() {
    within(|| {
        let rt = runtime();
        let gate = Gate::new();
        let opened = gate.clone();
        rt.spawn(async move {
            opened.opened().await;
            PanicOnDrop
        })
        .detach();
        let mut task = rt.spawn(async { PanicOnDrop });
        let stop = task.abort_handle();
        eventually(|| task.is_finished());
        drop(task);
        stop.abort();
        gate.open();
        assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
    });
}

#[test]
#[should_panic(expected = "polled after it was joined")]
fn a_second_poll_panics() {
    let mut task = runtime().spawn(async {});
    assert!(runtime().block_on(&mut task).is_ok());
    let _ = Pin::new(&mut task).poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn a_closure_runs_whatever_happens_to_its_handle() {
    within(|| {
        let rt = runtime();
        let runs = Arc::new(AtomicUsize::new(0));
        for round in 0..60 {
            let runs = runs.clone();
            let mut task = rt.spawn_blocking(move || {
                thread::sleep(Duration::from_millis(1));
                runs.fetch_add(1, Ordering::SeqCst);
            });
            match round % 3 {
                0 => drop(task),
                1 => task.abort(),
                _ => task.abort_handle().abort(),
            }
        }
        eventually(|| runs.load(Ordering::SeqCst) == 60);
    });
}

#[test]
fn a_nested_block_on_panics_and_does_not_hang() {
    within(|| {
        let rt = runtime();
        let inner = rt.clone();
        let end = rt.block_on(rt.spawn(async move {
            let other = inner.spawn(async { 1 });
            inner.block_on(other)
        }));
        let message = message(end.unwrap_err());
        assert!(message.starts_with("cannot block on a future"), "{message}");

        let inner = rt.clone();
        let end = rt.block_on(rt.spawn_blocking(move || inner.block_on(inner.spawn(async { 1 }))));
        assert_eq!(end.unwrap().unwrap(), 1);
        let inner = rt.clone();
        assert_eq!(
            rt.block_on(async { inner.block_on(inner.spawn(async { 1 })) })
                .unwrap(),
            1
        );
    });
}

#[test]
fn a_sleep_is_never_early_and_stays_ready() {
    within(|| {
        let rt = runtime();
        let start = Instant::now();
        let mut sleep = pin!(rt.sleep(Duration::from_millis(20)));
        rt.block_on(sleep.as_mut());
        assert!(start.elapsed() >= Duration::from_millis(20));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(sleep.as_mut().poll(&mut cx).is_ready());
        let now = rt.now();
        sleep.as_mut().reset(now + Duration::from_secs(3600));
        assert!(!sleep.is_elapsed());
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
        for due in [rt.sleep(Duration::ZERO), rt.sleep_until(start)] {
            assert!(pin!(due).poll(&mut cx).is_ready());
        }
    });
}

#[test]
fn an_endless_sleep_does_not_fire_and_can_be_reset() {
    within(|| {
        let rt = runtime();
        let year = Duration::from_secs(365 * 24 * 3600);
        for endless in [
            Duration::MAX,
            Duration::from_secs(u64::MAX),
            1000 * year,
            Duration::from_secs(i64::MAX as u64 / 2),
        ] {
            let mut sleep = pin!(rt.sleep(endless));
            let (count, waker) = WakeCount::new();
            let mut cx = Context::from_waker(&waker);
            assert!(sleep.as_mut().poll(&mut cx).is_pending());
            // The reactor copes with such a deadline while it waits for another one.
            rt.block_on(rt.sleep(Duration::from_millis(5)));
            assert!(sleep.as_mut().poll(&mut cx).is_pending());
            assert_eq!(count.get(), 0);
            sleep.as_mut().reset(rt.now() + Duration::from_millis(5));
            count.wait_beyond(0);
            assert!(sleep.as_mut().poll(&mut cx).is_ready());
        }
    });
}
