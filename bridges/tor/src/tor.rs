use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use anyrt_core::{BlockOn, Instant, JoinOrPanic, Runtime};
use anyrt_net::{ListenOptions, NetRuntime, TcpOptions};
use async_trait::async_trait;
use futures::executor::block_on;
use futures::task::{FutureObj, Spawn, SpawnError};
use tor_rtcompat::{
    Blocking, CoarseInstant, CoarseTimeProvider, CompoundRuntime, NetStreamProvider, SleepProvider,
    TcpConnectOptions, TcpListenOptions, ToplevelBlockOn, UdpProvider,
};

use crate::coarse_clock::CoarseClock;
use crate::{NoUnix, TorListener, TorStream, TorUdpSocket};

/// What tor-rtcompat's `Runtime` is made of, on the runtime that it carries: tasks, blocking work, time, TCP, UDP and Unix sockets.
///
/// With a `TlsProvider` it is a `Runtime`; see [`runtime`](Self::runtime).
///
/// # Cancellation
///
/// Spawned tasks are detached, as tor-rtcompat asks for.
///
/// # Panics
///
/// `spawn_blocking`'s future panics with the panic of its closure.
///
/// # Cost
///
/// A sleep is the runtime's own. A spawned task, and each connect, listen, receive and send, is a box, which the traits of
/// tor-rtcompat and futures ask for.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_tor::Tor;
/// use tor_rtcompat::{SleepProvider, SleepProviderExt};
///
/// async fn answer<S: SleepProvider>(sleeps: S) -> bool {
///     sleeps.timeout(Duration::from_millis(5), std::future::pending::<()>()).await.is_err()
/// }
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// assert!(owner.block_on(answer(Tor::new(owner.handle()))));
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tor<R> {
    pub(crate) runtime: R,
    clock: CoarseClock,
}

/// A `Runtime` of tor-rtcompat: [`Tor`] with the TLS `T`, and with the Unix sockets `U`.
pub type TorRuntime<R, T, U = Tor<R>> =
    CompoundRuntime<Tor<R>, Tor<R>, Tor<R>, Tor<R>, U, T, Tor<R>>;

impl<R: Runtime> Tor<R> {
    /// Takes the handle of a runtime.
    pub fn new(runtime: R) -> Self {
        Self {
            clock: CoarseClock::new(&runtime),
            runtime,
        }
    }

    /// Adds TLS, such as `tor_rtcompat::tls::RustlsProvider`: a `Runtime`, for runtimes with Unix sockets.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_net::prelude::*;
    /// use anyrt_tor::{Tor, TorRuntime};
    /// use tor_rtcompat::tls::RustlsProvider;
    ///
    /// fn runtime<R: NetRuntime>(rt: R) -> TorRuntime<R, RustlsProvider> {
    ///     Tor::new(rt).runtime(RustlsProvider::default())
    /// }
    /// ```
    pub fn runtime<T>(self, tls: T) -> TorRuntime<R, T> {
        let unix = self.clone();
        self.compound(tls, unix)
    }

    /// Adds TLS: a `Runtime`, for any runtime with sockets. Its Unix sockets are `Unsupported`.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_net::prelude::*;
    /// use anyrt_tor::Tor;
    /// use tor_rtcompat::Runtime;
    /// use tor_rtcompat::tls::RustlsProvider;
    ///
    /// fn runtime<R: NetRuntime + std::fmt::Debug>(rt: R) -> impl Runtime {
    ///     Tor::new(rt).runtime_without_unix(RustlsProvider::default())
    /// }
    /// ```
    pub fn runtime_without_unix<T>(self, tls: T) -> TorRuntime<R, T, NoUnix> {
        self.compound(tls, NoUnix)
    }

    fn compound<T, U>(self, tls: T, unix: U) -> TorRuntime<R, T, U> {
        let [spawn, sleep, coarse, tcp, udp] = std::array::from_fn(|_| self.clone());
        CompoundRuntime::new(spawn, sleep, coarse, tcp, unix, tls, udp)
    }
}

impl<R: Runtime> Spawn for Tor<R> {
    #[inline]
    #[track_caller]
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.runtime.spawn_detached(future);
        Ok(())
    }
}

impl<R: Runtime> Blocking for Tor<R> {
    type ThreadHandle<T: Send + 'static> = JoinOrPanic<R::BlockingTask<T>>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> Self::ThreadHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.runtime.spawn_blocking(work).join_or_panic()
    }

    fn reenter_block_on<F>(&self, future: F) -> F::Output
    where
        F: Future,
        F::Output: Send + 'static,
    {
        // The runtime's own tasks, sleeps and sockets go on without this thread.
        block_on(future)
    }
}

impl<R: Runtime + BlockOn> ToplevelBlockOn for Tor<R> {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

impl<R: Runtime> SleepProvider for Tor<R> {
    type SleepFuture = R::Sleep;

    #[inline]
    #[track_caller]
    fn sleep(&self, duration: Duration) -> R::Sleep {
        self.runtime.sleep(duration)
    }

    #[inline]
    fn now(&self) -> Instant {
        self.runtime.now()
    }

    #[inline]
    fn wallclock(&self) -> SystemTime {
        self.runtime.system_time()
    }
}

impl<R: Runtime> CoarseTimeProvider for Tor<R> {
    #[inline]
    fn now_coarse(&self) -> CoarseInstant {
        self.clock.now(&self.runtime)
    }
}

#[async_trait]
impl<R: NetRuntime> NetStreamProvider<SocketAddr> for Tor<R> {
    type Stream = TorStream<R::TcpStream>;
    type Listener = TorListener<R::TcpListener>;
    type ConnectOptions = TcpConnectOptions;
    type ListenOptions = TcpListenOptions;

    async fn connect(
        &self,
        addr: &SocketAddr,
        options: &TcpConnectOptions,
    ) -> io::Result<Self::Stream> {
        let mut wanted = TcpOptions::new();
        wanted.send_buffer_size = *options.common().send_buffer_size();
        wanted.recv_buffer_size = *options.common().recv_buffer_size();
        let stream = self.runtime.tcp_connect_with(*addr, &wanted).await?;
        Ok(TorStream::new(stream))
    }

    async fn listen(
        &self,
        addr: &SocketAddr,
        options: &TcpListenOptions,
    ) -> io::Result<Self::Listener> {
        let common = options.common();
        if common.send_buffer_size().is_some() || common.recv_buffer_size().is_some() {
            let message = "a listener has no sizes of buffers; set them on its connections";
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        let mut wanted = ListenOptions::new().backlog(u16::MAX.into());
        if addr.is_ipv6() {
            // So that the port of IPv4 stays free, as with tor-rtcompat's own runtimes.
            wanted = wanted.only_v6(true);
        }
        let listener = self.runtime.tcp_listen_with(*addr, &wanted)?;
        Ok(TorListener::new(listener))
    }
}

#[async_trait]
impl<R: NetRuntime> UdpProvider for Tor<R> {
    type UdpSocket = TorUdpSocket<R::UdpSocket>;

    async fn bind(&self, addr: &SocketAddr) -> io::Result<Self::UdpSocket> {
        Ok(TorUdpSocket::new(self.runtime.udp_bind(*addr)?))
    }
}
