//! Tasks, handles and sleeps, on the global runtime.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;
#[path = "../../adapter-shared/tests/twins/tasks.rs"]
mod tasks;

use anyrt_async_std::{Ambient, AsyncStd as Global, BlockingTask, LocalTask, Sleep, Task};
use anyrt_core::{JoinHandle, prelude::*};

use common::within;

#[test]
fn sizes_are_as_stated() {
    assert_eq!(size_of::<JoinHandle<Task<u8>>>(), 80);
    assert_eq!(size_of::<JoinHandle<Task<String>>>(), 80);
    assert_eq!(size_of::<JoinHandle<BlockingTask<String>>>(), 16);
    assert_eq!(size_of::<JoinHandle<LocalTask<u8>>>(), 24);
    assert_eq!(size_of::<Sleep>(), 80);
    assert_eq!(size_of::<Global>(), 0);
    assert_eq!(size_of::<Ambient>(), 0);
}

#[test]
fn async_stds_own_task_is_known_inside() {
    within(|| {
        let rt = Global::global();
        let here = rt.block_on(rt.spawn(async { async_std::task::current().id() }));
        let there = rt.block_on(rt.spawn(async { async_std::task::current().id() }));
        assert_ne!(here.unwrap(), there.unwrap());
    });
}
