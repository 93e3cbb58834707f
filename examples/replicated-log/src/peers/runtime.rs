use std::fmt;
use std::future::{Future, Ready, ready};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{Instant, JoinHandle, Spawn, SpawnBlocking, Timer};
use anyrt_net::{ListenOptions, Listener, Resolve, Tcp, TcpOptions, Udp, UdpOptions};
use anyrt_tokio::Ambient;
use anyrt_tokio_io::FromTokio;
use futures::channel::mpsc;
use futures::{FutureExt, StreamExt};

use super::stream::TcpStream;

/// A host of turmoil: tokio's tasks and timers, and turmoil's TCP.
#[derive(Clone, Copy, Debug)]
pub struct Turmoil;

impl Spawn for Turmoil {
    type Task<T: Send> = anyrt_tokio::Task<T>;

    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Ambient.spawn(future)
    }
}

impl SpawnBlocking for Turmoil {
    type BlockingTask<T: Send> = anyrt_tokio::BlockingTask<T>;

    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Ambient.spawn_blocking(work)
    }
}

impl Timer for Turmoil {
    type Sleep = anyrt_tokio::Sleep;

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        Ambient.sleep(duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Self::Sleep {
        Ambient.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        Ambient.now()
    }
}

impl Tcp for Turmoil {
    type TcpStream = TcpStream;
    type TcpListener = TcpListener;
    type TcpConnect = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

    fn tcp_connect_with(&self, addr: SocketAddr, _: &TcpOptions) -> Self::TcpConnect {
        Box::pin(async move {
            let stream = turmoil::net::TcpStream::connect(addr).await?;
            Ok(TcpStream(FromTokio::new(stream)))
        })
    }

    fn tcp_listen_with(&self, addr: SocketAddr, _: &ListenOptions) -> io::Result<TcpListener> {
        // turmoil takes no other address, and does not wait here.
        let any = (Ipv4Addr::UNSPECIFIED, addr.port());
        let binding = turmoil::net::TcpListener::bind(any).now_or_never();
        let listener = binding.ok_or(ErrorKind::WouldBlock)??;
        let (accepted, receiver) = mpsc::unbounded();
        Ambient.spawn_detached(async move {
            while let Ok((stream, from)) = listener.accept().await {
                let stream = TcpStream(FromTokio::new(stream));
                if accepted.unbounded_send((stream, from)).is_err() {
                    break;
                }
            }
        });
        Ok(TcpListener {
            accepted: Mutex::new(receiver),
            addr,
        })
    }
}

/// A listener of turmoil, whose `accept` a task calls: it has no form that can be polled.
pub struct TcpListener {
    accepted: Mutex<mpsc::UnboundedReceiver<(TcpStream, SocketAddr)>>,
    addr: SocketAddr,
}

impl Listener for TcpListener {
    type Stream = TcpStream;
    type Addr = SocketAddr;
    type Waiter = ();

    fn poll_accept(
        &self,
        _: &mut (),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let mut accepted = self.accepted.lock().expect("nothing panics under the lock");
        let next = accepted.poll_next_unpin(cx);
        next.map(|next| next.ok_or(ErrorKind::NotConnected.into()))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.addr)
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpListener")
            .field("addr", &self.addr)
            .finish_non_exhaustive()
    }
}

impl Udp for Turmoil {
    type UdpSocket = anyrt_tokio::net::UdpSocket;

    fn udp_bind_with(&self, _: SocketAddr, _: &UdpOptions) -> io::Result<Self::UdpSocket> {
        Err(ErrorKind::Unsupported.into())
    }
}

impl Resolve for Turmoil {
    type Lookup = Ready<io::Result<Vec<SocketAddr>>>;

    fn resolve(&self, host: &str, port: u16) -> Self::Lookup {
        ready(Ok(vec![(turmoil::lookup(host), port).into()]))
    }
}
