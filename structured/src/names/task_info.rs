use std::cell::RefCell;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use anyrt_core::SpawnMeta;

/// A task's name, if it has one, and the line that spawned it.
///
/// Tasks of an [`Instrumented`](crate::Instrumented) runtime have it, and tasks of a [`TaskTracker`](crate::TaskTracker).
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::{Instrumented, TaskInfo};
///
/// async fn name_of_here<R: Runtime>(rt: &R) -> Option<String> {
///     let task = rt.spawn_named("adder", async { TaskInfo::current().map(|task| task.to_string()) });
///     task.await.ok()?
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// let name = rt.block_on(name_of_here(&Instrumented::new(rt.handle()))).unwrap();
/// assert!(name.starts_with("adder (") && name.contains(".rs:"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TaskInfo(Arc<Inner>);

#[derive(PartialEq, Eq, Hash)]
struct Inner {
    name: Option<Box<str>>,
    location: &'static Location<'static>,
}

thread_local! {
    static CURRENT: RefCell<Option<TaskInfo>> = const { RefCell::new(None) };
}

impl TaskInfo {
    pub(crate) fn new(meta: SpawnMeta<'_>) -> Self {
        Self(Arc::new(Inner {
            name: meta.name().map(Box::from),
            location: meta.location(),
        }))
    }

    /// Returns the information of the task or closure that runs on this thread, if it has any.
    ///
    /// # Cost
    ///
    /// One increment of a reference count.
    pub fn current() -> Option<Self> {
        // The thread may be ending, and its locals gone.
        CURRENT
            .try_with(|current| current.borrow().clone())
            .ok()
            .flatten()
    }

    /// The task's name, if it was given one.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// The line that spawned the task.
    pub fn location(&self) -> &'static Location<'static> {
        self.0.location
    }

    /// Makes this task the current one until the guard is dropped.
    pub(crate) fn enter(slot: &mut Option<Self>) -> Enter<'_> {
        let before = swap(slot.take());
        Enter { slot, before }
    }
}

/// Restores the information that was current before.
pub(crate) struct Enter<'a> {
    slot: &'a mut Option<TaskInfo>,
    before: Option<TaskInfo>,
}

impl Drop for Enter<'_> {
    fn drop(&mut self) {
        *self.slot = swap(self.before.take());
    }
}

fn swap(info: Option<TaskInfo>) -> Option<TaskInfo> {
    CURRENT
        .try_with(|current| current.replace(info))
        .ok()
        .flatten()
}

/// The name, if there is one, and the line.
impl fmt::Display for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.location()),
            None => write!(f, "unnamed task ({})", self.location()),
        }
    }
}

impl fmt::Debug for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskInfo")
            .field("name", &self.name())
            .field("location", &format_args!("{}", self.location()))
            .finish()
    }
}
