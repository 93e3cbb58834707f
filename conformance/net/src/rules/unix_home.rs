//! A Unix socket, and a subscription to signals, belongs to the runtime of the handle that made it.

use anyrt_net::prelude::*;
use futures::{AsyncReadExt, AsyncWriteExt};

use super::home::{hear, made_elsewhere};
use super::unix::Socket;
use crate::kit::poll_once;
use crate::rule::rules;

rules! { Shared + Net + Unix: Unix;
    /// Unix sockets that are made, connected or accepted where no runtime is around belong to the runtime of the handle.
    ///
    /// Intent: a library is called from any thread, whichever kind of socket it uses.
    ///
    /// If this fails, check that the handle's runtime is entered around each call that makes one, and around the accept.
    async fn unix_made_elsewhere_belongs_home(rt) {
        let places = [(); 2].map(|()| Socket::new());
        let [at, bound] = places.each_ref().map(|it| it.0.clone());
        let handle = rt.handle();
        let told = made_elsewhere(|| async move {
            let listener = handle.unix_listen(&at).expect("listens elsewhere");
            let attempt = handle.unix_connect(&at);
            let (server, _) = listener.accept().await.expect("accepts elsewhere");
            let client = attempt.await.expect("connects elsewhere");
            for (mut one, mut other) in [(server, client), handle.unix_pair().expect("makes a pair elsewhere")] {
                let mut buf = [0; 4];
                let mut read = one.read(&mut buf);
                assert!(poll_once(&mut read).is_pending(), "nothing was written");
                other.write_all(b"x").await.expect("writes");
                assert_eq!(read.await.expect("reads"), 1);
            }
            let (left, right) = handle.unix_datagram_pair().expect("makes a pair elsewhere");
            let (bound, nameless) = (handle.unix_bind(&bound), handle.unix_unbound());
            let (bound, nameless) = (bound.expect("binds elsewhere"), nameless.expect("makes one elsewhere"));
            nameless.send_to(b"abc", bound.local_addr().expect("address")).await.expect("sends");
            left.send(b"xy").await.expect("sends");
            let mut buf = [0; 4];
            (right.recv(&mut buf).await.expect("receives"), bound.recv_from(&mut [0; 4]).await.expect("receives").0)
        });
        assert_eq!(hear(&*rt, &told, "Unix sockets that are made elsewhere").await, (2, 3));
    }
}

/// Subscriptions.
pub(super) mod signals {
    use super::*;
    use crate::rules::signal::raise;
    use anyrt_net::SignalKind;
    use futures::StreamExt;

    rules! { Shared + Net + Signals: Signals;
        /// A subscription that is made where no runtime is around sees its signals.
        ///
        /// Intent: a program subscribes first of all, before it starts anything.
        ///
        /// If this fails, check that the handle's runtime is entered around `signals`.
        async fn signals_made_elsewhere_belong_home(rt) {
            let handle = rt.handle();
            let (ready, subscribed) = std::sync::mpsc::channel();
            let told = made_elsewhere(move || async move {
                let (mut signals, ctrl_c) = (handle.signals(SignalKind::User1).expect("subscribes elsewhere"), handle.ctrl_c());
                ready.send(()).expect("somebody listens");
                signals.next().await.expect("goes on").expect("works");
                ctrl_c.await
            });
            hear(&*rt, &subscribed, "the subscription elsewhere").await;
            raise("USR1");
            raise("INT");
            hear(&*rt, &told, "the signals").await.expect("works");
        }
    }
}
