use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, ready};

use anyrt_net::Interest;
use tokio::runtime::Handle;

use crate::Tokio;
use crate::handle::RUNTIME;

/// tokio's own name for a direction.
pub(super) fn native(interest: Interest) -> tokio::io::Interest {
    match interest {
        Interest::Read => tokio::io::Interest::READABLE,
        Interest::Write => tokio::io::Interest::WRITABLE,
    }
}

/// Does `work` inside the runtime that a socket belongs to, which it enters unless it is the runtime around: to compare costs less.
#[inline]
pub(super) fn inside<T>(home: &Tokio, work: impl FnOnce() -> T) -> T {
    let home = home.as_tokio();
    if Handle::try_current().is_ok_and(|around| around.id() == home.id()) {
        return work();
    }
    elsewhere(home, work)
}

#[cold]
fn elsewhere<T>(home: &Handle, work: impl FnOnce() -> T) -> T {
    let _context = home.enter();
    work()
}

/// Makes a socket inside the context of its runtime, where tokio registers it.
///
/// # Errors
///
/// `Unsupported` where the runtime has no I/O driver. tokio panics then, and there is no way to ask it beforehand: the panic
/// hook prints tokio's line once.
#[inline]
pub(super) fn register<T>(
    home: &Tokio,
    call: &'static str,
    make: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    // Nothing is shared with the closure but what it consumes.
    inside(home, || catch_unwind(AssertUnwindSafe(make))).unwrap_or_else(|_| Err(without_io(call)))
}

#[cold]
fn without_io(call: &'static str) -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        format!(
            "{RUNTIME}: `{call}` on a runtime that was built without its I/O driver: build it with `enable_io` or \
             `enable_all`"
        ),
    )
}

/// Waits first, and tries then: that is where tokio charges its budget, and what it keeps.
#[inline]
pub(super) fn poll_io<T>(
    cx: &mut Context<'_>,
    poll_ready: impl Fn(&mut Context<'_>) -> Poll<io::Result<()>>,
    mut try_io: impl FnMut() -> io::Result<T>,
) -> Poll<io::Result<T>> {
    loop {
        ready!(poll_ready(cx))?;
        match try_io() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => return Poll::Ready(result),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use anyrt_core::{BlockOn, Config, Launch};

    use super::*;
    use crate::Owned;

    #[test]
    fn the_work_is_done_in_its_own_runtime() {
        let launch = || Owned::launch(Config::new().worker_threads(1)).unwrap();
        let (here, there) = (launch(), launch());
        let home = there.handle();
        let own = home.as_tokio().id();
        let found = || inside(&home, || Handle::current().id());
        assert_eq!([found(), here.block_on(async { found() })], [own; 2]);
        assert_eq!(there.block_on(async { found() }), own);
    }

    #[test]
    fn what_would_block_is_tried_again() {
        let mut cx = Context::from_waker(Waker::noop());
        let mut tries = 0;
        let polled = poll_io(
            &mut cx,
            |_| Poll::Ready(Ok(())),
            || {
                tries += 1;
                match tries {
                    1 => Err(io::ErrorKind::WouldBlock.into()),
                    _ => Ok(42),
                }
            },
        );
        assert!(matches!(polled, Poll::Ready(Ok(42))));
        assert_eq!(tries, 2);
    }
}
