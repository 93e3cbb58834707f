//! The local runtime: one thread, tasks that are not `Send`.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use anyrt_core::{Config, ConfigOption, Flavor, prelude::*, yield_now};

use super::common::{CountDrop, PanicOnDrop, message, within};
use super::{Global, Local, LocalHandle, RUNTIME};

fn launch() -> Local {
    Local::launch(Config::new()).unwrap()
}

#[test]
fn a_handle_knows_whether_its_runtime_is_gone() {
    let local = launch();
    let handle = local.handle();
    assert!(!handle.is_gone());
    drop(local);
    assert!(handle.is_gone());
    let refused = catch_unwind(AssertUnwindSafe(|| handle.block_on(async {})));
    let payload = refused.expect_err("nothing would run");
    let text = payload.downcast_ref::<&str>().expect("a text");
    assert!(text.contains("a local runtime that is gone"), "{text}");
}

#[test]
fn options_are_honoured_or_refused_by_name() {
    assert!(Local::launch(Config::new().flavor(Flavor::CurrentThread)).is_ok());
    let refused = [
        (
            Config::new().flavor(Flavor::MultiThread),
            ConfigOption::Flavor,
        ),
        (Config::new().worker_threads(1), ConfigOption::WorkerThreads),
        (Config::new().thread_name("a"), ConfigOption::ThreadName),
        (
            Config::new().thread_stack_size(1 << 20),
            ConfigOption::ThreadStackSize,
        ),
        (
            Config::new().max_blocking_threads(1),
            ConfigOption::MaxBlockingThreads,
        ),
        (
            Config::new().thread_keep_alive(Duration::ZERO),
            ConfigOption::ThreadKeepAlive,
        ),
        (Config::new().event_interval(1), ConfigOption::EventInterval),
        (
            Config::new().global_queue_interval(1),
            ConfigOption::GlobalQueueInterval,
        ),
        (
            Config::new().max_io_events_per_tick(1),
            ConfigOption::MaxIoEventsPerTick,
        ),
    ];
    for (config, option) in refused {
        let error = Local::launch(config).unwrap_err();
        assert_eq!(error.option(), Some(option));
        assert_eq!(error.runtime(), RUNTIME);
    }
}

#[test]
fn the_root_is_not_polled_because_other_tasks_ran() {
    within(|| {
        let rt = launch();
        let mut polls = 0;
        let ran = Rc::new(Cell::new(0));
        let root = Rc::new(Cell::new(None::<Waker>));
        let (busy, waits) = (ran.clone(), root.clone());
        rt.handle().spawn_local_detached(async move {
            for _ in 0..1000 {
                busy.set(busy.get() + 1);
                yield_now().await;
            }
            waits.take().expect("the root waits").wake();
        });
        rt.block_on(poll_fn(|cx| {
            polls += 1;
            if ran.get() == 1000 {
                return Poll::Ready(());
            }
            root.set(Some(cx.waker().clone()));
            Poll::Pending
        }));
        assert_eq!((ran.get(), polls), (1000, 2));

        // A timer wakes the root once, however often a task beside it runs.
        rt.handle().spawn_local_detached(async {
            loop {
                yield_now().await;
            }
        });
        let mut sleep = Box::pin(rt.handle().sleep(Duration::from_millis(50)));
        polls = 0;
        rt.block_on(poll_fn(|cx| {
            polls += 1;
            sleep.as_mut().poll(cx)
        }));
        assert!(polls <= 2, "{polls}");
    });
}

#[test]
fn a_yielding_root_lets_tasks_run_and_a_busy_task_lets_root_and_timers_run() {
    within(|| {
        let rt = launch();
        let done = Rc::new(Cell::new(false));
        let ran = done.clone();
        rt.handle()
            .spawn_local_detached(async move { ran.set(true) });
        rt.block_on(async {
            while !done.get() {
                yield_now().await;
            }
        });
        rt.handle().spawn_local_detached(async {
            loop {
                yield_now().await;
            }
        });
        let sleep = rt.handle().sleep(Duration::from_millis(5));
        rt.block_on(sleep);
    });
}

