//! What a spawn makes: the future as the scheduler polls it, the place of its output, and the handle that joins it.

pub(crate) mod blocking_task;
pub(crate) mod job;
pub(crate) mod join;
pub(crate) mod locals;
pub(crate) mod spawned;
pub(crate) mod task_info;
