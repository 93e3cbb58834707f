use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::span::TaskSpan;
use crate::TaskInfo;

pin_project! {
    /// Work that runs under its name.
    pub(crate) struct Named<W> {
        #[pin]
        work: W,
        // `None` only while the work runs: then it is in the thread's local.
        info: Option<TaskInfo>,
        span: TaskSpan,
    }
}

impl<W> Named<W> {
    pub(crate) fn new(info: TaskInfo, work: W) -> Self {
        Self {
            work,
            span: TaskSpan::new(&info),
            info: Some(info),
        }
    }
}

impl<F: Future> Future for Named<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _current = TaskInfo::enter(this.info);
        let future = this.work;
        this.span.in_scope(|| future.poll(cx))
    }
}

impl<T, C: FnOnce() -> T> Named<C> {
    pub(crate) fn call(mut self) -> T {
        let _current = TaskInfo::enter(&mut self.info);
        self.span.in_scope(self.work)
    }
}
