//! The local runtime: one thread, tasks that are not `Send`.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;
#[path = "../../adapter-shared/tests/twins/local.rs"]
mod local;

use anyrt_async_std::{AsyncStd as Global, Local, LocalHandle};
use anyrt_core::{Config, prelude::*};

use common::within;

const RUNTIME: &str = "async-std local";

#[test]
fn async_stds_own_task_is_unknown_inside() {
    within(|| {
        let rt = Local::launch(Config::new()).unwrap();
        let end = rt.block_on(
            rt.handle()
                .spawn_local(async { async_std::task::current().id() }),
        );
        assert!(end.unwrap_err().is_panic());
    });
}
