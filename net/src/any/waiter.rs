use std::any::Any;
use std::fmt;
use std::task::Poll;

/// The place of one that waits on a socket of an [`AnyNet`](crate::AnyNet).
///
/// # Cost
///
/// 16 bytes, and a box once it waits.
#[derive(Default)]
pub struct AnyWaiter(Option<Box<dyn Any + Send + Sync>>);

impl AnyWaiter {
    /// Lends the waiter of the socket's own type, made where it is not there.
    pub(super) fn lend<W: Default + Send + Sync + 'static, T>(
        &mut self,
        poll: impl FnOnce(&mut W) -> Poll<T>,
    ) -> Poll<T> {
        let kept = self.0.as_mut();
        if let Some(waiter) = kept.and_then(|waiter| waiter.downcast_mut()) {
            return poll(waiter);
        }
        let mut waiter = W::default();
        let result = poll(&mut waiter);
        if result.is_pending() {
            self.0 = Some(Box::new(waiter));
        }
        result
    }
}

impl fmt::Debug for AnyWaiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyWaiter")
            .field("waits", &self.0.is_some())
            .finish()
    }
}
