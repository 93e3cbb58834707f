//! What is written once on the traits: names, attempts, accept loops and copies.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_core::{Instant, Timer};
use anyrt_net::{AsyncWrite, ListenOptions, TcpOptions, copy_bidirectional, prelude::*};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};

use anyrt_conformance_engine::kit::step;

use crate::kit::{any, noise, pair, poll_once, read_all, refusing};
use crate::mutants::incoming;
use crate::rule::rules;

const HOUR: Duration = Duration::from_secs(3600);

/// A writer that takes two bytes at a time, and holds them back until it is flushed.
struct Reluctant<W> {
    inner: W,
    held: Vec<u8>,
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Reluctant<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let n = buf.len().min(2);
        self.held.extend_from_slice(&buf[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { inner, held } = &mut *self;
        while !held.is_empty() {
            let n = ready!(Pin::new(&mut *inner).poll_write(cx, held))?;
            held.drain(..n);
        }
        Pin::new(inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

/// A runtime whose only name has these addresses, and whose sleeps last longer than they were asked to.
#[derive(Clone, Debug)]
struct Named<R> {
    rt: R,
    addresses: Vec<SocketAddr>,
    longer: Duration,
}

impl<R> Named<R> {
    fn new(rt: R, addresses: Vec<SocketAddr>) -> Self {
        Self {
            rt,
            addresses,
            longer: Duration::ZERO,
        }
    }
}

anyrt_net::forward_net! { [R] Named<R> as R, |this| this.rt; Tcp }

impl<R> Resolve for Named<R> {
    type Lookup = std::future::Ready<io::Result<Vec<SocketAddr>>>;

    fn resolve(&self, _: &str, _: u16) -> Self::Lookup {
        std::future::ready(Ok(self.addresses.clone()))
    }
}

impl<R: Timer> Timer for Named<R> {
    type Sleep = R::Sleep;

    fn sleep(&self, duration: Duration) -> R::Sleep {
        self.rt.sleep(duration + self.longer)
    }

    fn sleep_until(&self, deadline: Instant) -> R::Sleep {
        self.rt.sleep_until(deadline + self.longer)
    }

    fn now(&self) -> Instant {
        self.rt.now()
    }
}

/// A timer that notes how long its sleeps are to last.
struct Pauses<R> {
    rt: R,
    asked: Mutex<Vec<Duration>>,
}

impl<R: Timer> Timer for Pauses<R> {
    type Sleep = R::Sleep;

    fn sleep(&self, duration: Duration) -> R::Sleep {
        self.asked.lock().expect("nobody panicked").push(duration);
        self.rt.sleep(duration)
    }

    fn sleep_until(&self, deadline: Instant) -> R::Sleep {
        self.rt.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        self.rt.now()
    }
}

/// A listener that fails a few times first.
#[derive(Debug)]
struct Failing<L> {
    listener: L,
    errors: Mutex<VecDeque<io::Error>>,
}

impl<L> Failing<L> {
    fn new(listener: L, errors: impl IntoIterator<Item = io::Error>) -> Self {
        let errors = Mutex::new(errors.into_iter().collect());
        Self { listener, errors }
    }
}

impl<L: Listener> Listener for Failing<L> {
    type Stream = L::Stream;
    type Addr = L::Addr;
    type Waiter = L::Waiter;

    fn poll_accept(
        &self,
        waiter: &mut L::Waiter,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(L::Stream, L::Addr)>> {
        match self.errors.lock().expect("nobody panicked").pop_front() {
            Some(error) => Poll::Ready(Err(error)),
            None => self.listener.poll_accept(waiter, cx),
        }
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }
}

rules! { Any + Net;
    /// An address resolves to itself, with the port.
    ///
    /// Intent: configurations hold names and addresses in one field.
    ///
    /// If this fails, check that addresses are parsed before the resolver is asked.
    async fn resolves_literals(rt) {
        for (host, addr) in [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80")] {
            let found = rt.resolve(host, 80).await.expect("resolves");
            assert_eq!(found, [addr.parse().expect("an address")]);
        }
    }

    /// A name resolves to its addresses, each with the port.
    ///
    /// Intent: programs connect to names.
    ///
    /// If this fails, check how the resolver is asked, and that the runtime's threads are not blocked by it.
    async fn resolves_names(rt) {
        let found = rt.resolve("localhost", 81).await.expect("resolves");
        assert!(!found.is_empty());
        assert!(found.iter().all(|addr| addr.ip().is_loopback() && addr.port() == 81), "{found:?}");
    }

    /// A name that nobody knows is `NotFound`, and the error names it.
    ///
    /// Intent: a typing error must not look like a broken network.
    ///
    /// If this fails, check what becomes of the resolver's own errors.
    async fn unknown_name_is_not_found(rt) {
        let error = rt.resolve("no.such.name.invalid", 80).await.expect_err("does not exist");
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert!(error.to_string().contains("no.such.name.invalid"), "{error}");
    }

    /// A lookup that is dropped does not hold up the next.
    ///
    /// Intent: a timeout around a slow lookup must not stop the others.
    ///
    /// If this fails, check that the drop of the future waits for nothing.
    async fn dropped_lookup_is_forgotten(rt) {
        for _ in 0..20 {
            drop(rt.resolve("localhost", 80));
        }
        rt.resolve("localhost", 80).await.expect("resolves");
    }

    /// `connect_host` passes over an address that refuses.
    ///
    /// Intent: `localhost` has two addresses, and most servers listen on one.
    ///
    /// If this fails, check that a failure makes the next attempt begin at once.
    async fn connect_host_passes_over_failures(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let refusing = futures::future::join_all((0..6).map(|_| refusing(&*rt))).await;
        let addresses = refusing.iter().map(|(addr, _)| *addr).chain([addr]).collect();
        // The 250 ms after an attempt last an hour, so that a busy machine is not taken for one that waits for them.
        let named = Named { longer: HOUR, ..Named::new(rt.handle(), addresses) };
        let start = rt.now();
        step("an attempt that has failed is not waited for");
        let options = TcpOptions::new().nodelay(true);
        let stream = named.connect_host_with("name", 80, &options).await.expect("connects");
        assert_eq!(stream.peer_addr().expect("has a peer"), addr);
        assert_eq!(stream.options().expect("tells").nodelay, Some(true), "later attempts have no options");
        assert!(rt.now() - start < HOUR, "waited for attempts that had failed");
    }

    /// `connect_host` tries the next address 250 ms after one that does not answer.
    ///
    /// Intent: the system gives up on a broken path only after minutes.
    ///
    /// If this fails, check that attempts run beside each other, and that the delay is taken on the runtime's clock.
    async fn connect_host_races(rt) {
        // A full backlog does not answer.
        let silent = rt.tcp_listen_with(any(), &ListenOptions::new().backlog(0)).expect("listens");
        let silent = (silent.local_addr().expect("has an address"), silent);
        let mut fill: Vec<_> = (0..8).map(|_| rt.tcp_connect(silent.0)).collect();
        rt.sleep(crate::kit::MOMENT).await;
        fill.retain_mut(|attempt| poll_once(attempt).is_pending());
        assert!(!fill.is_empty(), "a backlog of 0 took 8 connections");
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let named = Named::new(rt.handle(), vec![silent.0, addr]);
        let start = rt.now();
        let connected = rt.timeout(Duration::from_secs(10), named.connect_host("name", 80)).await;
        let stream = connected.expect("does not wait for the first").expect("connects");
        assert_eq!(stream.peer_addr().expect("has a peer"), addr);
        assert!(rt.now() - start >= Duration::from_millis(250), "the first address had no time to answer");
    }

    /// When every address fails, the error of `connect_host` has the kind of the first failure and names them all.
    ///
    /// Intent: whoever reads the log wants to know what was tried.
    ///
    /// If this fails, check that failures are kept.
    async fn connect_host_names_failures(rt) {
        let refusing = [refusing(&*rt).await, refusing(&*rt).await];
        let addresses = refusing.each_ref().map(|(addr, _)| *addr);
        let named = Named::new(rt.handle(), addresses.to_vec());
        let error = named.connect_host("name", 80).await.expect_err("all refuse");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        for addr in addresses {
            assert!(error.to_string().contains(&addr.to_string()), "{error}");
        }
        let options = TcpOptions::new().local_addr(SocketAddr::from(([0_u16; 8], 0)));
        let error = named.connect_host_with("name", 80, &options).await.expect_err("no address fits");
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    }

    /// An accept loop survives a process that runs out of descriptors, with a pause.
    ///
    /// Intent: a server under load must not end, and must not spin, because it is under load.
    ///
    /// If this fails, check that `Incoming` tells such errors from the listener's own.
    async fn incoming_survives_exhaustion(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let attempt = rt.tcp_connect(listener.local_addr().expect("has an address"));
        let exhausted = || if cfg!(windows) { io::Error::from_raw_os_error(10024) } else { io::Error::from_raw_os_error(24) };
        let failing = Failing::new(listener, [exhausted(), exhausted(), ErrorKind::OutOfMemory.into()]);
        let pauses = Pauses { rt: rt.handle(), asked: Mutex::default() };
        let mut incoming = pin!((&failing).incoming(&pauses));
        let start = rt.now();
        incoming.next().await.expect("goes on").expect("accepts");
        // 5, 10 and 20 ms.
        assert!(rt.now() - start >= Duration::from_millis(35), "did not pause");
        attempt.await.expect("connects");
        failing.errors.lock().expect("nobody panicked").push_back(exhausted());
        let attempt = rt.tcp_connect(failing.local_addr().expect("has an address"));
        incoming.next().await.expect("goes on").expect("accepts");
        attempt.await.expect("connects");
        let asked = pauses.asked.lock().expect("nobody panicked").clone();
        assert_eq!(asked, [5, 10, 20, 5].map(Duration::from_millis), "after an accept the pauses begin anew");
    }

    /// An accept loop passes over a connection that was gone before it was accepted.
    ///
    /// Intent: a client that hangs up must not end the server.
    ///
    /// If this fails, check that `Incoming` tells such errors from the listener's own.
    async fn incoming_passes_over_aborted(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let attempt = rt.tcp_connect(listener.local_addr().expect("has an address"));
        let gone = [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset, ErrorKind::HostUnreachable];
        let failing = Failing::new(listener, gone.map(io::Error::from));
        let mut incoming = pin!(failing.incoming(rt.handle()));
        incoming.next().await.expect("goes on").expect("accepts");
        attempt.await.expect("connects");
    }

    /// An error of the listener itself is yielded, and ends the accept loop.
    ///
    /// Intent: a server whose runtime goes down must end, and say why.
    ///
    /// If this fails, check that `Incoming` does not try again for ever.
    async fn incoming_ends_with_the_listener(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let failing = Failing::new(listener, [io::Error::other("the runtime is gone")]);
        let mut incoming = pin!(incoming(failing, rt.handle()));
        assert_eq!(incoming.next().await.expect("tells").expect_err("fails").kind(), ErrorKind::Other);
        assert!(matches!(poll_once(incoming.next()), Poll::Ready(None)), "goes on");
    }

    /// `copy` copies every byte, and counts.
    ///
    /// Intent: proxies and downloads rely on it.
    ///
    /// If this fails, check that a partial write is continued.
    async fn copy_counts(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        let message = noise(3 << 20);
        let sent = message.clone();
        let writing = rt.spawn(async move {
            let n = anyrt_net::copy(&mut sent.as_slice(), &mut client).await.expect("copies");
            client.close().await.expect("closes");
            n
        });
        assert!(read_all(&mut server).await.expect("reads") == message);
        assert_eq!(writing.await.expect("joins"), message.len() as u64);
        // It counts what was taken, and flushes it when there is nothing more to read.
        let (mut client, mut front) = pair(&*rt).await;
        let (back, mut server) = pair(&*rt).await;
        let mut back = Reluctant { inner: back, held: Vec::new() };
        let copying = rt.spawn(async move { anyrt_net::copy(&mut front, &mut back).await });
        for part in [b"one", b"two"] {
            client.write_all(part).await.expect("writes");
            let mut buf = [0; 3];
            step("a copy flushes what it wrote");
            server.read_exact(&mut buf).await.expect("reads");
            assert_eq!(&buf, part);
        }
        client.close().await.expect("closes");
        assert_eq!(copying.await.expect("joins").expect("copies"), 6);
        let mut room = [0; 3];
        let mut full = futures::io::Cursor::new(&mut room[..]);
        let error = anyrt_net::copy(&mut &b"moin"[..], &mut full).await.expect_err("has no room");
        assert_eq!(error.kind(), ErrorKind::WriteZero);
    }

    /// `copy_bidirectional` passes an end on as a half-close, and the answer to it still arrives.
    ///
    /// Intent: a proxy must not cut off the answer to a request that ended.
    ///
    /// If this fails, check that each direction closes its writer, and goes on by itself.
    async fn copy_bidirectional_half_closes(rt) {
        let (mut client, mut front) = pair(&*rt).await;
        let (mut back, mut server) = pair(&*rt).await;
        let proxy = rt.spawn(async move { copy_bidirectional(&mut front, &mut back).await });
        step("bytes go both ways while neither has ended");
        server.write_all(b"hello").await.expect("writes");
        let mut greeting = [0; 5];
        client.read_exact(&mut greeting).await.expect("reads");
        assert_eq!(&greeting, b"hello");
        client.write_all(b"question").await.expect("writes");
        client.close().await.expect("closes");
        assert_eq!(read_all(&mut server).await.expect("reads"), b"question");
        server.write_all(b"the answer").await.expect("writes");
        drop(server);
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("reads");
        assert_eq!(answer, "the answer");
        assert_eq!(proxy.await.expect("joins").expect("copies"), (8, 15));
    }
}
