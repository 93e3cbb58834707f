//! What reports call hosts and tasks.

use std::sync::Arc;

use super::wire::Wire;
use crate::TaskId;
use crate::host_id::HostId;
use crate::report::label::Label;

/// Finds the name of a host, and what a task is called.
pub(super) struct Names<'a> {
    pub(super) wire: &'a Wire,
    pub(super) label: &'a dyn Fn(TaskId) -> Label,
}

impl Names<'_> {
    pub(super) fn host(&self, host: HostId) -> Arc<str> {
        self.wire.host_name(host)
    }

    /// A task of this host, without the host's name.
    pub(super) fn task(&self, task: TaskId, host: HostId) -> String {
        let mut label = (self.label)(task);
        if label.group.as_deref() == Some(&*self.host(host)) {
            label.group = None;
        }
        format!("{task}{label}")
    }
}
