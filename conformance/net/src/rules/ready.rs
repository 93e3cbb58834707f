//! Readiness, fairness and idleness.

use std::future::Future;
use std::io::ErrorKind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use anyrt_net::{AsyncRead, Interest, prelude::*};
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::kit::{MOMENT, any, cpu_ticks, pair, poll_once};
use crate::rule::rules;

rules! { Any + Net;
    /// A stream with something to read is ready for reading, and one without soon is not.
    ///
    /// Intent: foreign code reads by itself, and asks the runtime only when to do so.
    ///
    /// If this fails, check `poll_ready` of the stream and of both halves.
    async fn readiness_tells(rt) {
        let (mut client, server) = pair(&*rt).await;
        client.wait_ready(Interest::Write).await.expect("has room");
        let task = rt.spawn(async move {
            loop {
                server.wait_ready(Interest::Read).await.expect("is ready");
                match server.try_read(&mut [0; 4]) {
                    Ok(n) => return (server, n),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                }
            }
        });
        rt.sleep(MOMENT).await;
        assert!(!task.is_finished());
        client.write_all(b"ab").await.expect("writes");
        let (server, n) = task.await.expect("joins");
        assert_eq!(n, 2);
        let (reader, writer) = server.into_split();
        writer.wait_ready(Interest::Write).await.expect("has room");
        client.close().await.expect("closes");
        reader.wait_ready(Interest::Read).await.expect("the end is readable");
        // Nothing ever came here.
        let (silent, mut peer) = pair(&*rt).await;
        let (reader, writer) = silent.into_split();
        let room = rt.timeout(Duration::from_secs(10), writer.wait_ready(Interest::Write)).await;
        room.expect("it waited for something to read").expect("has room");
        assert!(poll_once(reader.wait_ready(Interest::Read)).is_pending(), "nothing came");
        peer.write_all(b"x").await.expect("writes");
        reader.wait_ready(Interest::Read).await.expect("is ready");
    }

    /// A wait for readiness that found nothing does not spin.
    ///
    /// Intent: a loop of `wait_ready` and a try must sleep in between.
    ///
    /// If this fails, check that an operation that found nothing clears the readiness.
    async fn readiness_forgotten(rt) {
        let (mut client, server) = pair(&*rt).await;
        client.write_all(b"x").await.expect("writes");
        server.wait_ready(Interest::Read).await.expect("is ready");
        assert_eq!(server.try_read(&mut [0; 4]).expect("a byte"), 1);
        let rounds = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&rounds);
        let task = rt.spawn(async move {
            loop {
                server.wait_ready(Interest::Read).await.expect("is ready");
                counter.fetch_add(1, Ordering::Relaxed);
                match server.try_read(&mut [0; 4]) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    result => return result,
                }
            }
        });
        rt.sleep(MOMENT * 5).await;
        let spun = rounds.load(Ordering::Relaxed);
        assert!(spun < 20, "{spun} rounds for nothing");
        client.write_all(b"y").await.expect("writes");
        assert_eq!(task.await.expect("joins").expect("reads"), 1);
    }

    /// Tasks that wait for sockets cost no processor time.
    ///
    /// Intent: a server of ten thousand idle clients must be idle.
    ///
    /// If this fails, check for wakers that wake each other, and for readiness that is never cleared.
    async fn idle_does_not_spin(rt) {
        let listener = Arc::new(rt.tcp_listen(any()).expect("listens"));
        let socket = rt.udp_bind(any()).expect("binds");
        let mut tasks = Vec::new();
        for _ in 0..16 {
            let listener = Arc::clone(&listener);
            tasks.push(rt.spawn(async move { listener.accept().await.map(drop) }));
            let socket = socket.clone();
            tasks.push(rt.spawn(async move { socket.recv_from(&mut [0; 4]).await.map(drop) }));
        }
        let (_client, mut server) = pair(&*rt).await;
        tasks.push(rt.spawn(async move { server.read(&mut [0; 4]).await.map(drop) }));
        rt.sleep(MOMENT).await;
        let before = cpu_ticks();
        rt.sleep(Duration::from_secs(1)).await;
        if let (Some(before), Some(after)) = (before, cpu_ticks()) {
            let used = after - before;
            assert!(used <= 15, "{used} hundredths of a second of processor time in a second of idleness");
        }
        assert!(tasks.iter().all(|task| !task.is_finished()));
    }

    /// A task whose socket always has something gives way to its neighbours.
    ///
    /// Intent: one busy client must not stop the others of its thread.
    ///
    /// If this fails, check that operations that are ready are charged to a budget per task.
    async fn hot_socket_gives_way(rt) {
        let socket = rt.udp_bind(any()).expect("binds");
        let to = socket.local_addr().expect("address");
        let (moved, before) = (AtomicU64::new(0), AtomicU64::new(0));
        let mut hot = std::pin::pin!(async {
            let mut sum = 0;
            while sum < 20_000 {
                socket.send_to(b"x", to).await.expect("sends");
                socket.recv_from(&mut [0; 4]).await.expect("receives");
                sum = 1 + moved.fetch_add(1, Ordering::Relaxed);
                let in_this_poll = sum - before.load(Ordering::Relaxed);
                assert!(in_this_poll <= 5_000, "{in_this_poll} messages in one poll");
            }
        });
        std::future::poll_fn(|cx| {
            before.store(moved.load(Ordering::Relaxed), Ordering::Relaxed);
            hot.as_mut().poll(cx)
        }).await;
    }

    /// A stream that always has something gives way, too.
    ///
    /// Intent: one busy connection must not stop the others of its thread.
    ///
    /// If this fails, check that operations that are ready are charged to a budget per task.
    async fn hot_stream_gives_way(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        client.write_all(&vec![7; 100_000]).await.expect("writes");
        let (moved, before) = (AtomicU64::new(0), AtomicU64::new(0));
        let mut hot = std::pin::pin!(async {
            let mut sum = 0;
            while sum < 100_000 {
                assert_eq!(server.read(&mut [0; 1]).await.expect("reads"), 1);
                sum = 1 + moved.fetch_add(1, Ordering::Relaxed);
                let in_this_poll = sum - before.load(Ordering::Relaxed);
                assert!(in_this_poll <= 5_000, "{in_this_poll} reads in one poll");
            }
        });
        std::future::poll_fn(|cx| {
            before.store(moved.load(Ordering::Relaxed), Ordering::Relaxed);
            hot.as_mut().poll(cx)
        }).await;
    }

    /// A task that looks at an idle stream before each read of a busy one gives way all the same, and reads everything.
    ///
    /// Intent: a proxy waits for both sides of a connection, and mostly one of them speaks.
    ///
    /// If this fails, check that an operation that finds nothing neither refills the budget of its task nor uses it up.
    async fn idle_socket_hides_no_hot_one(rt) {
        let (mut client, mut hot) = pair(&*rt).await;
        let (_silent, mut idle) = pair(&*rt).await;
        client.write_all(&vec![7; 100_000]).await.expect("writes");
        let (mut sum, mut most) = (0, 0);
        std::future::poll_fn(|cx| {
            let before = sum;
            loop {
                let nothing = Pin::new(&mut idle).poll_read(cx, &mut [0; 1]);
                assert!(nothing.is_pending(), "an idle stream gave something");
                match Pin::new(&mut hot).poll_read(cx, &mut [0; 1]) {
                    Poll::Ready(read) => assert_eq!(read.expect("reads"), 1),
                    Poll::Pending => break,
                }
                sum += 1;
                most = most.max(sum - before);
                assert!(most <= 5_000, "{most} reads in one poll");
                if sum == 100_000 {
                    return Poll::Ready(());
                }
            }
            Poll::Pending
        }).await;
    }
}
