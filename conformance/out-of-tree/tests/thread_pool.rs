//! The adapter for futures' `ThreadPool`, certified.

use std::sync::OnceLock;

use anyrt_conformance::{Backend, count_heap, suite};
use anyrt_out_of_tree::Pool;

const ALLOCATIONS: &str = "the pool's own task is a box, an `Arc` and a message; the join and the abort, which it lacks, come on top";

count_heap!();
suite!(
    Backend::global("futures-thread-pool", pool)
        .claims(|it| {
            it.multi_thread = true;
            it.background = true;
            it.foreign_block_on = true;
            it.global_timer = true;
            it.blocking_limit = 8;
            let threads = ["futures-pool-*", "futures-block-*", "futures-timer"];
            it.process_threads = threads.map(str::to_owned).into();
        })
        .deviates("spawn::small_task_costs_one_allocation", ALLOCATIONS)
);

fn pool() -> Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    let start = || Pool::new(4).expect("the system has threads to give");
    POOL.get_or_init(start).clone()
}
