//! How a connection ends: by its program, by its system, or because nobody answers.

use std::io::{self, ErrorKind};
use std::net::Shutdown;

use super::end::{Carried, End, HELD, Phase};
use super::flights::What;
use super::slab::Id;
use super::{Moment, Wire};

impl Wire {
    pub(crate) fn shut(&mut self, id: Id, how: Shutdown, m: &mut Moment) -> io::Result<()> {
        let end = self.end_mut(id)?;
        if how != Shutdown::Write {
            end.read_shut = true;
            m.wakers.extend(end.reader.take());
        }
        if how == Shutdown::Read || end.shut || end.phase != Phase::Open {
            return Ok(());
        }
        end.shut = true;
        m.wakers.extend(end.writer.take());
        match end.other {
            Some(other) => self.send_segment(other, Carried::Fin, m),
            None => self.answer_stray(id, m, 0),
        }
        Ok(())
    }

    pub(crate) fn set_aborts(&mut self, id: Id) -> io::Result<()> {
        self.end_mut(id)?.aborts = true;
        Ok(())
    }

    /// A program drops its end: an orderly end, or a reset where it asked for one or has left something unread.
    pub(crate) fn drop_end(&mut self, id: Id, m: &mut Moment) {
        let Some(end) = self.forget_end(id, m) else {
            return;
        };
        let Some(other) = end.other.filter(|_| !self.is_closed) else {
            return;
        };
        let Some(peer) = self.ends.get_mut(other) else {
            return;
        };
        if end.phase == Phase::Dead {
            peer.other = None;
            return;
        }
        // While the peer still knows its sender, so that silence is the sender's.
        if end.aborts || end.arrived > 0 || end.phase == Phase::Connecting {
            self.send_segment(other, Carried::Reset, m);
        } else {
            if !end.shut {
                self.send_segment(other, Carried::Fin, m);
            }
            self.refuse_late(other, &end, m);
        }
        if let Some(peer) = self.ends.get_mut(other) {
            peer.other = None;
        }
    }

    /// What is still on its way to an end that is gone will find nobody.
    fn refuse_late(&mut self, sender: Id, gone: &End, m: &Moment) {
        let data = |what| matches!(what, Carried::Data(_));
        let late = gone.segments.iter().rfind(|segment| data(segment.what));
        match late.map(|segment| segment.at) {
            None => {}
            Some(HELD) => self.wait_in_silence(sender, m.now),
            Some(at) => self.answer_stray(sender, m, at.saturating_sub(m.now)),
        }
    }

    /// Takes an end off, without a word to its peer.
    pub(super) fn forget_end(&mut self, id: Id, m: &mut Moment) -> Option<End> {
        let mut end = self.ends.remove(id)?;
        if end.is_held {
            self.return_descriptor(end.host);
        }
        if end.owns_port {
            let port = (end.local.port(), end.peer);
            self.host_mut(end.host).outgoing.remove(&port);
        }
        m.unwanted.extend(end.reader.take());
        m.unwanted.extend(end.writer.take());
        Some(end)
    }

    /// Asks whether the peer of an end is still there, as long as that is in question.
    pub(super) fn probe(&mut self, id: Id, left: u32, m: &mut Moment) {
        let Some(end) = self.ends.get(id).filter(|end| end.phase == Phase::Open) else {
            return;
        };
        let (outward, inward, is_known) = (end.outward(), end.inward(), end.other.is_some());
        if self.is_open(outward) && self.is_open(inward) {
            if !is_known {
                self.answer_stray(id, m, 0);
            }
            return;
        }
        match left.checked_sub(1) {
            Some(left) => {
                let at = m.now + super::barrier::PROBE_INTERVAL;
                self.flights.push(at, What::Probe { end: id, left });
            }
            None => self.kill_end(id, ErrorKind::TimedOut, m),
        }
    }
}
