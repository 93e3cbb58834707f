//! What the layer costs on purpose: where a meaning that the native call does not have must be paid for.

use crate::operation::Operation;

/// A declared cost over native, per operation.
#[derive(Clone, Copy, Debug)]
pub struct Extra {
    /// Which backend, or the beginning of its key.
    pub backend: &'static str,
    /// What is done.
    pub operation: Operation,
    /// Allocations, exactly.
    pub allocations: i64,
    /// Bytes, exactly.
    pub bytes: i64,
    /// Instructions, at most.
    pub instructions: i64,
    /// What it buys.
    pub reason: &'static str,
}

/// Every declared cost. Where several fit a key, the first one counts.
pub const EXTRAS: &[Extra] = &[
    extra("tokio-local", Operation::SpawnJoin, NONE, 32, WEAK),
    extra("tokio-local", Operation::Batch, NONE, 10, WEAK),
    extra("tokio-local", Operation::Detach, NONE, 10, WEAK),
    extra("tokio-local", Operation::SleepMade, NONE, 14, MOVED),
    extra("tokio-local", Operation::SleepPolled, NONE, 100, MOVED),
    extra("tokio-local", Operation::TimeoutPending, NONE, 240, MOVED),
    extra("tokio-local", Operation::BlockOn, NONE, 180, FOUND),
    extra("tokio-local", Operation::AbortJoin, NONE, 40, WEAK),
    extra("smol-local", Operation::SpawnJoin, (0, 24), 200, REACHED),
    extra("smol-local", Operation::Batch, (0, 24), 180, REACHED),
    extra("smol-local", Operation::Detach, (0, 16), 170, REACHED),
    extra("smol-local", Operation::BlockOn, (1, 48), 500, FOUND),
    extra("smol-local", Operation::AbortJoin, (2, 224), 960, ABORT),
    // Beside the share for where the code lies: +1909 to +3386 were counted in binaries that differ elsewhere.
    extra("smol-local", Operation::PanicJoin, (0, 16), 1200, REACHED),
    extra("async-std-local", Operation::SpawnJoin, NONE, 0, LOCAL),
    extra("async-std-local", Operation::Batch, NONE, 0, LOCAL),
    extra("async-std-local", Operation::BlockOn, (1, 48), 0, FOUND),
    extra(
        "async-std-local",
        Operation::AbortJoin,
        (2, 184),
        700,
        ABORT,
    ),
    extra("compio-local", Operation::SpawnJoin, (0, 32), 0, OTHER),
    extra("compio-local", Operation::Batch, (0, 32), 530, OTHER),
    extra("compio-local", Operation::Detach, (0, 16), 465, OTHER),
    extra("compio-local", Operation::SleepMade, NONE, 95, DEADLINE),
    extra("compio-local", Operation::BlockOn, (3, 8880), 6100, RUNNER),
    extra("compio-local", Operation::AbortJoin, (2, 156), 2320, ABORT),
    extra(
        "compio-local",
        Operation::PanicJoin,
        (1, 72),
        30_000,
        RETHROWN,
    ),
    extra("tokio", Operation::SleepMade, NONE, 10, HANDLE),
    extra("tokio", Operation::SleepPolled, NONE, 98, CLOCK),
    extra(
        "tokio-multi-thread+ambient",
        Operation::TimeoutPending,
        NONE,
        72,
        CLOCK,
    ),
    extra(
        "tokio-current-thread+ambient",
        Operation::TimeoutPending,
        NONE,
        72,
        CLOCK,
    ),
    extra("tokio", Operation::TimeoutPending, NONE, 210, LATE_SLEEP),
    extra("smol-owned", Operation::SpawnJoin, (0, 24), 215, CLOSED),
    extra("smol-owned", Operation::Batch, (0, 24), 160, CLOSED),
    extra("smol-owned", Operation::Detach, (0, 16), 165, CLOSED),
    extra("smol-owned", Operation::AbortJoin, (2, 232), 1040, ABORT),
    extra("smol-owned", Operation::PanicJoin, (0, 24), 1200, CLOSED),
    extra("smol+ambient", Operation::Detach, NONE, 92, LOOKED_UP),
    extra("smol", Operation::SpawnJoin, (0, 8), 130, GUARD),
    extra("smol", Operation::Batch, (0, 8), 120, GUARD),
    extra("smol", Operation::Detach, NONE, 70, GUARD),
    extra("smol", Operation::Blocking, (0, 8), 0, GUARD),
    extra("smol", Operation::TimeoutReady, NONE, 50, DEADLINE),
    extra("smol", Operation::BlockOn, NONE, 180, NESTED),
    extra("smol", Operation::AbortJoin, (2, 216), 990, ABORT),
    extra("async-std", Operation::SpawnJoin, (0, 8), 80, WATCHED),
    extra("async-std", Operation::Batch, (0, 8), 60, WATCHED),
    extra("async-std", Operation::SleepMade, NONE, 80, DEADLINE),
    extra("async-std", Operation::AbortJoin, (2, 264), 1130, ABORT),
];

const NONE: (i64, i64) = (0, 0);

const HANDLE: &str = "a sleep of a handle is made inside the handle's runtime, and keeps its state, and who waits without a deadline, in two words \
    of its own (`sleep::reset_of_an_endless_sleep_wakes`)";

