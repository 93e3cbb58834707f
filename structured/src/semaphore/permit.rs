use std::fmt;

use super::Semaphore;

/// The right to do what a semaphore limits, once or several times; its drop gives it back.
///
/// # Examples
///
/// ```
/// use anyrt_structured::{Permit, Semaphore};
///
/// struct Connection { _slot: Permit }
///
/// let slots = Semaphore::new(1);
/// let connection = slots.try_acquire().map(|slot| Connection { _slot: slot });
/// assert_eq!(slots.available_permits(), 0);
/// drop(connection);
/// assert_eq!(slots.available_permits(), 1);
/// ```
#[must_use = "dropping it gives the permit back"]
pub struct Permit {
    semaphore: Semaphore,
    permits: usize,
}

impl Permit {
    pub(super) fn new(semaphore: Semaphore, permits: usize) -> Self {
        Self { semaphore, permits }
    }

    /// How many permits of the semaphore this is: what was asked for.
    pub fn permits(&self) -> usize {
        self.permits
    }

    /// Gives nothing back: the semaphore has so many permits fewer from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::Semaphore;
    ///
    /// let slots = Semaphore::new(2);
    /// if let Some(permit) = slots.try_acquire() {
    ///     permit.forget();
    /// }
    /// assert_eq!(slots.available_permits(), 1);
    /// ```
    pub fn forget(mut self) {
        let permits = std::mem::take(&mut self.permits);
        self.semaphore.lose(permits);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.semaphore.give_back(self.permits);
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("permits", &self.permits)
            .finish_non_exhaustive()
    }
}
