//! What the bare runtimes do where they do not keep a rule, observed by running each directly, without any layer.

/// The versions that were observed.
pub(crate) const VERSIONS: &str = "tokio 1.54, smol 2.0, async-std 1.13, futures 0.3.34 with futures-timer 3.0, compio 0.19, \
                                   monoio 0.2, glommio 0.9";

/// A rule's id, and what was observed. What is not listed keeps the rule, was not measured, or has no such operation.
pub(crate) const FACTS: &[(&str, &str)] = &[
    (
        "block_on::is_not_polled_for_unrelated_tasks",
        "futures' `LocalPool` and compio poll the root again whenever any task ran (1002 polls)",
    ),
    (
        "block_on::nested_completes_or_panics",
        "inside a task on a one-threaded executor, smol and async-std hang",
    ),
    (
        "block_on::is_woken_from_any_thread",
        "monoio without its feature `sync` panics",
    ),
    (
        "block_on::nested_drives_tasks_and_timers",
        "async-std leaves local tasks stuck",
    ),
    (
        "block_on::foreign_block_on_fires_sleeps",
        "tokio current-thread, compio, monoio and glommio hang",
    ),
    (
        "spawn::returns_before_the_first_poll",
        "glommio polls the task inside the call",
    ),
    (
        "spawn::works_from_any_thread",
        "the free functions of tokio, compio, monoio and glommio panic on a plain thread",
    ),
    (
        "spawn::fails_loudly_without_a_runtime",
        "async-std's `spawn_local` parks the task and says nothing; the others panic, each with another message",
    ),
    (
        "spawn::works_while_shutting_down",
        "compio panics in `block_on`",
    ),
    (
        "spawn::after_shutdown_is_cancelled",
        "the free functions of compio, monoio and glommio panic; a handle of tokio's keeps the rule",
    ),
    (
        "spawn::a_chain_uses_bounded_stack",
        "glommio overflows the stack",
    ),
    (
        "spawn::nested_joins_use_bounded_stack",
        "glommio overflows the stack",
    ),
    (
        "spawn::big_future_uses_bounded_stack",
        "smol takes 5 times the future's size, futures' `ThreadPool` 4 times",
    ),
    (
        "spawn::small_task_costs_one_allocation",
        "futures' `ThreadPool` takes 4, its `LocalPool` 3",
    ),
    (
        "join::dropping_the_handle_detaches",
        "smol, both pools of futures, compio and glommio cancel the task",
    ),
    (
        "join::future_is_dropped_first",
        "futures' `ThreadPool` resolves first (589 times of 2000, and 4 of 300 after a panic)",
    ),
    (
        "join::is_finished_tells_the_truth",
        "async-std and futures have no such call",
    ),
    (
        "join::handle_is_send_sync_unpin",
        "glommio's handle is bound to its thread",
    ),
    (
        "join::pending_task_is_cancelled_with_the_runtime",
        "the join never resolves on monoio and glommio; the joiner panics on `LocalPool` and on an owned smol executor",
    ),
    (
        "join::panic_is_an_error",
        "smol, async-std and futures panic in the joiner; monoio and glommio panic out of `block_on`",
    ),
    (
        "join::panicking_waker_is_contained",
        "smol, async-std and glommio abort the process; `block_on` of `LocalPool` and compio panics",
    ),
    (
        "join::handle_is_small",
        "async-std's own handle is 24 bytes",
    ),
    (
        "abort::is_idempotent_and_cancels",
        "monoio has no abort; on smol, async-std, compio and glommio it consumes the handle",
    ),
    (
        "abort::cancelled_means_dropped",
        "futures and compio say *cancelled* before the future is dropped",
    ),
    (
        "abort::finished_task_keeps_its_output",
        "futures loses the output",
    ),
    (
        "abort::before_the_first_poll_never_polls",
        "glommio has polled it already; monoio has no abort",
    ),
    (
        "abort::running_poll_finishes",
        "futures' `ThreadPool` says *cancelled* while the task still runs",
    ),
    (
        "abort::handles_are_clonable_and_pin_nothing",
        "only tokio has such a handle",
    ),
    (
        "panic::payload_survives",
        "smol, async-std and futures throw it in the joiner; monoio and glommio throw it out of `block_on`",
    ),
    (
        "panic::workers_survive",
        "on monoio and glommio the panic ends `block_on`",
    ),
    (
        "panic::detached_panic_is_contained",
        "on monoio and glommio it ends `block_on`",
    ),
    (
        "panic::captures_are_dropped_first",
        "futures' `ThreadPool` drops them later",
    ),
    (
        "panic::panicking_destructor_is_contained",
        "smol, async-std, compio and glommio abort the process; `block_on` of `LocalPool` and monoio panics; `ThreadPool` \
         swallows it",
    ),
    (
        "panic::panicking_output_destructor_is_contained",
        "smol, async-std and compio abort the process; `LocalPool` and glommio let it out",
    ),
    (
        "panic::blocking_payload_survives",
        "on monoio and glommio the join never resolves; smol and async-std throw it in the joiner",
    ),
    ("panic::blocking_pool_survives", "glommio's does not"),
    (
        "local::fails_loudly_outside_a_scope",
        "async-std parks the task and says nothing",
    ),
    (
        "local::drops_on_the_owner_thread",
        "monoio may drop on another thread, glommio leaks",
    ),
    (
        "local::scope_end_drops_everything",
        "monoio and glommio leave futures behind",
    ),
    (
        "local::foreign_wakes_work",
        "compio's queue of wake-ups has 64 places, and a wake waits while it is full",
    ),
    (
        "local::late_waker_drop_is_safe",
        "monoio drops the future there, on the wrong thread",
    ),
    (
        "local::progresses_while_block_on_waits",
        "monoio starves them",
    ),
    (
        "local::nested_block_on_drives_or_panics",
        "async-std leaves local tasks stuck",
    ),
    (
        "blocking::runs_off_the_executor",
        "compio delays tasks when its pool is overloaded",
    ),
    (
        "blocking::starts_without_a_poll",
        "glommio's starts at the first poll",
    ),
    (
        "blocking::runs_exactly_once",
        "dropping the handle loses a queued closure on smol, compio and glommio; an abort does on tokio",
    ),
    ("blocking::runs_in_parallel", "glommio runs one at a time"),
    (
        "blocking::queues_beyond_the_limit",
        "compio does not keep this",
    ),
    (
        "blocking::closure_may_use_the_handle",
        "the free functions of compio, monoio and glommio panic there",
    ),
    (
        "blocking::shutdown_policy_is_as_declared",
        "tokio waits for closures that run; the others leave them",
    ),
    (
        "blocking::abort_has_no_effect",
        "tokio cancels a queued closure",
    ),
    (
        "sleep::rarely_late",
        "the resolution of tokio and monoio is 1 ms, rounded up",
    ),
    (
        "sleep::zero_and_past_are_ready_at_once",
        "tokio and monoio take a millisecond, futures-timer a hop to its thread",
    ),
    (
        "sleep::far_future_never_fires",
        "compio and glommio panic on `Duration::MAX`",
    ),
    (
        "sleep::counts_from_creation",
        "async-std and compio count from the first poll",
    ),
    ("sleep::last_waker_is_woken", "monoio wakes the first"),
    (
        "sleep::wakers_may_use_the_timers",
        "compio wakes under a borrow of its timers: such a waker panics",
    ),
    (
        "sleep::dropping_releases_the_waker",
        "smol and async-std keep it for up to 1000 more operations on timers",
    ),
    (
        "sleep::reset_moves_the_deadline",
        "only tokio and smol have a reset",
    ),
    (
        "sleep::stays_ready",
        "smol's is then pending for ever; async-std's and compio's panic",
    ),
    (
        "sleep::is_made_outside_the_runtime",
        "tokio's and monoio's free functions panic there",
    ),
    (
        "sleep::works_without_a_runtime",
        "tokio, compio, monoio and glommio panic",
    ),
    ("sleep::moves_between_tasks", "on monoio it does not fire"),
    (
        "sleep::dropped_sleeps_free_memory",
        "futures-timer keeps 28 bytes of each",
    ),
    ("sleep::is_send", "monoio's is not, and takes 640 bytes"),
    (
        "sleep::zero_sleeps_do_not_wait",
        "1000 of them take 1.1 s on tokio and monoio",
    ),
    (
        "interval::first_tick_is_immediate",
        "smol's and async-std's come after one period",
    ),
    ("interval::does_not_drift", "async-std's drifts"),
    (
        "interval::missed_ticks_follow_the_policy",
        "tokio, smol and monoio burst, compio skips, async-std delays; tokio lets its user choose",
    ),
    (
        "interval::zero_period_panics",
        "smol and async-std spin (85 000 to 180 000 ticks in 20 ms)",
    ),
    ("timeout::value_wins", "on compio it depends on chance"),
    (
        "timeout::polls_the_value_at_least_once",
        "compio polled it 13 times of 20",
    ),
    (
        "timeout::zero_elapses_at_once",
        "tokio and monoio take a millisecond",
    ),
    ("timeout::endless_never_elapses", "glommio panics"),
    ("timeout::ready_value_arms_nothing", "tokio arms a timer"),
    (
        "timeout::keeps_the_future_after_elapsing",
        "async-std drops it at once",
    ),
    ("timeout::interrupts_a_busy_future", "monoio never does"),
    (
        "yield_now::lets_new_tasks_run",
        "futures' `ThreadPool` and monoio starve them",
    ),
    (
        "yield_now::lets_timers_fire",
        "monoio starves them; glommio takes about 100 ms",
    ),
    (
        "yield_now::lets_tasks_run_from_the_root",
        "monoio starves them",
    ),
    ("yield_now::lets_a_select_fire", "monoio never does"),
    (
        "yield_now::alternates",
        "the longest run of one task was 760 of 1000 on async-std, 1000 on futures' `ThreadPool` and on monoio",
    ),
    (
        "yield_now::blocked_thread_does_not_stop_others",
        "smol's global executor has one thread unless told otherwise, and stops",
    ),
    (
        "wake::from_any_thread",
        "monoio without its feature `sync` panics",
    ),
    (
        "wake::never_blocks_or_polls_inline",
        "on compio a wake waits while the queue is full",
    ),
    (
        "wake::works_after_the_runtime",
        "monoio drops the future there",
    ),
    (
        "wake::pinned_bytes",
        "a waker that is kept pins the whole future's memory on compio and monoio",
    ),
    (
        "shutdown::drops_parked_tasks",
        "smol's global executor, async-std and futures' `ThreadPool` never drop them; monoio and glommio some of them",
    ),
    ("shutdown::inside_async_code_is_safe", "tokio panics"),
    (
        "shutdown::handles_resolve_afterwards",
        "on monoio and glommio a join hangs; a sleep of tokio's panics",
    ),
    (
        "stress::blocked_task_does_not_stop_the_runtime",
        "smol's global executor has one thread unless told otherwise, and stops",
    ),
    (
        "net::accepted_belongs_home",
        "tokio registers the stream with the runtime that polls, and panics where there is none",
    ),
    (
        "net::half_close",
        "`close` of async-io's streams only flushes",
    ),
    (
        "net::close_repeats",
        "async-net's `close` fails when the peer is gone",
    ),
    (
        "net::write_half_drop_is_fin",
        "the drop of a clone tells the peer nothing on async-net",
    ),
    ("net::zero_length", "tokio and async-net wait for the peer"),
    (
        "net::many_acceptors",
        "tokio's `poll_accept` keeps the waker of the last one",
    ),
    (
        "net::many_receivers",
        "tokio's `poll_recv_from` keeps the waker of the last one",
    ),
    (
        "net::hot_socket_gives_way",
        "async-net never gives way: a neighbour had no turn in 20 000 messages",
    ),
    (
        "net::unknown_name_is_not_found",
        "on tokio and async-net the error has no kind",
    ),
    ("net::signals_coalesce", "async-signal yields each of them"),
];

