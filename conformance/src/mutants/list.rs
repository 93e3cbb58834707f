//! Which mutants there are.

use super::{Defect, mutant};
use crate::Mutant;

/// Declares mutants; what each breaks is a variant of `Defect`.
macro_rules! mutants {
    ($($defect:ident $name:literal: $breaks:literal, killed by $($rule:literal),+;)+) => {
        /// Every mutant of a runtime.
        pub(crate) fn all() -> Vec<Mutant> {
            vec![$(mutant($name, $breaks, &[$($rule),+], Defect::$defect)),+]
        }
    };
}

mutants! {
    AbortDropsInline "abort_drops_inline": "an abort drops the future on the stack of its caller",
        killed by "abort::cascade_uses_bounded_stack";
    AbortForgetsOutput "abort_forgets_output": "an abort hides the output of a finished task",
        killed by "abort::finished_task_keeps_its_output", "abort::earlier_panic_is_reported";
    AbortHandlePins "abort_handle_pins": "an abort handle keeps the future",
        killed by "abort::handles_are_clonable_and_pin_nothing";
    AbortHandleWakesNobody "abort_handle_wakes_nobody": "an abort through a handle is noticed when the task is next joined",
        killed by "abort::handle_reaches_a_parked_task";
    AbortHitsOthers "abort_hits_others": "an abort stops every task",
        killed by "abort::leaves_other_tasks_alone";
    AbortIgnored "abort_ignored": "an abort does nothing",
        killed by "abort::is_idempotent_and_cancels", "abort::stops_at_the_next_await",
            "abort::does_not_wait_for_what_the_task_waits_for", "workload::progress", "local::task_rules_hold";
    AbortLeaksFuture "abort_leaks_future": "the future of an unfinished task is never dropped",
        killed by "abort::cancelled_means_dropped", "abort::drops_without_a_joiner", "abort::race_has_one_outcome",
            "stress::abort_storm_adds_up", "local::drops_on_the_owner_thread", "workload::scope",
            "workload::time_limits";
    AbortPanicsWhenGone "abort_panics_when_gone": "an abort panics after the shutdown",
        killed by "abort::after_shutdown_is_a_no_op";
    AbortsAtExit "aborts_at_exit": "the process crashes when it leaves main",
        killed by "shutdown::leaving_main_is_clean";
    AmbientWins "ambient_wins": "a handle starts its work on the runtime that the caller runs on",
        killed by "right_runtime::handle_beats_the_ambient", "right_runtime::survives_the_other_shutdown";
    AskingTakesTheWake "asking_takes_the_wake": "who asks whether a task has finished takes the wake of who waits for it",
        killed by "join::is_finished_takes_no_wake";
    BackgroundUntrue "background_untrue": "what is said about progress in the background is untrue",
        killed by "shutdown::background_progress_is_as_declared";
    BigFuturesOnTheStack "big_futures_on_the_stack": "spawning a big future moves it sixteen times across the stack",
        killed by "spawn::big_future_uses_bounded_stack";
    BlockOnBusy "block_on_busy": "block_on polls in a loop",
        killed by "block_on::parks_between_wakes";
    BlockOnChangesPayload "block_on_changes_payload": "block_on replaces the payload of a panic by a text",
        killed by "block_on::passes_a_panic_on";
    BlockOnForgetsFuture "block_on_forgets_future": "block_on does not drop its future",
        killed by "block_on::drops_the_future_before_returning";
    BlockOnHangsElsewhere "block_on_hangs_elsewhere": "block_on hangs on threads other than the one that started the runtime",
        killed by "block_on::works_in_a_thread_local_destructor", "block_on::runs_on_many_threads_at_once";
    BlockOnNeverReturns "block_on_never_returns": "block_on waits for ever",
        killed by "block_on::returns_the_output";
    BlockOnPanicsInClosures "block_on_panics_in_closures": "block_on panics in a closure of the blocking pool",
        killed by "block_on::works_in_a_blocking_closure";
    BlockingAbortCancels "blocking_abort_cancels": "an abort cancels the join of a closure",
        killed by "blocking::abort_has_no_effect", "blocking::runs_exactly_once";
    BlockingInline "blocking_inline": "a closure runs where it is submitted",
        killed by "blocking::runs_off_the_executor", "blocking::runs_in_parallel";
    BlockingLazy "blocking_lazy": "a closure starts when its handle is polled",
        killed by "blocking::starts_without_a_poll", "blocking::runs_exactly_once";
    BlockingLimitLoses "blocking_limit_loses": "closures beyond the first five hundred never run",
        killed by "blocking::queues_beyond_the_limit";
    BlockingLosesSome "blocking_loses_some": "one closure in ten never runs",
        killed by "blocking::runs_exactly_once", "blocking::value_reaches_the_joiner", "workload::cpu_offload";
    BlockingOneAtATime "blocking_one_at_a_time": "closures run one after the other",
        killed by "blocking::runs_in_parallel";
    BlockingPolicyUntrue "blocking_policy_untrue": "what is said about closures at the shutdown is untrue",
        killed by "blocking::shutdown_policy_is_as_declared";
    ClaimsUntrue "claims_untrue": "what is claimed about threads, blocking and time is untrue",
        killed by "block_on::nested_drives_tasks_and_timers", "block_on::foreign_block_on_fires_sleeps",
            "sleep::works_without_a_runtime", "sleep::shares_the_virtual_clock", "spawn::moves_data_between_threads",
            "stress::blocked_task_does_not_stop_the_runtime";
    CurrentUntrue "current_untrue": "what is said about where the runtime is found is untrue",
        killed by "right_runtime::missing_runtime_is_an_error", "spawn::fails_loudly_without_a_runtime";
    DestructorPanicSwallowed "destructor_panic_swallowed": "a panic in the destructor of a task's future goes nowhere",
        killed by "panic::panicking_destructor_is_contained";
    DetachAllocates "detach_allocates": "detaching a task allocates",
        killed by "join::detach_does_not_allocate";
    DetachKeepsOutput "detach_keeps_output": "the output of a detached task is never dropped",
        killed by "join::output_is_dropped_once";
    DropCancels "drop_cancels": "dropping a handle aborts the task",
        killed by "join::dropping_the_handle_detaches", "local::task_rules_hold", "differential::random_programs_agree";
    DroppedSleepsStay "dropped_sleeps_stay": "a sleep that is dropped stays in the timer",
        killed by "sleep::dropping_releases_the_waker", "sleep::a_hundred_thousand_are_cheap";
    ElapsedForgetsZero "elapsed_forgets_zero": "a sleep of zero is never elapsed",
        killed by "sleep::is_elapsed_means_seen_ready";
    ElapsedReadsTheClock "elapsed_reads_the_clock": "a sleep is elapsed when its time has come, though nobody polled it",
        killed by "sleep::is_elapsed_means_seen_ready";
    EndlessOverflows "endless_overflows": "a duration that the clock cannot hold panics",
        killed by "sleep::far_future_never_fires", "timeout::endless_never_elapses",
            "interval::endless_period_never_ticks";
    FinishedIsNever "finished_is_never": "is_finished is always false",
        killed by "join::is_finished_tells_the_truth", "join::finished_means_ready";
    FiresEarly "fires_early": "a sleep until a deadline ends five milliseconds before it",
        killed by "workload::rate_limiter";
    FirstJoinWakerOnly "first_join_waker_only": "a handle keeps the waker of its first poll",
        killed by "join::last_waker_is_woken";
    ForeignExecutor "foreign_executor": "tasks are polled on threads that the runtime does not know",
        killed by "native::facilities_work";
    ForeignWakesLost "foreign_wakes_lost": "a task is not woken from outside tasks and block_on",
        killed by "wake::from_any_thread", "wake::storm_loses_nothing", "local::foreign_wakes_work",
            "local::polls_on_the_owner_thread";
    FutureDroppedLate "future_dropped_late": "a task's future is dropped on another thread, a while later",
        killed by "join::future_is_dropped_first", "abort::cancelled_means_dropped",
            "panic::captures_are_dropped_first";
    GraceIgnored "grace_ignored": "the shutdown waits as long as it takes",
        killed by "blocking::shutdown_does_not_wait_past_its_grace", "shutdown::returns_within_its_grace";
    HandlesAreBig "handles_are_big": "the handle of a task is eight words bigger",
        killed by "join::handle_is_small";
    HiddenThread "hidden_thread": "the runtime starts a thread of which nobody knows",
        killed by "right_runtime::starts_only_documented_threads", "shutdown::leaves_no_thread";
    InnerScopeStays "inner_scope_stays": "after a block_on inside another one nothing is found",
        killed by "right_runtime::nested_block_on_gives_the_outer_back";
    IntervalBursts "interval_bursts": "an interval delivers every missed tick, whatever the policy",
        killed by "interval::missed_ticks_follow_the_policy";
    IntervalDrifts "interval_drifts": "a tick is due one period after the last one was taken",
        killed by "interval::does_not_drift", "interval::dropping_a_tick_loses_none";
    IntervalStartsLate "interval_starts_late": "an interval starts one period late",
        killed by "interval::first_tick_is_immediate";
    IntervalTakesZero "interval_takes_zero": "a period of zero is taken for a millisecond",
        killed by "interval::zero_period_panics";
    JoinNeverWakes "join_never_wakes": "the end of a task wakes nobody",
        killed by "abort::wakes_the_joiner", "join::works_on_any_executor";
    LastInstantOverflows "last_instant_overflows": "a deadline is rounded up beyond the end of the clock",
        killed by "sleep::end_of_the_clock_never_fires";
    LeaksOnSleep "leaks_on_sleep": "every sleep leaks a few bytes",
        killed by "sleep::dropped_sleeps_free_memory";
    LeaksOnSpawn "leaks_on_spawn": "every task leaks a few bytes",
        killed by "memory::finished_task_is_freed", "wake::memory_is_freed", "stress::heap_returns_to_baseline";
    LookupFindsAnother "lookup_finds_another": "code that looks its runtime up finds another one",
        killed by "right_runtime::looked_up_is_the_one_around",
            "right_runtime::nested_block_on_gives_the_outer_back";
    LosesForeignSpawn "loses_foreign_spawn": "tasks spawned on other threads never run",
        killed by "spawn::works_from_any_thread", "right_runtime::works_from_a_plain_thread",
            "blocking::closure_may_use_the_handle", "stress::foreign_spawns_are_counted";
    LosesOneInAThousand "loses_one_in_a_thousand": "one task in a thousand never runs",
        killed by "spawn::runs_each_task_once", "stress::joins_ten_thousand", "workload::fan_out",
            "spawn::a_million_detached_tasks_complete";
    NamedClosuresLost "named_closures_lost": "a closure with a name never runs",
        killed by "blocking::named_closure_is_a_closure";
    NamedDropCancels "named_drop_cancels": "dropping the handle of a task with a name aborts it",
        killed by "spawn::named_task_is_a_task";
    NamedParksWhenGone "named_parks_when_gone": "what is spawned with a name after the shutdown waits for ever",
        killed by "spawn::named_after_shutdown_is_cancelled", "blocking::named_after_shutdown_ends_as_a_plain_one";
    NamedTasksLost "named_tasks_lost": "a task with a name never runs",
        killed by "spawn::named_task_is_a_task";
    NestedBlockOnHangs "nested_block_on_hangs": "block_on inside the runtime hangs",
        killed by "block_on::nested_completes_or_panics", "local::nested_block_on_drives_or_panics";
    OneBlockOnOnly "one_block_on_only": "one thread at a time blocks on the runtime",
        killed by "block_on::runs_on_many_threads_at_once";
    OneRuntimeOnly "one_runtime_only": "only the first runtime of a process runs tasks",
        killed by "shutdown::a_second_runtime_works", "right_runtime::two_runtimes_side_by_side";
    OutputsGoWithRuntime "outputs_go_with_runtime": "the shutdown takes the outputs of finished tasks",
        killed by "join::value_survives_the_runtime";
    PanicAbortsProcess "panic_aborts_process": "a panic in a task ends the process",
        killed by "panic::detached_panic_is_contained", "panic::payload_survives", "panic::workers_survive",
            "panic::panicking_destructor_is_contained";
    PanicAsCancelled "panic_as_cancelled": "a task that panicked says that it was cancelled",
        killed by "join::panic_is_an_error", "panic::blocking_pool_survives", "workload::single_flight";
    PanicHookTwice "panic_hook_twice": "the joiner's side throws the payload anew",
        killed by "panic::hook_runs_once";
    PayloadBecomesText "payload_becomes_text": "the payload of a panic is replaced by a text",
        killed by "panic::payload_survives", "panic::blocking_payload_survives", "panic::holds_for_local_tasks";
    PolledAfterReady "polled_after_ready": "a future that was ready is polled once more",
        killed by "wake::no_poll_after_ready";
    PolledBeforeDrop "polled_before_drop": "a future is polled once more before it is cancelled",
        killed by "abort::before_the_first_poll_never_polls", "abort::running_poll_finishes",
            "abort::from_inside_stops_after_the_poll";
    PolledUnasked "polled_unasked": "a pending task is polled all the time",
        killed by "wake::no_poll_without_a_wake";
    PollsOneAtATime "polls_one_at_a_time": "one task is polled at a time",
        killed by "yield_now::blocked_thread_does_not_stop_others", "stress::blocked_task_does_not_stop_the_runtime";
    ResetIgnored "reset_ignored": "the reset of a sleep or an interval does nothing",
        killed by "sleep::reset_moves_the_deadline", "interval::reset_restarts_the_phase";
    RootForeignWakesLost "root_foreign_wakes_lost": "the future of block_on is not woken from other threads",
        killed by "block_on::is_woken_from_any_thread";
    RootPolledForTasks "root_polled_for_tasks": "every two hundred polls of tasks poll the future of block_on",
        killed by "block_on::is_not_polled_for_unrelated_tasks";
    RootWakeDuringPollLost "root_wake_during_poll_lost": "a wake of the future of block_on is lost while it is polled",
        killed by "block_on::keeps_a_wake_during_poll";
    SecondJoinHangs "second_join_hangs": "a handle that was joined is pending for ever",
        killed by "join::second_poll_panics";
    SelfWakesPollAtOnce "self_wakes_poll_at_once": "a task that wakes itself is polled before every other",
        killed by "yield_now::lets_new_tasks_run", "yield_now::lets_timers_fire";
    ShutdownForgetsTasks "shutdown_forgets_tasks": "the shutdown leaves everything as it is",
        killed by "join::pending_task_is_cancelled_with_the_runtime", "spawn::after_shutdown_is_cancelled",
            "shutdown::drops_parked_tasks", "shutdown::handles_resolve_afterwards",
            "local::scope_end_drops_everything";
    ShutdownPanicsInside "shutdown_panics_inside": "the shutdown panics inside async code",
        killed by "shutdown::inside_async_code_is_safe";
    ShutdownWaitsForItself "shutdown_waits_for_itself": "the shutdown waits for the task or the closure that it is called in",
        killed by "shutdown::inside_its_own_task_is_safe", "shutdown::inside_its_own_closure_is_safe";
    SleepBoundToThread "sleep_bound_to_thread": "a sleep panics on a thread other than that of its first poll",
        killed by "sleep::is_send";
    SleepCountsFromPoll "sleep_counts_from_poll": "a sleep counts from its first poll",
        killed by "sleep::counts_from_creation";
    SleepFiresOnce "sleep_fires_once": "a sleep that was ready is pending for ever",
        killed by "sleep::stays_ready";
    SleepKeepsFirstWaker "sleep_keeps_first_waker": "a sleep keeps the waker of its first poll",
        killed by "sleep::last_waker_is_woken", "sleep::moves_between_tasks";
    SleepNeedsContext "sleep_needs_context": "a sleep cannot be made on a plain thread",
        killed by "sleep::is_made_outside_the_runtime";
    SleepPendsFirst "sleep_pends_first": "a sleep is pending at its first poll",
        killed by "sleep::zero_and_past_are_ready_at_once", "sleep::zero_sleeps_do_not_wait";
    SleepPutOff "sleep_put_off": "a sleep that is polled twice before it is due lasts an hour more",
        killed by "yield_now::lets_a_select_fire";
    SleepsHalf "sleeps_half": "sleeps last half as long as they should",
        killed by "sleep::never_early", "workload::retry_with_backoff";
    SleepsLate "sleeps_late": "every sleep is 400 milliseconds late",
        killed by "sleep::rarely_late";
    SleepsOutOfOrder "sleeps_out_of_order": "sleeps are late by times that differ",
        killed by "stress::random_sleeps_keep_order", "sleep::fires_in_deadline_order";
    SomeWakesLost "some_wakes_lost": "one wake of a task in ten is lost",
        killed by "stress::ping_pong_loses_nothing", "workload::actor", "workload::worker_pool",
            "workload::philosophers", "workload::pipeline", "workload::publish_and_subscribe",
            "workload::periodic_flush";
    SpawnBoxes "spawn_boxes": "every future is boxed before it is spawned",
        killed by "memory::allocations_equal_native", "spawn::small_task_costs_one_allocation";
    SpawnPanicsInTasks "spawn_panics_in_tasks": "spawning panics while a task is polled or dropped",
        killed by "spawn::works_inside_tasks_and_destructors", "abort::destructor_may_spawn";
    SpawnPanicsWhenGone "spawn_panics_when_gone": "spawning panics once the shutdown has begun",
        killed by "spawn::works_while_shutting_down";
    SpawnParksWhenGone "spawn_parks_when_gone": "a task that is spawned after the shutdown waits for ever",
        killed by "spawn::after_shutdown_is_cancelled", "local::fails_loudly_outside_a_scope";
    SpawnPollsInline "spawn_polls_inline": "spawn polls the future before it returns",
        killed by "spawn::returns_before_the_first_poll", "spawn::a_chain_uses_bounded_stack",
            "spawn::nested_joins_use_bounded_stack";
    TimeoutCatchesPanics "timeout_catches_panics": "a panic under a time limit counts as elapsed",
        killed by "timeout::panic_passes_through";
    TimeoutDropsFuture "timeout_drops_future": "a timeout drops its future when it elapses",
        killed by "timeout::keeps_the_future_after_elapsing";
    TimeoutLooksOnce "timeout_looks_once": "a timeout looks at the time in its first poll only",
        killed by "timeout::interrupts_a_busy_future", "timeout::shorter_one_fires";
    TimeoutRoundsUp "timeout_rounds_up": "a limit of zero lasts a millisecond",
        killed by "timeout::zero_elapses_at_once";
    TimerFirst "timer_first": "a timeout looks at the time before it polls its future",
        killed by "timeout::value_wins", "timeout::polls_the_value_at_least_once",
            "timeout::ready_value_arms_nothing";
    WakeDuringPollLost "wake_during_poll_lost": "a wake is lost while its task is polled",
        killed by "wake::during_poll_polls_again", "spawn::every_task_completes", "yield_now::is_pending_once",
            "yield_now::lets_tasks_run_from_the_root", "yield_now::ping_pong_does_not_starve",
            "yield_now::alternates", "local::progresses_while_block_on_waits", "stress::one_cpu_and_load";
    WakePollsInline "wake_polls_inline": "a wake polls the task inside the call",
        killed by "wake::never_blocks_or_polls_inline";
    WakerPinsFuture "waker_pins_future": "a waker keeps the future of a finished task",
        killed by "wake::kept_waker_frees_the_future";
    WakersDiffer "wakers_differ": "each poll has another waker",
        killed by "wake::will_wake_holds";
    WakesCountTwice "wakes_count_twice": "each wake causes two polls",
        killed by "wake::many_wakes_are_merged";
    WakesPanicWhenGone "wakes_panic_when_gone": "a wake panics after the shutdown",
        killed by "wake::works_after_the_runtime", "local::late_waker_drop_is_safe";
    ZeroSizedLost "zero_sized_lost": "futures without size never run",
        killed by "spawn::takes_zero_sized_futures";
}
