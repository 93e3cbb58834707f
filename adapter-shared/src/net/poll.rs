use std::io;
use std::task::{Context, Poll, ready};

use anyrt_net::Interest;
use async_io::Async;

use crate::budget::{poll_proceed, refund};

/// Waits in the one place of a direction; the last one polled wins.
#[inline]
pub(super) fn poll_ready<S>(
    io: &Async<S>,
    cx: &mut Context<'_>,
    interest: Interest,
) -> Poll<io::Result<()>> {
    match interest {
        Interest::Read => io.poll_readable(cx),
        Interest::Write => io.poll_writable(cx),
    }
}

/// Tries, and waits while there is nothing to do. In this order: async-io is never ready before its next turn.
///
/// What async-io calls ready here is as a rule the event that brought the last bytes, since it is asked only after a try has found
/// nothing. So it is asked again instead of the system, which saves a call for each wake. Nothing is lost when it was a new event: the
/// second wait arms the source anew, and a source is reported as long as it is ready.
#[inline]
pub(super) fn poll_io<S, T>(
    io: &Async<S>,
    cx: &mut Context<'_>,
    interest: Interest,
    op: impl FnMut(&S) -> io::Result<T>,
) -> Poll<io::Result<T>> {
    poll_with(io, cx, interest, op, |cx| {
        ready!(poll_ready(io, cx, interest))?;
        poll_ready(io, cx, interest)
    })
}

/// As [`poll_io`], with a wait of the caller's.
#[inline]
pub(super) fn poll_with<S, T>(
    io: &Async<S>,
    cx: &mut Context<'_>,
    interest: Interest,
    mut op: impl FnMut(&S) -> io::Result<T>,
    mut wait: impl FnMut(&mut Context<'_>) -> Poll<io::Result<()>>,
) -> Poll<io::Result<T>> {
    ready!(poll_proceed(operation(io, interest), cx));
    loop {
        match op(io.get_ref()) {
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
fn operation<S>(io: &Async<S>, interest: Interest) -> usize {
    std::ptr::from_ref(io).addr() + usize::from(interest == Interest::Write)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::task::Waker;

    use super::*;

    #[test]
    fn what_a_signal_interrupts_is_tried_again() -> io::Result<()> {
        let io = Async::<TcpListener>::bind(([127, 0, 0, 1], 0))?;
        let mut cx = Context::from_waker(Waker::noop());
        let mut tries = 0;
        let polled = poll_io(&io, &mut cx, Interest::Read, |_| {
            tries += 1;
            match tries {
                1 | 2 => Err(io::ErrorKind::Interrupted.into()),
                _ => Ok(42),
            }
        });
        assert!(matches!(polled, Poll::Ready(Ok(42))));
        assert_eq!(tries, 3);
        Ok(())
    }
}
