//! A task whose sleeps are always over gives way to others.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;
#[path = "../../adapter-shared/tests/twins/ready.rs"]
mod ready;

use std::time::Duration;

use anyrt_core::{Config, prelude::*};
use anyrt_smol::{Local, Owned, Smol};

use common::within;

#[test]
fn global_loops_end() {
    within(|| {
        ready::spawned_loops_end_when_they_are_aborted(Smol::global());
        ready::loops_end_at_their_limit(Smol::global());
    });
}

#[test]
fn owned_loops_end() {
    within(|| {
        for workers in [1, 2] {
            let rt = Owned::launch(Config::new().worker_threads(workers)).unwrap();
            ready::spawned_loops_end_when_they_are_aborted(rt.handle());
            ready::loops_end_at_their_limit(rt.handle());
            let handle = rt.handle();
            rt.handle().spawn_detached(async move {
                loop {
                    handle.sleep(Duration::ZERO).await;
                }
            });
        }
    });
}

#[test]
fn local_loops_leave_room() {
    within(|| ready::local_loops_leave_room_for_others(Local::launch(Config::new()).unwrap()));
}
