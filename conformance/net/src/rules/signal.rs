//! Signals.

use std::process::Command;
use std::time::Duration;

use anyrt_net::SignalKind;
use futures::StreamExt;

use crate::kit::{MOMENT, eventually, open_descriptors, poll_once};
use crate::rule::rules;

/// Sends a signal to this process, by the system's own tool.
pub(super) fn raise(name: &str) {
    let pid = std::process::id().to_string();
    let status = Command::new("kill").args(["-s", name, &pid]).status();
    assert!(status.expect("kill runs").success());
}

rules! { Any + Net + Signals: Signals;
    /// Every subscription sees each signal that comes after it was made.
    ///
    /// Intent: a server's parts end each by itself.
    ///
    /// If this fails, check that subscriptions do not share a place.
    async fn signals_reach_every_subscription(rt) {
        let mut all: Vec<_> = (0..3).map(|_| rt.signals(SignalKind::User1).expect("subscribes")).collect();
        let mut other = rt.signals(SignalKind::User2).expect("subscribes");
        raise("USR1");
        for signals in &mut all {
            let came = rt.timeout(Duration::from_secs(10), signals.next()).await;
            came.expect("sees it").expect("goes on").expect("works");
        }
        assert!(poll_once(other.next()).is_pending(), "another kind came");

        let kinds = [
            (SignalKind::Terminate, "TERM"), (SignalKind::Hangup, "HUP"), (SignalKind::Quit, "QUIT"), (SignalKind::User1, "USR1"),
            (SignalKind::User2, "USR2"), (SignalKind::Interrupt, "INT"), (SignalKind::WindowChange, "WINCH"),
        ];
        let mut each = kinds.map(|(kind, name)| (kind, name, rt.signals(kind).expect("subscribes")));
        // The command that sends the others is a child.
        let mut children = rt.signals(SignalKind::Child).expect("subscribes");
        for sent in 0..each.len() {
            let (kind, name, signals) = &mut each[sent];
            raise(name);
            let came = rt.timeout(Duration::from_secs(10), signals.next()).await;
            came.unwrap_or_else(|_| panic!("{kind} was not seen")).expect("goes on").expect("works");
            for (kind, _, signals) in &mut each {
                assert!(poll_once(signals.next()).is_pending(), "{kind} came for {}", kinds[sent].1);
            }
        }
        let came = rt.timeout(Duration::from_secs(10), children.next()).await;
        came.expect("a child ended").expect("goes on").expect("works");
    }

    /// Subscriptions that are dropped leave nothing behind.
    ///
    /// Intent: a library subscribes for each of its servers, and they come and go.
    ///
    /// If this fails, check who holds the pipe or the place of the subscription.
    async fn signals_give_back(rt) {
        drop(rt.signals(SignalKind::Child).expect("subscribes"));
        rt.sleep(MOMENT).await;
        let Some(before) = open_descriptors() else { return };
        for _ in 0..50 {
            drop(rt.signals(SignalKind::Child).expect("subscribes"));
        }
        eventually(&*rt, "descriptors are given back", || {
            open_descriptors().is_some_and(|now| now <= before + 5)
        }).await;
    }

    /// A signal that comes before the poll is seen by it.
    ///
    /// Intent: a server that is busy starting must not miss its end.
    ///
    /// If this fails, check that the subscription begins with the call.
    async fn signals_wait_for_the_poll(rt) {
        let mut signals = rt.signals(SignalKind::Hangup).expect("subscribes");
        raise("HUP");
        rt.sleep(MOMENT * 5).await;
        let came = rt.timeout(Duration::from_secs(10), signals.next()).await;
        came.expect("sees it").expect("goes on").expect("works");
    }

    /// Signals of one kind that come before a poll are reported once.
    ///
    /// Intent: a second request to stop means the same as the first.
    ///
    /// If this fails, check that those that came together are drained together.
    async fn signals_coalesce(rt) {
        let [mut signals, mut others] = [(); 2].map(|()| rt.signals(SignalKind::User2).expect("subscribes"));
        // More than a reader's buffer of 64 bytes takes at once.
        for _ in 0..80 {
            raise("USR2");
            // Where a thread of the runtime waits for a processor, one that came late would be taken for a second one.
            let came = rt.timeout(Duration::from_secs(10), others.next()).await;
            came.expect("another sees it").expect("goes on").expect("works");
        }
        let came = rt.timeout(Duration::from_secs(10), signals.next()).await;
        came.expect("sees it").expect("goes on").expect("works");
        let more = rt.timeout(MOMENT * 5, signals.next()).await;
        assert!(more.is_err(), "the same signals came twice");
        raise("USR2");
        let again = rt.timeout(Duration::from_secs(10), signals.next()).await;
        again.expect("sees the next").expect("goes on").expect("works");
    }

    /// `ctrl_c` waits for the next interrupt, which no longer ends the process.
    ///
    /// Intent: users stop servers by one.
    ///
    /// If this fails, check that the subscription begins with the call.
    async fn ctrl_c_is_an_interrupt(rt) {
        let ctrl_c = rt.ctrl_c();
        raise("INT");
        let came = rt.timeout(Duration::from_secs(10), ctrl_c).await;
        came.expect("sees it").expect("works");
    }
}
