//! Slips: mutants of single calls.
//!
//! A flaw changes what a piece does wherever it is used. A slip is for an operation that one rule asks for: there, where the
//! rule calls it, it gives what a broken one would.

use crate::{Mutant, Started};

/// The slip that a backend was extended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slip(&'static str);

/// Whether the runtime is under the mutant `name`.
pub(crate) fn slips<H: Clone>(rt: &Started<H>, name: &str) -> bool {
    let slip = rt.backend().extension::<Slip>();
    slip.is_some_and(|it| it.0 == name)
}

/// Declares slips: the name, what is wrong, and the rules that kill it.
macro_rules! slips {
    ($($name:literal: $breaks:literal, killed by $($rule:literal),+;)+) => {
        /// Every slip, as a mutant.
        pub(crate) fn all() -> Vec<Mutant> {
            vec![$(Mutant::new($name, $breaks, &[$($rule),+], |backend| {
                backend.extended(Slip($name))
            })),+]
        }
    };
}

slips! {
    "group_names_the_wrong_task": "a group gives the id of another task with an output",
        killed by "calls::ids_name_what_ended", "calls::local_ids_name_what_ended";
    "group_abort_handle_is_idle": "the handle that comes with an abortable task of a group aborts nothing",
        killed by "calls::ids_name_what_ended", "calls::local_ids_name_what_ended";
    "map_never_empties": "a map that was joined to its end says that it holds tasks",
        killed by "calls::map_is_empty_when_joined", "calls::local_map_is_empty_when_joined";
    "set_removes_another": "a set removes a task and gives another back",
        killed by "calls::set_gives_back_what_is_removed";
    "set_forgets_an_abort": "a set passes over an abort",
        killed by "calls::set_aborts_and_detaches";
    "scope_forgets_the_named": "a scope does not wait for a task with a name",
        killed by "calls::scope_waits_for_the_named", "calls::local_scope_waits_for_the_named";
    "tracker_keeps_a_token_of_its_own": "a tracker that was given a token has another",
        killed by "calls::tracker_takes_a_token";
    "backoff_grows_anyway": "constant pauses grow",
        killed by "calls::backoff_grows_by_its_factor";
    "generator_reaches_its_bound": "a number below a bound is the bound",
        killed by "calls::generator_keeps_its_bound";
    "budget_is_not_refilled": "a budget that is refilled is as it was",
        killed by "calls::budget_is_full_after_a_refill";
    "queue_keeps_the_cleared": "a queue that was cleared holds its values",
        killed by "calls::queue_is_empty_when_cleared";
    "wrapper_gives_another": "what a named runtime gives back is not what it was made of",
        killed by "calls::wrapper_gives_its_runtime_back";
    "semaphore_takes_two": "to acquire one permit takes two",
        killed by "calls::semaphore_takes_one";
    "seed_of_a_race_is_dropped": "a race with a seed prefers the first",
        killed by "calls::seeds_choose_another_first";
    "local_value_shows_the_outer": "inside a value the outer one is read",
        killed by "calls::local_value_is_read_in_place";
}
