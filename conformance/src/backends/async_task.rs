//! What holds on every runtime whose tasks are async-task's.

pub(super) const PANICKING_WAKER: &str = "async-task aborts the process when a joiner's waker panics; only a wrapper around every waker could stop that";

pub(super) const KEPT_WAKER: &str =
    "async-task keeps the waker with which a handle was last polled until the task ends";
