//! `scope`, `try_scope` and their local kin.

mod common;

use std::cell::Cell;
use std::convert::Infallible;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use anyrt_core::{prelude::*, yield_now};
use anyrt_structured::{
    Either, Instrumented, LocalScope, Scope, TaskInfo, local_scope, scope, select, try_local_scope,
    try_scope,
};
use futures::FutureExt;

use self::common::{Latch, on_every_local_runtime, on_every_runtime};

on_every_runtime! {
    all_tasks_end_first,
    a_body_may_wait_without_a_task,
    tasks_spawn_their_siblings,
    the_first_error_stops_the_rest,
    an_error_of_the_body_stops_the_tasks,
    a_panic_of_a_task_stops_the_rest,
    a_panic_of_the_body_stops_the_tasks,
    dropping_it_aborts_all,
    closures_are_waited_for,
    late_spawns_are_dropped,
    a_scope_has_ended_when_it_is_ready,
    the_error_of_a_late_task_stops_the_rest,
    the_body_runs_while_tasks_do,
    a_scope_is_send,
    names_are_kept,
}

on_every_local_runtime! { local_tasks_end_first, the_first_local_error_stops_the_rest }

async fn a_body_may_wait_without_a_task<R: Runtime>(rt: R) {
    let waited = scope(&rt, |_| async {
        yield_now().await;
        5
    });
    assert_eq!(waited.await, 5);
}

async fn all_tasks_end_first<R: Runtime>(rt: R) {
    let latch = Latch::new(200);
    let output = scope(&rt, |scope| {
        for n in 0..200 {
            let guard = latch.guard();
            scope.spawn(async move {
                let _guard = guard;
                for _ in 0..n % 5 {
                    yield_now().await;
                }
            });
        }
        async { 7 }
    });
    assert_eq!(output.await, 7);
    assert_eq!(latch.left(), 0);
    assert_eq!(scope(&rt, |_| async { 8 }).await, 8);
}

async fn tasks_spawn_their_siblings<R: Runtime>(rt: R) {
    fn walk<R: Runtime>(scope: &Scope<R, Infallible>, depth: u32, visited: &Arc<AtomicUsize>) {
        visited.fetch_add(1, Ordering::Relaxed);
        for _ in 0..if depth == 0 { 0 } else { 3 } {
            let (below, visited) = (scope.clone(), visited.clone());
            scope.spawn(async move {
                yield_now().await;
                walk(&below, depth - 1, &visited);
            });
        }
    }

    let visited = Arc::new(AtomicUsize::new(0));
    scope(&rt, |scope| {
        walk(&scope, 5, &visited);
        async {}
    })
    .await;
    assert_eq!(visited.load(Ordering::Relaxed), 1 + 3 + 9 + 27 + 81 + 243);
}

async fn the_first_error_stops_the_rest<R: Runtime>(rt: R) {
    let latch = Latch::new(100);
    let kept = Arc::new(Mutex::new(None));
    let result: Result<(), usize> = try_scope(&rt, |scope| {
        *kept.lock().unwrap() = Some(scope.token().clone());
        for n in 0..100 {
            let guard = latch.guard();
            scope.spawn_result(async move {
                let _guard = guard;
                if n == 37 { Err(n) } else { pending().await }
            });
        }
        async { pending().await }
    })
    .await;
    assert_eq!(result, Err(37));
    assert_eq!(latch.left(), 0, "all destructors have run");
    assert!(kept.lock().unwrap().as_ref().unwrap().is_cancelled());
}

async fn an_error_of_the_body_stops_the_tasks<R: Runtime>(rt: R) {
    let latch = Latch::new(10);
    let result: Result<(), &str> = try_scope(&rt, |scope| {
        for _ in 0..10 {
            let guard = latch.guard();
            scope.spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
        }
        async {
            yield_now().await;
            Err("no")
        }
    })
    .await;
    assert_eq!((result, latch.left()), (Err("no"), 0));
}

