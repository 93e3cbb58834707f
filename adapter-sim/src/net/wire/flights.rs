//! What is on its way, in the order in which it arrives.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::slab::Id;

/// What happens when a time has come.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// The next bytes, or the end, come to an end of a connection.
    Arrive(Id),
    /// An end hears that its peer has read.
    Room(Id),
    /// A request for a connection comes to the peer's host, for the n-th time.
    Syn { from: Id, attempt: u32 },
    /// The request of this end was granted.
    SynAck(Id),
    /// The request of this end failed.
    Refused(Id),
    /// Nobody has the address that this end connects to.
    Unreachable(Id),
    /// An end hears that its peer knows nothing of the connection.
    Reset(Id),
    /// An end has waited for an answer since then.
    GiveUp { end: Id, since: u64 },
    /// An idle end asks whether its peer is still there, and does so this many times more.
    Probe { end: Id, left: u32 },
    /// A datagram comes to its host.
    Packet(Id),
    /// A datagram socket hears that nobody took its message.
    Bounce(Id),
}

struct Flight {
    at: u64,
    number: u64,
    what: What,
}

impl Flight {
    fn key(&self) -> (u64, u64) {
        (self.at, self.number)
    }
}

impl PartialEq for Flight {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Flight {}

impl PartialOrd for Flight {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Flight {
    /// The earliest is the greatest, since a heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

pub(super) struct Flights {
    heap: BinaryHeap<Flight>,
    next: u64,
}

impl Flights {
    pub(super) const fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            next: 0,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, at: u64, what: What) {
        let number = self.next;
        self.next += 1;
        self.heap.push(Flight { at, number, what });
    }

    /// When the first arrives.
    #[inline]
    pub(super) fn next(&self) -> Option<u64> {
        self.heap.peek().map(|flight| flight.at)
    }

    /// Takes the first that has arrived by `now`; equal times in the order in which they were sent.
    #[inline]
    pub(super) fn pop(&mut self, now: u64) -> Option<What> {
        self.next().filter(|&at| at <= now)?;
        self.heap.pop().map(|flight| flight.what)
    }

    pub(super) fn clear(&mut self) {
        self.heap.clear();
    }
}
