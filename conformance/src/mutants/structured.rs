//! Which mutants there are of the pieces of `anyrt-structured`.

use super::list::mutants;
use super::{Defect, Mutant};
use crate::structured::Flaw;

mutants! { Flaw;
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
    SetMixesKeys "set_mixes_keys": "a set gives a task the key of the one before",
        killed by "group::keys_stay_with_their_tasks";
}
