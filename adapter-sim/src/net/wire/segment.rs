//! What goes from one end of a connection to the other, in order.

use std::io::ErrorKind;

use super::end::{Carried, HELD, Segment};
use super::flights::What;
use super::line::Sent;
use super::link::Way;
use super::slab::Id;
use super::{Moment, SECOND, Wire};

/// The first timeout after which a segment that was lost is sent again; each is twice the one before.
const RETRANSMISSION: u64 = SECOND / 5;
const LONGEST_RETRANSMISSION: u64 = 120 * SECOND;

impl Wire {
    /// When so many bytes of a stream arrive that go out now. What is lost on the way is sent again.
    #[inline]
    pub(super) fn stream_arrival(&mut self, way: Way, bytes: usize, now: u64) -> u64 {
        let departs = self.links.depart(way, bytes, now);
        let mut at = departs + self.latency(way);
        let loss = self.links.link(way).loss;
        let mut timeout = RETRANSMISSION;
        while self.chance(loss.min(0.99)) {
            at = at.saturating_add(timeout);
            timeout = (timeout * 2).min(LONGEST_RETRANSMISSION);
        }
        at
    }

    /// Sends something to an end, behind all that is on its way there.
    pub(super) fn send_segment(&mut self, to: Id, what: Carried, m: &mut Moment) {
        let Some(end) = self.ends.get(to) else { return };
        let (way, last_at, last) = (end.inward(), end.last_at, end.segments.back().copied());
        let bytes = match what {
            Carried::Data(bytes) => bytes,
            Carried::Fin | Carried::Reset => 0,
        };
        if let (
            Some(Segment {
                sent,
                at,
                what: Carried::Data(before),
            }),
            Carried::Data(_),
        ) = (last, what)
        {
            // Not what was written after its way was closed.
            if sent == m.now && (at == HELD || self.is_open(way)) {
                // One poll writes one segment, however many writes that takes.
                let departs = self.links.depart(way, bytes, m.now);
                self.record.add_bytes(to, bytes);
                if let Some(segment) = self
                    .ends
                    .get_mut(to)
                    .and_then(|end| end.segments.back_mut())
                {
                    segment.what = Carried::Data(before + bytes);
                    segment.at = segment.at.max(departs);
                }
                return;
            }
        }
        let is_held = !self.is_open(way) || last.is_some_and(|last| last.at == HELD);
        let at = match is_held {
            true => HELD,
            false => self.stream_arrival(way, bytes, m.now).max(last_at),
        };
        let sent = match what {
            Carried::Data(_) => Sent::Data,
            Carried::Fin => Sent::Fin,
            Carried::Reset => Sent::Reset,
        };
        self.record.segment(way, sent, m.now, at, bytes, to);
        let Some(end) = self.ends.get_mut(to) else {
            return;
        };
        let sender = end.other;
        let sent = m.now;
        end.segments.push_back(Segment { sent, at, what });
        if is_held {
            if let Some(sender) = sender {
                self.wait_in_silence(sender, m.now);
            }
            return;
        }
        end.last_at = at;
        if end.segments.len() == 1 {
            self.flights.push(at, What::Arrive(to));
        }
    }

    /// Tells the sender that so many of its bytes were read.
    #[inline]
    pub(super) fn send_ack(&mut self, reader: Id, bytes: usize, m: &Moment) {
        let Some(end) = self.ends.get(reader) else {
            return;
        };
        let (way, Some(sender)) = (end.outward(), end.other) else {
            return;
        };
        let is_open = self.is_open(way);
        let at = match is_open {
            true => m.now + self.latency(way),
            false => HELD,
        };
        let Some(end) = self.ends.get_mut(sender) else {
            return;
        };
        let at = end.acks.back().map_or(at, |&(last, _)| at.max(last));
        match end.acks.back_mut().filter(|_| at == HELD) {
            Some((last, more)) if *last == HELD => *more += bytes,
            _ => end.acks.push_back((at, bytes)),
        }
        // A sender that writes little keeps few of them.
        if end.acks.len() > 8 {
            if let Some((at, last)) = end.acks.pop_back() {
                if let Some(before) = end.acks.back_mut() {
                    *before = (at, before.1 + last);
                }
            }
        }
        self.await_room(sender);
    }

    /// Sees to it that an end that waits for room hears of it.
    pub(super) fn await_room(&mut self, id: Id) {
        let Some(end) = self.ends.get_mut(id) else {
            return;
        };
        if end.writer.is_none() || end.room_is_awaited {
            return;
        }
        if let Some(&(at, _)) = end.acks.front().filter(|(at, _)| *at != HELD) {
            end.room_is_awaited = true;
            self.flights.push(at, What::Room(id));
        }
    }

    /// An end whose peer does not answer gives up one day.
    pub(super) fn wait_in_silence(&mut self, id: Id, now: u64) {
        let timeout = self.shape.stream_timeout;
        let Some(end) = self
            .ends
            .get_mut(id)
            .filter(|end| end.silent_since.is_none())
        else {
            return;
        };
        end.silent_since = Some(now);
        let what = What::GiveUp {
            end: id,
            since: now,
        };
        self.flights.push(now.saturating_add(timeout), what);
    }

    /// Answers what an end sends to a peer that knows nothing of the connection.
    pub(super) fn answer_stray(&mut self, id: Id, m: &Moment, delay: u64) {
        let Some(end) = self.ends.get(id).filter(|end| !end.reset_is_due) else {
            return;
        };
        let (outward, inward) = (end.outward(), end.inward());
        if !self.is_open(outward) || !self.is_open(inward) {
            self.wait_in_silence(id, m.now);
            return;
        }
        let answered = m.now + delay + self.latency(outward) + self.latency(inward);
        self.record
            .segment(inward, Sent::Reset, m.now, answered, 0, id);
        self.flights.push(answered, What::Reset(id));
        if let Some(end) = self.ends.get_mut(id) {
            end.reset_is_due = true;
        }
    }

    /// How long after `now` a sender tries again that was first not answered at `since`.
    pub(super) fn until_retransmission(since: u64, now: u64) -> u64 {
        let (mut at, mut timeout) = (since.saturating_add(RETRANSMISSION), RETRANSMISSION);
        while at < now {
            timeout = (timeout * 2).min(LONGEST_RETRANSMISSION);
            at = at.saturating_add(timeout);
        }
        at - now
    }

    /// Ends a connection for one of its ends, and tells the other nothing.
    pub(super) fn kill_end(&mut self, id: Id, error: ErrorKind, m: &mut Moment) {
        let Some(end) = self.ends.get_mut(id) else {
            return;
        };
        end.die(error, &mut m.wakers);
        let other = end.other.take();
        if let Some(other) = other.and_then(|other| self.ends.get_mut(other)) {
            other.other = None;
            other.forget_held();
        }
    }
}
