//! The runtime of `src/mini`, certified.

use anyrt_conformance::{Backend, count_heap, suite};
use anyrt_core::Config;
use anyrt_out_of_tree::{Handle, Mini};

const ALLOCATIONS: &str = "the future, its box among the tasks, what the handle waits for and what wakers hold are four; one would take unsafe code";

count_heap!();
suite!(
    specifications: [
        anyrt_conformance::specification(),
        anyrt_conformance_structured::specification(),
    ];
    Backend::local_without_blocking::<Mini>("mini", Config::new())
        .current_local_without_blocking::<Handle>()
        .claims(|it| it.nested_block_on = true)
        .deviates("spawn::small_task_costs_one_allocation", ALLOCATIONS)
);
