use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, ready};

use anyrt_net::Interest;
use tokio::runtime::{EnterGuard, Handle};

use crate::Tokio;
use crate::handle::RUNTIME;

/// tokio's own name for a direction.
pub(super) fn native(interest: Interest) -> tokio::io::Interest {
    match interest {
        Interest::Read => tokio::io::Interest::READABLE,
        Interest::Write => tokio::io::Interest::WRITABLE,
    }
}

/// Enters the runtime that a socket is registered with, unless it is the runtime around: to compare costs less than to enter.
#[inline]
pub(super) fn enter(home: &Tokio) -> Option<EnterGuard<'_>> {
    let home = home.as_tokio();
    match Handle::try_current() {
        Ok(around) if around.id() == home.id() => None,
        _ => Some(home.enter()),
    }
}

/// Makes a socket inside the context of its runtime, where tokio registers it.
///
/// # Errors
///
/// `Unsupported` where the runtime has no I/O driver. tokio panics then, and there is no way to ask it beforehand: the panic
/// hook prints tokio's line once.
pub(super) fn register<T>(
    home: &Tokio,
    call: &'static str,
    make: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    let _context = enter(home);
    // Nothing is shared with the closure but what it consumes.
    catch_unwind(AssertUnwindSafe(make)).unwrap_or_else(|_| Err(without_io(call)))
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
