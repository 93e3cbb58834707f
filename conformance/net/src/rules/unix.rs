//! Unix sockets.

use std::future::Future;
use std::io::ErrorKind;
use std::os::unix::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Context;
use std::time::Duration;

use anyrt_net::{ListenOptions, prelude::*};
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::kit::{MOMENT, counting, eventually, noise, poll_once, read_all};
use crate::rule::rules;

const TEN: Duration = Duration::from_secs(10);

/// A path that nothing is at; removed when it is dropped.
pub(super) struct Socket(pub(super) PathBuf);

impl Socket {
    pub(super) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("anyrt-net-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = std::fs::remove_file(&self.0);
    }
}

rules! { Any + Net + Unix: Unix;
    /// A Unix stream carries bytes and ends as TCP's does.
    ///
    /// Intent: servers offer one protocol over both.
    ///
    /// If this fails, check what the stream shares with TCP's.
    async fn unix_stream(rt) {
        let place = Socket::new();
        let listener = rt.unix_listen(&place.0).expect("listens");
        assert_eq!(listener.local_addr().expect("address").as_pathname(), Some(place.0.as_path()));
        let (client, accepted) = futures::join!(rt.unix_connect(&place.0), listener.accept());
        let (mut client, (mut server, from)) = (client.expect("connects"), accepted.expect("accepts"));
        assert!(from.is_unnamed(), "a client without a path has the address {from:?}");
        assert_eq!(client.peer_addr().expect("has a peer").as_pathname(), Some(place.0.as_path()));
        let message = noise(100_000);
        let sending = async {
            client.write_all(&message).await.expect("writes");
            client.close().await.expect("closes");
            client.close().await.expect("closes again");
            assert_eq!(client.write(b"x").await.expect_err("is closed").kind(), ErrorKind::BrokenPipe);
            read_all(&mut client).await.expect("reads")
        };
        let answering = async {
            assert!(read_all(&mut server).await.expect("reads") == noise(100_000));
            server.write_all(b"answer").await.expect("writes");
            drop(server);
        };
        assert_eq!(futures::join!(sending, answering).0, b"answer");
    }

    /// `unix_pair` makes two streams that are connected.
    ///
    /// Intent: a program talks to its threads and children without a path.
    ///
    /// If this fails, check that both ends are registered.
    async fn unix_pair(rt) {
        let (mut one, mut other) = rt.unix_pair().expect("makes a pair");
        assert!(poll_once(one.read(&mut [0; 4])).is_pending());
        other.write_all(b"x").await.expect("writes");
        assert_eq!(one.read(&mut [0; 4]).await.expect("reads"), 1);
        let (reader, writer) = other.into_split();
        drop(writer);
        assert_eq!(one.read(&mut [0; 4]).await.expect("reads"), 0);
        drop(reader);
    }

    /// Errors of Unix sockets have the kinds of TCP's, and `NotFound` for a path without a file.
    ///
    /// Intent: a client tells a server that never ran from one that ended.
    ///
    /// If this fails, check that errors of the system pass through unchanged.
    async fn unix_error_kinds(rt) {
        let place = Socket::new();
        assert_eq!(rt.unix_connect(&place.0).await.expect_err("no file").kind(), ErrorKind::NotFound);
        let listener = rt.unix_listen(&place.0).expect("listens");
        assert_eq!(rt.unix_listen(&place.0).expect_err("is taken").kind(), ErrorKind::AddrInUse);
        drop(listener);
        assert_eq!(rt.unix_connect(&place.0).await.expect_err("nobody listens").kind(), ErrorKind::ConnectionRefused);
        let refused = rt.unix_listen_with(&place.0, &ListenOptions::new().only_v6(true));
        let error = refused.expect_err("means nothing here");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("only_v6"), "{error}");
    }

    /// The file of a Unix socket stays when the socket is dropped.
    ///
    /// Intent: whoever made the file removes it; a second server may have taken its place.
    ///
    /// If this fails, check that the drop removes nothing.
    async fn unix_file_stays(rt) {
        let place = Socket::new();
        drop(rt.unix_listen(&place.0).expect("listens"));
        assert!(place.0.exists());
    }

    /// Connecting to a Unix listener whose backlog is full fails at once.
    ///
    /// Intent: the system offers nothing to wait for, and a client must not take it for a connection.
    ///
    /// If this fails, check that an attempt that could not begin is an error.
    async fn unix_full_backlog_is_told(rt) {
        let place = Socket::new();
        let listener = rt.unix_listen_with(&place.0, &ListenOptions::new().backlog(1)).expect("listens");
        let mut streams = Vec::new();
        let error = loop {
            assert!(streams.len() < 100, "a backlog of 1 took a hundred connections");
            match rt.unix_connect(&place.0).await {
                Ok(stream) => streams.push(stream),
                Err(error) => break error,
            }
        };
        let kinds = [ErrorKind::WouldBlock, ErrorKind::ConnectionRefused];
        assert!(kinds.contains(&error.kind()), "{error}");
        listener.accept().await.expect("accepts");
        rt.unix_connect(&place.0).await.expect("there is room again");
    }

    /// Unix datagrams keep their boundaries and tell their sender.
    ///
    /// Intent: processes of one machine exchange messages this way.
    ///
    /// If this fails, check the addresses of sends and receives.
    async fn unix_datagram(rt) {
        let (here, there) = (Socket::new(), Socket::new());
        let one = rt.unix_bind(&here.0).expect("binds");
        let other = rt.unix_bind(&there.0).expect("binds");
        let to = SocketAddr::from_pathname(&there.0).expect("an address");
        let mut buf = [0; 16];
        assert!(poll_once(other.recv_from(&mut buf)).is_pending());
        for message in ["one", "second"] {
            one.send_to(message.as_bytes(), to.clone()).await.expect("sends");
        }
        for message in ["one", "second"] {
            let (n, from) = other.recv_from(&mut buf).await.expect("receives");
            assert_eq!(&buf[..n], message.as_bytes());
            assert_eq!(from.as_pathname(), Some(here.0.as_path()));
        }
        one.connect(&to).expect("connects");
        one.send(b"x").await.expect("sends");
        assert_eq!(other.recv(&mut buf).await.expect("receives"), 1);
        let nameless = rt.unix_unbound().expect("makes one");
        nameless.send_to(b"ab", to).await.expect("sends");
        let (n, from) = other.recv_from(&mut buf).await.expect("receives");
        assert_eq!((n, from.is_unnamed()), (2, true));
        assert_eq!(one.send_to(b"x", from).await.expect_err("has no name").kind(), ErrorKind::InvalidInput);
        let (left, right) = rt.unix_datagram_pair().expect("makes a pair");
        left.send(b"abc").await.expect("sends");
        assert_eq!(right.recv(&mut buf).await.expect("receives"), 3);
        left.send(b"").await.expect("sends");
        let came = rt.timeout(TEN, right.recv(&mut buf)).await;
        assert_eq!(came.expect("an empty message was passed over").expect("receives"), 0);
    }

    /// A connected Unix datagram socket receives from its peer alone.
    ///
    /// Intent: a client hears its server, and nobody else of the machine.
    ///
    /// If this fails, check that a send looks at whom its receiver is connected to.
    async fn unix_connected(rt) {
        let places = [(); 3].map(|()| Socket::new());
        let [client, server, stranger] = places.each_ref().map(|it| rt.unix_bind(&it.0).expect("binds"));
        let [at, to, _] = places.each_ref().map(|it| SocketAddr::from_pathname(&it.0).expect("an address"));
        client.connect(&to).expect("connects");
        // Systems refuse it, or drop it.
        let _ = stranger.send_to(b"stranger", at.clone()).await;
        server.send_to(b"answer", at).await.expect("sends");
        let mut buf = [0; 16];
        assert_eq!(client.recv(&mut buf).await.expect("receives"), 6);
        assert_eq!(&buf[..6], b"answer");
        assert!(poll_once(client.recv(&mut buf)).is_pending(), "a stranger was heard");
    }

    /// A send to a Unix datagram socket that is full waits for room.
    ///
    /// Intent: a logger's messages must neither be lost nor fail because the reader is slow for a moment.
    ///
    /// If this fails, check what becomes of `WouldBlock`, and who wakes the sender when a message was received.
    async fn unix_full_receiver_is_waited_for(rt) {
        let place = Socket::new();
        let (receiver, sender) = (rt.unix_bind(&place.0).expect("binds"), rt.unix_unbound().expect("makes one"));
        let to = SocketAddr::from_pathname(&place.0).expect("an address");
        // What finds no readiness yet says that it is full.
        sender.send_to(b"first", to.clone()).await.expect("sends");
        let mut buf = [0; 8];
        let mut filled = 1;
        while sender.try_send_to(b"x", &to).is_ok() {
            filled += 1;
            assert!(filled < 100_000, "it takes everything");
        }
        let mut send = pin!(sender.send_to(b"last", to));
        let (waker, wakes) = counting();
        for _ in 0..5 {
            let early = send.as_mut().poll(&mut Context::from_waker(&waker));
            assert!(early.is_pending(), "a full socket took one more, or refused it: {early:?}");
            rt.sleep(MOMENT).await;
        }
        for _ in 0..filled {
            receiver.recv_from(&mut buf).await.expect("receives");
        }
        eventually(&*rt, "the sender is woken when there is room", || wakes.get() > 0).await;
        assert_eq!(send.await.expect("sends"), 4);
        let (came, _) = receiver.recv_from(&mut buf).await.expect("receives");
        assert_eq!(&buf[..came], b"last");
    }
}
