//! What a spawn makes: the future as the scheduler polls it, the place of its output, and the handle that joins it.

pub(crate) mod blocking_task;
pub(crate) mod job;
pub(crate) mod join;
pub(crate) mod local_task;
pub(crate) mod locals;
#[expect(
    clippy::module_inception,
    reason = "a file is named after its main type"
)]
pub(crate) mod task;
pub(crate) mod task_info;
