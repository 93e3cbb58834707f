//! A task whose sleeps are always over gives way to others.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;
#[path = "../../adapter-shared/tests/twins/ready.rs"]
mod ready;

use anyrt_async_std::{AsyncStd, Local};
use anyrt_core::{Config, Launch};

use common::within;

#[test]
fn global_loops_end() {
    within(|| {
        ready::spawned_loops_end_when_they_are_aborted(AsyncStd::global());
        ready::loops_end_at_their_limit(AsyncStd::global());
    });
}

#[test]
fn local_loops_leave_room() {
    within(|| ready::local_loops_leave_room_for_others(Local::launch(Config::new()).unwrap()));
}
