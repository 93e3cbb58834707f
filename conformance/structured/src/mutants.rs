//! The mutants of the pieces of `anyrt-structured`, and which flaw each gives them. What a flaw does is beside the call that it
//! changes, in [`pieces`](crate::pieces).

use crate::Mutant;

/// Declares mutants: the flaw, the name, what it breaks, and the rules that kill it.
macro_rules! mutants {
    ($($flaw:ident $name:literal: $breaks:literal, killed by $($rule:literal),+;)+) => {
        /// What is wrong with one piece.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Flaw {
            $(#[doc = $breaks] $flaw,)+
        }

        /// Every mutant of the pieces of `anyrt-structured`.
        pub(crate) fn all() -> Vec<Mutant> {
            vec![$(Mutant::new($name, $breaks, &[$($rule),+], |backend| {
                backend.extended(Flaw::$flaw)
            })),+]
        }
    };
}

mutants! {
    BackoffHasNoLimit "backoff_has_no_limit": "pauses grow beyond their limit",
        killed by "retry::pauses_grow_to_the_limit";
    BackoffLengthens "backoff_lengthens": "jitter makes pauses longer",
        killed by "retry::jitter_only_shortens";
    BudgetIsOneStep "budget_is_one_step": "a loop with a budget yields after every step",
        killed by "coop::budget_yields_after_its_steps", "coop::stream_yields_after_its_steps";
    BudgetLosesItems "budget_loses_items": "a stream with a budget loses items",
        killed by "coop::stream_keeps_its_items", "coop::stream_yields_after_its_steps";
    BudgetNeverEnds "budget_never_ends": "a loop with a budget does not yield",
        killed by "coop::timeout_interrupts_a_budgeted_loop", "coop::budget_yields_after_its_steps",
            "coop::stream_yields_after_its_steps";
    DelayCannotBeReset "delay_cannot_be_reset": "a value in a queue keeps its first deadline",
        killed by "delay::reset_moves_a_value", "delay::dropped_waits_lose_nothing";
    DelayIsNone "delay_is_none": "every value in a queue is over at once",
        killed by "delay::is_never_early", "delay::reset_moves_a_value";
    DelayLosesWhenNotAwaited "delay_loses_when_not_awaited": "a queue loses its values when a wait for the next is given up",
        killed by "delay::dropped_waits_lose_nothing";
    DelayReturnsTheRemoved "delay_returns_the_removed": "a value that was removed is returned all the same",
        killed by "delay::removed_values_are_not_returned";
    DelayServesTheNewest "delay_serves_the_newest": "of values with one deadline the newest comes first",
        killed by "delay::returns_in_the_order_of_deadlines";
    ForEachAsksAhead "for_each_asks_ahead": "all items are asked for before the first task",
        killed by "for_each::asks_when_there_is_room";
    ForEachExceedsItsLimit "for_each_exceeds_its_limit": "one task more runs than the limit allows",
        killed by "for_each::keeps_its_limit", "for_each::asks_when_there_is_room";
    ForEachHidesErrors "for_each_hides_errors": "the panic of an item's task is passed over",
        killed by "for_each::first_error_stops_the_rest";
    GroupAbortsAll "group_aborts_all": "to abort one task of a group aborts all of them",
        killed by "group::abort_stops_one_task";
    GroupAbortsClosures "group_aborts_closures": "a group takes an aborted closure for one that never ran",
        killed by "group::closures_run_to_their_end";
    GroupCountsTheJoined "group_counts_the_joined": "the length of a group is how many tasks were ever spawned",
        killed by "group::len_counts_the_unjoined";
    GroupDetachAborts "group_detach_aborts": "to detach the tasks of a group aborts them",
        killed by "group::detach_all_lets_them_run";
    GroupDropDetaches "group_drop_detaches": "the tasks of a dropped group run on",
        killed by "group::drop_aborts_all";
    GroupHidesErrors "group_hides_errors": "a group passes over tasks that panicked or were aborted",
        killed by "group::returns_each_task_once";
    GroupIsLazy "group_is_lazy": "the tasks of a group wait until somebody joins",
        killed by "group::runs_without_a_joiner";
    GroupJoinsByEnd "group_joins_by_end": "the outputs of a whole group come in another order than the spawns",
        killed by "group::join_all_keeps_the_order";
    GroupKeepsJoiner "group_keeps_joiner": "a group leaks the waker of whoever joins",
        killed by "group::pins_no_joiner";
    GroupLosesOutputs "group_loses_outputs": "a group loses one output in ten",
        killed by "group::returns_each_task_once";
    GroupLosesWhenNotJoined "group_loses_when_not_joined": "a group lets go of its tasks when a wait for the next is given up",
        killed by "group::dropped_join_next_loses_nothing";
    GroupPollsAll "group_polls_all": "a group polls all its tasks whenever one is joined",
        killed by "group::polls_only_woken_tasks";
    GroupShutdownReturnsAtOnce "group_shutdown_returns_at_once": "the shutdown of a group does not wait",
        killed by "group::shutdown_waits_for_destructors";
    GroupTriesWithinABudget "group_tries_within_a_budget": "`try_join_next` sees a hundred tasks and no more",
        killed by "group::sweeps_see_all";
    LocalValueEndsFirst "local_value_ends_first": "a value is unset before what it was set for is dropped",
        killed by "local_value::is_set_while_polled";
    LocalValueIgnoresInner "local_value_ignores_inner": "a value inside a value does not hide it",
        killed by "local_value::nests";
    LocalValueStays "local_value_stays": "a value stays set on the thread",
        killed by "local_value::is_set_while_polled";
    MapDetachAborts "map_detach_aborts": "to detach the tasks of a map aborts them",
        killed by "map::removed_tasks_run_on";
    MapDropDetaches "map_drop_detaches": "the tasks of a dropped map run on",
        killed by "map::drop_aborts_all";
    MapKeepsBoth "map_keeps_both": "a task under a key that is taken is put beside the one that is there",
        killed by "map::replaces_under_a_key";
    MapLetsTheReplacedRun "map_lets_the_replaced_run": "a task that is replaced runs on",
        killed by "map::replaces_under_a_key";
    MapLosesOutputs "map_loses_outputs": "a map loses one output in ten",
        killed by "map::returns_each_task_once";
    MapRemoveAborts "map_remove_aborts": "to take a task out of a map aborts it",
        killed by "map::removed_tasks_run_on";
    MapReturnsTheReplaced "map_returns_the_replaced": "a closure that is replaced stays in the map",
        killed by "map::closures_run_to_their_end";
    MapShutdownReturnsAtOnce "map_shutdown_returns_at_once": "the shutdown of a map does not wait",
        killed by "map::shutdown_waits_for_destructors";
    NamedChangesPayloads "named_changes_payloads": "a task with a name panics with another payload",
        killed by "named::task_rules_hold";
    NamedLosesLines "named_loses_lines": "the line of a task is one of the library's",
        killed by "named::location_is_the_callers", "named::closures_have_names";
    NamedLosesNames "named_loses_names": "a task does not know its name",
        killed by "named::is_current_while_polled", "named::location_is_the_callers", "named::closures_have_names";
    PinnedChangesPayloads "pinned_changes_payloads": "a pinned task panics with another payload",
        killed by "pinned::task_rules_hold";
    PinnedRunsOn "pinned_runs_on": "the tasks of a pool that is gone run on",
        killed by "pinned::shutdown_cancels";
    PinnedSpreadsNothing "pinned_spreads_nothing": "all tasks of a pool are on one thread",
        killed by "pinned::spreads_the_tasks";
    PinnedStartsThreads "pinned_starts_threads": "a pool starts a thread for each task",
        killed by "pinned::stays_on_its_thread";
    RetryKeepsTheAttempt "retry_keeps_the_attempt": "a failed attempt is kept",
        killed by "retry::drops_the_attempt_before_the_pause";
    RetryNeverGivesUp "retry_never_gives_up": "every error is worth another attempt",
        killed by "retry::gives_up_when_told";
    RetryPausesTooShort "retry_pauses_too_short": "pauses last half their time",
        killed by "retry::calls_and_waits_are_exact";
    RetryTriesOnceMore "retry_tries_once_more": "there is one attempt too many",
        killed by "retry::calls_and_waits_are_exact", "retry::pauses_grow_to_the_limit";
    ScopeChangesPayloads "scope_changes_payloads": "a scope panics with another payload than its task",
        killed by "scope::panic_stops_the_rest";
    ScopeEndsFirst "scope_ends_first": "a scope ends before its tasks do",
        killed by "scope::all_tasks_end_first";
    ScopeForgetsClosures "scope_forgets_closures": "a scope does not wait for closures",
        killed by "scope::waits_for_closures";
    ScopeLetsTasksGo "scope_lets_tasks_go": "the tasks of a scope that is given up, or fails, run on",
        killed by "scope::drop_aborts_all", "scope::first_error_stops_the_rest", "scope::panic_stops_the_rest";
    ScopeTakesLateSpawns "scope_takes_late_spawns": "a scope that has ended starts tasks",
        killed by "scope::late_spawns_are_dropped";
    ScopeTokenIsApart "scope_token_is_apart": "the token of a scope does not tell that it failed or was dropped",
        killed by "scope::panic_stops_the_rest", "scope::first_error_stops_the_rest", "scope::drop_aborts_all";
    SeedIsIgnored "seed_is_ignored": "a seed is taken and not used",
        killed by "select::seeded_order_repeats", "race::seeded_order_repeats", "retry::is_deterministic_under_a_seed",
            "retry::jitter_only_shortens";
    SeedIsMixedUp "seed_is_mixed_up": "the same seed gives other numbers each time",
        killed by "select::seeded_order_repeats", "race::seeded_order_repeats", "retry::is_deterministic_under_a_seed";
    SelectKeepsTheLoser "select_keeps_the_loser": "those that come second are kept",
        killed by "select::drops_the_loser_first", "race::drops_the_losers_first";
    SelectPrefersTheRight "select_prefers_the_right": "of those that are ready the last one wins",
        killed by "select::biased_takes_the_left", "race::biased_takes_the_first";
    SemaphoreForgetsNothing "semaphore_forgets_nothing": "permits that are forgotten come back",
        killed by "semaphore::forgotten_permits_stay_away";
    SemaphoreHasOneMore "semaphore_has_one_more": "a semaphore has one permit more than it was made with",
        killed by "semaphore::never_exceeds_its_permits";
    SemaphoreKeepsPermits "semaphore_keeps_permits": "a permit that is dropped does not come back",
        killed by "semaphore::permits_come_back";
    SemaphoreLosesPermits "semaphore_loses_permits": "a wait that is dropped takes its permit with it",
        killed by "semaphore::dropped_waiters_pass_it_on";
    SemaphoreMissesRaces "semaphore_misses_races": "a wait looks for a permit, and registers a moment later",
        killed by "semaphore::no_gap_before_the_wait";
    SemaphoreOverflows "semaphore_overflows": "more permits than fit are passed over in silence",
        killed by "semaphore::refuses_more_permits_than_fit";
    SemaphoreServesTheNewest "semaphore_serves_the_newest": "a permit goes to whoever came last",
        killed by "semaphore::is_fair";
    SemaphoreServesTheSmall "semaphore_serves_the_small": "who asks for many stands beside the line",
        killed by "semaphore::large_requests_are_not_overtaken";
    SemaphoreStaysOpen "semaphore_stays_open": "to close a semaphore has no effect",
        killed by "semaphore::close_sends_waiters_away";
    SemaphoreTakesNoMore "semaphore_takes_no_more": "permits that are added are lost",
        killed by "semaphore::added_permits_reach_those_who_wait";
    SemaphoreWakesAll "semaphore_wakes_all": "permits that are added wake everybody who waits",
        killed by "semaphore::added_permits_wake_those_who_get_them";
    SemaphoreWakesUnderItsLock "semaphore_wakes_under_its_lock": "a semaphore is locked while it wakes",
        killed by "semaphore::wakes_outside_the_lock";
    SetGivesOneAtATime "set_gives_one_at_a_time": "a set says after each task that no other has ended",
        killed by "group::set_try_join_next_sees_all";
    SetMixesKeys "set_mixes_keys": "a set gives a task the key of the one before",
        killed by "group::keys_stay_with_their_tasks";
    TokenBeatsTheOutput "token_beats_the_output": "a token that is cancelled hides the output that is there",
        killed by "token::output_wins";
    TokenCancelsItsParent "token_cancels_its_parent": "cancelling a child cancels its parent",
        killed by "token::child_leaves_its_parent_alone";
    TokenDropCancels "token_drop_cancels": "the drop of a token cancels it",
        killed by "token::dropping_a_token_cancels_nothing";
    TokenForgetsGrandchildren "token_forgets_grandchildren": "a token reaches its children and no further",
        killed by "token::cancels_all_descendants";
    TokenGuardIsIdle "token_guard_is_idle": "the drop of a guard cancels nothing",
        killed by "token::drop_guard_cancels";
    TokenKeepsFirstWaker "token_keeps_first_waker": "a token wakes the first waker of a wait, not the last",
        killed by "token::last_waker_is_woken";
    TokenKeepsTheLastCause "token_keeps_the_last_cause": "a later cause takes the place of the first",
        killed by "token::first_cause_wins";
    TokenKeepsTheFuture "token_keeps_the_future": "what ran until a token was cancelled is kept",
        killed by "token::run_drops_the_future_first";
    TokenKeepsWaiters "token_keeps_waiters": "a token keeps the wakers of waits that are gone",
        killed by "token::dropped_waiters_leave_nothing";
    TokenMissesRaces "token_misses_races": "a wait looks at its token, and registers a moment later",
        killed by "token::no_gap_before_the_wait";
    TokenPollsFirst "token_polls_first": "what is to run until a token is cancelled runs though it is",
        killed by "token::cancelled_first_polls_nothing";
    TokenRevives "token_revives": "a child of a cancelled token is not cancelled",
        killed by "token::stays_cancelled";
    TokenWakesOneOnly "token_wakes_one_only": "a token wakes the first who waits and no other",
        killed by "token::wakes_all_waiters";
    TokenWakesUnderItsLock "token_wakes_under_its_lock": "a token is locked while it wakes",
        killed by "token::wakes_outside_the_lock";
    TokensAreAllEqual "tokens_are_all_equal": "every token equals every other",
        killed by "token::clones_are_equal";
    TrackerCannotAbort "tracker_cannot_abort": "the tasks of a tracker run on after the grace",
        killed by "tracker::shutdown_aborts_after_the_grace";
    TrackerChangesPayloads "tracker_changes_payloads": "a tracked task panics with another payload",
        killed by "tracker::task_rules_hold";
    TrackerEndsBeforeDestructors "tracker_ends_before_destructors": "a tracker is drained while its last task is dropped",
        killed by "tracker::wait_resolves_after_the_last_task";
    TrackerForgetsNames "tracker_forgets_names": "the report of a shutdown has no names",
        killed by "tracker::report_names_the_late";
    TrackerHidesPanics "tracker_hides_panics": "the hook of a tracker is not called",
        killed by "tracker::panics_are_reported";
    TrackerNeedsNoClose "tracker_needs_no_close": "a tracker is drained whenever it is empty",
        killed by "tracker::wait_asks_for_a_close";
    TrackerReadsItsOwnClock "tracker_reads_its_own_clock": "a shutdown counts its grace by another clock than it was given",
        killed by "tracker::shutdown_uses_the_timers_clock";
    TrackerRemembers "tracker_remembers": "a tracker lists tasks that have ended",
        killed by "tracker::forgets_ended_tasks";
    TrackerStaysClosed "tracker_stays_closed": "a tracker cannot be reopened",
        killed by "tracker::reopens";
    TrackerTakesTheWholeGrace "tracker_takes_the_whole_grace": "a shutdown takes its whole grace, though nothing is left",
        killed by "tracker::shutdown_returns_early";
    TrackerTokenIsApart "tracker_token_is_apart": "a shutdown does not cancel the tracker's token",
        killed by "tracker::shutdown_cancels_its_token";
    TrackerWaitsForEver "tracker_waits_for_ever": "a shutdown waits for tasks that no abort ends",
        killed by "tracker::shutdown_is_bounded";
    TrackerWaitsForItsCloseOnly "tracker_waits_for_its_close_only": "a tracker is drained when it is closed",
        killed by "tracker::wait_resolves_after_the_last_task";
}
