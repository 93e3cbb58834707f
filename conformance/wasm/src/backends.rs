//! The backends: the page's executor, an owned one, its local side, and the ambient form.

use anyrt_conformance::{AtShutdown, Backend, Claims};
use anyrt_core::Config;
use anyrt_wasm::{Ambient, Wasm};

use crate::page::{Around, Handle, Page};

const PANICKING_WAKER: &str = "async-task aborts the process when a joiner's waker panics; only a wrapper around every waker could stop that";

const KEPT_WAKER: &str =
    "async-task keeps the waker with which a handle was last polled until the task ends";

const ON_THE_LOOP: &str = "closures run on the event loop, which is the only thread: one that waits for something never ends, and everything else waits for it";

/// The rules whose closures wait for something, block on the runtime, or ask to run elsewhere.
const CLOSURES_THAT_WAIT: [&str; 9] = [
    "block_on::works_in_a_blocking_closure",
    "blocking::runs_off_the_executor",
    "blocking::queues_beyond_the_limit",
    "blocking::shutdown_does_not_wait_past_its_grace",
    "blocking::abort_handle_tells_the_end",
    "blocking::shutdown_waits_within_its_grace",
    "timeout::root_is_as_a_task",
    "yield_now::blocked_parent_holds_its_child",
    "workload::cpu_offload",
];

/// The rules that park the thread until a closure was dropped or has run.
const PARKS: &str = "the case parks its thread, which is the event loop's: the closure that it waits for comes in a later turn";
const PARKED_FOR_CLOSURES: [&str; 2] = [
    "blocking::named_after_shutdown_ends_as_a_plain_one",
    "shutdown::late_closures_run_or_are_cancelled",
];

fn declared(backend: Backend) -> Backend {
    let backend = backend
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .claims(claims);
    let backend = CLOSURES_THAT_WAIT
        .iter()
        .fold(backend, |backend, rule| backend.deviates(rule, ON_THE_LOOP));
    PARKED_FOR_CLOSURES
        .iter()
        .fold(backend, |backend, rule| backend.deviates(rule, PARKS))
}

pub(crate) fn all() -> Vec<Backend> {
    let page = Backend::global("wasm", || Handle(Wasm::global())).current::<Handle>();
    let owned = Backend::owned::<Page>("wasm-owned", Config::new()).current::<Handle>();
    let local = Backend::local::<Page>("wasm-local", Config::new()).current_local::<Handle>();
    let ambient = Backend::global("wasm+ambient", || Around(Ambient)).current::<Handle>();
    [page, owned, local, ambient].map(declared).to_vec()
}

fn claims(claims: &mut Claims) {
    // The event loop runs while the case's stack is put aside.
    claims.background = true;
    claims.global_timer = true;
    // Without threads, std's `park` returns at once, so that a foreign `block_on` polls until the clock has moved on.
    claims.foreign_block_on = true;
    claims.always_current = true;
    // Closures run on the event loop, one after another.
    claims.blocking_parallelism = 1;
    claims.blocking_limit = 1;
    claims.blocking_at_shutdown = AtShutdown::Leaves;
}
