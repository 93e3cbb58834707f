//! What the log of the network needs to know to be shown.

use std::collections::BTreeMap;

use crate::host_id::HostId;
use crate::report::label::Label;
use crate::{TaskId, TaskInfo};

/// What a user's function says of messages, by their numbers.
pub(crate) type Described = BTreeMap<u64, String>;

#[cfg_attr(
    not(feature = "net"),
    expect(dead_code, reason = "hosts and payloads are the network's")
)]
pub(crate) struct View<'a> {
    /// What a task is called.
    pub(crate) label: &'a dyn Fn(TaskId) -> Label,
    /// The host of the task that the failure is about.
    pub(crate) failing: Option<HostId>,
    pub(crate) described: &'a Described,
    /// The tasks that were left.
    pub(crate) tasks: &'a [TaskInfo],
}
