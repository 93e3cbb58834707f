use std::marker::PhantomData;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

/// A task that never ends.
pub(super) struct Parked<T>(PhantomData<fn() -> T>);

impl<T> Parked<T> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> RawTask for Parked<T> {
    type Output = T;

    fn poll_join(&mut self, _: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        Poll::Pending
    }

    fn abort(&mut self) {}

    fn is_finished(&self) -> bool {
        false
    }

    fn detach(&mut self) {}

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new((), |()| {}, |()| true)
    }
}
