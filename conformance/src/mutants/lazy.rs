use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::{BlockingWork, BoxTask, Layer, Value};

/// A closure that is submitted when its handle is polled.
pub(super) struct LazyTask {
    layer: Arc<dyn Layer>,
    work: Mutex<Option<BlockingWork>>,
    task: Option<BoxTask>,
}

impl LazyTask {
    pub(super) fn new(layer: Arc<dyn Layer>, work: BlockingWork) -> Self {
        Self {
            layer,
            work: Mutex::new(Some(work)),
            task: None,
        }
    }
}

impl RawTask for LazyTask {
    type Output = Value;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Value, JoinError>> {
        let work = self.work.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(work) = work.take() {
            self.task = Some(self.layer.spawn_blocking(work));
        }
        let task = self.task.as_mut().expect("made above");
        task.poll_join(cx)
    }

    fn abort(&mut self) {}

    fn is_finished(&self) -> bool {
        self.task.as_ref().is_some_and(|it| it.is_finished())
    }

    fn detach(&mut self) {
        if let Some(task) = &mut self.task {
            task.detach();
        }
    }

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new((), |()| {}, |()| true)
    }
}