#[test]
fn a_root_is_woken_from_another_thread() {
    within(|| {
        let rt = launch();
        let gate = super::common::Gate::new();
        let opener = gate.clone();
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            opener.open();
        });
        rt.block_on(async { gate.opened().await });
        other.join().unwrap();
    });
}

#[test]
fn dropping_it_drops_pending_futures_here_and_kills_its_handles() {
    within(|| {
        let rt = launch();
        let handle = rt.handle();
        let drops = Arc::new(AtomicUsize::new(0));
        let wakers = Rc::new(RefCell::new(Vec::<Waker>::new()));
        let (guard, kept) = (CountDrop::new(&drops), wakers.clone());
        let task = handle.spawn_local(poll_fn(move |cx| {
            let _guard = &guard;
            kept.borrow_mut().push(cx.waker().clone());
            Poll::<()>::Pending
        }));
        rt.block_on(yield_now());
        assert_eq!(wakers.borrow().len(), 1);
        drop(rt);
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        assert!(Global::global().block_on(task).unwrap_err().is_cancelled());
        wakers.borrow_mut().drain(..).for_each(Waker::wake);

        let guard = CountDrop::new(&drops);
        let mut late = handle.spawn_local(async move { drop(guard) });
        assert_eq!(drops.load(Ordering::SeqCst), 2);
        late.abort_handle().abort();
        assert!(late.is_finished());
        assert!(Global::global().block_on(late).unwrap_err().is_cancelled());
    });
}

#[test]
fn abort_and_panics_are_those_of_any_task() {
    within(|| {
        let rt = launch();
        let mut task = rt.handle().spawn_local(async {
            let _grumpy = (PanicOnDrop, Rc::new(()));
            pending::<()>().await;
        });
        rt.block_on(yield_now());
        task.abort();
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        let end = rt.block_on(rt.handle().spawn_local(async { panic!("local") }));
        assert_eq!(message(end.unwrap_err()), "local");
        let end = rt.block_on(rt.handle().spawn_local({
            let mut grumpy = Some(PanicOnDrop);
            poll_fn(move |_| Poll::Ready(grumpy.as_mut().map(|_| 1)))
        }));
        assert_eq!(message(end.unwrap_err()), "dropped");
    });
}

#[test]
fn an_abort_handle_works_from_another_thread() {
    within(|| {
        let rt = launch();
        let mut task = rt.handle().spawn_local(pending::<Rc<()>>());
        let stop = task.abort_handle();
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            stop.abort();
        });
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        other.join().unwrap();
    });
}

#[test]
fn an_abort_handle_works_after_the_join_handle_was_dropped_and_pins_nothing() {
    within(|| {
        let rt = launch();
        let alive = Rc::new(());
        let held = alive.clone();
        let mut task = rt.handle().spawn_local(async move {
            let _held = held;
            pending::<()>().await;
        });
        let stop = task.abort_handle();
        drop(task);
        rt.block_on(yield_now());
        assert_eq!(Rc::strong_count(&alive), 2);
        thread::scope(|scope| scope.spawn(|| stop.abort()).join().unwrap());
        rt.block_on(async {
            while Rc::strong_count(&alive) > 1 {
                yield_now().await;
            }
        });

        // An output that nobody takes goes when it comes, while the abort handle lives.
        let held = alive.clone();
        let mut task = rt.handle().spawn_local(async move {
            yield_now().await;
            held
        });
        let stop = task.abort_handle();
        drop(task);
        rt.block_on(async {
            while Rc::strong_count(&alive) > 1 {
                yield_now().await;
            }
        });
        drop(stop);
    });
}

