//! Tasks that end before the function does that started them.

use std::cell::RefCell;
use std::future::pending;
use std::panic::panic_any;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyrt_core::yield_now;
use anyrt_structured::CancellationToken;

use crate::kit::{Count, Gate, Holding, OnDrop, counted, pause, poll_once, step, yield_until};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

/// A value whose destructor takes a while, and counts when it is through.
fn slow_guard(drops: &Count) -> impl Sized + Send + 'static {
    let drops = drops.clone();
    OnDrop(move || {
        pause(Duration::from_millis(1));
        drops.add();
    })
}

/// A value whose destructor counts whether it finds the token cancelled, and takes a while.
fn watches(token: &CancellationToken, drops: &Count) -> impl Sized + Send + 'static {
    let (token, drops) = (token.clone(), drops.clone());
    OnDrop(move || {
        pause(Duration::from_millis(1));
        if token.is_cancelled() {
            drops.add();
        }
    })
}

/// Where a body leaves its scope's token for the rule.
type TokenOut = Arc<Mutex<Option<CancellationToken>>>;

fn is_cancelled(token: &TokenOut) -> bool {
    let token = token.lock().expect("no panic");
    token.as_ref().is_some_and(CancellationToken::is_cancelled)
}

rules! { scope

/// When a scope is ready, with its body's output, all its tasks have ended, those that tasks spawned included.
///
/// Intent: what a function started is over when it returns, as with threads in `std::thread::scope`.
///
/// If this fails, check what `ScopeFuture` waits for when its body has ended.
Must fn all_tasks_end_first(rt: Any) {
    let (ended, drops) = (Count::new(), Count::new());
    let (counter, guards) = (ended.clone(), drops.clone());
    let scope = rt.structured().scope(|scope| {
        for i in 0..10 {
            let (below, counter, guards) = (scope.clone(), counter.clone(), guards.clone());
            scope.spawn(Holding::new(slow_guard(&guards), async move {
                for _ in 0..i {
                    yield_now().await;
                }
                let inner = counter.clone();
                below.spawn(Holding::new(slow_guard(&guards), async move {
                    yield_now().await;
                    inner.add();
                }));
                counter.add();
            }));
        }
        async { "output" }
    });
    let output = rt.block_on(async {
        let output = scope.await;
        (output, ended.get(), drops.get())
    });
    assert_eq!(output, ("output", 20, 20), "the body's output, tasks that ended, and futures that were dropped");
}

/// A scope whose body waits while none of its tasks is left does not end before its body, and still takes tasks.
///
/// Intent: a server waits for the next connection when the last one has ended, and is not over for that.
///
/// If this fails, check what `ScopeFuture` does when its last task has ended: only the end of the body may end it.
Must fn body_waits_without_a_task(rt: Any) {
    let (gate, ended) = (Gate::new(), Count::new());
    let (wait, counter) = (gate.wait(), ended.clone());
    let mut scope = Box::pin(rt.structured().scope(move |scope| {
        let work = move || {
            let counter = counter.clone();
            async move {
                counter.add();
            }
        };
        for _ in 0..3 {
            scope.spawn(work());
        }
        async move {
            wait.await;
            scope.spawn(work());
            "output"
        }
    }));
    rt.block_on(async {
        // The first poll may find that the tasks run; one of the next finds that none is left.
        for _ in 0..20 {
            assert!(poll_once(&mut scope).await.is_pending(), "the scope has ended, and its body waits");
            yield_until("the first tasks end", || ended.get() == 3).await;
            yield_now().await;
        }
        gate.open();
        step("the scope ends after its body");
        assert_eq!(scope.await, "output", "the body's output");
    });
    assert_eq!(ended.get(), 4, "tasks that ended, one of which was spawned when there was none");
}

/// A panic of a task, or of the body, aborts the other tasks, waits until they are gone, cancels the scope's token, and goes
/// on in whoever awaits the scope, with its payload.
///
/// Intent: a panic is an error of the whole function, and must not leave half of it running.
///
/// If this fails, check how `ScopeFuture` turns the error of a task into the panic of its awaiter.
Must fn panic_stops_the_rest(rt: Any) {
    for in_body in [false, true] {
        let drops = Count::new();
        let told = drops.clone();
        let scope = rt.structured().scope(move |scope| {
            for _ in 0..10 {
                scope.spawn(Holding::new(watches(scope.token(), &told), pending()));
            }
            async move {
                yield_now().await;
                if in_body {
                    panic_any(42_u8);
                }
                scope.spawn(async { panic_any(42_u8) });
            }
        });
        let error = rt.block_on(rt.spawn(scope)).expect_err("the scope panics");
        assert_eq!(drops.get(), 10, "tasks that were gone when the panic went on, and found the token cancelled (in the body: {in_body})");
        let payload = error.try_into_panic().expect("a panic, and no cancellation");
        assert_eq!(payload.downcast_ref::<u8>(), Some(&42), "the payload that was thrown (in the body: {in_body})");
    }
}

/// The first error, of a task or of the body, aborts the other tasks, and is returned when all of them are gone.
///
/// Intent: a batch that failed must not go on behind the back of whoever handles the error.
///
/// If this fails, check that `ScopeFuture` joins what it aborted.
Must fn first_error_stops_the_rest(rt: Any) {
    for in_body in [false, true] {
        let drops = Count::new();
        let told = drops.clone();
        let scope = rt.structured().try_scope(move |scope| {
            for _ in 0..10 {
                scope.spawn(Holding::new(watches(scope.token(), &told), pending()));
            }
            async move {
                yield_now().await;
                if in_body {
                    return Err("disk full");
                }
                scope.spawn_result(async { Err("disk full") });
                Ok(())
            }
        });
        let (result, dropped) = rt.block_on(async {
            let result = scope.await;
            (result, drops.get())
        });
        assert_eq!(result, Err("disk full"), "the error (of the body: {in_body})");
        assert_eq!(dropped, 10, "tasks that were gone when the error was returned, and found the token cancelled (of the body: {in_body})");
    }
}

/// Dropping a scope aborts its tasks, and cancels its token.
///
/// Intent: a request that is given up gives up all of its parts.
///
/// If this fails, check the drop of `ScopeFuture`.
Must fn drop_aborts_all(rt: Any) {
    let (drops, token) = (Count::new(), TokenOut::default());
    let (guards, out) = (drops.clone(), token.clone());
    let mut scope = Box::pin(rt.structured().scope(move |scope| {
        *out.lock().expect("no panic") = Some(scope.token().clone());
        for _ in 0..10 {
            scope.spawn(Holding::new(guards.guard(), pending()));
        }
        pending::<()>()
    }));
    rt.block_on(async {
        for _ in 0..3 {
            assert!(poll_once(&mut scope).await.is_pending(), "its body does not end");
            yield_now().await;
        }
        assert_eq!((drops.get(), is_cancelled(&token)), (0, false), "tasks dropped, and the token cancelled, before the scope was");
        drop(scope);
        assert!(is_cancelled(&token), "the scope's token is cancelled");
        yield_until("the tasks of a dropped scope are dropped", || drops.get() == 10).await;
    });
}

/// Dropping a scope aborts as well what was spawned into it since it was last polled.
///
/// Intent: a server spawns into its scope from a callback, and is given up before it gets another turn.
///
/// If this fails, check that the drop of `ScopeFuture` takes the tasks that are on their way to it.
Must fn drop_aborts_what_is_new(rt: Any) {
    let (drops, kept) = (Count::new(), Rc::new(RefCell::new(None)));
    let out = kept.clone();
    let mut scope = Box::pin(rt.structured().scope(move |scope| {
        *out.borrow_mut() = Some(scope);
        pending::<()>()
    }));
    rt.block_on(async {
        assert!(poll_once(&mut scope).await.is_pending(), "its body does not end");
        let late = kept.borrow_mut().take().expect("the body ran");
        for _ in 0..10 {
            late.spawn(Holding::new(drops.guard(), pending()));
        }
        assert_eq!(drops.get(), 0, "tasks dropped before the scope was");
        drop(scope);
        yield_until("what was spawned last is dropped", || drops.get() == 10).await;
    });
}

/// What is spawned into a scope that has ended is dropped, and not polled.
///
/// Intent: a clone of the scope that outlives it must not start tasks.
///
/// If this fails, check that `Scope::spawn` looks whether the scope has ended.
Must fn late_spawns_are_dropped(rt: Any) {
    let (drops, polls) = (Count::new(), Count::new());
    let mut kept = None;
    rt.block_on(rt.structured().scope(|scope| {
        kept = Some(scope);
        async {}
    }));
    let late = kept.expect("the body ran");
    rt.block_on(async {
        late.spawn(Holding::new(drops.guard(), counted(&polls, pending())));
        for _ in 0..20 {
            yield_now().await;
        }
    });
    assert_eq!((drops.get(), polls.get()), (1, 0), "late futures dropped, and polled");
    assert!(late.token().is_cancelled(), "the token of a scope that has ended");
}

/// A scope waits for its blocking closures, also when it fails, and drops one that comes after its end without running it.
///
/// Intent: a closure cannot be stopped, so the least that can be had is to know when it is over.
///
/// If this fails, check that `Scope::spawn_blocking` looks whether the scope has ended, and hands its handle to the scope.
Must fn waits_for_closures(rt: Shared + Blocking) {
    for fails in [false, true] {
        let done = Count::new();
        let counter = done.clone();
        let scope = rt.structured().try_scope(move |scope| {
            for _ in 0..3 {
                let done = counter.clone();
                scope.spawn_blocking(move || {
                    pause(Duration::from_millis(5));
                    done.add();
                    Ok(())
                });
            }
            async move { if fails { Err("disk full") } else { Ok(()) } }
        });
        let (result, done) = rt.block_on(async {
            let result = scope.await;
            (result, done.get())
        });
        assert_eq!((result.is_err(), done), (fails, 3), "whether it failed, and closures that had ended");
    }
    // A closure cannot be stopped, so that its error comes after the one that the scope failed with.
    let result = rt.block_on(rt.structured().try_scope(|scope| {
        scope.spawn_blocking(|| Err("the second"));
        async { Err::<(), _>("the first") }
    }));
    assert_eq!(result, Err("the first"), "the error of a scope that had two");
    let (ran, drops, mut kept) = (Count::new(), Count::new(), None);
    rt.block_on(rt.structured().scope(|scope| {
        kept = Some(scope);
        async {}
    }));
    let (counter, guard) = (ran.clone(), drops.guard());
    kept.expect("the body ran").spawn_blocking(move || {
        let _guard = guard;
        counter.add();
        Ok(())
    });
    assert_eq!((drops.get(), ran.get()), (1, 0), "late closures that the call dropped, and that ran");
}

}
