use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_conformance_engine::kit::{Patience, WakeCount, step};
use anyrt_core::Timer;
use anyrt_net::{AsyncRead, Listener, Stream, Tcp};
use futures::AsyncReadExt;

/// A port of the loopback that the system chooses.
pub(crate) fn any() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// Connects a pair through a listener: client and server.
pub(crate) async fn pair<R: Tcp>(rt: &R) -> (R::TcpStream, R::TcpStream) {
    let listener = rt.tcp_listen(any()).expect("listens");
    local_pair(rt, &listener).await
}

/// An address that nobody listens on, as long as the connection lives that keeps its port: that of a listener which is gone is free,
/// and the system may give it to another case.
pub(crate) async fn refusing<R: Tcp>(rt: &R) -> (SocketAddr, [R::TcpStream; 2]) {
    let (client, server) = pair(rt).await;
    let addr = server.local_addr().expect("has an address");
    (addr, [client, server])
}

/// Connects a pair through this listener: client and server.
pub(crate) async fn local_pair<R: Tcp>(
    rt: &R,
    listener: &R::TcpListener,
) -> (R::TcpStream, R::TcpStream) {
    let addr = listener.local_addr().expect("has an address");
    let (client, server) = futures::join!(rt.tcp_connect(addr), listener.accept());
    let (client, (server, peer)) = (client.expect("connects"), server.expect("accepts"));
    assert_eq!(client.local_addr().expect("has an address"), peer);
    (client, server)
}

/// Bytes that tell where they belong.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

/// Reads to the end, a buffer at a time.
pub(crate) async fn read_all<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut buf = vec![0; 16 * 1024];
    loop {
        match stream.read(&mut buf).await? {
            0 => return Ok(all),
            n => all.extend_from_slice(&buf[..n]),
        }
    }
}

/// Polls once, with a waker that wakes nobody.
pub(crate) fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    let future: Pin<&mut F> = pin!(future);
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A waker, and how often it was woken.
pub(crate) fn counting() -> (Waker, Arc<WakeCount>) {
    let count = WakeCount::new();
    (Waker::from(Arc::clone(&count)), count)
}

/// Asks again and again, with a pause on the runtime's clock, until the answer is yes; gives up after ten seconds by that clock,
/// in which the process had a processor.
pub(crate) async fn eventually<T: Timer>(timer: &T, what: &str, mut ask: impl FnMut() -> bool) {
    let (start, patience) = (timer.now(), Patience::new(Duration::from_secs(10)));
    let mut is_told = false;
    while !ask() {
        if !std::mem::replace(&mut is_told, true) {
            step(format_args!("waiting: {what}"));
        }
        assert!(
            timer.now() - start < Duration::from_secs(10) || !patience.is_over(),
            "waited ten seconds: {what}"
        );
        timer.sleep(Duration::from_millis(1)).await;
    }
}
