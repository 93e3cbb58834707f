use std::fmt;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use anyrt_net::{Interest, SignalKind};
use futures_core::Stream;
use signal_hook::SigId;
use signal_hook::consts;
use signal_hook::low_level;

use super::source::Source;
use crate::driver::{RUNTIME, Slot};

/// The signals of one kind, from the crate signal-hook: each writes a byte into a pipe of this subscription, which compio's driver waits
/// for.
///
/// compio's own `compio_signal::signal` is not used: it subscribes at its first poll, misses what comes between two waits, and sets the
/// system's default again, which ends the process, when the last wait is over.
///
/// # Cost
///
/// Two descriptors for each subscription, and no thread.
pub struct Signals {
    arrived: Source<UnixStream>,
    registered: SigId,
}

impl Signals {
    /// Subscribes, from now on.
    pub(super) fn new(kind: SignalKind, slot: &Rc<Slot>) -> io::Result<Self> {
        let native = native(kind)?;
        let (arrived, arriving) = UnixStream::pair()?;
        arrived.set_nonblocking(true)?;
        Ok(Self {
            arrived: Source::new(arrived, slot)?,
            // A pipe that is full drops what comes: whoever has not seen so many will see one.
            registered: low_level::pipe::register(native, arriving)?,
        })
    }
}

impl Stream for Signals {
    type Item = io::Result<()>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<()>>> {
        // Signals that came together are one.
        let drain = |mut arrived: &UnixStream| {
            let mut came = false;
            loop {
                match arrived.read(&mut [0; 64]) {
                    Ok(_) => came = true,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock && came => {
                        return Ok(());
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        self.arrived.poll_io(cx, Interest::Read, drain).map(Some)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        low_level::unregister(self.registered);
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signals").finish_non_exhaustive()
    }
}

fn native(kind: SignalKind) -> io::Result<i32> {
    match kind {
        SignalKind::Interrupt => Ok(consts::SIGINT),
        SignalKind::Terminate => Ok(consts::SIGTERM),
        SignalKind::Hangup => Ok(consts::SIGHUP),
        SignalKind::Quit => Ok(consts::SIGQUIT),
        SignalKind::User1 => Ok(consts::SIGUSR1),
        SignalKind::User2 => Ok(consts::SIGUSR2),
        SignalKind::Child => Ok(consts::SIGCHLD),
        SignalKind::WindowChange => Ok(consts::SIGWINCH),
        kind => Err(kind.unsupported(RUNTIME)),
    }
}
