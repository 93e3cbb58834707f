//! The report of a simulation shows the names of tasks and the lines that spawned them, however the spawn came there.

use std::future::pending;
use std::sync::Arc;

use anyrt_core::{AnyRuntime, SpawnMeta, prelude::*};
use anyrt_sim::{Ambient, Failure, Owned, Sim};
use anyrt_structured::{Instrumented, LocalTaskGroup, TaskGroup, TaskTracker, local_scope, scope};

/// Runs into a deadlock, and returns its report.
fn report(root: impl Future<Output = ()>, rt: &Owned) -> Failure {
    rt.try_block_on(root).unwrap_err()
}

/// Checks that the report has one task of this name, and shows it with this line of this file.
#[track_caller]
fn shows(failure: &Failure, name: &str, line: u32) {
    let found: Vec<_> = (failure.tasks().iter())
        .filter(|task| task.name() == Some(name))
        .map(|task| (task.location().file(), task.location().line()))
        .collect();
    assert_eq!(found, [(file!(), line)], "{name} in {failure}");
    let text = failure.to_string();
    let place = format!("{}:{line}", file!());
    let row = text.lines().find(|row| row.contains(&format!(" {name} ")));
    assert!(
        row.is_some_and(|row| row.contains(&place)),
        "{place} in {text}"
    );
}

/// Where `library` spawns.
const NAMED: u32 = line!() + 5;
const UNNAMED: u32 = NAMED + 1;

/// A library, which knows no runtime: it names its tasks, and one it does not name.
async fn library<R: Runtime>(rt: R) {
    drop(rt.spawn_named("named", pending::<()>()));
    drop(rt.spawn(pending::<()>()));
    pending().await
}

#[track_caller]
fn shows_library(failure: &Failure) {
    shows(failure, "named", NAMED);
    let unnamed = failure.tasks().iter().find(|task| task.name().is_none());
    let unnamed = unnamed.expect("the library leaves one task without a name");
    assert_eq!(
        (unnamed.location().file(), unnamed.location().line()),
        (file!(), UNNAMED)
    );
}

#[test]
fn through_generic_code() {
    let rt = Sim::builder().build();
    shows_library(&report(library(rt.handle()), &rt));
    let rt = Sim::builder().build();
    shows_library(&report(library(Arc::new(rt.handle())), &rt));
    let rt = Sim::builder().build();
    shows_library(&report(library(Ambient), &rt));
}

#[test]
fn through_any_runtime() {
    let rt = Sim::builder().build();
    shows_library(&report(library(AnyRuntime::new(rt.handle())), &rt));
    // A closure is a step of the simulation, so it is seen while it is queued.
    let rt = Sim::builder().build();
    let any = AnyRuntime::new(rt.handle());
    drop(any.spawn_blocking_named("queued", || ()));
    let line = line!() - 1;
    let tasks = rt.tasks();
    let found = (
        tasks[0].name(),
        tasks[0].location().file(),
        tasks[0].location().line(),
    );
    assert_eq!(found, (Some("queued"), file!(), line));
}

#[test]
fn through_instrumented() {
    let rt = Sim::builder().build();
    shows_library(&report(library(Instrumented::new(rt.handle())), &rt));
    let rt = Sim::builder().build();
    let both = AnyRuntime::new(Instrumented::new(AnyRuntime::new(rt.handle())));
    shows_library(&report(library(both), &rt));
}

#[test]
fn through_groups_trackers_and_scopes() {
    let rt = Sim::builder().build();
    let any = AnyRuntime::new(rt.handle());
    let (mut group, tracker) = (TaskGroup::new(&any), TaskTracker::new());
    group.spawn_named("in a group", pending::<()>());
    drop(tracker.spawn_named(&any, "tracked", pending::<()>()));
    let line = line!() - 2;
    let root = scope(&any, |scope| async move {
        scope.spawn_named("in a scope", pending());
        scope.spawn_result_named("may fail", pending());
    });
    let failure = report(root, &rt);
    shows(&failure, "in a group", line);
    shows(&failure, "tracked", line + 1);
    shows(&failure, "in a scope", line + 4);
    shows(&failure, "may fail", line + 5);
}

#[test]
fn through_local_groups_trackers_and_scopes() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let (mut group, tracker) = (LocalTaskGroup::new(&sim), TaskTracker::new());
    group.spawn_named("in a group", pending::<()>());
    drop(tracker.spawn_local_named(&sim, "tracked", pending::<()>()));
    let line = line!() - 2;
    let root = local_scope(&sim, |scope| async move {
        scope.spawn_named("in a scope", pending());
        scope.spawn_result_named("may fail", pending());
    });
    let failure = report(root, &rt);
    shows(&failure, "in a group", line);
    shows(&failure, "tracked", line + 1);
    shows(&failure, "in a scope", line + 4);
    shows(&failure, "may fail", line + 5);
}

#[test]
fn closures_of_groups_and_scopes_have_names() {
    let rt = Sim::builder().build();
    let any = AnyRuntime::new(rt.handle());
    let mut group = TaskGroup::new(&any);
    group.spawn_blocking_named("in a group", || ());
    let line = line!() - 1;
    let tasks = rt.tasks();
    assert_eq!(
        (tasks[0].name(), tasks[0].location().line()),
        (Some("in a group"), line)
    );
    let (sim, seen) = (rt.handle(), rt.handle());
    rt.block_on(scope(&sim, |scope| async move {
        scope.spawn_blocking_named("in a scope", || Ok(()));
        let line = line!() - 1;
        let tasks = seen.tasks();
        let task = tasks.iter().find(|task| task.name() == Some("in a scope"));
        assert_eq!(task.map(|task| task.location().line()), Some(line));
    }));
}

#[test]
fn a_name_of_its_own_beats_the_name_of_the_handle() {
    let rt = Sim::builder().build();
    let sim = rt.handle().named("default");
    drop(sim.spawn_named("own", pending::<()>()));
    drop(sim.spawn_with(SpawnMeta::unnamed(), pending::<()>()));
    drop(sim.spawn_local_named("local", pending::<()>()));
    let tasks = rt.tasks();
    let names: Vec<_> = tasks.iter().map(|task| task.name()).collect();
    assert_eq!(names, [Some("own"), Some("default"), Some("local")]);
}
