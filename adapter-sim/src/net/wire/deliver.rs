//! What happens when something arrives.

use std::io::ErrorKind;
use std::task::Waker;

use super::end::{HELD, Phase};
use super::flights::What;
use super::slab::Id;
use super::tries::Tried;
use super::{Moment, Wire};

impl Wire {
    /// Delivers all that has arrived by `now`; whom that wakes goes into `due`.
    pub(crate) fn deliver(&mut self, now: u64, due: &mut Vec<Waker>) {
        self.now = now;
        let mut m = Moment::new(now);
        std::mem::swap(&mut m.wakers, due);
        while let Some(what) = self.flights.pop(now) {
            self.arrive(what, &mut m);
        }
        std::mem::swap(&mut m.wakers, due);
    }

    fn arrive(&mut self, what: What, m: &mut Moment) {
        match what {
            What::Arrive(to) => self.arrive_segments(to, m),
            What::Room(to) => self.hear_of_room(to, m),
            What::Syn { from, attempt } => self.accept_syn(from, attempt, m),
            What::SynAck(to) if self.hears_answer(to, what, m) => {
                if let Some(end) = self.ends.get_mut(to) {
                    end.phase = Phase::Open;
                    m.wakers.extend(end.writer.take());
                    let (host, tried) = (end.host, Tried::Connect(end.peer));
                    self.tries.succeeded(host, tried);
                }
            }
            What::Refused(to) if self.hears_answer(to, what, m) => {
                self.kill_end(to, ErrorKind::ConnectionRefused, m);
            }
            What::SynAck(_) | What::Refused(_) => {}
            What::Unreachable(to) => self.kill_end(to, ErrorKind::HostUnreachable, m),
            What::Reset(to) => self.arrive_reset(to, m),
            What::GiveUp { end: id, since } => {
                let gives_up = self.ends.get(id).is_some_and(|end| match since {
                    u64::MAX => end.phase == Phase::Connecting,
                    _ => end.silent_since == Some(since),
                });
                if gives_up {
                    self.kill_end(id, ErrorKind::TimedOut, m);
                }
            }
            What::Probe { end, left } => self.probe(end, left, m),
            What::Packet(packet) => self.arrive_packet(packet, m),
            What::Bounce(socket) => self.bounce(socket, m),
        }
    }

    fn arrive_segments(&mut self, to: Id, m: &mut Moment) {
        let Some(end) = self.ends.get_mut(to).filter(|end| end.phase != Phase::Dead) else {
            return;
        };
        let (has_news, is_reset) = end.take_arrived(m.now);
        if is_reset {
            end.die(ErrorKind::ConnectionReset, &mut m.wakers);
            return;
        }
        if has_news {
            m.wakers.extend(end.reader.take());
        }
        if let Some(next) = end.segments.front().filter(|next| next.at != HELD) {
            self.flights.push(next.at, What::Arrive(to));
        }
    }

    /// A peer that knows nothing of the connection has said so.
    fn arrive_reset(&mut self, to: Id, m: &mut Moment) {
        let Some(end) = self.ends.get_mut(to) else {
            return;
        };
        end.reset_is_due = false;
        let inward = end.inward();
        match self.is_open(inward) {
            true => self.kill_end(to, ErrorKind::ConnectionReset, m),
            false => self.wait_in_silence(to, m.now),
        }
    }
}
