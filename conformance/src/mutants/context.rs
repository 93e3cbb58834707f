//! What a thread is in the middle of.

use std::cell::Cell;

use crate::kit::OnDrop;

thread_local! {
    static INSIDE: Cell<usize> = const { Cell::new(0) };
    static INNER_ENDED: Cell<bool> = const { Cell::new(false) };
    static IN_TASK: Cell<usize> = const { Cell::new(0) };
    static IN_CLOSURE: Cell<usize> = const { Cell::new(0) };
    static DROPPING: Cell<usize> = const { Cell::new(0) };
}

fn during<T>(depth: &'static std::thread::LocalKey<Cell<usize>>, work: impl FnOnce() -> T) -> T {
    depth.set(depth.get() + 1);
    let _leave = OnDrop(|| depth.set(depth.get() - 1));
    work()
}

/// Runs `work` as the inside of a `block_on`.
pub(super) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    let _leave = OnDrop(|| INNER_ENDED.set(INSIDE.get() > 0));
    during(&INSIDE, work)
}

/// Whether a `block_on` has ended on this thread that was inside another one, which has not.
pub(super) fn inner_has_ended() -> bool {
    INNER_ENDED.get()
}

/// Runs `work`, which polls or drops the future of a task.
pub(super) fn task<T>(work: impl FnOnce() -> T) -> T {
    during(&INSIDE, || during(&IN_TASK, work))
}

/// Runs `work`, which is a closure on the blocking pool.
pub(super) fn closure<T>(work: impl FnOnce() -> T) -> T {
    during(&IN_CLOSURE, work)
}

/// Whether this thread polls or drops a task, or blocks on a runtime.
pub(super) fn is_inside() -> bool {
    INSIDE.get() > 0
}

/// Whether this thread polls or drops a task.
pub(super) fn is_in_task() -> bool {
    IN_TASK.get() > 0
}

/// Whether this thread runs a closure of the blocking pool.
pub(super) fn is_in_closure() -> bool {
    IN_CLOSURE.get() > 0
}

/// Runs `work`, which drops the future of a task.
pub(super) fn dropping<T>(work: impl FnOnce() -> T) -> T {
    during(&DROPPING, work)
}

/// Whether this thread drops a task.
pub(super) fn is_dropping() -> bool {
    DROPPING.get() > 0
}
