use std::any::Any;
use std::fmt;

use crate::TaskInfo;

/// Which task panicked, and with what message; in a [`ShutdownReport`](crate::ShutdownReport), and what the hook of
/// [`TaskTracker::on_panic`](crate::TaskTracker::on_panic) is given.
///
/// It is written in one line, for a log.
///
/// # Examples
///
/// ```
/// use anyrt_structured::TaskPanic;
///
/// fn log(panic: &TaskPanic) {
///     eprintln!("{panic}"); // divider (src/main.rs:7:13) panicked: by zero
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskPanic {
    task: TaskInfo,
    message: Option<Box<str>>,
}

impl TaskPanic {
    pub(super) fn new(task: TaskInfo, payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&'static str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self {
            task,
            message: text.map(Box::from),
        }
    }

    /// The task that panicked.
    pub fn task(&self) -> &TaskInfo {
        &self.task
    }

    /// The message of the panic, where it is text, as those of `panic!` are.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl fmt::Display for TaskPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message().unwrap_or("a payload that is not text");
        write!(f, "{} panicked: {message}", self.task)
    }
}
