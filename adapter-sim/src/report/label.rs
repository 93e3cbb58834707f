use std::fmt;
use std::sync::Arc;

use crate::host_id::HostId;

/// What a task is called, and what it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) group: Option<Arc<str>>,
    /// The simulated host that it runs on, if it was spawned there.
    pub(crate) host: Option<HostId>,
}

/// After a number: a space and the label, or nothing.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.group, &self.name) {
            (Some(group), Some(name)) => write!(f, " {group}/{name}"),
            (Some(group), None) => write!(f, " {group}/-"),
            (None, Some(name)) => write!(f, " {name}"),
            (None, None) => Ok(()),
        }
    }
}