#[test]
fn dropping_the_last_abort_handle_does_not_cancel() {
    within(|| {
        for join_handle_first in [false, true] {
            let rt = launch();
            let done = Rc::new(Cell::new(false));
            let sets = done.clone();
            let mut task = rt.handle().spawn_local(async move {
                yield_now().await;
                yield_now().await;
                sets.set(true);
            });
            let stop = task.abort_handle();
            if join_handle_first {
                drop(task);
                drop(stop);
            } else {
                drop(stop);
                rt.block_on(yield_now());
                drop((task.abort_handle(), task));
            }
            rt.block_on(async {
                while !done.get() {
                    yield_now().await;
                }
            });
        }
    });
}

#[test]
fn a_nested_block_on_drives_local_tasks() {
    within(|| {
        let rt = launch();
        let inner = rt.handle();
        let answer = rt.block_on(async { inner.block_on(inner.spawn_local(async { 42 })) });
        assert_eq!(answer.unwrap(), 42);
        let inner = rt.handle();
        let outer = rt.handle().spawn_local(async move {
            let task = inner.spawn_local(async { 42 });
            inner.block_on(task).unwrap()
        });
        assert_eq!(rt.block_on(outer).unwrap(), 42);
    });
}

#[test]
fn the_current_runtime_is_known_inside_only() {
    within(|| {
        assert!(LocalHandle::try_current().is_err());
        let rt = launch();
        let other = launch();
        rt.block_on(async {
            let here = LocalHandle::try_current().unwrap();
            assert_eq!(here.spawn_local(async { 1 }).await.unwrap(), 1);
            other.block_on(async { assert!(LocalHandle::try_current().is_ok()) });
            assert!(LocalHandle::try_current().is_ok());
        });
        let panics = catch_unwind(AssertUnwindSafe(|| rt.block_on(async { panic!("root") })));
        assert!(panics.is_err());
        assert!(LocalHandle::try_current().is_err());
    });
}

#[test]
fn blocking_closures_and_sleeps_work() {
    within(|| {
        let rt = launch();
        let handle = rt.handle();
        let sum = rt.block_on(async {
            handle.sleep(Duration::from_millis(1)).await;
            handle.spawn_blocking(|| 1).await.unwrap() + 1
        });
        assert_eq!(sum, 2);
        let mut sleep = pin!(handle.sleep(Duration::ZERO));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut sleep).poll(&mut cx).is_ready());
    });
}

#[test]
fn a_destructor_finds_its_runtime_when_that_is_dropped() {
    struct Look(Rc<Cell<bool>>);
    impl Drop for Look {
        fn drop(&mut self) {
            let here = LocalHandle::try_current().expect("inside of its runtime");
            self.0.set(here.spawn_local(pending::<()>()).is_finished());
        }
    }
    within(|| {
        let seen = Rc::new(Cell::new(false));
        let (rt, look) = (launch(), Look(seen.clone()));
        rt.handle().spawn_local_detached(async move {
            let _look = look;
            pending::<()>().await;
        });
        rt.block_on(yield_now());
        drop(rt);
        assert!(seen.get());
        assert!(LocalHandle::try_current().is_err());
    });
}

#[test]
fn dropping_the_handle_of_a_finished_task_contains_its_outputs_panic() {
    within(|| {
        let rt = launch();
        for with_abort_handle in [false, true] {
            let mut task = rt.handle().spawn_local(async { PanicOnDrop });
            if with_abort_handle {
                task.abort_handle();
            }
            while !task.is_finished() {
                rt.block_on(yield_now());
            }
            drop(task);
            rt.block_on(yield_now());
        }
        assert_eq!(
            rt.block_on(rt.handle().spawn_local(async { 1 })).unwrap(),
            1
        );
    });
}

