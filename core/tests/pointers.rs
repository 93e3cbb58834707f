//! A borrowed or shared runtime is a runtime.

use std::future::pending;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyrt_core::prelude::*;
use anyrt_core::{AnyRuntime, Config};
use anyrt_sim::{Check, Sim};
use anyrt_tokio::Tokio;

fn is_runtime<R: Runtime>() {}
fn is_timer<T: Timer + Clone>(_: T) {}

#[test]
fn shared_and_boxed_runtimes_are_runtimes() {
    is_runtime::<Arc<Tokio>>();
    is_runtime::<Box<Tokio>>();
    is_runtime::<AnyRuntime>();
    is_runtime::<Arc<AnyRuntime>>();
}

#[test]
fn references_and_rcs_have_the_parts() {
    let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    let handle = rt.handle();
    is_timer(&handle);
    is_timer(Rc::new(&handle));
    let borrowed: &Tokio = &handle;
    let value = borrowed.block_on(async { borrowed.spawn(async { 7 }).await });
    assert_eq!(value.unwrap(), 7);
}

#[test]
fn erasing_twice_is_erasing_once() {
    let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    let once = AnyRuntime::new(rt.handle());
    let twice = AnyRuntime::new(once.clone());
    assert_eq!(format!("{once:?}"), format!("{twice:?}"));
}

/// The names of the tasks that are left when everything waits.
fn names_of(spawn: impl Fn(Sim) + Sync) -> Vec<Option<String>> {
    let failure = Check::new().iterations(1).find_failure(|sim: Sim| {
        spawn(sim);
        pending::<()>()
    });
    let failure = failure.expect("all of it waits");
    let names = failure.tasks().iter().map(|task| task.name());
    names.map(|name| name.map(str::to_owned)).collect()
}

#[test]
fn pointers_pass_names_on() {
    fn spawn(rt: impl Spawn) {
        rt.spawn_named("it", pending::<()>()).detach();
    }
    let plain = names_of(spawn);
    assert!(plain.contains(&Some("it".to_owned())), "{plain:?}");
    assert_eq!(names_of(|sim| spawn(&sim)), plain);
    assert_eq!(names_of(|sim| spawn(Box::new(sim))), plain);
    assert_eq!(names_of(|sim| spawn(Rc::new(sim))), plain);
    assert_eq!(names_of(|sim| spawn(Arc::new(sim))), plain);
}

#[test]
fn pointers_show_the_wall_clock() {
    fn shown(timer: impl Timer) -> SystemTime {
        timer.system_time()
    }
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        sim.sleep(Duration::from_secs(3600)).await;
        let now = sim.system_time();
        assert_eq!(shown(&sim), now);
        assert_eq!(shown(Box::new(sim.clone())), now);
        assert_eq!(shown(Rc::new(sim.clone())), now);
        assert_eq!(shown(Arc::new(sim.clone())), now);
    });
}
