//! The owned executor: its options, its threads and its end.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;

use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use anyrt_core::{Config, ConfigOption, Flavor, prelude::*};
use anyrt_smol::{Ambient, Local, Owned, Smol};

use common::{CountDrop, Gate, eventually, message, threads, within};

/// A runtime whose threads can be told from those of the other tests in this process.
fn launch(name: &str, workers: usize) -> Owned {
    Owned::launch(Config::new().thread_name(name).worker_threads(workers)).unwrap()
}

#[test]
fn count_and_name_are_honoured_and_no_thread_remains() {
    within(|| {
        let rt = launch("three", 3);
        // Linux shows a name once the thread has set it.
        eventually(|| threads("three").len() == 3);
        let name = rt
            .handle()
            .spawn(async { thread::current().name().map(str::to_owned) });
        assert_eq!(rt.block_on(name).unwrap().as_deref(), Some("three"));
        rt.shutdown(Duration::from_secs(10));
        // A thread that was joined leaves the system's list a moment later.
        eventually(|| threads("three").is_empty());

        let second = launch("three", 1);
        assert_eq!(second.run(async { 1 }), 1);
        drop(second);
        eventually(|| threads("three").is_empty());
    });
}

#[test]
fn the_stack_size_is_honoured() {
    #[inline(never)]
    fn deep() -> usize {
        let array = std::hint::black_box([1_u8; 16 << 20]);
        array.iter().step_by(4096).count()
    }
    within(|| {
        let rt =
            Owned::launch(Config::new().worker_threads(1).thread_stack_size(64 << 20)).unwrap();
        assert_eq!(rt.run(async { deep() }), 4096);
    });
}

