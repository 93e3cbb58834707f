use std::fmt;
use std::sync::Arc;

/// What a task is called, and the group that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) group: Option<Arc<str>>,
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
