//! Signals to the process of a host.

use std::io;
use std::task::{Poll, Waker};

use anyrt_net::SignalKind;

use super::slab::Id;
use super::{HostId, Moment, Wire, gone};

pub(super) struct Subscription {
    pub(super) host: HostId,
    pub(super) kind: SignalKind,
    /// One has come that was not told yet.
    has_come: bool,
    pub(super) waker: Option<Waker>,
}

impl Wire {
    pub(crate) fn subscribe(&mut self, host: HostId, kind: SignalKind) -> io::Result<Id> {
        self.check_up(host)?;
        Ok(self.subscriptions.insert(Subscription {
            host,
            kind,
            has_come: false,
            waker: None,
        }))
    }

    /// Sends a signal; tells whether anybody subscribed to it.
    pub(crate) fn signal(&mut self, host: HostId, kind: SignalKind, m: &mut Moment) -> bool {
        let all = self
            .subscriptions
            .ids(|it| it.host == host && it.kind == kind);
        self.record.note(
            m.now,
            format!("{} gets the signal `{kind}`", self.host_name(host)),
            &[host],
        );
        for id in &all {
            if let Some(subscription) = self.subscriptions.get_mut(*id) {
                subscription.has_come = true;
                m.wakers.extend(subscription.waker.take());
            }
        }
        !all.is_empty()
    }

    pub(crate) fn poll_signal(
        &mut self,
        id: Id,
        waker: &mut Option<Waker>,
        m: &mut Moment,
    ) -> Poll<io::Result<()>> {
        let is_closed = self.is_closed;
        let subscription = self.subscriptions.get_mut(id).filter(|_| !is_closed);
        let subscription = subscription.ok_or_else(gone)?;
        if std::mem::take(&mut subscription.has_come) {
            return Poll::Ready(Ok(()));
        }
        m.keep(&mut subscription.waker, waker);
        Poll::Pending
    }

    pub(crate) fn drop_subscription(&mut self, id: Id, m: &mut Moment) {
        let gone = self.subscriptions.remove(id);
        m.unwanted.extend(gone.and_then(|it| it.waker));
    }
}
