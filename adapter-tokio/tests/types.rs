//! What the types promise to the compiler: sizes and auto traits.

use std::mem::size_of;
use std::rc::Rc;

use anyrt_core::{BlockOn, Current, JoinHandle, Launch, LocalRuntime, Runtime, Spawn};
use anyrt_tokio::{
    Ambient, BlockingTask, Local, LocalHandle, LocalTask, Owned, Sleep, Task, Tokio,
};

fn is_a_handle<R: Runtime + BlockOn + Current>() {}
fn is_a_local_handle<R: LocalRuntime + BlockOn + Current>() {}
fn is_launched<L: Launch<Handle = H>, H>() {}
fn is_send_and_sync<T: Send + Sync + 'static>() {}
fn is_unpin<T: Unpin>() {}

#[test]
fn handles_and_runtimes_implement_what_they_should() {
    is_a_handle::<Tokio>();
    is_a_handle::<Ambient>();
    is_a_local_handle::<LocalHandle>();
    is_launched::<Owned, Tokio>();
    is_launched::<Local, LocalHandle>();
    is_send_and_sync::<Owned>();
}

#[test]
fn tasks_and_sleeps_cross_threads() {
    is_send_and_sync::<JoinHandle<Task<String>>>();
    is_send_and_sync::<JoinHandle<BlockingTask<String>>>();
    is_send_and_sync::<JoinHandle<LocalTask<String>>>();
    is_send_and_sync::<Sleep>();
    is_unpin::<JoinHandle<Task<String>>>();
    is_unpin::<JoinHandle<BlockingTask<String>>>();
    is_unpin::<JoinHandle<LocalTask<Rc<str>>>>();
}

#[test]
fn a_task_is_as_small_as_tokios() {
    let native = size_of::<tokio::task::JoinHandle<[u64; 9]>>();
    assert_eq!(native, size_of::<usize>());
    assert_eq!(size_of::<JoinHandle<Task<[u64; 9]>>>(), native);
    assert_eq!(size_of::<JoinHandle<BlockingTask<[u64; 9]>>>(), native);
    assert_eq!(size_of::<JoinHandle<LocalTask<Rc<str>>>>(), native);
    assert_eq!(
        size_of::<JoinHandle<<Tokio as Spawn>::Task<u8>>>(),
        size_of::<JoinHandle<<Ambient as Spawn>::Task<u8>>>()
    );
}

#[test]
fn a_sleep_is_at_most_16_bytes_larger_than_tokios() {
    assert!(size_of::<Sleep>() <= size_of::<tokio::time::Sleep>() + 16);
}

#[test]
fn handles_are_small() {
    assert_eq!(size_of::<Tokio>(), 2 * size_of::<usize>());
    assert_eq!(size_of::<Ambient>(), 0);
    assert_eq!(size_of::<LocalHandle>(), 3 * size_of::<usize>());
}
