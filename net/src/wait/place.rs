use std::fmt;
use std::sync::Arc;

use super::slots::Slots;
use super::wait_list::List;

/// The place of one that waits on a [`WaitList`](crate::WaitList): empty at first, given back when it is dropped.
///
/// # Cost
///
/// 16 bytes.
///
/// # Examples
///
/// ```
/// let place = anyrt_net::Place::default();
/// assert_eq!(format!("{place:?}"), "Place { waits: false }");
/// ```
#[derive(Default)]
pub struct Place(Option<(Arc<List>, usize)>);

impl Place {
    /// Leaves every list but this one. A place belongs to one socket, so that it is in another only by mistake.
    pub(super) fn leave_others(&mut self, list: &Arc<List>) {
        if matches!(&self.0, Some((mine, _)) if !Arc::ptr_eq(mine, list)) {
            self.forget();
        }
    }

    /// The index of this place in `list`, which it enters where it is in none.
    pub(super) fn enter(&mut self, list: &Arc<List>, slots: &mut Slots) -> usize {
        let (_, index) = self
            .0
            .get_or_insert_with(|| (Arc::clone(list), slots.take()));
        *index
    }

    #[inline]
    pub(super) fn forget(&mut self) {
        if let Some((list, index)) = self.0.take() {
            let waker = list.lock().free(index);
            // With the lock released: a waker is somebody else's code.
            drop(waker);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.forget();
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("waits", &self.0.is_some())
            .finish()
    }
}
