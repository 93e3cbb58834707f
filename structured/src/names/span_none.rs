use crate::TaskInfo;

/// Nothing, without the feature `tracing`.
pub(crate) struct TaskSpan;

impl TaskSpan {
    #[inline]
    pub(crate) fn new(_: &TaskInfo) -> Self {
        Self
    }

    #[inline]
    pub(crate) fn in_scope<T>(&self, run: impl FnOnce() -> T) -> T {
        run()
    }
}
