//! One end of a connection, TCP's or a Unix stream's.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::task::Waker;

use super::HostId;
use super::link::Way;
use super::slab::Id;

/// When something arrives that waits until a way is open again.
pub(super) const HELD: u64 = u64::MAX;

/// Something in order on its way to an end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) sent: u64,
    pub(super) at: u64,
    pub(super) what: Carried,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// So many bytes of the inbox.
    Data(usize),
    Fin,
    Reset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Connecting,
    Open,
    /// It was reset, or gave up.
    Dead,
}

/// Both directions are kept where they are read: the bytes that arrived, and behind them those on their way.
#[derive(Debug)]
pub(super) struct End {
    pub(super) host: HostId,
    pub(super) peer_host: HostId,
    pub(super) local: SocketAddr,
    pub(super) peer: SocketAddr,
    /// The path of a Unix listener: this end's own, or its peer's.
    pub(super) path: Option<Arc<Path>>,
    pub(super) peer_path: Option<Arc<Path>>,
    /// The port is this end's alone, towards its peer.
    pub(super) owns_port: bool,
    /// A program holds it: it counts as a descriptor.
    pub(super) is_held: bool,
    pub(super) phase: Phase,
    /// The other end, as long as its host knows of the connection.
    pub(super) other: Option<Id>,
    pub(super) error: Option<ErrorKind>,

    pub(super) inbox: VecDeque<u8>,
    /// How many bytes of the inbox have arrived.
    pub(super) arrived: usize,
    pub(super) segments: VecDeque<Segment>,
    /// When the last segment arrives: those after it come no earlier.
    pub(super) last_at: u64,
    /// The peer has said that this was all.
    pub(super) ended: bool,
    pub(super) recv_room: usize,
    pub(super) read_shut: bool,
    pub(super) reader: Option<Waker>,

    /// Bytes that were sent and of which it has not heard that they were read.
    pub(super) unread: usize,
    /// When it hears of how many.
    pub(super) acks: VecDeque<(u64, usize)>,
    pub(super) send_room: usize,
    pub(super) shut: bool,
    pub(super) writer: Option<Waker>,
    /// The writer is told when there is room.
    pub(super) room_is_awaited: bool,

    /// Its drop resets the connection.
    pub(super) aborts: bool,
    /// Nothing has been heard of what was sent then.
    pub(super) silent_since: Option<u64>,
    /// The answer to something that its peer knows nothing of is on its way.
    pub(super) reset_is_due: bool,
    pub(super) nodelay: Option<bool>,
    pub(super) keepalive: Option<u64>,
    /// The buffers were asked for, or are the network's.
    pub(super) asked_room: (Option<usize>, Option<usize>),
}

impl End {
    pub(super) fn new(
        (host, peer_host): Way,
        (local, peer): (SocketAddr, SocketAddr),
        buffer: usize,
    ) -> Self {
        Self {
            host,
            peer_host,
            local,
            peer,
            path: None,
            peer_path: None,
            owns_port: false,
            is_held: true,
            phase: Phase::Connecting,
            other: None,
            error: None,
            inbox: VecDeque::new(),
            arrived: 0,
            segments: VecDeque::new(),
            last_at: 0,
            ended: false,
            recv_room: buffer,
            read_shut: false,
            reader: None,
            unread: 0,
            acks: VecDeque::new(),
            send_room: buffer,
            shut: false,
            writer: None,
            room_is_awaited: false,
            aborts: false,
            silent_since: None,
            reset_is_due: false,
            nodelay: None,
            keepalive: None,
            asked_room: (None, None),
        }
    }

    /// The way of what comes to this end.
    pub(super) fn inward(&self) -> Way {
        (self.peer_host, self.host)
    }

    /// The way of what this end sends.
    pub(super) fn outward(&self) -> Way {
        (self.host, self.peer_host)
    }

    /// Hears of what was read by `now`.
    #[inline]
    pub(super) fn apply_acks(&mut self, now: u64) {
        while let Some(&(at, bytes)) = self.acks.front().filter(|(at, _)| *at <= now) {
            debug_assert!(at <= now);
            self.unread = self.unread.saturating_sub(bytes);
            self.acks.pop_front();
        }
    }

    /// Hears of what was read by the peer that is gone now: such news is on its way already.
    pub(super) fn apply_sent_acks(&mut self) {
        self.apply_acks(HELD - 1);
    }

    /// Ends it with an error, which the next operation tells.
    pub(super) fn die(&mut self, error: ErrorKind, wakers: &mut Vec<Waker>) {
        if self.phase == Phase::Dead {
            return;
        }
        self.phase = Phase::Dead;
        self.error = Some(error);
        self.segments.clear();
        self.inbox.truncate(self.arrived);
        wakers.extend(self.reader.take());
        wakers.extend(self.writer.take());
    }

    /// Nobody will send again what waited for its way.
    pub(super) fn forget_held(&mut self) {
        self.segments.retain(|segment| segment.at != HELD);
        self.acks.retain(|&(at, _)| at != HELD);
        let flying = self.segments.iter().map(|segment| match segment.what {
            Carried::Data(bytes) => bytes,
            Carried::Fin | Carried::Reset => 0,
        });
        let known = self.arrived + flying.sum::<usize>();
        self.inbox.truncate(known);
    }

    /// Takes what has come by `now`; tells whether a reader has something to look at, and whether it was a reset.
    pub(super) fn take_arrived(&mut self, now: u64) -> (bool, bool) {
        let mut news = false;
        while let Some(segment) = self.segments.front().filter(|segment| segment.at <= now) {
            news = true;
            match segment.what {
                Carried::Data(bytes) => self.arrived += bytes,
                Carried::Fin => self.ended = true,
                Carried::Reset => return (true, true),
            }
            self.segments.pop_front();
        }
        (news, false)
    }

    #[inline]
    pub(super) fn is_readable(&self) -> bool {
        self.arrived > 0
            || self.ended
            || self.read_shut
            || self.phase == Phase::Dead
            || self.error.is_some()
    }
}
