//! Bytes on their way.

use std::future::Future;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_net::{AsyncWrite, Interest, poll_read_lent, prelude::*};
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::kit::{MOMENT, any, counting, eventually, noise, pair, poll_once, read_all};
use crate::rule::rules;

rules! { Any + Net;
    /// Bytes arrive whole, once and in order, on a hundred connections at once.
    ///
    /// Intent: a server must not lose or double bytes, or mix up its connections.
    ///
    /// If this fails, check that `poll_read` and `poll_write` report the bytes that the system took.
    async fn echo(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let server = rt.spawn({
            let rt = rt.clone();
            async move {
                let mut tasks = Vec::new();
                for _ in 0..100 {
                    let (stream, _) = listener.accept().await.expect("accepts");
                    tasks.push(rt.spawn(async move {
                        let (mut reader, mut writer) = stream.into_split();
                        anyrt_net::copy(&mut reader, &mut writer).await.expect("copies")
                    }));
                }
                let mut sum = 0;
                for task in tasks {
                    sum += task.await.expect("joins");
                }
                sum
            }
        });
        let clients: Vec<_> = (0..100).map(|i| {
            let handle = rt.handle();
            rt.spawn(async move {
                let mut stream = handle.tcp_connect(addr).await.expect("connects");
                let message = noise(1 + i * 97);
                stream.write_all(&message).await.expect("writes");
                stream.close().await.expect("closes");
                assert_eq!(read_all(&mut stream).await.expect("reads"), message);
                message.len() as u64
            })
        }).collect();
        let mut sum = 0;
        for client in clients {
            sum += client.await.expect("joins");
        }
        assert_eq!(server.await.expect("joins"), sum);
    }

    /// The two halves of a stream work in two tasks.
    ///
    /// Intent: a reader that waits must not keep a writer waiting, or a protocol that talks both ways stands still.
    ///
    /// If this fails, check that the halves share the socket and no lock across a wait.
    async fn split_on_two_tasks(rt) {
        let (client, server) = pair(&*rt).await;
        let echo = rt.spawn(async move {
            let (mut reader, mut writer) = server.into_split();
            anyrt_net::copy(&mut reader, &mut writer).await.expect("copies")
        });
        let (mut reader, mut writer) = client.into_split();
        let writing = rt.spawn(async move {
            for i in 0..500_u32 {
                writer.write_all(&i.to_le_bytes()).await.expect("writes");
            }
        });
        let mut word = [0; 4];
        for i in 0..500_u32 {
            reader.read_exact(&mut word).await.expect("reads");
            assert_eq!(u32::from_le_bytes(word), i);
        }
        writing.await.expect("joins");
        assert_eq!(echo.await.expect("joins"), 2000);
        assert_eq!(reader.read(&mut word).await.expect("reads"), 0);
    }

    /// A writer waits while its peer does not read, and loses nothing by it.
    ///
    /// Intent: without back-pressure a fast sender fills the memory of its own process.
    ///
    /// If this fails, check that `poll_write` is pending when the system has no room, and keeps no bytes.
    async fn backpressure(rt) {
        const SIZE: usize = 16 << 20;
        let (mut client, mut server) = pair(&*rt).await;
        let writing = rt.spawn(async move {
            let chunk = noise(251 * 16);
            let mut sent = 0;
            while sent < SIZE {
                client.write_all(&chunk).await.expect("writes");
                sent += chunk.len();
            }
            client.close().await.expect("closes");
            sent
        });
        rt.sleep(MOMENT * 5).await;
        assert!(!writing.is_finished(), "16 MiB that nobody reads were taken");
        let all = read_all(&mut server).await.expect("reads");
        assert_eq!(all.len(), writing.await.expect("joins"));
        assert!(all.iter().enumerate().all(|(i, &byte)| byte == (i % 251) as u8));
    }

    /// Many slices are written with one call, in order.
    ///
    /// Intent: a header and a body go out together, without a copy and without a packet of their own.
    ///
    /// If this fails, check `poll_write_vectored`, and whether `is_write_vectored` tells the truth.
    async fn vectored_write(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        assert!(client.is_write_vectored());
        let slices = [IoSlice::new(b"one "), IoSlice::new(b""), IoSlice::new(b"two "), IoSlice::new(b"three")];
        assert_eq!(client.write_vectored(&slices).await.expect("writes"), 13);
        client.close().await.expect("closes");
        assert_eq!(read_all(&mut server).await.expect("reads"), b"one two three");
    }

    /// Bytes are read into many slices, in order.
    ///
    /// Intent: a reader with a ring of buffers asks once.
    ///
    /// If this fails, check `poll_read_vectored`: a wait must not forget the first slice, and the sum is what is returned.
    async fn vectored_read(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        client.write_all(b"one two three").await.expect("writes");
        client.close().await.expect("closes");
        let (mut one, mut other) = ([0; 4], [0; 32]);
        let mut all = Vec::new();
        loop {
            let mut slices = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut other)];
            let n = server.read_vectored(&mut slices).await.expect("reads");
            if n == 0 {
                break;
            }
            all.extend([one.as_slice(), other.as_slice()].concat().into_iter().take(n));
        }
        assert_eq!(all, b"one two three");
        assert_eq!(&one, b"one ", "the second slice was filled without the first, or neither was");
        // One that finds nothing waits for more, also right after one that found something.
        let (mut client, mut server) = pair(&*rt).await;
        for part in [b"one", b"two"] {
            let (waker, wakes) = counting();
            let mut slice = [0; 8];
            let mut slices = [IoSliceMut::new(&mut slice)];
            let mut reading = server.read_vectored(&mut slices);
            let polled = Pin::new(&mut reading).poll(&mut Context::from_waker(&waker));
            assert!(polled.is_pending(), "there is nothing to read");
            client.write_all(part).await.expect("writes");
            eventually(&*rt, "a vectored read that waits is woken", || wakes.get() > 0).await;
            let n = reading.await.expect("reads");
            assert_eq!(&slice[..n], part);
        }
    }

    /// Reading and writing no bytes returns 0 at once.
    ///
    /// Intent: a caller whose buffer happens to be empty must not hang, whatever the peer does.
    ///
    /// If this fails, check for empty buffers before the readiness is awaited.
    async fn zero_length(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        assert!(matches!(poll_once(server.read(&mut [])), Poll::Ready(Ok(0))));
        assert!(matches!(poll_once(client.write(&[])), Poll::Ready(Ok(0))));
        assert!(matches!(poll_once(server.read_vectored(&mut [])), Poll::Ready(Ok(0))));
        assert!(matches!(poll_once(client.write_vectored(&[])), Poll::Ready(Ok(0))));
        assert!(matches!(poll_once(server.peek(&mut [])), Poll::Ready(Ok(0))));
        client.write_all(b"x").await.expect("writes");
        assert_eq!(server.read(&mut [0; 4]).await.expect("reads"), 1);
    }

    /// `try_read` and `try_write` fail with `WouldBlock` instead of waiting, and succeed where there is no need to wait.
    ///
    /// Intent: code that must not wait needs an answer.
    ///
    /// If this fails, check `try_read` and `try_write`; on a runtime that caches readiness, a wait comes first.
    async fn try_would_block(rt) {
        let (client, server) = pair(&*rt).await;
        assert_eq!(server.try_read(&mut [0; 4]).expect_err("nothing there").kind(), ErrorKind::WouldBlock);
        client.wait_ready(Interest::Write).await.expect("is ready");
        assert_eq!(client.try_write(b"ab").expect("room"), 2);
        server.wait_ready(Interest::Read).await.expect("is ready");
        let mut buf = [0; 4];
        assert_eq!(server.try_read(&mut buf).expect("bytes"), 2);
        assert_eq!(&buf[..2], b"ab");
        let chunk = vec![0; 1 << 20];
        let mut tries = 0;
        let error = loop {
            match client.try_write(&chunk) {
                Ok(_) => tries += 1,
                Err(error) => break error,
            }
            assert!(tries < 1000, "no back-pressure");
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }

    /// `peek` reads bytes without taking them.
    ///
    /// Intent: a server that tells protocols apart looks at the first bytes and hands the stream on.
    ///
    /// If this fails, check `poll_peek`.
    async fn peek_keeps(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        client.write_all(b"ab").await.expect("writes");
        let mut buf = [0; 4];
        for _ in 0..2 {
            let n = server.peek(&mut buf).await.expect("peeks");
            assert_eq!(buf[0], b'a', "{n}");
            assert!(n >= 1);
        }
        server.read_exact(&mut buf[..2]).await.expect("reads");
        assert_eq!(&buf[..2], b"ab");
    }

    /// Both ends agree on their addresses.
    ///
    /// Intent: logs and access lists use them.
    ///
    /// If this fails, check `local_addr` and `peer_addr` of streams that were connected and that were accepted.
    async fn addresses_agree(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        assert_ne!(addr.port(), 0);
        let (client, server) = crate::kit::local_pair(&*rt, &listener).await;
        assert_eq!(client.peer_addr().expect("has a peer"), addr);
        assert_eq!(server.local_addr().expect("has an address"), addr);
        assert_eq!(client.local_addr().expect("has an address"), server.peer_addr().expect("has a peer"));
    }

    /// `flush` of a stream succeeds at once: it has no buffer.
    ///
    /// Intent: code above a buffer flushes everything below it.
    ///
    /// If this fails, check `poll_flush`.
    async fn flush_is_done(rt) {
        let (mut client, _server) = pair(&*rt).await;
        client.write_all(b"x").await.expect("writes");
        let flushed = std::future::poll_fn(|cx| Pin::new(&mut client).poll_flush(cx));
        assert!(matches!(poll_once(flushed), Poll::Ready(Ok(()))));
    }

    /// A read that lends its bytes lends what came, once and in order, and never more than there is room for; it lends nothing
    /// while it waits, and ends like any other.
    ///
    /// Intent: bridges hand foreign libraries slices of one buffer that all reads of a thread share.
    ///
    /// If this fails, check that `poll_read` says how many bytes it wrote, and writes them to the front of its buffer.
    async fn lent_read_is_what_came(rt) {
        let (client, server) = pair(&*rt).await;
        let (other, silent) = pair(&*rt).await;
        let message = noise(200_000);
        let writing = rt.spawn({
            let message = message.clone();
            async move {
                let mut client = client;
                for part in message.chunks(997) {
                    client.write_all(part).await.expect("writes");
                }
                client.close().await.expect("closes");
                client
            }
        });
        let no_room = std::future::poll_fn(|cx| poll_read_lent(Pin::new(&mut &b"moin"[..]), cx, 0, |_| ())).await;
        assert_eq!(no_room.expect("reads nothing"), 0);
        let (mut server, mut silent, mut got) = (server, silent, Vec::new());
        for room in [1, 7, 4096, 100_000].into_iter().cycle() {
            let mut lent = None;
            let read = std::future::poll_fn(|cx| {
                // Another stream that uses the buffer, and has nothing.
                let nothing = poll_read_lent(Pin::new(&mut silent), cx, 64, |_| unreachable!("nothing came"));
                assert!(nothing.is_pending(), "an idle stream gave something");
                let read = poll_read_lent(Pin::new(&mut server), cx, room, |bytes| {
                    got.extend_from_slice(bytes);
                    lent = Some(bytes.len());
                });
                assert_eq!(read.is_ready(), lent.is_some(), "it lends when it is ready, and only then");
                read
            }).await.expect("reads");
            assert!(lent == Some(read) && read <= room, "{read} bytes were read, {lent:?} lent, and there is room for {room}");
            if read == 0 {
                break;
            }
        }
        assert!(got == message, "other bytes than those that came");
        let again = poll_once(std::future::poll_fn(|cx| poll_read_lent(Pin::new(&mut server), cx, 8, |_| ())));
        assert!(matches!(again, Poll::Ready(Ok(0))), "the end does not last: {again:?}");
        drop((writing.await.expect("joins"), other));
    }
}
