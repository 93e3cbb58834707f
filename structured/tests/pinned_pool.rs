//! `PinnedPool`.

mod common;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use anyrt_core::{Config, Launch, LocalRuntime, SpawnLocal, yield_now};
use anyrt_structured::{PinnedPool, TaskSet};

use self::common::{Latch, Wakes, park_on, poll_with, watched};

/// Makes a module for each local runtime, with the tests that are named.
macro_rules! on_every_pool {
    ($($test:ident),+ $(,)?) => {
        on_every_pool! { @ tokio anyrt_tokio::Local [$($test)+] }
        on_every_pool! { @ smol anyrt_smol::Local [$($test)+] }
        on_every_pool! { @ async_std anyrt_async_std::Local [$($test)+] }
    };
    (@ $runtime:ident $local:ty [$($test:ident)+]) => {
        mod $runtime {$(
            #[test]
            fn $test() {
                super::watched(super::$test::<$local>);
            }
        )+}
    };
}

on_every_pool! {
    a_task_stays_on_its_thread,
    tasks_are_spread,
    a_pinned_task_is_a_task,
    an_abort_runs_the_destructors_on_the_thread,
    shutdown_drops_the_tasks_first,
    a_dropped_pool_cancels,
    a_launch_that_fails_says_so,
}

fn pool<L: Launch<Handle: SpawnLocal> + 'static>(threads: usize) -> PinnedPool<L> {
    PinnedPool::launch(threads, Config::new()).unwrap()
}

fn a_task_stays_on_its_thread<L: Launch<Handle: LocalRuntime> + 'static>() {
    let pool = pool::<L>(2);
    for n in 0..50 {
        let task = pool.spawn_pinned(move |rt| {
            let home = thread::current().id();
            async move {
                let sum = Rc::new(Cell::new(n));
                for _ in 0..5 {
                    yield_now().await;
                    let seen = sum.clone();
                    let inner = rt.spawn_local(async move {
                        seen.set(seen.get() + 1);
                        thread::current().id()
                    });
                    assert_eq!(inner.await.unwrap(), home);
                    assert_eq!(thread::current().id(), home);
                }
                sum.get()
            }
        });
        assert_eq!(park_on(task).unwrap(), n + 5);
    }
    pool.shutdown();
}

fn tasks_are_spread<L: Launch<Handle: LocalRuntime> + 'static>() {
    let pool = pool::<L>(3);
    assert_eq!(pool.threads(), 3);
    let (latch, homes) = (Latch::new(3), Arc::new(Mutex::new(HashMap::new())));
    let mut tasks: Vec<_> = (0..3)
        .map(|n| {
            let (latch, homes) = (latch.clone(), homes.clone());
            pool.spawn_pinned(move |_| async move {
                homes.lock().unwrap().insert(n, thread::current().id());
                latch.down();
                pending::<()>().await;
            })
        })
        .collect();
    park_on(latch.opened());
    let homes = homes.lock().unwrap();
    assert_eq!(homes.values().collect::<HashSet<_>>().len(), 3);
    // The thread whose task has ended is the next one's.
    assert!(park_on(tasks.remove(1).cancel()).is_err());
    let next = pool.spawn_pinned(|_| async { thread::current().id() });
    assert_eq!(park_on(next).unwrap(), homes[&1]);
    drop(tasks);
    pool.shutdown();
}

fn a_pinned_task_is_a_task<L: Launch<Handle: LocalRuntime> + 'static>() {
    let pool = pool::<L>(1);
    let boom = pool.spawn_pinned(|_| async { panic!("boom") });
    let error = park_on(boom).unwrap_err();
    assert_eq!(error.into_panic().downcast_ref(), Some(&"boom"));
    // A panic before there is a future.
    fn never(_: impl Sized) -> std::future::Ready<()> {
        panic!("early")
    }
    let error = park_on(pool.spawn_pinned(never)).unwrap_err();
    assert_eq!(error.into_panic().downcast_ref(), Some(&"early"));
    // A detached task runs on.
    let latch = Latch::new(1);
    let end = latch.clone();
    drop(pool.spawn_pinned(|_| async move { end.down() }));
    park_on(latch.opened());
    // Its handle is one for sets.
    let mut set: TaskSet<_, _> = (0..20)
        .map(|n| (n, pool.spawn_pinned(move |_| async move { n })))
        .collect();
    while let Some((key, output)) = park_on(set.join_next()) {
        assert_eq!(key, output.unwrap());
    }
    pool.shutdown();
}

