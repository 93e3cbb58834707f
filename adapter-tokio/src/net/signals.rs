use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_net::SignalKind;

use crate::handle::RUNTIME;

#[cfg(unix)]
type Native = tokio::signal::unix::Signal;
#[cfg(windows)]
type Native = tokio::signal::windows::CtrlC;

/// The signals of one kind, from tokio.
pub struct Signals(Native);

impl Signals {
    /// Subscribes in the runtime around.
    pub(super) fn new(kind: SignalKind) -> io::Result<Self> {
        subscribe(kind).map(Self)
    }
}

impl futures_core::Stream for Signals {
    type Item = io::Result<()>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<()>>> {
        self.0.poll_recv(cx).map(|signal| signal.map(Ok))
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signals").finish_non_exhaustive()
    }
}

#[cfg(unix)]
fn subscribe(kind: SignalKind) -> io::Result<Native> {
    use tokio::signal::unix::SignalKind as Kind;

    let native = match kind {
        SignalKind::Interrupt => Kind::interrupt(),
        SignalKind::Terminate => Kind::terminate(),
        SignalKind::Hangup => Kind::hangup(),
        SignalKind::Quit => Kind::quit(),
        SignalKind::User1 => Kind::user_defined1(),
        SignalKind::User2 => Kind::user_defined2(),
        SignalKind::Child => Kind::child(),
        SignalKind::WindowChange => Kind::window_change(),
        kind => return Err(kind.unsupported(RUNTIME)),
    };
    tokio::signal::unix::signal(native)
}

#[cfg(windows)]
fn subscribe(kind: SignalKind) -> io::Result<Native> {
    match kind {
        SignalKind::Interrupt => tokio::signal::windows::ctrl_c(),
        kind => Err(kind.unsupported(RUNTIME)),
    }
}

#[cfg(test)]
mod tests {
    use anyrt_core::{BlockOn, Config, Launch};

    use super::*;
    use crate::Owned;

    #[test]
    fn signals_show_their_name() {
        let rt = Owned::launch(Config::new().worker_threads(1)).unwrap();
        let signals = rt.block_on(async { Signals::new(SignalKind::Interrupt) });
        assert_eq!(format!("{:?}", signals.unwrap()), "Signals { .. }");
    }
}
