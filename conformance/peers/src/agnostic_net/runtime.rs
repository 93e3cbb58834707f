use std::fmt;
use std::future::{Future, ready};
use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use agnostic_net::{Net, TcpListener as _, TcpStream as _, ToSocketAddrs, UdpSocket as _};
use anyrt_core::{
    BlockOn, Config, Instant, JoinHandle, Launch, LaunchError, Runtime, Spawn, SpawnBlocking,
    SpawnMeta, Timer,
};
use anyrt_net::{ListenOptions, Resolve, Tcp, TcpOptions, Udp, UdpOptions};

use super::datagram::Datagrams;
use super::listener::Listener;
use super::stream::Stream;
use super::{Pending, at_once};
use crate::missing::{is_case, missing};

/// The handle of a runtime, with the sockets of the layer.
pub(crate) struct Handle<R, N> {
    rt: R,
    net: PhantomData<fn() -> N>,
}

impl<R, N> Handle<R, N> {
    fn new(rt: R) -> Self {
        let net = PhantomData;
        Self { rt, net }
    }
}

impl<R: Clone, N> Clone for Handle<R, N> {
    fn clone(&self) -> Self {
        Self::new(self.rt.clone())
    }
}

impl<R: fmt::Debug, N> fmt::Debug for Handle<R, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&self.rt).finish()
    }
}

/// A future whose value is there only for those who have it alone, so that it may be shared.
pub(crate) struct Alone<T>(Mutex<Pending<T>>);

impl<T> Alone<T> {
    pub(super) fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Mutex::new(Box::pin(future)))
    }

    /// Polls the future once.
    fn begun(future: impl Future<Output = T> + Send + 'static) -> Self
    where
        T: Send + 'static,
    {
        let mut future: Pending<T> = Box::pin(future);
        match future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(output) => Self::new(ready(output)),
            Poll::Pending => Self(Mutex::new(future)),
        }
    }
}

impl<T> Future for Alone<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let future = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        future.as_mut().poll(cx)
    }
}

impl<T> fmt::Debug for Alone<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alone").finish_non_exhaustive()
    }
}

impl<R, N: Net> Tcp for Handle<R, N> {
    type TcpStream = Stream<N::TcpStream>;
    type TcpListener = Listener<N::TcpListener>;
    type TcpConnect = Alone<io::Result<Self::TcpStream>>;

    fn tcp_connect_with(&self, addr: SocketAddr, options: &TcpOptions) -> Self::TcpConnect {
        if *options != TcpOptions::new() {
            missing("options of a connection");
        }
        let connect = async move { Ok(Stream::new(N::TcpStream::connect(addr).await?)) };
        // Most rules connect before they accept. What the layer's own does at the call is what this rule is about.
        if is_case("net::connect_begins_at_the_call") {
            return Alone::new(connect);
        }
        Alone::begun(connect)
    }

    fn tcp_listen_with(
        &self,
        addr: SocketAddr,
        options: &ListenOptions,
    ) -> io::Result<Self::TcpListener> {
        if *options != ListenOptions::new() {
            missing("options of a listener");
        }
        at_once(N::TcpListener::bind(addr)).map(Listener::new)
    }
}

impl<R, N: Net> Udp for Handle<R, N> {
    type UdpSocket = Datagrams<N::UdpSocket>;

    fn udp_bind_with(&self, addr: SocketAddr, options: &UdpOptions) -> io::Result<Self::UdpSocket> {
        if *options != UdpOptions::new() {
            missing("options of a UDP socket");
        }
        at_once(N::UdpSocket::bind(addr)).map(Datagrams::new)
    }
}

impl<R, N: Net> Resolve for Handle<R, N> {
    type Lookup = Alone<io::Result<Vec<SocketAddr>>>;

    fn resolve(&self, host: &str, port: u16) -> Self::Lookup {
        let name = (host.to_owned(), port);
        Alone::new(async move {
            let found = ToSocketAddrs::<N::Runtime>::to_socket_addrs(&name).await?;
            Ok(found.collect())
        })
    }
}

impl<R: Runtime, N> Spawn for Handle<R, N> {
    type Task<T: Send> = R::Task<T>;

    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<R::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.rt.spawn_with(meta, future)
    }

    fn spawn<F>(&self, future: F) -> JoinHandle<R::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.rt.spawn(future)
    }
}

impl<R: Runtime, N> SpawnBlocking for Handle<R, N> {
    type BlockingTask<T: Send> = R::BlockingTask<T>;

    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<R::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.rt.spawn_blocking(work)
    }
}

impl<R: Runtime, N> Timer for Handle<R, N> {
    type Sleep = R::Sleep;

    fn sleep(&self, duration: Duration) -> R::Sleep {
        self.rt.sleep(duration)
    }

    fn sleep_until(&self, deadline: Instant) -> R::Sleep {
        self.rt.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        self.rt.now()
    }
}

impl<R: BlockOn, N> BlockOn for Handle<R, N> {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.rt.block_on(future)
    }
}

/// The runtime.
pub(crate) struct Owned<L, N> {
    rt: L,
    net: PhantomData<fn() -> N>,
}

impl<L: fmt::Debug, N> fmt::Debug for Owned<L, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owned").field(&self.rt).finish()
    }
}

impl<L: Launch<Handle: Runtime>, N: 'static> Launch for Owned<L, N> {
    type Handle = Handle<L::Handle, N>;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        let net = PhantomData;
        let rt = L::launch(config)?;
        Ok(Self { rt, net })
    }

    fn handle(&self) -> Self::Handle {
        Handle::new(self.rt.handle())
    }

    fn shutdown(self, grace: Duration) {
        self.rt.shutdown(grace);
    }
}

impl<L: BlockOn, N> BlockOn for Owned<L, N> {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.rt.block_on(future)
    }
}
