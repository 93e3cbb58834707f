//! How many instructions the layer may need.

use crate::extras;
use crate::operation::Operation;

/// What a difference of nothing may look like: a register saved here, a branch placed there.
const FEW: f64 = 10.0;

/// By how much a task group may cost more than a `JoinSet`.
const SHARE_OF_JOIN_SET: f64 = 0.10;

/// The most instructions that the layer may need for `operation` on the backend `key`, where native code needs `native`; `None`
/// where the count is reported only.
///
/// - 10 instructions or 1 %, whichever is more;
/// - 3 % on tokio multi-thread for what goes through its queues, which an aborted task does as well: its 14 more than native were
///   seen as 13.7 to 16.1, because the native count moves by 2 from run to run;
/// - 10 % on async-std, whose bare handle cannot tell whether it is finished;
/// - 5 % for a panic: the unwinder looks up each frame's table, and how long that takes depends on where the code lies;
/// - none for the erased form, which buys its freedom with boxes;
/// - none for work that crosses threads, where the count contains how long either thread looked for work before it went to
///   sleep: blocking closures, and on async-io a timer that stays armed while its task is pending, which wakes the reactor's
///   thread. Native counts of the latter differ by 200 instructions from run to run;
/// - 10 % for a task group on tokio, over `JoinSet`; none on smol, which has no such thing, for scopes, which tokio does not
///   have, and for semaphores, which are not the same thing: ours is shared without an `Arc` around it.
///
/// Declared costs come on top.
pub fn instructions(key: &str, operation: Operation, native: f64) -> Option<f64> {
    let has_timers_of_its_own = key.starts_with("tokio") || key.starts_with("compio");
    let crosses_threads = operation == Operation::Blocking
        || (operation == Operation::TimeoutPending && !has_timers_of_its_own);
    if Operation::STRUCTURED.contains(&operation) {
        return is_gated(key, operation).then_some(native * (1.0 + SHARE_OF_JOIN_SET));
    }
    if key.ends_with("+any") || crosses_threads {
        return None;
    }
    let goes_through_queues = matches!(
        operation,
        Operation::SpawnJoin | Operation::Detach | Operation::AbortJoin
    );
    let share = if operation == Operation::PanicJoin {
        0.05
    } else if key.starts_with("async-std") {
        0.10
    } else if key.starts_with("tokio-multi-thread") && goes_through_queues {
        0.03
    } else {
        0.01
    };
    let declared = extras::find(key, operation).map_or(0, |extra| extra.instructions);
    Some(native + FEW.max(share * native) + declared as f64)
}

/// How many allocations an operation of [`Operation::STRUCTURED`] may make on the backend `key`, where native code makes
/// `native`: 10 % more for a task group on tokio, over `JoinSet`; `None` where the count is reported only, as in
/// [`instructions`]. Bytes are reported only: a group keeps its handles in one block that grows, `JoinSet` in one block each.
pub fn allocations(key: &str, operation: Operation, native: i64) -> Option<i64> {
    is_gated(key, operation).then_some(native + (native as f64 * SHARE_OF_JOIN_SET) as i64)
}

fn is_gated(key: &str, operation: Operation) -> bool {
    operation == Operation::TaskGroup && key.starts_with("tokio")
}