fn an_abort_runs_the_destructors_on_the_thread<L: Launch<Handle: LocalRuntime> + 'static>() {
    struct Note(Arc<Mutex<Option<thread::ThreadId>>>);

    impl Drop for Note {
        fn drop(&mut self) {
            *self.0.lock().unwrap() = Some(thread::current().id());
        }
    }

    let pool = pool::<L>(1);
    let home = park_on(pool.spawn_pinned(|_| async { thread::current().id() })).unwrap();
    for by_handle in [false, true] {
        let (dropped, latch) = (Arc::new(Mutex::new(None)), Latch::new(1));
        let (note, guard) = (Note(dropped.clone()), latch.guard());
        let mut task = pool.spawn_pinned(|_| async move {
            let _note = note;
            drop(guard);
            pending::<()>().await;
        });
        park_on(latch.opened());
        let handle = task.abort_handle();
        assert!(!task.is_finished() && !handle.is_finished());
        if by_handle {
            handle.abort();
        } else {
            task.abort();
        }
        assert!(park_on(&mut task).unwrap_err().is_cancelled());
        assert_eq!(*dropped.lock().unwrap(), Some(home));
        assert!(handle.is_finished());
    }
    pool.shutdown();
}

fn shutdown_drops_the_tasks_first<L: Launch<Handle: LocalRuntime> + 'static>() {
    let pool = pool::<L>(2);
    let (started, gone) = (Latch::new(10), Latch::new(10));
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let (start, guard) = (started.clone(), gone.guard());
            pool.spawn_pinned(move |_| async move {
                let _guard = guard;
                start.down();
                pending::<()>().await;
            })
        })
        .collect();
    park_on(started.opened());
    pool.shutdown();
    assert_eq!(gone.left(), 0);
    for task in tasks {
        assert!(park_on(task).unwrap_err().is_cancelled());
    }
}

fn a_dropped_pool_cancels<L: Launch<Handle: LocalRuntime> + 'static>() {
    let pool = pool::<L>(1);
    let gone = Latch::new(20);
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let guard = gone.guard();
            pool.spawn_pinned(move |_| async move {
                let _guard = guard;
                pending::<()>().await;
            })
        })
        .collect();
    drop(pool);
    for task in tasks {
        assert!(park_on(task).unwrap_err().is_cancelled());
    }
    assert_eq!(
        gone.left(),
        0,
        "no task has ended before its destructors ran"
    );
}

fn a_launch_that_fails_says_so<L: Launch<Handle: LocalRuntime> + 'static>() {
    let refused = PinnedPool::<L>::launch(2, Config::new().worker_threads(4));
    assert!(refused.is_err(), "a local runtime has no workers");
}

#[test]
fn a_task_that_is_aborted_before_its_thread_comes_to_it_is_never_made() {
    let pool = PinnedPool::<anyrt_tokio::Local>::launch(1, Config::new()).unwrap();
    let (go, wait) = mpsc::channel::<()>();
    let (entered, inside) = mpsc::channel();
    let first = pool.spawn_pinned(move |_| {
        entered.send(()).unwrap();
        wait.recv().unwrap();
        async {}
    });
    inside.recv().unwrap();
    let (made, is_made) = mpsc::channel();
    let mut second = pool.spawn_pinned(move |_| {
        made.send(()).unwrap();
        async {}
    });
    second.abort();
    go.send(()).unwrap();
    park_on(first).unwrap();
    assert!(park_on(second).unwrap_err().is_cancelled());
    assert!(is_made.recv().is_err(), "it was made");
    pool.shutdown();
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let pool = PinnedPool::<anyrt_tokio::Local>::launch(1, Config::new()).unwrap();
    let (go, wait) = futures::channel::oneshot::channel::<()>();
    let mut task = pool.spawn_pinned(move |_| async move {
        let _ = wait.await;
    });
    let ((first, once), (last, again)) = (Wakes::new(), Wakes::new());
    assert!(poll_with(&mut task, &once).is_pending());
    assert!(poll_with(&mut task, &again).is_pending());
    go.send(()).unwrap();
    while last.count() == 0 {
        thread::yield_now();
    }
    assert_eq!(first.count(), 0);
    park_on(task).unwrap();
    pool.shutdown();
}