#[test]
fn what_cannot_be_honoured_is_refused_by_name() {
    let refused = [
        (
            Config::new().flavor(Flavor::CurrentThread),
            ConfigOption::Flavor,
        ),
        (Config::new().worker_threads(0), ConfigOption::WorkerThreads),
        (Config::new().thread_name("a\0b"), ConfigOption::ThreadName),
        (
            Config::new().thread_stack_size(0),
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
        let error = Owned::launch(config).unwrap_err();
        assert_eq!(error.option(), Some(option));
        assert_eq!(error.runtime(), "smol");
    }
    assert!(Owned::launch(Config::new().flavor(Flavor::MultiThread)).is_ok());
}

#[test]
fn a_thread_that_cannot_be_started_is_an_error_and_leaves_none() {
    within(|| {
        let config = Config::new().thread_name("refused").worker_threads(2);
        let error = Owned::launch(config.thread_stack_size(1 << 46)).unwrap_err();
        assert_eq!(error.option(), None);
        assert!(
            error.to_string().contains("start a worker thread"),
            "{error}"
        );
        assert_eq!(threads("refused").len(), 0);
    });
}

#[test]
fn shutdown_has_dropped_parked_tasks_though_their_wakers_live() {
    within(|| {
        let rt = launch("parked", 2);
        let drops = Arc::new(AtomicUsize::new(0));
        let wakers = Arc::new(Mutex::new(Vec::<Waker>::new()));
        let mut tasks = Vec::new();
        for _ in 0..100 {
            let (guard, wakers) = (CountDrop::new(&drops), wakers.clone());
            tasks.push(rt.handle().spawn(poll_fn(move |cx| {
                let _guard = &guard;
                wakers.lock().unwrap().push(cx.waker().clone());
                Poll::<()>::Pending
            })));
        }
        eventually(|| wakers.lock().unwrap().len() == 100);
        rt.shutdown(Duration::from_secs(10));
        assert_eq!(drops.load(Ordering::SeqCst), 100);
        for task in tasks {
            assert!(Smol::global().block_on(task).unwrap_err().is_cancelled());
        }
        wakers.lock().unwrap().drain(..).for_each(Waker::wake);
    });
}

#[test]
fn a_task_that_holds_its_runtimes_handle_is_no_cycle() {
    within(|| {
        let rt = launch("cycle", 1);
        let drops = Arc::new(AtomicUsize::new(0));
        let (guard, handle) = (CountDrop::new(&drops), rt.handle());
        rt.handle().spawn_detached(async move {
            let _held = (guard, handle);
            pending::<()>().await;
        });
        drop(rt);
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn a_finished_output_outlives_the_runtime_and_a_dead_handle_cancels() {
    within(|| {
        let rt = launch("dead", 1);
        let handle = rt.handle();
        let task = handle.spawn(async { 42 });
        eventually(|| task.is_finished());
        drop(rt);
        assert_eq!(handle.block_on(task).unwrap(), 42);

        let drops = Arc::new(AtomicUsize::new(0));
        let guard = CountDrop::new(&drops);
        let mut late = handle.spawn(async move { drop(guard) });
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        assert!(late.is_finished());
        late.abort_handle().abort();
        late.abort();
        assert!(handle.block_on(late).unwrap_err().is_cancelled());
        assert_eq!(handle.block_on(handle.spawn_blocking(|| 1)).unwrap(), 1);
        handle.block_on(handle.sleep(Duration::from_millis(1)));
    });
}

#[test]
fn a_destructor_that_spawns_during_the_shutdown_gets_a_cancelled_task() {
    struct SpawnOnDrop(Smol, Arc<AtomicBool>);
    impl Drop for SpawnOnDrop {
        fn drop(&mut self) {
            let task = self.0.spawn(async {});
            self.1.store(task.is_finished(), Ordering::SeqCst);
        }
    }
    within(|| {
        let rt = launch("late", 1);
        let cancelled = Arc::new(AtomicBool::new(false));
        let guard = SpawnOnDrop(rt.handle(), cancelled.clone());
        rt.handle().spawn_detached(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        drop(rt);
        assert!(cancelled.load(Ordering::SeqCst));
    });
}

#[test]
fn dropping_it_inside_its_own_task_neither_panics_nor_blocks() {
    within(|| {
        let rt = launch("inside", 1);
        let handle = rt.handle();
        let drops = Arc::new(AtomicUsize::new(0));
        let guard = CountDrop::new(&drops);
        handle.spawn_detached(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        let done = Gate::new();
        let opener = done.clone();
        handle.spawn_detached(async move {
            drop(rt);
            opener.open();
        });
        done.wait();
        eventually(|| drops.load(Ordering::SeqCst) == 1);
        eventually(|| threads("inside").is_empty());
    });
}

#[test]
fn dropping_it_inside_a_block_on_does_not_wait_for_a_stuck_task() {
    within(|| {
        let rt = launch("stuck", 1);
        let (started, release) = (Gate::new(), Gate::new());
        let (starts, released) = (started.clone(), release.clone());
        rt.handle().spawn_detached(async move {
            starts.open();
            released.wait();
        });
        started.wait();
        Ambient.block_on(async move { drop(rt) });
        // The first worker of a process starts async-io's thread, which has the worker's name until it takes its own.
        eventually(|| threads("stuck").len() == 1);
        release.open();
        eventually(|| threads("stuck").is_empty());
    });
}

#[test]
fn shutdown_returns_within_its_grace_and_the_rest_follows() {
    within(|| {
        let rt = launch("grace", 1);
        let (started, release) = (Gate::new(), Gate::new());
        let (starts, released) = (started.clone(), release.clone());
        let drops = Arc::new(AtomicUsize::new(0));
        let guard = CountDrop::new(&drops);
        rt.handle().spawn_detached(async move {
            let _guard = guard;
            starts.open();
            released.wait();
            pending::<()>().await;
        });
        started.wait();
        let start = Instant::now();
        rt.shutdown(Duration::from_millis(30));
        assert!(start.elapsed() >= Duration::from_millis(30));
        assert_eq!(drops.load(Ordering::SeqCst), 0);
        release.open();
        eventually(|| drops.load(Ordering::SeqCst) == 1);
        eventually(|| threads("grace").is_empty());
    });
}

#[test]
fn a_nested_block_on_panics_on_a_worker() {
    within(|| {
        let rt = launch("nested", 2);
        let inner = rt.handle();
        let end = rt.block_on(rt.handle().spawn(async move { inner.block_on(async {}) }));
        assert!(message(end.unwrap_err()).starts_with("cannot block on a future"));
        // Launched here, it is not the runtime that is blocked on, but its thread would be.
        let end = rt.block_on(rt.handle().spawn(async { Ambient.block_on(async {}) }));
        assert!(end.unwrap_err().is_panic());
        eventually(|| threads("nested").len() == 2);
    });
}

#[test]
fn dropping_it_waits_for_a_poll_that_is_under_way() {
    within(|| {
        let rt = launch("under-way", 1);
        let (started, ended) = (Gate::new(), Arc::new(AtomicBool::new(false)));
        let (start, end) = (started.clone(), ended.clone());
        rt.handle().spawn_detached(async move {
            start.open();
            thread::sleep(Duration::from_millis(100));
            end.store(true, Ordering::SeqCst);
            pending::<()>().await;
        });
        started.wait();
        drop(rt);
        assert!(ended.load(Ordering::SeqCst));
    });
}

#[test]
fn its_end_inside_a_local_runtime_does_not_wait_for_its_tasks() {
    const LONG: Duration = Duration::from_secs(20);
    within(|| {
        for by_drop in [false, true] {
            let rt = launch("within", 1);
            let (started, stuck) = (Gate::default(), Gate::default());
            let (start, wait) = (started.clone(), stuck.clone());
            rt.handle().spawn_detached(async move {
                start.open();
                wait.wait();
            });
            started.wait();
            let begun = Instant::now();
            let local = Local::launch(Config::new()).unwrap();
            local.block_on(async move { if by_drop { drop(rt) } else { rt.shutdown(LONG) } });
            assert!(begun.elapsed() < LONG);
            stuck.open();
        }
    });
}

#[test]
fn the_current_runtime_is_the_owned_one_inside_and_the_global_one_outside() {
    within(|| {
        fn name() -> Option<String> {
            thread::current().name().map(str::to_owned)
        }
        let rt = launch("current", 1);
        let here = |rt: Smol| async move { rt.spawn(async { name() }).await.unwrap() };
        let inside = rt.block_on(async { here(Smol::try_current().unwrap()).await });
        assert_eq!(inside.as_deref(), Some("current"));
        let inside = rt.run(async move { here(Smol::current()).await });
        assert_eq!(inside.as_deref(), Some("current"));
        let ambient = rt.block_on(async { Ambient.spawn(async { name() }).await.unwrap() });
        assert_eq!(ambient.as_deref(), Some("current"));
        let outside = Ambient.block_on(here(Smol::try_current().unwrap()));
        assert!(outside.unwrap().starts_with("smol-"));
        // The handle wins over the runtime that it is used in.
        let handle = rt.handle();
        let won = Ambient.block_on(async { handle.spawn(async { name() }).await.unwrap() });
        assert_eq!(won.as_deref(), Some("current"));
    });
}