async fn a_panic_of_a_task_stops_the_rest<R: Runtime>(rt: R) {
    let latch = Latch::new(11);
    let body_guard = latch.guard();
    let end = scope(&rt, |scope| {
        for _ in 0..10 {
            let guard = latch.guard();
            scope.spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
        }
        scope.spawn(async { panic!("boom") });
        async move {
            let _guard = body_guard;
            pending::<()>().await
        }
    });
    let payload = AssertUnwindSafe(end).catch_unwind().await.unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"boom"));
    assert_eq!(latch.left(), 0);
}

async fn a_panic_of_the_body_stops_the_tasks<R: Runtime>(rt: R) {
    let latch = Latch::new(10);
    let end = scope(&rt, |scope| {
        for _ in 0..10 {
            let guard = latch.guard();
            scope.spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
        }
        async {
            yield_now().await;
            panic!("boom")
        }
    });
    let payload = AssertUnwindSafe(end).catch_unwind().await.unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"boom"));
    assert_eq!(latch.left(), 0);
}

async fn dropping_it_aborts_all<R: Runtime>(rt: R) {
    let latch = Latch::new(20);
    let kept = Arc::new(Mutex::new(None));
    let end = Box::pin(scope(&rt, |scope| {
        *kept.lock().unwrap() = Some(scope.token().clone());
        for _ in 0..10 {
            let guard = latch.guard();
            scope.spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
        }
        let latch = latch.clone();
        async move {
            yield_now().await;
            for _ in 0..10 {
                let guard = latch.guard();
                scope.spawn(async move {
                    let _guard = guard;
                    pending::<()>().await;
                });
            }
            pending::<()>().await;
        }
    }));
    let pause = async {
        for _ in 0..5 {
            yield_now().await;
        }
    };
    assert!(matches!(
        select(end, Box::pin(pause)).await,
        Either::Right(())
    ));
    latch.opened().await;
    assert!(kept.lock().unwrap().as_ref().unwrap().is_cancelled());
}

async fn closures_are_waited_for<R: Runtime>(rt: R) {
    let latch = Latch::new(2);
    let result: Result<(), &str> = try_scope(&rt, |scope| {
        let (guard, other) = (latch.guard(), latch.guard());
        scope.spawn_blocking(move || {
            drop(guard);
            Ok(())
        });
        scope.spawn_blocking(move || {
            drop(other);
            Err("no")
        });
        async { Ok(()) }
    })
    .await;
    assert_eq!((result, latch.left()), (Err("no"), 0));
}

async fn late_spawns_are_dropped<R: Runtime>(rt: R) {
    let late = scope(&rt, |scope| async move { scope.clone() }).await;
    let latch = Latch::new(2);
    let (guard, other) = (latch.guard(), latch.guard());
    late.spawn(async move {
        let _guard = guard;
        unreachable!("polled")
    });
    late.spawn_blocking(move || {
        let _guard = other;
        unreachable!("called")
    });
    latch.opened().await;
    assert!(late.token().is_cancelled());
}

async fn a_scope_has_ended_when_it_is_ready<R: Runtime>(rt: R) {
    let mut scoped = pin!(scope(&rt, |scope| async move { scope.clone() }));
    // The future is ready, and not dropped yet.
    let late = scoped.as_mut().await;
    let (latch, polls) = (Latch::new(1), Arc::new(AtomicUsize::new(0)));
    let (guard, counted) = (latch.guard(), polls.clone());
    late.spawn(async move {
        let _guard = guard;
        counted.fetch_add(1, Ordering::SeqCst);
    });
    latch.opened().await;
    assert_eq!(polls.load(Ordering::SeqCst), 0);
}

