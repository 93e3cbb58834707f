use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use super::list::{Entry, List};

/// The place of one that waits on a [`WaitList`](crate::WaitList): empty at first, given back when it is dropped.
///
/// # Cost
///
/// 24 bytes.
///
/// # Examples
///
/// ```
/// let place = anyrt_net::Place::default();
/// assert_eq!(format!("{place:?}"), "Place { waits: false }");
/// ```
#[derive(Default)]
pub struct Place(Option<(Arc<List>, Entry)>);

impl Place {
    /// Keeps `waker` in `list`, or says that an event came since there were `before`.
    pub(super) fn keep(&mut self, list: &Arc<List>, waker: &Waker, before: u64) -> bool {
        // A place belongs to one socket, so that it is in another's list only by mistake.
        if matches!(&self.0, Some((mine, _)) if !Arc::ptr_eq(mine, list)) {
            self.forget();
        }
        match &mut self.0 {
            Some((list, entry)) => match list.keep(Some(*entry), waker, before) {
                Some(kept) => *entry = kept,
                None => return false,
            },
            None => match list.keep(None, waker, before) {
                Some(entry) => self.0 = Some((Arc::clone(list), entry)),
                None => return false,
            },
        }
        true
    }

    #[inline]
    pub(super) fn forget(&mut self) {
        if let Some((list, entry)) = self.0.take() {
            list.forget(entry);
        }
    }
}

impl Drop for Place {
    #[inline]
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
