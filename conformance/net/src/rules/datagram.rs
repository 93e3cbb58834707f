//! Messages.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use anyrt_net::{Interest, prelude::*};

use crate::kit::{MOMENT, any, noise, poll_once};
use crate::rule::rules;

rules! { Any + Net;
    /// Each receive returns one whole message and its sender.
    ///
    /// Intent: a datagram protocol has no other framing.
    ///
    /// If this fails, check that a receive returns one message and its own length.
    async fn udp_boundaries(rt) {
        let (one, other) = (rt.udp_bind(any()).expect("binds"), rt.udp_bind(any()).expect("binds"));
        let (from, to) = (one.local_addr().expect("address"), other.local_addr().expect("address"));
        let mut buf = [0; 2048];
        for size in [1, 2, 3, 100, 1400] {
            assert_eq!(one.send_to(&noise(size), to).await.expect("sends"), size);
            assert_eq!(one.send_to(&noise(size + 1), to).await.expect("sends"), size + 1);
            for size in [size, size + 1] {
                assert_eq!(other.recv_from(&mut buf).await.expect("receives"), (size, from));
                assert_eq!(buf[..size], noise(size));
            }
        }
    }

    /// What does not fit into the buffer is cut off, and does not come with the next message.
    ///
    /// Intent: a reader with a small buffer must not get the rest of one message as another.
    ///
    /// If this fails, check that a receive takes the message even if it does not fit.
    async fn udp_truncates(rt) {
        let (one, other) = (rt.udp_bind(any()).expect("binds"), rt.udp_bind(any()).expect("binds"));
        let to = other.local_addr().expect("address");
        one.send_to(b"a long one", to).await.expect("sends");
        one.send_to(b"ok", to).await.expect("sends");
        let mut buf = [0; 4];
        assert_eq!(other.recv_from(&mut buf).await.expect("receives").0, 4);
        assert_eq!(&buf, b"a lo");
        assert_eq!(other.recv_from(&mut buf).await.expect("receives").0, 2);
        assert_eq!(&buf[..2], b"ok");
    }

    /// An empty message arrives, also on a connected socket.
    ///
    /// Intent: some protocols open a path with one.
    ///
    /// If this fails, check that a length of zero is not taken for nothing.
    async fn udp_empty_message(rt) {
        let (one, other) = (rt.udp_bind(any()).expect("binds"), rt.udp_bind(any()).expect("binds"));
        let (from, to) = (one.local_addr().expect("address"), other.local_addr().expect("address"));
        assert_eq!(one.send_to(b"", to).await.expect("sends"), 0);
        assert_eq!(other.recv_from(&mut [0; 4]).await.expect("receives"), (0, from));
        one.connect(&to).expect("connects");
        other.connect(&from).expect("connects");
        assert_eq!(one.send(b"").await.expect("sends"), 0);
        let came = rt.timeout(Duration::from_secs(10), other.recv(&mut [0; 4])).await;
        assert_eq!(came.expect("it was passed over").expect("receives"), 0);
    }

    /// A message that is too big is refused, and the socket works on.
    ///
    /// Intent: one wrong message must not break a server's socket.
    ///
    /// If this fails, check that an error of a send passes through and sends nothing.
    async fn udp_too_big(rt) {
        let (one, other) = (rt.udp_bind(any()).expect("binds"), rt.udp_bind(any()).expect("binds"));
        let to = other.local_addr().expect("address");
        one.send_to(&vec![0; 70_000], to).await.expect_err("is too big");
        one.send_to(b"ok", to).await.expect("sends");
        assert_eq!(other.recv_from(&mut [0; 4]).await.expect("receives").0, 2);
    }

    /// A connected socket receives from its peer alone, and sends to it without an address.
    ///
    /// Intent: a client hears its server and nobody who guesses the port.
    ///
    /// If this fails, check `connect`, `poll_recv` and `poll_send`.
    async fn udp_connected(rt) {
        let [client, server, stranger] = [(); 3].map(|()| rt.udp_bind(any()).expect("binds"));
        assert_eq!(client.peer_addr().expect_err("has no peer").kind(), ErrorKind::NotConnected);
        let (at, to) = (client.local_addr().expect("address"), server.local_addr().expect("address"));
        client.connect(&to).expect("connects");
        assert_eq!(client.peer_addr().expect("has a peer"), to);
        stranger.send_to(b"stranger", at).await.expect("sends");
        assert_eq!(client.send(b"ask").await.expect("sends"), 3);
        let mut buf = [0; 16];
        assert_eq!(server.recv_from(&mut buf).await.expect("receives"), (3, at));
        server.send_to(b"answer", at).await.expect("sends");
        assert_eq!(client.recv(&mut buf).await.expect("receives"), 6);
        assert_eq!(&buf[..6], b"answer");
        assert!(poll_once(client.recv(&mut buf)).is_pending());
    }

    /// Clones are handles to the same socket.
    ///
    /// Intent: one task sends while another receives.
    ///
    /// If this fails, check that a clone shares the socket, and that the last one closes it.
    async fn udp_clones_share(rt) {
        let socket = rt.udp_bind(any()).expect("binds");
        let to = socket.local_addr().expect("address");
        let clone = socket.clone();
        drop(socket);
        assert_eq!(clone.local_addr().expect("address"), to);
        let receiving = clone.clone();
        let task = rt.spawn(async move {
            let mut buf = [0; 4];
            receiving.recv_from(&mut buf).await.map(|(n, _)| n)
        });
        clone.send_to(b"me", to).await.expect("sends");
        assert_eq!(task.await.expect("joins").expect("receives"), 2);
        assert_eq!(rt.udp_bind(to).expect_err("is taken").kind(), ErrorKind::AddrInUse);
        drop(clone);
        let mut last = Err(ErrorKind::Other.into());
        for _ in 0..100 {
            last = rt.udp_bind(to);
            if last.is_ok() {
                return;
            }
            rt.sleep(Duration::from_millis(10)).await;
        }
        last.expect("the last clone closed the socket");
    }

    /// Each of many waiting tasks receives a message, and a sender beside them is not disturbed.
    ///
    /// Intent: a DNS server receives in as many tasks as it has processors.
    ///
    /// If this fails, check that every waiter keeps a waker of its own: see `WaitList`.
    async fn many_receivers(rt) {
        let socket = rt.udp_bind(any()).expect("binds");
        let to = socket.local_addr().expect("address");
        let tasks: Vec<_> = (0..16).map(|_| {
            let socket = socket.clone();
            rt.spawn(async move {
                let mut buf = [0; 16];
                socket.recv_from(&mut buf).await.map(|(n, _)| n)
            })
        }).collect();
        rt.sleep(MOMENT).await;
        socket.readiness(Interest::Write).await.expect("is ready");
        for _ in 0..16 {
            socket.send_to(b"abc", to).await.expect("sends");
        }
        for task in tasks {
            let received = rt.timeout(Duration::from_secs(10), task).await;
            assert_eq!(received.expect("receives").expect("joins").expect("receives"), 3);
        }
    }

    /// `try_recv_from` fails with `WouldBlock` instead of waiting, and returns a message that is there; `try_send_to` sends
    /// one.
    ///
    /// Intent: code that must not wait needs an answer.
    ///
    /// If this fails, check `try_recv_from` and `try_send_to`.
    async fn udp_try_would_block(rt) {
        let (one, other) = (rt.udp_bind(any()).expect("binds"), rt.udp_bind(any()).expect("binds"));
        let to = other.local_addr().expect("address");
        let mut buf = [0; 4];
        assert_eq!(other.try_recv_from(&mut buf).expect_err("is nothing there").kind(), ErrorKind::WouldBlock);
        one.readiness(Interest::Write).await.expect("is ready");
        assert_eq!(one.try_send_to(b"x", &to).expect("sends"), 1);
        other.readiness(Interest::Read).await.expect("is ready");
        assert_eq!(other.try_recv_from(&mut buf).expect("receives").0, 1);
        assert_eq!(other.try_recv_from(&mut buf).expect_err("is nothing left").kind(), ErrorKind::WouldBlock);
    }

    /// Receives that are dropped leave nothing behind.
    ///
    /// Intent: a resolver that drops receives for a year must not grow.
    ///
    /// If this fails, check that the waker goes with the waiter, and that places are used again.
    async fn receivers_are_bounded(rt) {
        let socket = rt.udp_bind(any()).expect("binds");
        let (waker, count) = crate::kit::counting();
        let before = Arc::strong_count(&count);
        let mut buf = [0; 4];
        for _ in 0..100_000 {
            let mut recv = std::pin::pin!(socket.recv_from(&mut buf));
            let mut cx = std::task::Context::from_waker(&waker);
            assert!(recv.as_mut().poll(&mut cx).is_pending());
        }
        crate::kit::eventually(&*rt, "the wakers are dropped", || Arc::strong_count(&count) <= before + 1).await;
        assert!(poll_once(socket.recv_from(&mut buf)).is_pending());
    }
}

use std::future::Future;
