use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_net::SignalKind;
use async_signal::Signal;
use futures_core::Stream;

/// The signals of one kind, from async-signal.
#[derive(Debug)]
pub struct Signals(async_signal::Signals);

impl Signals {
    /// Subscribes, for the runtime of this name.
    ///
    /// # Errors
    ///
    /// `Unsupported` for a kind that the system does not have, and what the system reports.
    pub fn new(runtime: &str, kind: SignalKind) -> io::Result<Self> {
        async_signal::Signals::new([native(runtime, kind)?]).map(Self)
    }
}

impl Stream for Signals {
    type Item = io::Result<()>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<()>>> {
        let mut came = Poll::Pending;
        // async-signal keeps each, and those that came together are one.
        while let Poll::Ready(signal) = Pin::new(&mut self.0).poll_next(cx) {
            came = Poll::Ready(signal.map(|signal| signal.map(drop)));
            if !matches!(came, Poll::Ready(Some(Ok(())))) {
                break;
            }
        }
        came
    }
}

#[cfg(unix)]
fn native(runtime: &str, kind: SignalKind) -> io::Result<Signal> {
    match kind {
        SignalKind::Interrupt => Ok(Signal::Int),
        SignalKind::Terminate => Ok(Signal::Term),
        SignalKind::Hangup => Ok(Signal::Hup),
        SignalKind::Quit => Ok(Signal::Quit),
        SignalKind::User1 => Ok(Signal::Usr1),
        SignalKind::User2 => Ok(Signal::Usr2),
        SignalKind::Child => Ok(Signal::Child),
        SignalKind::WindowChange => Ok(Signal::Winch),
        kind => Err(kind.unsupported(runtime)),
    }
}

#[cfg(not(unix))]
fn native(runtime: &str, kind: SignalKind) -> io::Result<Signal> {
    match kind {
        SignalKind::Interrupt => Ok(Signal::Int),
        kind => Err(kind.unsupported(runtime)),
    }
}
