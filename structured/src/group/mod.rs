//! Tasks that are spawned together and joined as they end.

mod definition;
mod for_each_concurrent;
mod group_task;
mod local_task_group;
mod map_definition;
mod set;
mod task_group;
mod task_id;
mod task_map;

pub use self::for_each_concurrent::{ForEachConcurrent, for_each_concurrent};
pub use self::group_task::GroupTask;
pub use self::local_task_group::LocalTaskGroup;
pub use self::set::{JoinAll, JoinNext, Joined, Shutdown, TaskSet};
pub use self::task_group::TaskGroup;
pub use self::task_id::TaskId;
pub use self::task_map::{LocalTaskMap, TaskMap};
