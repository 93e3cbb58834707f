//! The last messages, and a hash of all.

use std::collections::VecDeque;
use std::io::IoSlice;

use super::HostId;
use super::line::{Event, Fate, Line, Message, Refusal, Sent};
use super::link::Way;
use super::slab::Id;
use crate::TaskId;
use crate::rng::mix;

/// How many lines are kept.
const LAST: usize = 256;

/// How many bytes lie between the payloads of two messages, so that those of short ones do not share a part of the cache.
const APART: usize = 64;

/// How many pinned lines are kept beyond them.
const PINNED: usize = 64;

pub(crate) struct Record {
    hash: u64,
    lines: VecDeque<Line>,
    /// Pinned lines that are older than those.
    pinned: VecDeque<Event>,
    /// How many pinned lines are not kept any more.
    unpinned: u64,
    /// How many messages there were.
    messages: u64,
    /// The first bytes of the last messages, at their numbers modulo `LAST`: made at the first message that has any.
    payloads: Vec<u8>,
    /// How many bytes of each.
    keeps: usize,
    /// The task whose operation this is.
    pub(crate) by: Option<TaskId>,
}

impl Record {
    pub(super) fn new(keeps: usize) -> Self {
        Self {
            hash: 0,
            lines: VecDeque::new(),
            pinned: VecDeque::new(),
            unpinned: 0,
            messages: 0,
            payloads: Vec::new(),
            keeps,
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
            self.forget_first();
        }
        self.lines.push_back(line);
    }

    /// Forgets the oldest line, unless it is pinned.
    fn forget_first(&mut self) {
        match self.lines.pop_front() {
            Some(Line::Event(event)) if event.is_pinned => self.keep_pinned(event),
            _ => {}
        }
    }

    fn keep_pinned(&mut self, event: Event) {
        let place = self.pinned.partition_point(|other| other.at <= event.at);
        self.pinned.insert(place, event);
        if self.pinned.len() > PINNED {
            self.pinned.pop_front();
            self.unpinned += 1;
        }
    }

    fn next_number(&mut self) -> u64 {
        let number = self.messages;
        self.messages += 1;
        number
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
        let number = self.next_number();
        self.push(Line::Message(Message {
            number,
            way,
            sent,
            at: now,
            fate,
            bytes,
            by: self.by,
            to: Some(to),
            kept: 0,
            refusal: None,
        }));
    }

    /// The last request of this end, or the answer to it, has not arrived after all. The course is the same.
    pub(super) fn lose(&mut self, end: Id) {
        let found = self.lines.iter_mut().rev().find_map(|line| match line {
            Line::Message(message) => {
                let is_handshake = matches!(message.sent, Sent::Syn | Sent::SynAck | Sent::Refused);
                (is_handshake && message.to == Some(end)).then_some(message)
            }
            _ => None,
        });
        if let Some(message) = found {
            message.fate = Fate::Lost;
        }
    }

    /// Keeps why the last segment to this end refuses a connection.
    pub(super) fn explain(&mut self, to: Id, refusal: Refusal) {
        if let Some(message) = self.last_to(to) {
            message.refusal = Some(refusal);
        }
    }

    /// The last segment to this end has become longer.
    pub(super) fn add_bytes(&mut self, to: Id, bytes: usize) {
        self.fold(to.number() ^ (bytes as u64).rotate_left(32));
        if let Some(message) = self.last_to(to) {
            message.bytes += bytes;
        }
    }

    /// Keeps the first bytes of what the last segment to this end has got: `n` of these.
    pub(super) fn keep(&mut self, to: Id, bufs: &[IoSlice<'_>], n: usize) {
        let (place, room) = match self.last_to(to) {
            Some(message) => (message.number, message.kept),
            None => return,
        };
        let mut kept = room;
        let mut left = n;
        for buf in bufs {
            let part = &buf[..buf.len().min(left)];
            left -= part.len();
            kept += self.keep_bytes(place, kept, part);
        }
        if let Some(message) = self.last_to(to) {
            message.kept = kept;
        }
    }

    /// Keeps bytes of a message of which so many are kept; returns how many.
    fn keep_bytes(&mut self, number: u64, kept: usize, bytes: &[u8]) -> usize {
        let n = bytes.len().min(self.keeps - kept);
        if n > 0 {
            if self.payloads.is_empty() {
                self.payloads = vec![0; LAST * (self.keeps + APART)];
            }
            let place = self.place(number) + kept;
            self.payloads[place..][..n].copy_from_slice(&bytes[..n]);
        }
        n
    }

    #[inline]
    fn place(&self, number: u64) -> usize {
        (number % LAST as u64) as usize * (self.keeps + APART)
    }

    /// The bytes that are kept of a message.
    pub(crate) fn payload(&self, message: &Message) -> &[u8] {
        match message.kept {
            0 => &[],
            kept => &self.payloads[self.place(message.number)..][..kept],
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
        let number = self.next_number();
        let kept = self.keep_bytes(number, 0, buf);
        self.push(Line::Message(Message {
            number,
            way,
            sent: Sent::Datagram,
            at: now,
            fate,
            bytes: buf.len(),
            by: self.by,
            to: None,
            kept,
            refusal: None,
        }));
    }

    /// Keeps what happened to hosts.
    pub(super) fn note(&mut self, at: u64, text: String, hosts: &[HostId]) {
        self.fold(at ^ text.len() as u64);
        let hosts = hosts.into();
        self.push(Line::Note { at, text, hosts });
    }

    /// Keeps what a program notes, or what happens to it. It is not in the hash, so that a test may note more and be the same.
    pub(super) fn event(&mut self, event: Event) {
        match self.lines.back() {
            Some(last) if event.at < last.at() => self.event_before(event),
            _ => self.push(Line::Event(event)),
        }
    }

    /// Keeps what is noted of an earlier moment.
    fn event_before(&mut self, event: Event) {
        let place = self.lines.partition_point(|line| line.at() <= event.at);
        if place == 0 && event.is_pinned {
            return self.keep_pinned(event);
        }
        self.lines.insert(place, Line::Event(event));
        if self.lines.len() > LAST {
            self.forget_first();
        }
    }

    /// The same, of what may happen again and again: it is one line then.
    pub(crate) fn repeated_event(&mut self, event: Event) {
        match self.lines.back_mut() {
            Some(Line::Event(last))
                if (last.host, last.task, &last.text) == (event.host, event.task, &event.text)
                    && !last.is_pinned =>
            {
                let times = last.again.map_or(1, |(times, _)| times + 1);
                last.again = Some((times, event.at));
            }
            _ => self.event(event),
        }
    }

    /// The pinned lines that are older than the last lines.
    pub(crate) fn pinned(&self) -> impl Iterator<Item = &Event> {
        self.pinned.iter()
    }

    /// How many older ones there were.
    pub(crate) fn unpinned(&self) -> u64 {
        self.unpinned
    }

    pub(crate) fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> + ExactSizeIterator {
        self.lines.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.pinned.is_empty()
    }
}
