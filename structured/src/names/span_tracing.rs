use crate::TaskInfo;

/// The span of an instrumented task.
///
/// Its name and fields are those that tokio gives to its own tasks: tokio's console takes every span with this name for a
/// task, whatever its target.
pub(crate) struct TaskSpan(tracing::Span);

impl TaskSpan {
    pub(crate) fn new(info: &TaskInfo) -> Self {
        let location = info.location();
        Self(tracing::info_span!(
            target: "anyrt::task",
            parent: None,
            "runtime.spawn",
            kind = "task",
            task.name = info.name().unwrap_or_default(),
            loc.file = location.file(),
            loc.line = location.line(),
            loc.col = location.column(),
        ))
    }

    #[inline]
    pub(crate) fn in_scope<T>(&self, run: impl FnOnce() -> T) -> T {
        self.0.in_scope(run)
    }
}
