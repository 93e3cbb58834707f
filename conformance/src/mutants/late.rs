use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use crate::{BoxWork, Value};

/// A future that is dropped on another thread, a while later.
pub(super) struct Late(Option<BoxWork>);

impl Late {
    pub(super) fn new(future: BoxWork) -> Self {
        Self(Some(future))
    }
}

impl Future for Late {
    type Output = Value;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Value> {
        let future = self.0.as_mut().expect("taken only when it is dropped");
        future.as_mut().poll(cx)
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        let future = self.0.take();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            drop(future);
        });
    }
}