/// What the short table shows: an operation in few words, and the rule that it stands for.
pub(crate) const SHORT: &[(&str, &str, &str)] = &[
    (
        "dropping a task's handle",
        "the task runs on",
        "join::dropping_the_handle_detaches",
    ),
    (
        "joining a task that panicked",
        "an error with the payload",
        "join::panic_is_an_error",
    ),
    (
        "joining a task whose runtime went away",
        "the error *cancelled*",
        "join::pending_task_is_cancelled_with_the_runtime",
    ),
    (
        "a join that is ready",
        "the future has been dropped",
        "join::future_is_dropped_first",
    ),
    (
        "a join that says *cancelled*",
        "the future has been dropped",
        "abort::cancelled_means_dropped",
    ),
    (
        "aborting a finished task",
        "keeps its output",
        "abort::finished_task_keeps_its_output",
    ),
    (
        "a destructor that panics",
        "is contained",
        "panic::panicking_destructor_is_contained",
    ),
    (
        "a panic in a blocking closure",
        "an error with the payload",
        "panic::blocking_payload_survives",
    ),
    (
        "dropping or aborting a blocking handle",
        "the closure runs, once",
        "blocking::runs_exactly_once",
    ),
    (
        "`spawn` while holding a lock",
        "returns before the task's first poll",
        "spawn::returns_before_the_first_poll",
    ),
    (
        "`spawn_local` where nobody drives",
        "fails loudly",
        "local::fails_loudly_outside_a_scope",
    ),
    (
        "dropping a local future",
        "on its own thread, always",
        "local::drops_on_the_owner_thread",
    ),
    (
        "`sleep(0)`, a past deadline",
        "ready at the first poll",
        "sleep::zero_and_past_are_ready_at_once",
    ),
    (
        "`sleep(d)`",
        "counts from the call",
        "sleep::counts_from_creation",
    ),
    (
        "`sleep(Duration::MAX)`",
        "never fires, never panics",
        "sleep::far_future_never_fires",
    ),
    (
        "a sleep polled after it was ready",
        "ready again",
        "sleep::stays_ready",
    ),
    (
        "a sleep moved to another task",
        "fires there",
        "sleep::moves_between_tasks",
    ),
    (
        "`interval(d)`",
        "ticks at once, then every `d`",
        "interval::first_tick_is_immediate",
    ),
    (
        "ticks that were missed",
        "what the caller chose",
        "interval::missed_ticks_follow_the_policy",
    ),
    (
        "`interval(0)`",
        "panics, with a message",
        "interval::zero_period_panics",
    ),
    (
        "`timeout(d, ready)`",
        "no timer is made",
        "timeout::ready_value_arms_nothing",
    ),
    (
        "`timeout(0, pending)`",
        "elapses at the first poll",
        "timeout::zero_elapses_at_once",
    ),
    (
        "a future whose time ran out",
        "lives until the timeout is dropped",
        "timeout::keeps_the_future_after_elapsing",
    ),
    (
        "`block_on` inside a task",
        "completes or panics, never hangs",
        "block_on::nested_completes_or_panics",
    ),
    (
        "dropping a runtime",
        "drops its parked tasks",
        "shutdown::drops_parked_tasks",
    ),
    (
        "dropping a runtime in async code",
        "works, in the background",
        "shutdown::inside_async_code_is_safe",
    ),
    (
        "tasks that yield for ever",
        "others run, timers fire",
        "yield_now::lets_timers_fire",
    ),
];
