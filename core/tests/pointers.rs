//! A borrowed or shared runtime is a runtime.

use std::rc::Rc;
use std::sync::Arc;

use anyrt_core::prelude::*;
use anyrt_core::{AnyRuntime, Config};
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
