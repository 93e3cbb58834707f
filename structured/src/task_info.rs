use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// The name of a task: text, or nothing.
///
/// # Cost
///
/// A name that is a literal allocates nothing.
///
/// # Examples
///
/// ```
/// use anyrt_structured::TaskName;
///
/// assert_eq!(TaskName::from("accept loop").as_str(), Some("accept loop"));
/// assert_eq!(TaskName::from(format!("connection {}", 7)).as_str(), Some("connection 7"));
/// assert_eq!(TaskName::unnamed().as_str(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TaskName(Option<Cow<'static, str>>);

impl TaskName {
    /// No name: the task is known by the place where it was spawned.
    pub const fn unnamed() -> Self {
        Self(None)
    }

    /// The name, if there is one.
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl From<&'static str> for TaskName {
    fn from(name: &'static str) -> Self {
        Self(Some(Cow::Borrowed(name)))
    }
}

impl From<String> for TaskName {
    fn from(name: String) -> Self {
        Self(Some(Cow::Owned(name)))
    }
}

/// What is known of a task that was spawned with a name: the name, and the line that spawned it.
///
/// # Examples
///
/// A panic hook that names the task:
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::{SpawnNamed, TaskInfo};
///
/// async fn name_of_here<R: Runtime>(rt: &R) -> Option<String> {
///     let task = rt.spawn_named("adder", async { TaskInfo::current().map(|task| task.to_string()) });
///     task.await.ok()?
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// let name = rt.block_on(name_of_here(&rt.handle())).unwrap();
/// assert!(name.starts_with("adder (") && name.contains(".rs:"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TaskInfo(Arc<Inner>);

#[derive(PartialEq, Eq, Hash)]
struct Inner {
    name: TaskName,
    location: &'static Location<'static>,
}

thread_local! {
    static CURRENT: RefCell<Option<TaskInfo>> = const { RefCell::new(None) };
}

impl TaskInfo {
    pub(crate) fn new(name: TaskName, location: &'static Location<'static>) -> Self {
        Self(Arc::new(Inner { name, location }))
    }

    /// The task that is polled on this thread, or the closure that runs on it, if it was spawned with a name.
    ///
    /// # Cost
    ///
    /// Counts a reference.
    pub fn current() -> Option<Self> {
        // The thread may be ending, and its locals gone.
        CURRENT
            .try_with(|current| current.borrow().clone())
            .ok()
            .flatten()
    }

    /// The task's name, if it was given one.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_str()
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

/// Puts the information back where it came from, and the one before it back into its place.
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
