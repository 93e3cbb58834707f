//! What a program does with its end of a connection.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use anyrt_net::{Interest, SocketOption, TcpOptions};

use super::end::{Carried, End, HELD, Phase};
use super::line::Sent;
use super::slab::Id;
use super::{Moment, Wire, gone};
use crate::handle::RUNTIME;

/// A buffer that is larger gives its memory back when it is empty.
const ROOMY: usize = 16 * 1024;

impl Wire {
    pub(super) fn end_mut(&mut self, id: Id) -> io::Result<&mut End> {
        match self.is_closed {
            true => Err(gone()),
            false => self.ends.get_mut(id).ok_or_else(gone),
        }
    }

    /// Also when the simulation is over: what was known stays known.
    fn end(&self, id: Id) -> io::Result<&End> {
        self.ends.get(id).ok_or_else(gone)
    }

    /// Reads what has arrived; where that is nothing, keeps the waker.
    pub(crate) fn read(
        &mut self,
        id: Id,
        bufs: &mut [IoSliceMut<'_>],
        waker: &mut Option<Waker>,
        m: &mut Moment,
        takes: bool,
    ) -> Poll<io::Result<usize>> {
        let wanted: usize = bufs.iter().map(|buf| buf.len()).sum();
        if wanted == 0 {
            return Poll::Ready(Ok(0));
        }
        let short = self.chance(self.shape.short_io);
        let end = self.end_mut(id)?;
        let mut n = end.arrived.min(wanted);
        if n == 0 {
            if let Some(error) = end.error.take() {
                return Poll::Ready(Err(error.into()));
            }
            if end.is_readable() {
                return Poll::Ready(Ok(0));
            }
            m.keep(&mut end.reader, waker);
            return Poll::Pending;
        }
        if short {
            n = 1 + self.rng.below(n as u64) as usize;
        }
        let end = self.end_mut(id)?;
        copy_front(&end.inbox, n, bufs);
        if takes {
            end.inbox.drain(..n);
            end.arrived -= n;
            if end.inbox.is_empty() && end.inbox.capacity() > ROOMY {
                end.inbox.shrink_to(0);
            }
            self.send_ack(id, n, m);
        }
        Poll::Ready(Ok(n))
    }

    /// Writes what there is room for; where there is none, keeps the waker.
    pub(crate) fn write(
        &mut self,
        id: Id,
        bufs: &[IoSlice<'_>],
        waker: &mut Option<Waker>,
        m: &mut Moment,
    ) -> Poll<io::Result<usize>> {
        let short = self.chance(self.shape.short_io);
        let room = self.room(id);
        let end = self.end_mut(id)?;
        if let Some(error) = end.error.take() {
            return Poll::Ready(Err(error.into()));
        }
        if end.phase == Phase::Dead || end.shut {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        let wanted: usize = bufs.iter().map(|buf| buf.len()).sum();
        if wanted == 0 {
            return Poll::Ready(Ok(0));
        }
        end.apply_acks(m.now);
        let mut n = wanted.min(room.saturating_sub(end.unread));
        if n == 0 {
            m.keep(&mut end.writer, waker);
            self.await_room(id);
            return Poll::Pending;
        }
        if short {
            n = 1 + self.rng.below(n as u64) as usize;
        }
        let end = self.end_mut(id)?;
        end.unread += n;
        let other = end.other;
        let receiver = other.and_then(|to| Some((to, self.ends.get_mut(to)?)));
        let Some((to, receiver)) = receiver.filter(|(_, end)| end.phase != Phase::Dead) else {
            self.send_stray(id, n, bufs, m);
            return Poll::Ready(Ok(n));
        };
        let mut left = n;
        for buf in bufs {
            let part = &buf[..buf.len().min(left)];
            receiver.inbox.extend(part);
            left -= part.len();
        }
        self.send_segment(to, Carried::Data(n), m);
        self.record.keep(to, bufs, n);
        Poll::Ready(Ok(n))
    }

    /// Sends bytes to a peer that knows nothing of the connection.
    fn send_stray(&mut self, id: Id, n: usize, bufs: &[IoSlice<'_>], m: &Moment) {
        let Some(end) = self.ends.get(id) else { return };
        let way = end.outward();
        let at = match self.is_open(way) {
            true => m.now + self.latency(way),
            false => HELD,
        };
        self.record.segment(way, Sent::Data, m.now, at, n, id);
        self.record.keep(id, bufs, n);
        self.answer_stray(id, m, 0);
    }

    /// How many bytes an end may have on their way and unread: its own buffer and its peer's.
    fn room(&self, id: Id) -> usize {
        let Some(end) = self.ends.get(id) else {
            return 0;
        };
        let peer = end.other.and_then(|other| self.ends.get(other));
        let recv_room = peer.map_or(self.shape.buffer, |peer| peer.recv_room);
        end.send_room.saturating_add(recv_room)
    }

    pub(crate) fn poll_stream_ready(
        &mut self,
        id: Id,
        interest: Interest,
        waker: &mut Option<Waker>,
        m: &mut Moment,
    ) -> Poll<io::Result<()>> {
        let room = self.room(id);
        let end = self.end_mut(id)?;
        let is_over = end.phase == Phase::Dead || end.error.is_some();
        end.apply_acks(m.now);
        match interest {
            Interest::Read if end.is_readable() => Poll::Ready(Ok(())),
            Interest::Write if is_over || end.shut || end.unread < room => Poll::Ready(Ok(())),
            Interest::Read => {
                m.keep(&mut end.reader, waker);
                Poll::Pending
            }
            Interest::Write => {
                m.keep(&mut end.writer, waker);
                self.await_room(id);
                Poll::Pending
            }
        }
    }

    /// Tells a writer that there is room again.
    pub(super) fn hear_of_room(&mut self, id: Id, m: &mut Moment) {
        let room = self.room(id);
        let Some(end) = self.ends.get_mut(id) else {
            return;
        };
        end.room_is_awaited = false;
        end.apply_acks(m.now);
        match end.unread < room {
            true => m.wakers.extend(end.writer.take()),
            false => self.await_room(id),
        }
    }

    pub(crate) fn stream_addresses(&self, id: Id) -> io::Result<(SocketAddr, Option<SocketAddr>)> {
        let end = self.end(id)?;
        let has_peer = end.phase != Phase::Dead;
        Ok((end.local, has_peer.then_some(end.peer)))
    }

    #[cfg_attr(not(unix), expect(dead_code, reason = "paths are Unix sockets'"))]
    pub(crate) fn stream_paths(&self, id: Id) -> io::Result<[Option<Arc<Path>>; 2]> {
        let end = self.end(id)?;
        Ok([end.path.clone(), end.peer_path.clone()])
    }

    pub(crate) fn stream_options(&self, id: Id) -> io::Result<TcpOptions> {
        let end = self.end(id)?;
        let mut options = TcpOptions::new().local_addr(end.local);
        options.nodelay = end.nodelay;
        options.keepalive = end.keepalive.map(Duration::from_nanos);
        options.send_buffer_size = Some(end.asked_room.0.unwrap_or(end.send_room));
        options.recv_buffer_size = Some(end.asked_room.1.unwrap_or(end.recv_room));
        Ok(options)
    }

    pub(crate) fn set_stream_options(&mut self, id: Id, options: &TcpOptions) -> io::Result<()> {
        let end = self.end_mut(id)?;
        if options.local_addr.is_some() {
            return Err(SocketOption::LocalAddr.settled(RUNTIME));
        }
        end.set_options(options);
        Ok(())
    }
}

fn copy_front(from: &std::collections::VecDeque<u8>, n: usize, bufs: &mut [IoSliceMut<'_>]) {
    let (front, back) = from.as_slices();
    let mut copied = 0;
    for buf in bufs {
        let part = buf.len().min(n - copied);
        let (first, rest) = buf[..part].split_at_mut(front.len().saturating_sub(copied).min(part));
        if !first.is_empty() {
            first.copy_from_slice(&front[copied..][..first.len()]);
        }
        let start = (copied + first.len()).saturating_sub(front.len());
        if !rest.is_empty() {
            rest.copy_from_slice(&back[start..][..rest.len()]);
        }
        copied += part;
    }
}