/// A task that another thread is just waking is marked as scheduled and not yet in the queue: whoever empties the queue once
/// does not find it, and its destructor never runs.
#[test]
fn a_task_that_another_thread_is_waking_while_the_runtime_is_dropped_is_not_left_behind() {
    within(|| {
        let seconds = std::env::var("ANYRT_STRESS_SECONDS");
        let seconds = seconds.map_or(2, |text| text.parse().expect("a number of seconds"));
        let until = Instant::now() + Duration::from_secs(seconds);
        let wakers = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let meddlers: Vec<_> = (0..2)
            .map(|_| {
                let (wakers, stop) = (wakers.clone(), stop.clone());
                thread::spawn(move || wake_until(&stop, &wakers))
            })
            .collect();
        let mut rounds = 0;
        while Instant::now() < until || rounds < 100 {
            wake_against_the_drop(&wakers);
            rounds += 1;
        }
        stop.store(true, Ordering::Relaxed);
        meddlers
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        println!("{rounds} rounds");
    });
}

fn wake_until(stop: &AtomicBool, wakers: &Mutex<Vec<Waker>>) {
    while !stop.load(Ordering::Relaxed) {
        let known = wakers.lock().unwrap().clone();
        for _ in 0..20 {
            known.iter().for_each(Waker::wake_by_ref);
        }
    }
}

fn wake_against_the_drop(wakers: &Mutex<Vec<Waker>>) {
    const TASKS: usize = 20;
    struct Note(Arc<AtomicUsize>, thread::ThreadId);
    impl Drop for Note {
        fn drop(&mut self) {
            let is_here = thread::current().id() == self.1;
            self.0
                .fetch_add(if is_here { 1 } else { 1000 }, Ordering::SeqCst);
        }
    }
    let rt = launch();
    let drops = Arc::new(AtomicUsize::new(0));
    let found = Rc::new(RefCell::new(Vec::new()));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let note = Note(drops.clone(), thread::current().id());
            let found = found.clone();
            let mut is_known = false;
            rt.handle().spawn_local(poll_fn(move |cx| {
                let _note = &note;
                if !is_known {
                    is_known = true;
                    found.borrow_mut().push(cx.waker().clone());
                }
                Poll::<()>::Pending
            }))
        })
        .collect();
    rt.block_on(async {
        while found.borrow().len() < TASKS {
            yield_now().await;
        }
    });
    *wakers.lock().unwrap() = found.take();
    rt.block_on(yield_now());
    drop(rt);
    assert_eq!(
        drops.load(Ordering::SeqCst),
        TASKS,
        "destructors on this thread"
    );
    for task in tasks {
        assert!(task.is_finished());
        assert!(Global::global().block_on(task).unwrap_err().is_cancelled());
    }
}

#[test]
fn a_runtime_that_is_dropped_inside_its_own_block_on_ends_with_it() {
    struct Look(Rc<Cell<bool>>);
    impl Drop for Look {
        fn drop(&mut self) {
            self.0.set(LocalHandle::try_current().is_ok());
        }
    }
    within(|| {
        let seen = Rc::new(Cell::new(false));
        let (rt, look) = (launch(), Look(seen.clone()));
        let handle = rt.handle();
        handle.spawn_local_detached(async move {
            let _look = look;
            pending::<()>().await;
        });
        let inner = handle.clone();
        handle.block_on(async move {
            rt.shutdown(Duration::from_secs(60));
            // It is still driven.
            assert_eq!(inner.spawn_local(async { 1 }).await.unwrap(), 1);
        });
        assert!(seen.get());
        assert!(handle.spawn_local(pending::<()>()).is_finished());
    });
}

#[test]
fn a_worker_of_the_global_runtime_is_not_blocked() {
    within(|| {
        let global = Global::global();
        let task = global.spawn(async { launch().block_on(async { 1 }) });
        let message = message(global.block_on(task).unwrap_err());
        assert!(message.starts_with("cannot block on a future"), "{message}");
        let task = global.spawn(async {
            let rt = launch();
            rt.handle().block_on(async { 1 })
        });
        let message = self::message(global.block_on(task).unwrap_err());
        assert!(message.starts_with("cannot block on a future"), "{message}");
    });
}
