//! Dropping a future loses nothing.

use std::future::Future;
use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_net::prelude::*;
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::kit::{MOMENT, any, noise, pair, poll_once, read_all};
use crate::rule::rules;

rules! { Any + Net;
    /// A read that is dropped loses no byte.
    ///
    /// Intent: timeouts and `select!` drop reads all the time.
    ///
    /// If this fails, check that a pending read took nothing from the system, and that the next one wakes its task.
    async fn dropped_read_keeps_bytes(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        let mut buf = [0; 1];
        for _ in 0..20 {
            assert!(poll_once(server.read(&mut buf)).is_pending());
        }
        let message = noise(2000);
        let writing = rt.spawn({
            let (message, rt) = (message.clone(), rt.clone());
            async move {
                for byte in message {
                    client.write_all(&[byte]).await.expect("writes");
                    if byte % 16 == 0 {
                        rt.sleep(Duration::from_micros(200)).await;
                    }
                }
            }
        });
        let mut got = Vec::new();
        while got.len() < message.len() {
            let read = rt.timeout(Duration::from_micros(100), server.read(&mut buf)).await;
            if let Ok(n) = read {
                assert_eq!(n.expect("reads"), 1);
                got.push(buf[0]);
            }
        }
        assert!(got == message, "bytes were lost or doubled");
        writing.await.expect("joins");
    }

    /// An accept that is dropped loses no connection.
    ///
    /// Intent: a server that accepts in a `select!` with its shutdown must not lose clients.
    ///
    /// If this fails, check that a pending accept took nothing from the system.
    async fn dropped_accept_keeps_connection(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        for _ in 0..20 {
            assert!(poll_once(listener.accept()).is_pending());
        }
        let client = rt.tcp_connect(addr);
        // Each future is polled once and dropped.
        crate::kit::eventually(&*rt, "the connection is accepted", || {
            match poll_once(listener.accept()) {
                Poll::Ready(accepted) => accepted.map(drop).expect("accepts"),
                Poll::Pending => return false,
            }
            true
        })
        .await;
        client.await.expect("connects");
        assert!(poll_once(listener.accept()).is_pending());
    }

    /// A receive that is dropped loses no message.
    ///
    /// Intent: a resolver that waits with a timeout must see the answer that comes right after it.
    ///
    /// If this fails, check that a pending receive took nothing from the system.
    async fn dropped_recv_keeps_message(rt) {
        let socket = rt.udp_bind(any()).expect("binds");
        let to = socket.local_addr().expect("has an address");
        let mut buf = [0; 16];
        for _ in 0..20 {
            assert!(poll_once(socket.recv_from(&mut buf)).is_pending());
        }
        let sender = rt.udp_bind(any()).expect("binds");
        for i in 0..50_u8 {
            sender.send_to(&[i], to).await.expect("sends");
        }
        // Each future is polled once and dropped.
        for i in 0..50_u8 {
            let mut received = None;
            crate::kit::eventually(&*rt, "a message is received", || {
                if let Poll::Ready(got) = poll_once(socket.recv_from(&mut buf)) {
                    received = Some(got.expect("receives").0);
                }
                received.is_some()
            })
            .await;
            let n = received.expect("one was received");
            assert_eq!(&buf[..n], [i]);
        }
    }

    /// A `write_all` that is dropped has written a prefix.
    ///
    /// Intent: what the peer reads is then at least what was meant, up to some point.
    ///
    /// If this fails, check that `poll_write` keeps no bytes and reports those that were taken.
    async fn dropped_write_all_is_prefix(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        let message = noise(16 << 20);
        let write = rt.timeout(MOMENT, client.write_all(&message)).await;
        assert!(write.is_err(), "16 MiB that nobody reads were taken");
        client.close().await.expect("closes");
        let got = read_all(&mut server).await.expect("reads");
        assert!(!got.is_empty() && message.starts_with(&got));
    }

    /// An attempt to connect that is dropped closes its connection.
    ///
    /// Intent: a timeout around a connect must not leave a half-open client at the server.
    ///
    /// If this fails, check that the future owns the socket.
    async fn dropped_connect_closes(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        drop(rt.tcp_connect(addr));
        // Either it never came to a connection, or that is at its end.
        if let Ok(accepted) = rt.timeout(MOMENT * 5, listener.accept()).await {
            let (mut stream, _) = accepted.expect("accepts");
            let end = rt.timeout(Duration::from_secs(5), stream.read(&mut [0; 1])).await;
            assert!(matches!(end.expect("hears of the end"), Ok(0) | Err(_)));
        }
    }

    /// A read that is polled by another task wakes that one.
    ///
    /// Intent: streams move between tasks; the one that polled last is the one that waits.
    ///
    /// If this fails, check that each poll replaces the waker.
    async fn last_waker_wins(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        let (first, _) = crate::kit::counting();
        let (last, lasts) = crate::kit::counting();
        for waker in [&first, &last] {
            let mut buf = [0; 4];
            let read = pin!(server.read(&mut buf));
            assert!(read.poll(&mut Context::from_waker(waker)).is_pending());
        }
        client.write_all(b"x").await.expect("writes");
        crate::kit::eventually(&*rt, "the last waker is woken", || lasts.get() > 0).await;
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let (first, firsts) = crate::kit::counting();
        let (last, lasts) = crate::kit::counting();
        let mut accept = listener.accept();
        for waker in [&first, &last] {
            assert!(pin!(&mut accept).poll(&mut Context::from_waker(waker)).is_pending());
        }
        let _client = rt.tcp_connect(addr).await.expect("connects");
        crate::kit::eventually(&*rt, "the last waker of an accept is woken", || lasts.get() > 0).await;
        assert_eq!(firsts.get(), 0, "wakes of the waker that was replaced");
        let (one, other) = (rt.udp_bind(any()).expect("binds"), rt.udp_bind(any()).expect("binds"));
        let to = other.local_addr().expect("address");
        let (first, firsts) = crate::kit::counting();
        let (last, lasts) = crate::kit::counting();
        let mut buf = [0; 4];
        let mut receive = other.recv_from(&mut buf);
        for waker in [&first, &last] {
            assert!(pin!(&mut receive).poll(&mut Context::from_waker(waker)).is_pending());
        }
        one.send_to(b"x", to).await.expect("sends");
        crate::kit::eventually(&*rt, "the last waker of a receive is woken", || lasts.get() > 0).await;
        assert_eq!(firsts.get(), 0, "wakes of the waker that was replaced");
    }

    /// Wakers of the two directions do not disturb each other.
    ///
    /// Intent: a reader that waits must not take the writer's wake-up.
    ///
    /// If this fails, check that there is a place per direction.
    async fn directions_are_apart(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        let chunk = vec![0; 1 << 20];
        // Fill the way to the server.
        let (writing, writings) = crate::kit::counting();
        let mut cx = Context::from_waker(&writing);
        let mut filled = 0;
        while Pin::new(&mut client).poll_write(&mut cx, &chunk).is_ready() {
            filled += 1;
            assert!(filled < 1000, "no back-pressure");
        }
        let (reading, readings) = crate::kit::counting();
        let mut cx = Context::from_waker(&reading);
        assert!(Pin::new(&mut client).poll_read(&mut cx, &mut [0; 4]).is_pending());
        server.write_all(b"x").await.expect("writes");
        crate::kit::eventually(&*rt, "the reader is woken", || readings.get() > 0).await;
        let mut sink = vec![0; 1 << 20];
        // Bytes are not waited for: the last of them may be read before the wake has come.
        crate::kit::eventually(&*rt, "the writer is woken", || {
            match server.try_read(&mut sink) {
                Ok(read) => assert!(read > 0, "the end of the stream"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            writings.get() > 0
        }).await;
    }

    /// A poll that nobody woke is harmless.
    ///
    /// Intent: combinators poll everything below them whenever one part is woken.
    ///
    /// If this fails, check that a poll without an event returns `Pending` and keeps the waker.
    async fn spurious_wake_is_harmless(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        let (waker, wakes) = crate::kit::counting();
        let mut cx = Context::from_waker(&waker);
        for _ in 0..300 {
            assert!(Pin::new(&mut server).poll_read(&mut cx, &mut [0; 4]).is_pending());
        }
        client.write_all(b"x").await.expect("writes");
        crate::kit::eventually(&*rt, "the reader is woken", || wakes.get() > 0).await;
        let mut buf = [0; 4];
        let mut cx = Context::from_waker(Waker::noop());
        let read = std::future::poll_fn(|_| match Pin::new(&mut server).poll_read(&mut cx, &mut buf) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => Poll::Ready(None),
        }).await;
        assert!(matches!(read, Some(Ok(1)) | None));
    }
}
