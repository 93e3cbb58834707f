use std::collections::BTreeMap;
use std::mem;
use std::num::NonZero;
use std::task::Waker;

use anyrt_core::Instant;

/// The sleeps that somebody waits for, the first that is due in front.
///
/// It calls no waker's code, and gives out whom to call: that may use the timers, and must run when no lock is held.
pub(crate) struct Queue {
    armed: BTreeMap<(Instant, Ticket), Waker>,
    next: Ticket,
}

/// Tells sleeps of one deadline apart, in the order in which they were armed.
pub(crate) type Ticket = NonZero<u64>;

impl Queue {
    /// Tells whether this sleep waits with a waker that wakes the same task.
    pub(crate) fn is_armed(&self, deadline: Instant, ticket: Ticket, waker: &Waker) -> bool {
        let armed = self.armed.get(&(deadline, ticket));
        armed.is_some_and(|armed| armed.will_wake(waker))
    }

    /// Waits with `waker`, and returns the one that it replaces.
    pub(crate) fn arm(
        &mut self,
        deadline: Instant,
        ticket: Option<Ticket>,
        waker: Waker,
    ) -> (Ticket, Option<Waker>) {
        let ticket = ticket.unwrap_or_else(|| {
            let next = self.next.checked_add(1).expect("less than 2^64 sleeps");
            mem::replace(&mut self.next, next)
        });
        (ticket, self.armed.insert((deadline, ticket), waker))
    }

    pub(crate) fn disarm(&mut self, deadline: Instant, ticket: Ticket) -> Option<Waker> {
        self.armed.remove(&(deadline, ticket))
    }

    /// When the first sleep is due.
    pub(crate) fn first(&self) -> Option<Instant> {
        self.armed.keys().next().map(|(deadline, _)| *deadline)
    }

    /// Takes the first sleep out if it is due at `now`.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<Waker> {
        let first = self.armed.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// Takes all out, which nobody will wake.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = Waker> + use<> {
        mem::take(&mut self.armed).into_values()
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            armed: BTreeMap::new(),
            next: Ticket::MIN,
        }
    }
}
