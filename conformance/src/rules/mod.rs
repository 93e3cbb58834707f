//! The rules, one file for each family.

mod abort;
mod acting;
mod block_on;
mod blocking;
mod forms;
mod interval;
mod join;
mod launch;
mod local;
mod memory;
mod native;
mod panic;
mod races;
mod right_runtime;
mod shutdown;
mod sleep;
mod spawn;
mod stress;
mod timeout;
mod using;
mod wake;
mod yield_now;

use crate::{Rule, workloads};

/// Every rule, family by family.
pub(crate) fn all() -> Vec<Rule> {
    [
        block_on::rules(),
        spawn::rules(),
        join::rules(),
        abort::rules(),
        panic::rules(),
        local::rules(),
        blocking::rules(),
        sleep::rules(),
        interval::rules(),
        timeout::rules(),
        yield_now::rules(),
        wake::rules(),
        forms::rules(),
        launch::rules(),
        shutdown::rules(),
        right_runtime::rules(),
        native::rules(),
        stress::rules(),
        races::rules(),
        anyrt_conformance_differential::rules(),
        memory::rules(),
        workloads::all(),
    ]
    .concat()
}
