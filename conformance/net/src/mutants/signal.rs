use std::fs::File;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_net::{NetRuntime, SignalKind, Signals};
use futures_core::Stream;

use super::fault::is;
use super::runtime::at_home;
use super::{Broken, Fault};

anyrt_conformance_engine::mutants! { Fault;
    early_signals_lost: "a signal that comes before the first poll is lost",
        killed by "net::signals_wait_for_the_poll";
    signals_come_twice: "each signal comes twice",
        killed by "net::signals_coalesce";
    signals_keep_a_descriptor: "a subscription that is dropped leaves a descriptor open",
        killed by "net::signals_give_back";
    signals_confused: "every subscription is for the same kind of signals",
        killed by "net::signals_reach_every_subscription", "net::ctrl_c_is_an_interrupt";
}

/// A subscription, with the fault that was planted.
#[derive(Debug)]
pub(crate) struct BrokenSignals<S> {
    signals: S,
    was_polled: bool,
    /// The last signal comes once more.
    again: bool,
}

impl<S: Stream<Item = io::Result<()>> + Unpin> Stream for BrokenSignals<S> {
    type Item = io::Result<()>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if is(Fault::early_signals_lost) && !self.was_polled {
            self.was_polled = true;
            while Pin::new(&mut self.signals).poll_next(cx).is_ready() {}
            return Poll::Pending;
        }
        if std::mem::take(&mut self.again) {
            return Poll::Ready(Some(Ok(())));
        }
        let signal = ready!(Pin::new(&mut self.signals).poll_next(cx));
        self.again = is(Fault::signals_come_twice);
        Poll::Ready(signal)
    }
}

impl<R: NetRuntime + Signals> Signals for Broken<R> {
    type Signals = BrokenSignals<R::Signals>;

    fn signals(&self, kind: SignalKind) -> io::Result<Self::Signals> {
        at_home()?;
        if is(Fault::signals_keep_a_descriptor) {
            std::mem::forget(File::open("/dev/null")?);
        }
        let kind = if is(Fault::signals_confused) {
            SignalKind::User1
        } else {
            kind
        };
        Ok(BrokenSignals {
            signals: self.inner().signals(kind)?,
            was_polled: false,
            again: false,
        })
    }
}