/// A spawn wakes the scope's future, though no task has ended.
async fn the_error_of_a_late_task_stops_the_rest<R: Runtime>(rt: R) {
    let result: Result<(), &str> = try_scope(&rt, |scope| {
        let siblings = scope.clone();
        scope.spawn_result(async move {
            for _ in 0..10 {
                yield_now().await;
            }
            siblings.spawn_result(async { Err("late") });
            pending().await
        });
        async { pending().await }
    })
    .await;
    assert_eq!(result, Err("late"));
}

async fn the_body_runs_while_tasks_do<R: Runtime>(rt: R) {
    let (from_task, from_body) = (Latch::new(1), Latch::new(1));
    let (task_says, body_says) = (from_task.clone(), from_body.clone());
    scope(&rt, |scope| {
        scope.spawn(async move {
            body_says.opened().await;
            task_says.down();
        });
        async {
            yield_now().await;
            from_body.down();
            from_task.opened().await;
        }
    })
    .await;
}

async fn a_scope_is_send<R: Runtime>(rt: R) {
    let inside = rt.clone();
    let task = rt.spawn(async move {
        let inner = scope(&inside, |scope| async move {
            scope.spawn(async {});
            yield_now().await;
            scope.spawn(async {});
            5
        });
        inner.await
    });
    assert_eq!(task.await.unwrap(), 5);
}

async fn names_are_kept<R: Runtime>(rt: R) {
    let found = Arc::new(Mutex::new(None));
    let rt = Instrumented::new(rt);
    scope(&rt, |scope| {
        let found = found.clone();
        scope.spawn_named("inner", async move {
            *found.lock().unwrap() = TaskInfo::current()
        });
        async {}
    })
    .await;
    let found = found.lock().unwrap().take().unwrap();
    assert_eq!(
        (found.name(), found.location().file()),
        (Some("inner"), file!())
    );
}

async fn local_tasks_end_first<R: LocalRuntime>(rt: R) {
    fn walk<R: LocalRuntime>(
        scope: &LocalScope<R, Infallible>,
        depth: u32,
        visited: &Rc<Cell<u32>>,
    ) {
        visited.set(visited.get() + 1);
        for _ in 0..if depth == 0 { 0 } else { 2 } {
            let (below, visited) = (scope.clone(), visited.clone());
            scope.spawn(async move {
                yield_now().await;
                walk(&below, depth - 1, &visited);
            });
        }
    }

    let visited = Rc::new(Cell::new(0));
    let output = local_scope(&rt, |scope| {
        walk(&scope, 6, &visited);
        async { Rc::new(1) }
    })
    .await;
    assert_eq!(
        (*output, visited.get(), Rc::strong_count(&visited)),
        (1, 127, 1)
    );
}

async fn the_first_local_error_stops_the_rest<R: LocalRuntime>(rt: R) {
    let held = Rc::new(());
    let result: Result<(), Rc<str>> = try_local_scope(&rt, |scope| {
        for n in 0..50 {
            let held = held.clone();
            scope.spawn_result(async move {
                let _held = held;
                if n == 37 {
                    Err("37".into())
                } else {
                    pending().await
                }
            });
        }
        async { pending().await }
    })
    .await;
    assert_eq!(
        (result.unwrap_err().as_ref(), Rc::strong_count(&held)),
        ("37", 1)
    );
}

/// Spawns into a scope when it is dropped.
struct SpawnsOnDrop(Scope<anyrt_sim::Sim, u8>);

impl Drop for SpawnsOnDrop {
    fn drop(&mut self) {
        self.0.spawn(pending());
    }
}

#[test]
fn what_a_failed_scope_is_given_later_is_aborted() {
    let rt = anyrt_sim::Sim::builder().build();
    let sim = rt.handle();
    let failed = try_scope(&sim, |scope| async move {
        let guard = SpawnsOnDrop(scope.clone());
        scope.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        yield_now().await;
        Err::<(), u8>(1)
    });
    let end = rt.block_on(sim.timeout(std::time::Duration::from_secs(1), failed));
    assert_eq!(end, Ok(Err(1)));
}
