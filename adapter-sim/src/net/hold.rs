use std::fmt;

use super::Wire;
use super::call::{self, Home};
use super::wire::Moment;
use super::wire::slab::Id;

/// What is open in the network, and is closed with the last of its holders.
pub(super) struct Hold {
    pub(super) shared: Home,
    pub(super) id: Id,
    close: fn(&mut Wire, Id, &mut Moment),
}

impl Hold {
    pub(super) fn new(shared: &Home, id: Id, close: fn(&mut Wire, Id, &mut Moment)) -> Self {
        Self {
            shared: Home::clone(shared),
            id,
            close,
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let (id, close) = (self.id, self.close);
        call::act(&self.shared, |wire, m| close(wire, id, m));
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hold").field(&self.id).finish()
    }
}
