use std::fmt;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use anyrt_net::Interest;
use anyrt_shared::{poll_proceed, refund};
#[cfg(unix)]
use compio_buf::IntoInner;
use compio_driver::{AsFd, SharedFd, ToSharedFd};
use compio_runtime::fd::PollFd;

use crate::driver::Slot;

/// A socket whose readiness compio's driver reports. There is one place to wait in for each direction; the last one polled wins.
pub(super) struct Source<S: AsFd> {
    fd: PollFd<S>,
    slot: Rc<Slot>,
}

impl<S: AsFd + 'static> Source<S> {
    /// Takes over a socket that does not block.
    pub(super) fn new(socket: S, slot: &Rc<Slot>) -> io::Result<Self> {
        Ok(Self {
            fd: PollFd::new(socket)?,
            slot: slot.clone(),
        })
    }

    /// The same socket, with places of its own.
    pub(super) fn beside(&self) -> io::Result<Self> {
        Ok(Self {
            fd: PollFd::from_shared_fd(self.shared())?,
            slot: self.slot.clone(),
        })
    }

    #[inline]
    pub(super) fn get(&self) -> &S {
        &self.fd
    }

    pub(super) fn shared(&self) -> SharedFd<S> {
        self.fd.to_shared_fd()
    }

    /// Gives the socket itself back, or a duplicate of its descriptor while the driver has not let go of a wait for it.
    #[cfg(unix)]
    pub(super) fn into_std(self, duplicate: impl FnOnce(&S) -> io::Result<S>) -> io::Result<S> {
        let shared = self.fd.into_inner();
        shared.try_unwrap().or_else(|shared| duplicate(&shared))
    }

    pub(super) fn slot(&self) -> &Rc<Slot> {
        &self.slot
    }

    #[inline]
    pub(super) fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        let runtime = self.slot.running()?;
        // compio registers the wait with the runtime that it finds.
        runtime.enter(|| match interest {
            Interest::Read => self.fd.poll_read_ready(cx),
            Interest::Write => self.fd.poll_write_ready(cx),
        })
    }

    /// Tries, and waits while there is nothing to do.
    #[inline]
    pub(super) fn poll_io<T>(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        op: impl FnMut(&S) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.poll_with(cx, interest, op, |cx| self.poll_ready(cx, interest))
    }

    /// As [`poll_io`](Self::poll_io), with a wait of the caller's.
    #[inline]
    pub(super) fn poll_with<T>(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        mut op: impl FnMut(&S) -> io::Result<T>,
        mut wait: impl FnMut(&mut Context<'_>) -> Poll<io::Result<()>>,
    ) -> Poll<io::Result<T>> {
        ready!(poll_proceed(self.operation(interest), cx));
        loop {
            match op(self.get()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => return Poll::Ready(result),
            }
            match wait(cx) {
                Poll::Ready(result) => result?,
                Poll::Pending => {
                    refund();
                    return Poll::Pending;
                }
            }
        }
    }

    /// Tells the directions of sockets apart. A socket that is moved between two polls is another one, which waits one turn more.
    #[inline]
    fn operation(&self, interest: Interest) -> usize {
        std::ptr::from_ref(self).addr() + usize::from(interest == Interest::Write)
    }
}

impl<S: AsFd + fmt::Debug> fmt::Debug for Source<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fd.fmt(f)
    }
}
