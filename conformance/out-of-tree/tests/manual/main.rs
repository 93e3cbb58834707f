//! The adapter of the manual's page for runtime authors, certified as the page says. `checks` compares the two.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the page's code, as a reader pastes it"
)]

mod adapter;
mod owned;

use std::sync::LazyLock;

use anyrt_conformance::{AtShutdown, Backend, count_heap, suite};
use anyrt_core::Config;
use tokio::runtime::{Builder, Runtime};

use adapter::Mine;
use owned::Owned;

count_heap!();
suite!(always_there(), launched());

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap()
});

fn always_there() -> Backend {
    Backend::global("mine", || Mine::new(RUNTIME.handle().clone()))
        .current::<Mine>()
        .claims(|it| {
            it.multi_thread = true;
            it.background = true;
            it.foreign_block_on = true;
            it.global_timer = true;
            it.process_threads = vec!["tokio-rt-worker".to_owned()];
        })
        .deviates(
            "panic::first_panic_is_told",
            "tokio ends the process at the second panic",
        )
}

fn launched() -> Backend {
    Backend::owned::<Owned>("mine-owned", Config::new().worker_threads(4))
        .current::<Mine>()
        .claims(|it| {
            it.multi_thread = true;
            it.background = true;
            it.foreign_block_on = true;
            it.global_timer = true;
            it.blocking_at_shutdown = AtShutdown::Waits;
            it.threads = vec!["tokio-rt-worker".to_owned()];
        })
        .deviates(
            "panic::first_panic_is_told",
            "tokio ends the process at the second panic",
        )
        .deviates(
            "shutdown::drops_parked_beside_stuck_tasks",
            "tokio drops tasks on the threads that are stuck",
        )
}
