//! Tasks that know their names.

use std::future::{Future, pending};
use std::panic::{Location, panic_any};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::yield_now;
use anyrt_structured::TaskInfo;

use crate::kit::{Count, Gate, Holding, yield_until};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

/// The name of the task that runs here.
fn name() -> Option<String> {
    TaskInfo::current().and_then(|task| task.name().map(str::to_owned))
}

/// Is ready at the poll after the last name, if it is polled under each of the names.
struct Watches {
    is_named: bool,
    left: usize,
}

impl Future for Watches {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let expected = self.is_named.then(|| String::from("watcher"));
        assert_eq!(
            name(),
            expected,
            "the name that is current while the task is polled"
        );
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

rules! { named

/// A task with a name keeps the rules of a task: its output, its panic with the payload, its abort, and to be detached.
///
/// Intent: a name helps whoever observes the program, and must not change what the task does.
///
/// If this fails, check what `spawn_with` of the adapter does with the future, and what `Named` does around it.
Must fn task_rules_hold(rt: Any) {
    let (named, drops, go) = (rt.structured().instrumented(), Count::new(), Gate::new());
    drop(named.spawn_named("detached", Holding::new(drops.guard(), go.wait())));
    let output = named.spawn_named("output", async { String::from("kept") });
    let panics = named.spawn_named("panics", async { panic_any(42_u8) });
    let aborted = named.spawn_named("aborted", Holding::new(drops.guard(), pending::<()>()));
    rt.block_on(async {
        assert_eq!(output.await.expect("the task ends"), "kept");
        let error = panics.await.expect_err("it panics");
        let payload = error.try_into_panic().expect("a panic");
        assert_eq!(payload.downcast_ref::<u8>(), Some(&42), "the payload that was thrown");
        yield_now().await;
        assert!(aborted.cancel().await.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
        assert_eq!(drops.get(), 1, "futures dropped when the abort was joined");
        go.open();
        yield_until("the detached task ends", || drops.get() == 2).await;
    });
}

/// The name of a task is current while the task is polled, on whichever thread, and at no other time.
///
/// Intent: a panic hook that names the wrong task is worse than one that names none.
///
/// If this fails, check what `Named` puts back after a poll.
Must fn is_current_while_polled(rt: Any) {
    let named = rt.structured().instrumented();
    let mut tasks = Vec::new();
    for _ in 0..10 {
        tasks.push(named.spawn_named("watcher", Watches { is_named: true, left: 30 }));
        tasks.push(rt.spawn(Watches { is_named: false, left: 30 }));
    }
    let outer = named.clone();
    tasks.push(named.spawn_named("outer", async move {
        let inner = outer.spawn_named("inner", async {
            yield_now().await;
            name()
        });
        assert_eq!(inner.await.expect("the inner task ends").as_deref(), Some("inner"));
        assert_eq!(name().as_deref(), Some("outer"), "after a task was awaited");
    }));
    rt.block_on(async {
        for task in tasks {
            if let Err(error) = task.await {
                error.resume_unwind();
            }
            assert_eq!(name(), None, "in the root, which has no name");
        }
    });
}

/// The location of a task is the line that spawned it.
///
/// Intent: of a thousand tasks without a good name, the line is what tells them apart.
///
/// If this fails, check for a `#[track_caller]` that is missing on the way.
Must fn location_is_the_callers(rt: Any) {
    let named = rt.structured().instrumented();
    let here = Location::caller().line();
    let task = named.spawn_named("somebody", async { TaskInfo::current() });
    let found = rt.block_on(task).expect("the task ends").expect("the task has a name");
    let location = found.location();
    assert_eq!((location.file(), location.line()), (file!(), here + 1), "the line that spawned the task");
}

/// A blocking closure with a name runs under it.
///
/// Intent: closures are where the time goes, and whoever looks at a stuck pool wants to know whose.
///
/// If this fails, check what `spawn_blocking_with` makes of the closure.
Capability fn closures_have_names(rt: Any + Blocking) {
    let named = rt.structured().instrumented();
    let here = Location::caller().line();
    let closure = named.spawn_blocking_named("compress", || (name(), TaskInfo::current()));
    let (name, info) = rt.block_on(closure).expect("the closure ends");
    assert_eq!(name.as_deref(), Some("compress"), "the name that is current in the closure");
    assert_eq!(info.map(|it| it.location().line()), Some(here + 1), "the line that submitted it");
    let after = rt.block_on(rt.spawn_blocking(TaskInfo::current)).expect("the closure ends");
    assert_eq!(after, None, "the name in a closure that has none, perhaps on the same thread");
}

}
