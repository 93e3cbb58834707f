//! `Instrumented` and `TaskInfo`.

mod common;

use std::panic::Location;

use anyrt_core::{prelude::*, yield_now};
use anyrt_structured::{Instrumented, TaskGroup, TaskInfo, scope};

use self::common::{on_every_local_runtime, on_every_runtime};

on_every_runtime! {
    the_name_is_current_while_the_task_is_polled,
    the_location_is_the_callers,
    the_handle_inside_instruments_nothing,
    a_panic_leaves_no_name_behind,
    named_tasks_are_tasks,
}

on_every_local_runtime! { local_tasks_have_names }

fn current() -> Option<String> {
    TaskInfo::current().and_then(|task| task.name().map(str::to_owned))
}

async fn the_name_is_current_while_the_task_is_polled<R: Runtime>(rt: R) {
    let rt = Instrumented::new(rt);
    let mut group = TaskGroup::new(&rt);
    for n in 0..20 {
        let inner = rt.clone();
        group.spawn_named(&format!("task {n}"), async move {
            for _ in 0..10 {
                assert_eq!(current(), Some(format!("task {n}")));
                yield_now().await;
            }
            // A task does not inherit the name of the one that spawned it.
            assert_eq!(inner.spawn(async { current() }).await.unwrap(), None);
            assert_eq!(
                inner
                    .spawn_named("child", async { current() })
                    .await
                    .unwrap()
                    .as_deref(),
                Some("child")
            );
            assert_eq!(current(), Some(format!("task {n}")));
        });
        group.spawn(async move {
            yield_now().await;
            assert_eq!(current(), None);
        });
        group.spawn_blocking_named("closure", || {
            assert_eq!(current().as_deref(), Some("closure"))
        });
        group.spawn_blocking(|| assert_eq!(current(), None));
    }
    for output in group.join_all().await {
        output.unwrap();
    }
    assert_eq!(current(), None);
}

async fn the_location_is_the_callers<R: Runtime>(rt: R) {
    let rt = Instrumented::new(rt);
    let here = Location::caller();
    let lines =
        |task: Option<TaskInfo>| task.map(|task| (task.location().file(), task.location().line()));
    let line = line!() + 1;
    let task = rt.spawn(async { TaskInfo::current() });
    assert_eq!(lines(task.await.unwrap()), Some((here.file(), line)));
    let line = line!() + 1;
    let task = rt.spawn_blocking_named("x", TaskInfo::current);
    assert_eq!(lines(task.await.unwrap()), Some((here.file(), line)));
    let mut group = TaskGroup::new(&rt);
    let line = line!() + 1;
    group.spawn_named("y", async { TaskInfo::current() });
    let found = group.join_next().await.unwrap();
    assert_eq!(lines(found.unwrap()), Some((here.file(), line)));
}

async fn the_handle_inside_instruments_nothing<R: Runtime>(rt: R) {
    let outer = Instrumented::new(rt);
    let task = outer.runtime().spawn_named("plain", async { current() });
    assert_eq!(task.await.unwrap(), None);
    let rt = outer.into_inner();
    scope(&rt, |scope| async move {
        scope.spawn_named("plain", async { assert_eq!(current(), None) })
    })
    .await;
}

async fn a_panic_leaves_no_name_behind<R: Runtime>(rt: R) {
    let plain = rt.clone();
    let rt = Instrumented::new(rt);
    for _ in 0..20 {
        let task = rt.spawn_named("panics", async { std::panic::resume_unwind(Box::new(1)) });
        let error: Result<(), _> = task.await;
        assert_eq!(error.unwrap_err().into_panic().downcast_ref(), Some(&1));
    }
    for _ in 0..20 {
        assert_eq!(plain.spawn(async { current() }).await.unwrap(), None);
    }
}

async fn named_tasks_are_tasks<R: Runtime>(rt: R) {
    let rt = Instrumented::new(rt);
    assert_eq!(rt.spawn_named("value", async { 1 }).await.unwrap(), 1);
    let stopped = rt
        .spawn_named("stopped", std::future::pending::<()>())
        .cancel()
        .await;
    assert!(stopped.unwrap_err().is_cancelled());
    assert_eq!(rt.spawn_blocking_named("closure", || 2).await.unwrap(), 2);
}

async fn local_tasks_have_names<R: LocalRuntime>(rt: R) {
    let rt = Instrumented::new(rt);
    let task = rt.spawn_local_named("local", async {
        yield_now().await;
        std::rc::Rc::new(TaskInfo::current().unwrap())
    });
    let info = task.await.unwrap();
    assert_eq!(
        (info.name(), info.location().file()),
        (Some("local"), file!())
    );
    assert!(info.to_string().starts_with("local (") && format!("{info:?}").contains("local"));
    assert_eq!(current(), None);
}