const CLOCK: &str = "the first poll compares with the clock, because tokio rounds deadlines up to its millisecond \
    (`sleep::zero_and_past_are_ready_at_once`), and a poll looks whether the coop budget is spent, so that a limit passes though \
    the future under it uses the budget up at every poll; and a sleep that never fires keeps who waits for it, which makes every \
    sleep a word larger (`sleep::reset_of_an_endless_sleep_wakes`)";

const LATE_SLEEP: &str = "the sleep is made once the future was pending, which is what lets a ready one cost no timer: the \
    clock is read at the call and at the sleep's first poll, and the handle enters its runtime once more \
    (`timeout::ready_value_arms_nothing`)";

const GUARD: &str = "a panic is an error at the join and a panicking destructor does not abort the process, so the join \
    catches, and future and output are dropped out of an `Option`, which costs 8 bytes where they have no niche \
    (`join::panic_is_an_error`, `panic::panicking_destructor_is_contained`)";

const LOOKED_UP: &str = "as for a handle, and the ambient form reads a thread-local to find the executor that the caller runs on \
    (`right_runtime::looked_up_is_the_one_around`)";

const CLOSED: &str = "as on smol's global executor, and each task keeps a reference to what its runtime's tasks share: the shutdown \
    waits for the last of them, and a task that is polled after the close drops its future (`shutdown::drops_parked_tasks`, \
    `shutdown::wake_runs_no_destructor`)";

const WATCHED: &str = "async-std's handle cannot tell whether it is finished: the joiner's waker is kept, so that asking does not \
    lose it, and it catches and guards as on smol (`join::is_finished_tells_the_truth`)";

const DEADLINE: &str = "a deadline counts from the call, which reads the clock; the native one counts from the first poll \
    (`sleep::counts_from_creation`)";

const NESTED: &str = "a nested `block_on` panics with a message and does not hang, and `Current` finds the runtime inside \
    (`block_on::nested_completes_or_panics`)";

const ABORT: &str = "`abort` leaves a handle that can be joined, where the native `cancel` consumes it: the future that \
    cancels is boxed, and what the handle and abort handles share is another box, on which one at a time works without a lock \
    (`join::wakers_may_use_the_handles`); on smol the future lies in an `Option`, as in every spawn, so that \
    its destructor is contained also where there is none (`abort::cancelled_means_dropped`, \
    `panic::panicking_destructor_is_contained`)";

const WEAK: &str = "a local handle does not keep its runtime alive, because tasks hold handles, and so reaches it through a \
    weak pointer (`local::scope_end_drops_everything`)";

const REACHED: &str = "a task keeps its executor and its place among the parked, so that the close leaves none behind, and the way to the \
    executor for an `AbortHandle` that works from every thread; the join catches and the task guards as on smol \
    (`shutdown::drops_parked_tasks`, `local::scope_end_drops_everything`, `panic::panicking_destructor_is_contained`)";

const LOCAL: &str = "nothing: async-std's own local task costs more";

const OTHER: &str = "anyrt's tasks run on async-executor and not on compio's own executor, whose abort consumes the handle, whose handles say \
    \"finished\" before the future is dropped, and whose tasks end the process when a destructor panics \
    (`abort::cancelled_means_dropped`, `join::is_finished_tells_the_truth`, `panic::panicking_destructor_is_contained`)";

const RUNNER: &str = "a root runs anyrt's tasks: async-executor makes a runner with a queue of its own for it, and the root has a waker of its own, so \
    that it is not polled for every task of its thread (`block_on::is_not_polled_for_unrelated_tasks`)";

const RETHROWN: &str = "async-task throws the panic again where the handle is polled, and the join catches it there: two unwindings, where compio's own \
    executor has one. Tasks run on async-executor for what `spawn` is declared for (`join::panic_is_an_error`)";

const MOVED: &str = "as on the other runtimes of tokio, and the sleep, which the shared handle within the local one makes, is moved \
    once more";

const FOUND: &str = "`LocalHandle::try_current` finds the runtime inside, and on smol and async-std a root has a waker of its own, so \
    that it is not polled for every task of its thread (`block_on::is_not_polled_for_unrelated_tasks`)";

const fn extra(
    backend: &'static str,
    operation: Operation,
    (allocations, bytes): (i64, i64),
    instructions: i64,
    reason: &'static str,
) -> Extra {
    Extra {
        backend,
        operation,
        allocations,
        bytes,
        instructions,
        reason,
    }
}

/// What is declared for `operation` on `backend`, other than the boxes of the erased form.
pub fn find(backend: &str, operation: Operation) -> Option<&'static Extra> {
    EXTRAS
        .iter()
        .find(|extra| extra.operation == operation && backend.starts_with(extra.backend))
}

/// How many boxes `AnyRuntime` makes for `operation`; exact.
pub fn boxes(operation: Operation) -> i64 {
    match operation {
        // One for the future or the closure, one for the handle.
        Operation::SpawnJoin
        | Operation::Batch
        | Operation::Detach
        | Operation::Blocking
        | Operation::AbortJoin
        | Operation::PanicJoin => 2,
        // One for each sleep; a timeout makes one once its future was pending, and an interval one for all its ticks.
        Operation::SleepMade | Operation::SleepPolled | Operation::TimeoutPending => 1,
        Operation::TimeoutReady | Operation::IntervalTick | Operation::BlockOn => 0,
        // Not measured in the erased form.
        Operation::TaskGroup | Operation::Scope | Operation::Semaphore => 0,
    }
}
