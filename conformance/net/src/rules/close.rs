//! Ends of streams.

use std::io::ErrorKind;
use std::net::Shutdown;

use anyrt_net::prelude::*;
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::kit::{eventually, pair, read_all};
use crate::rule::rules;

rules! { Any + Net;
    /// After `close` the peer reads the end, and the other direction stays open.
    ///
    /// Intent: "This was all, now answer" is how many protocols end a request.
    ///
    /// If this fails, check that `poll_close` shuts the write side down, and does more than flush.
    async fn half_close(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        client.write_all(b"question").await.expect("writes");
        client.close().await.expect("closes");
        assert_eq!(read_all(&mut server).await.expect("reads"), b"question");
        server.write_all(b"answer").await.expect("the other direction is open");
        drop(server);
        assert_eq!(read_all(&mut client).await.expect("reads"), b"answer");
    }

    /// `close` succeeds again and again, also when the peer is gone.
    ///
    /// Intent: each layer closes the one below it, and cannot do anything about an error.
    ///
    /// If this fails, check what `poll_close` makes of `NotConnected`.
    async fn close_repeats(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        client.close().await.expect("closes");
        client.close().await.expect("closes again");
        server.set_zero_linger().expect("has the option");
        assert_eq!(server.read(&mut [0; 1]).await.expect("reads"), 0);
        drop(server);
        // The reset has come once a read tells so.
        let _ = client.read(&mut [0; 1]).await;
        client.close().await.expect("closes when the peer is gone");
    }

    /// A write after `close` fails with `BrokenPipe`.
    ///
    /// Intent: a stream must not take bytes that can never arrive.
    ///
    /// If this fails, check that `poll_close` shuts the write side down.
    async fn write_after_close(rt) {
        let (mut client, _server) = pair(&*rt).await;
        client.close().await.expect("closes");
        assert_eq!(client.write(b"more").await.expect_err("is closed").kind(), ErrorKind::BrokenPipe);
    }

    /// Once a read has returned the end of a stream, every later read returns 0.
    ///
    /// Intent: a reader that asks again, as decoders do, must not hang.
    ///
    /// If this fails, check that an end does not clear the readiness.
    async fn end_is_sticky(rt) {
        let (client, mut server) = pair(&*rt).await;
        drop(client);
        for _ in 0..5 {
            assert_eq!(server.read(&mut [0; 4]).await.expect("reads"), 0);
        }
    }

    /// Dropping the write half shuts the write side down.
    ///
    /// Intent: a task that ends while its sibling still reads must not leave the peer waiting.
    ///
    /// If this fails, check the write half's drop.
    async fn write_half_drop_is_fin(rt) {
        let (client, mut server) = pair(&*rt).await;
        let (mut reader, mut writer) = client.into_split();
        writer.write_all(b"x").await.expect("writes");
        drop(writer);
        assert_eq!(read_all(&mut server).await.expect("reads"), b"x");
        server.write_all(b"y").await.expect("the other direction is open");
        drop(server);
        assert_eq!(read_all(&mut reader).await.expect("reads"), b"y");
    }

    /// Dropping the read half tells the peer nothing.
    ///
    /// Intent: a client that is no longer interested in answers still sends the rest of its request.
    ///
    /// If this fails, check that the read half's drop shuts nothing down.
    async fn read_half_drop_is_silent(rt) {
        let (client, mut server) = pair(&*rt).await;
        let (reader, mut writer) = client.into_split();
        drop(reader);
        // Into the void, without an error.
        server.write_all(b"answer").await.expect("writes");
        rt.sleep(crate::kit::MOMENT).await;
        server.write_all(b"answer").await.expect("writes again");
        writer.write_all(b"more").await.expect("writes");
        let mut buf = [0; 4];
        server.read_exact(&mut buf).await.expect("reads");
        assert_eq!(&buf, b"more");
    }

    /// `shutdown` ends a side, or both, at once, and repeats without an error.
    ///
    /// Intent: a supervisor ends a connection that another task waits on.
    ///
    /// If this fails, check `shutdown`, and what it makes of `NotConnected`.
    async fn shutdown_ends_both(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        client.shutdown(Shutdown::Write).expect("shuts down");
        assert_eq!(server.read(&mut [0; 1]).await.expect("reads"), 0);
        server.write_all(b"answer").await.expect("writes");
        let mut answer = [0; 6];
        client.read_exact(&mut answer).await.expect("reads: the other side goes on");
        assert_eq!(&answer, b"answer");
        let (mut deaf, mut hears) = pair(&*rt).await;
        deaf.shutdown(Shutdown::Read).expect("shuts down");
        deaf.write_all(b"x").await.expect("writes: only the reads are shut down");
        assert_eq!(hears.read(&mut [0; 4]).await.expect("reads"), 1);
        client.shutdown(Shutdown::Both).expect("shuts down");
        assert_eq!(client.read(&mut [0; 1]).await.expect("reads"), 0);
        drop(server);
        let mut repeated = 0;
        eventually(&*rt, "shutdown of a connection that is gone", || {
            client.shutdown(Shutdown::Both).expect("is gone, which is fine");
            repeated += 1;
            repeated > 20
        }).await;
    }

    /// With a linger of zero, dropping a stream resets the connection.
    ///
    /// Intent: a server drops a misbehaving client this way, and keeps no state of it.
    ///
    /// If this fails, check `set_zero_linger`.
    async fn reset_by_linger(rt) {
        let (mut client, server) = pair(&*rt).await;
        server.set_zero_linger().expect("has the option");
        drop(server);
        assert_eq!(client.read(&mut [0; 4]).await.expect_err("was reset").kind(), ErrorKind::ConnectionReset);
    }

    /// Dropping a stream with unread bytes in it resets the connection.
    ///
    /// Intent: the peer learns that its bytes were not seen.
    ///
    /// If this fails, check that the drop closes the socket, and that nothing read ahead.
    async fn reset_by_unread(rt) {
        let (mut client, server) = pair(&*rt).await;
        client.write_all(b"never read").await.expect("writes");
        server.wait_ready(anyrt_net::Interest::Read).await.expect("is ready");
        drop(server);
        assert_eq!(client.read(&mut [0; 4]).await.expect_err("was reset").kind(), ErrorKind::ConnectionReset);
    }

    /// A reset is told once; later reads return 0, later writes fail with `BrokenPipe`.
    ///
    /// Intent: a loop ends either way, and learns the cause.
    ///
    /// If this fails, check that errors of the system pass through unchanged.
    async fn after_reset(rt) {
        let (mut client, server) = pair(&*rt).await;
        server.set_zero_linger().expect("has the option");
        drop(server);
        assert_eq!(client.read(&mut [0; 4]).await.expect_err("was reset").kind(), ErrorKind::ConnectionReset);
        assert_eq!(client.read(&mut [0; 4]).await.expect("is at its end"), 0);
        assert_eq!(client.write(b"x").await.expect_err("is gone").kind(), ErrorKind::BrokenPipe);
    }
}
