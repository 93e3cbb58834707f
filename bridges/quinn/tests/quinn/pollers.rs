//! Any number of connections wait for room in one socket, and a datagram that cannot be sent is a lost one.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use anyrt_net::{Datagram, Interest, Place, WaitList};
use anyrt_quinn::PlainSocket;
use quinn::AsyncUdpSocket;
use quinn::udp::Transmit;

/// A socket that has room when the test says so.
#[derive(Clone, Debug, Default)]
struct Narrow(Arc<State>);

#[derive(Debug, Default)]
struct State {
    has_room: AtomicBool,
    waiting: WaitList,
    error: Mutex<Option<io::ErrorKind>>,
}

impl Narrow {
    fn make_room(&self) {
        self.0.has_room.store(true, Ordering::SeqCst);
        self.0.waiting.waker().wake_by_ref();
    }
}

impl Datagram for Narrow {
    type Addr = SocketAddr;
    type Waiter = Place;

    fn poll_readiness(
        &self,
        waiter: &mut Place,
        cx: &mut Context<'_>,
        _: Interest,
    ) -> Poll<io::Result<()>> {
        self.0.waiting.poll(waiter, cx, |_| {
            match self.0.has_room.load(Ordering::SeqCst) {
                true => Poll::Ready(Ok(())),
                false => Poll::Pending,
            }
        })
    }

    fn poll_recv_from(
        &self,
        _: &mut Place,
        _: &mut Context<'_>,
        _: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        Poll::Pending
    }

    fn poll_send_to(
        &self,
        _: &mut Place,
        _: &mut Context<'_>,
        _: &[u8],
        _: &SocketAddr,
    ) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_recv(
        &self,
        _: &mut Place,
        _: &mut Context<'_>,
        _: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_send(&self, _: &mut Place, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn try_recv_from(&self, _: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn try_send_to(&self, buf: &[u8], _: &SocketAddr) -> io::Result<usize> {
        match *self.0.error.lock().unwrap() {
            Some(kind) => Err(kind.into()),
            None => Ok(buf.len()),
        }
    }

    fn connect(&self, _: &SocketAddr) -> io::Result<()> {
        Ok(())
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok((Ipv4Addr::LOCALHOST, 1).into())
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(io::ErrorKind::NotConnected.into())
    }
}

#[derive(Debug, Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn each_poller_is_woken_when_there_is_room() {
    let narrow = Narrow::default();
    let socket = Arc::new(PlainSocket::new(narrow.clone()));
    let mut pollers: Vec<_> = (0..3)
        .map(|_| {
            (
                Arc::clone(&socket).create_io_poller(),
                Arc::<Wakes>::default(),
            )
        })
        .collect();
    for (poller, wakes) in &mut pollers {
        let waker = Waker::from(Arc::clone(wakes));
        let mut cx = Context::from_waker(&waker);
        assert!(poller.as_mut().poll_writable(&mut cx).is_pending());
    }
    let (gone, unheard) = pollers.remove(0);
    drop(gone);
    assert_eq!(
        Arc::strong_count(&unheard),
        1,
        "a dropped poller keeps a task alive"
    );
    narrow.make_room();
    for (mut poller, wakes) in pollers {
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(matches!(
            poller.as_mut().poll_writable(&mut cx),
            Poll::Ready(Ok(()))
        ));
    }
    assert_eq!(unheard.0.load(Ordering::SeqCst), 0);
}

#[test]
fn only_a_full_socket_fails_to_send() {
    let narrow = Narrow::default();
    let socket = PlainSocket::new(narrow.clone());
    let send = |kind| {
        *narrow.0.error.lock().unwrap() = kind;
        socket.try_send(&Transmit {
            destination: (Ipv4Addr::LOCALHOST, 2).into(),
            ecn: None,
            contents: b"moin",
            segment_size: None,
            src_ip: None,
        })
    };
    assert!(send(None).is_ok());
    assert!(send(Some(io::ErrorKind::ConnectionRefused)).is_ok());
    let full = send(Some(io::ErrorKind::WouldBlock)).unwrap_err();
    assert_eq!(full.kind(), io::ErrorKind::WouldBlock);
}
