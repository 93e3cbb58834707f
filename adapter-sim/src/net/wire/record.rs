//! The last messages, and a hash of all.

use std::collections::VecDeque;
use std::io::IoSlice;

use super::super::names::Names;
use super::HostId;
use super::link::Way;
use super::slab::Id;
use crate::TaskId;
use crate::rng::mix;

/// How many messages are kept.
const LAST: usize = 256;

/// How many of their bytes are shown.
const SHOWN: usize = 24;

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

#[derive(Clone, Debug)]
pub(crate) enum Line {
    Message(Message),
    /// A fault, or another thing that happened to a host.
    Note {
        at: u64,
        text: String,
    },
    /// What a program notes, on a host.
    Event {
        at: u64,
        host: HostId,
        task: Option<TaskId>,
        text: String,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) way: Way,
    pub(crate) sent: Sent,
    pub(crate) at: u64,
    pub(crate) fate: Fate,
    pub(crate) bytes: usize,
    /// The task that sent it, where it was not a system.
    pub(crate) by: Option<TaskId>,
    /// The receiving end of a segment.
    to: Option<Id>,
    shown: [u8; SHOWN],
    shown_bytes: usize,
}

pub(crate) struct Record {
    hash: u64,
    lines: VecDeque<Line>,
    /// The task whose operation this is.
    pub(crate) by: Option<TaskId>,
}

impl Record {
    pub(super) fn new() -> Self {
        Self {
            hash: 0,
            lines: VecDeque::new(),
            by: None,
        }
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    fn fold(&mut self, word: u64) {
        self.hash = mix(self.hash.rotate_left(5) ^ word);
    }

    fn push(&mut self, line: Line) {
        if self.lines.len() == LAST {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    pub(super) fn segment(
        &mut self,
        way: Way,
        sent: Sent,
        now: u64,
        at: u64,
        bytes: usize,
        to: Id,
    ) {
        self.fold(at ^ to.number().rotate_left(24) ^ (bytes as u64).rotate_left(48) ^ sent as u64);
        if way.0 == way.1 {
            return;
        }
        let fate = match at {
            u64::MAX => Fate::Held,
            at => Fate::At(at),
        };
        self.push(Line::Message(Message {
            way,
            sent,
            at: now,
            fate,
            bytes,
            by: self.by,
            to: Some(to),
            shown: [0; SHOWN],
            shown_bytes: 0,
        }));
    }

    /// The last segment to this end has become longer.
    pub(super) fn add_bytes(&mut self, to: Id, bytes: usize) {
        self.fold(to.number() ^ (bytes as u64).rotate_left(32));
        if let Some(message) = self.last_to(to) {
            message.bytes += bytes;
        }
    }

    /// Shows the first bytes of the last segment to this end.
    pub(super) fn preview(&mut self, to: Id, bufs: &[IoSlice<'_>]) {
        if let Some(message) = self.last_to(to) {
            for buf in bufs {
                message.show(buf);
            }
        }
    }

    fn last_to(&mut self, to: Id) -> Option<&mut Message> {
        match self.lines.back_mut() {
            Some(Line::Message(message)) if message.to == Some(to) => Some(message),
            _ => None,
        }
    }

    pub(super) fn packet(&mut self, way: Way, now: u64, fate: Fate, buf: &[u8]) {
        let at = match fate {
            Fate::At(at) => at,
            Fate::Lost => 1,
            Fate::Held => 2,
        };
        self.fold(at ^ now.rotate_left(20) ^ (buf.len() as u64).rotate_left(48));
        if way.0 == way.1 {
            return;
        }
        let mut message = Message {
            way,
            sent: Sent::Datagram,
            at: now,
            fate,
            bytes: buf.len(),
            by: self.by,
            to: None,
            shown: [0; SHOWN],
            shown_bytes: 0,
        };
        message.show(buf);
        self.push(Line::Message(message));
    }

    pub(super) fn note(&mut self, at: u64, text: String) {
        self.fold(at ^ text.len() as u64);
        self.push(Line::Note { at, text });
    }

    /// Keeps what a program notes. It is not in the hash, so that a test may note more and be the same.
    pub(super) fn event(&mut self, at: u64, host: HostId, task: Option<TaskId>, text: String) {
        self.push(Line::Event {
            at,
            host,
            task,
            text,
        });
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }

    pub(super) fn page(&self, title: &str, names: &Names<'_>) -> String {
        match self.lines.is_empty() {
            true => String::new(),
            false => super::super::page::html(&self.lines, title, names),
        }
    }

    pub(super) fn diagram(&self, names: &Names<'_>) -> String {
        super::super::diagram::text(&self.lines, names)
    }
}

impl Message {
    fn show(&mut self, bytes: &[u8]) {
        let n = bytes.len().min(SHOWN - self.shown_bytes);
        self.shown[self.shown_bytes..][..n].copy_from_slice(&bytes[..n]);
        self.shown_bytes += n;
    }

    /// The first bytes, escaped.
    pub(crate) fn shown(&self) -> String {
        let mut shown = self.shown[..self.shown_bytes].escape_ascii().to_string();
        if self.bytes > self.shown_bytes {
            shown.push('…');
        }
        shown
    }
}
