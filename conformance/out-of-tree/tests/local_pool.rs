//! The adapter for futures' `LocalPool`, certified.

use anyrt_conformance::{Backend, count_heap, suite};
use anyrt_core::Config;
use anyrt_out_of_tree::{LocalHandle, LocalPool};

const ALLOCATIONS: &str = "the pool's own task is a box and an `Arc`; the join and the abort, which it lacks, come on top";

const CLOSURES: &str = "the threads for closures are the process's, and a shutdown of the pool does not count what runs on them";

count_heap!();
suite!(
    Backend::local::<LocalPool>("futures-local-pool", Config::new())
        .current_local::<LocalHandle>()
        .claims(|it| {
            it.foreign_block_on = true;
            it.global_timer = true;
            it.blocking_limit = 8;
            it.threads = vec!["futures-block-*".to_owned()];
            it.process_threads = vec!["futures-timer".to_owned()];
        })
        .deviates("spawn::small_task_costs_one_allocation", ALLOCATIONS)
        .deviates("blocking::shutdown_waits_within_its_grace", CLOSURES)
        .deviates("right_runtime::closures_run_on_the_handles_pool", CLOSURES)
);
