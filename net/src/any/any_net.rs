use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyrt_core::{
    AnyRuntime, AnySleep, AnyTask, Instant, JoinHandle, Spawn, SpawnBlocking, SpawnMeta, Timer,
};

use super::dyn_net::DynNet;
use super::{AnyConnect, AnyLookup, AnyTcpListener, AnyTcpStream, AnyUdpSocket};
use crate::{ListenOptions, NetRuntime, Resolve, Tcp, TcpOptions, Udp, UdpOptions};

/// Any runtime with sockets, without its type.
///
/// It is itself a [`NetRuntime`], so a library may store it instead of a type parameter, and it keeps every rule of the runtime
/// that it holds. The conformance suite runs every rule through it as well. Unix sockets, descriptors and signals need the
/// runtime's type.
///
/// # Cost
///
/// 32 bytes. One box per connection, listener, socket, attempt and question, and one per wait on a listener or socket; none per
/// read or write of a stream. Tasks and sleeps cost what they cost on [`AnyRuntime`].
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_net::{AnyNet, prelude::*};
///
/// struct Server {
///     net: AnyNet,
/// }
///
/// impl Server {
///     fn new(rt: impl NetRuntime + BlockOn) -> Self {
///         Self { net: AnyNet::new(rt) }
///     }
///
///     async fn accept_one(&self) -> std::io::Result<std::net::SocketAddr> {
///         let listener = self.net.tcp_listen(([127, 0, 0, 1], 0).into())?;
///         let client = self.net.tcp_connect(listener.local_addr()?);
///         let (_stream, peer) = listener.accept().await?;
///         client.await?;
///         Ok(peer)
///     }
/// }
///
/// let owner = anyrt_tokio::Owned::launch(Config::new())?;
/// owner.block_on(Server::new(owner.handle()).accept_one())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct AnyNet {
    runtime: AnyRuntime,
    net: Arc<dyn DynNet>,
}

impl AnyNet {
    /// Takes the type off a runtime with sockets.
    pub fn new<R: NetRuntime>(runtime: R) -> Self {
        Self {
            runtime: AnyRuntime::new(runtime.clone()),
            net: Arc::new(runtime),
        }
    }

    /// The runtime without its sockets.
    pub fn runtime(&self) -> &AnyRuntime {
        &self.runtime
    }
}

impl Tcp for AnyNet {
    type TcpStream = AnyTcpStream;
    type TcpListener = AnyTcpListener;
    type TcpConnect = AnyConnect;

    #[track_caller]
    fn tcp_connect_with(&self, addr: SocketAddr, options: &TcpOptions) -> AnyConnect {
        self.net.connect(addr, options)
    }

    #[track_caller]
    fn tcp_listen_with(
        &self,
        addr: SocketAddr,
        options: &ListenOptions,
    ) -> io::Result<AnyTcpListener> {
        self.net.listen(addr, options)
    }
}

impl Udp for AnyNet {
    type UdpSocket = AnyUdpSocket;

    #[track_caller]
    fn udp_bind_with(&self, addr: SocketAddr, options: &UdpOptions) -> io::Result<AnyUdpSocket> {
        self.net.bind(addr, options)
    }
}

impl Resolve for AnyNet {
    type Lookup = AnyLookup;

    #[track_caller]
    fn resolve(&self, host: &str, port: u16) -> AnyLookup {
        self.net.lookup(host, port)
    }
}

impl Spawn for AnyNet {
    type Task<T: Send> = AnyTask<T>;

    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<AnyTask<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.runtime.spawn(future)
    }

    #[track_caller]
    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<AnyTask<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.runtime.spawn_with(meta, future)
    }
}

impl SpawnBlocking for AnyNet {
    type BlockingTask<T: Send> = AnyTask<T>;

    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<AnyTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.runtime.spawn_blocking(work)
    }

    #[track_caller]
    fn spawn_blocking_with<F, T>(&self, meta: SpawnMeta<'_>, work: F) -> JoinHandle<AnyTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.runtime.spawn_blocking_with(meta, work)
    }
}

impl Timer for AnyNet {
    type Sleep = AnySleep;

    #[track_caller]
    fn sleep(&self, duration: Duration) -> AnySleep {
        self.runtime.sleep(duration)
    }

    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> AnySleep {
        self.runtime.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        self.runtime.now()
    }

    fn system_time(&self) -> SystemTime {
        self.runtime.system_time()
    }
}

impl fmt::Debug for AnyNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyNet").finish_non_exhaustive()
    }
}
