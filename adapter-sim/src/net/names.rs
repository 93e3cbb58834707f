//! What reports call hosts, tasks and messages.

use std::sync::Arc;

use super::wire::Wire;
use super::wire::line::Message;
use crate::TaskId;
use crate::host_id::HostId;
use crate::report::view::View;

/// Finds the name of a host, what a task is called, and how a message begins.
pub(super) struct Names<'a> {
    pub(super) wire: &'a Wire,
    pub(super) view: &'a View<'a>,
}

impl Names<'_> {
    pub(super) fn host(&self, host: HostId) -> Arc<str> {
        self.wire.host_name(host)
    }

    /// Some hosts, as many as fit on a line.
    pub(super) fn hosts(&self, hosts: &[HostId]) -> String {
        const LISTED: usize = 12;
        let listed: Vec<_> = hosts.iter().take(LISTED).map(|it| self.host(*it)).collect();
        match hosts.len().saturating_sub(LISTED) {
            0 => listed.join(", "),
            more => format!("{} and {more} more", listed.join(", ")),
        }
    }

    /// A task of this host, without the host's name.
    pub(super) fn task(&self, task: TaskId, host: HostId) -> String {
        let mut label = (self.view.label)(task);
        if label.group.as_deref() == Some(&*self.host(host)) {
            label.group = None;
        }
        format!("{task}{label}")
    }

    /// What a user's function says of a message.
    pub(super) fn described(&self, message: &Message) -> Option<&str> {
        self.view.described.get(&message.number).map(String::as_str)
    }

    /// The first bytes of a message, escaped and at most `limit`.
    pub(super) fn bytes(&self, message: &Message, limit: usize) -> String {
        let bytes = self.wire.record.payload(message);
        let shown = &bytes[..bytes.len().min(limit)];
        let mut text = shown.escape_ascii().to_string();
        if message.bytes > shown.len() && !bytes.is_empty() {
            text.push('…');
        }
        text
    }
}
