//! A line of the log: a message, a fault, or what a program noted.

use std::sync::Arc;

use super::HostId;
use super::link::Way;
use super::slab::Id;
use crate::TaskId;

/// What kind of message it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Syn = 1,
    SynAck = 2,
    Refused = 3,
    Data = 4,
    Fin = 5,
    Reset = 6,
    Datagram = 7,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    At(u64),
    Lost,
    /// It waits until its way is open.
    Held,
}

/// Why a connection was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing listens at this port.
    NoListener(u16),
    /// The same, and nothing ever ran on the host.
    NotStarted(u16),
    /// Somebody listens: the test set how likely the host refuses all the same.
    Chance,
}

#[derive(Clone, Debug)]
pub(crate) enum Line {
    Message(Message),
    /// A fault, or another thing that happened to hosts.
    Note {
        at: u64,
        text: String,
        hosts: Box<[HostId]>,
    },
    /// What a program notes, or what happens to it, on a host.
    Event(Event),
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) at: u64,
    pub(crate) host: HostId,
    pub(crate) task: Option<TaskId>,
    pub(crate) text: String,
    /// It is kept beyond the others.
    pub(crate) is_pinned: bool,
    /// How often it happened again at once, and when last.
    pub(crate) again: Option<(u64, u64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Of all messages of the run.
    pub(crate) number: u64,
    pub(crate) way: Way,
    pub(crate) sent: Sent,
    pub(crate) at: u64,
    pub(crate) fate: Fate,
    pub(crate) bytes: usize,
    /// The task that sent it, where it was not a system.
    pub(crate) by: Option<TaskId>,
    /// The receiving end of a segment.
    pub(super) to: Option<Id>,
    /// How many of its bytes are kept.
    pub(super) kept: usize,
    /// Why, where it refuses a connection.
    pub(crate) refusal: Option<Refusal>,
}

/// A message as a function of the user's is given it.
pub(crate) struct Copied {
    pub(crate) number: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) len: usize,
    pub(crate) from: Arc<str>,
    pub(crate) to: Arc<str>,
}

impl Line {
    pub(crate) fn at(&self) -> u64 {
        match self {
            Self::Message(Message { at, .. }) | Self::Note { at, .. } => *at,
            Self::Event(event) => event.at,
        }
    }
}
