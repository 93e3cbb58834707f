use std::fmt;
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use anyrt_core::{AnyRuntime, Current, Runtime};
use anyrt_net::{AnyNet, NetRuntime, TcpOptions};
use hickory_net::runtime::RuntimeProvider;

use crate::{Clock, Tasks, TcpStream, UdpSocket};

/// hickory gives up a connection after so long where it does not say otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// hickory's runtime on any with sockets: pass it to `Resolver::builder_with_config`.
///
/// `C` is the handle whose clock hickory finds by [`Current`], which is `R` itself but for [`AnyNet`].
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_hickory::Hickory;
/// use hickory_resolver::Resolver;
/// use hickory_resolver::config::{NameServerConfig, ResolverConfig};
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// let server = NameServerConfig::udp_and_tcp([127, 0, 0, 1].into());
/// let config = ResolverConfig::from_parts(None, vec![], vec![server]);
/// let resolver = Resolver::builder_with_config(config, Hickory::new(owner.handle())).build()?;
/// # drop(resolver);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Hickory<R, C = R> {
    runtime: R,
    clock: PhantomData<fn() -> C>,
}

impl<R: NetRuntime + Current> Hickory<R> {
    /// Takes the handle of a runtime.
    pub fn new(runtime: R) -> Self {
        Self {
            runtime,
            clock: PhantomData,
        }
    }
}

impl Hickory<AnyNet, AnyRuntime> {
    /// Takes a runtime without its type. Names are looked up in tasks that it spawned, where its [`AnyRuntime`] is current.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Config, prelude::*};
    /// use anyrt_hickory::Hickory;
    /// use anyrt_net::AnyNet;
    ///
    /// let owner = anyrt_smol::Owned::launch(Config::new())?;
    /// let provider = Hickory::any(AnyNet::new(owner.handle()));
    /// # drop(provider);
    /// # Ok::<(), anyrt_core::LaunchError>(())
    /// ```
    pub fn any(runtime: AnyNet) -> Self {
        Self {
            runtime,
            clock: PhantomData,
        }
    }
}

impl<R, C> RuntimeProvider for Hickory<R, C>
where
    R: NetRuntime,
    C: Runtime + Current,
{
    type Handle = Tasks<R>;
    type Timer = Clock<C>;
    type Udp = UdpSocket<R::UdpSocket, C>;
    type Tcp = TcpStream<R::TcpStream, C>;

    fn create_handle(&self) -> Tasks<R> {
        Tasks::new(self.runtime.clone())
    }

    /// Connects within `timeout`, or five seconds without one. Without delays of Nagle's, as hickory connects on tokio.
    fn connect_tcp(
        &self,
        server: SocketAddr,
        local: Option<SocketAddr>,
        timeout: Option<Duration>,
    ) -> Pin<Box<dyn Future<Output = io::Result<Self::Tcp>> + Send>> {
        let runtime = self.runtime.clone();
        Box::pin(async move {
            let mut options = TcpOptions::new().nodelay(true);
            options.local_addr = local;
            let connect = runtime.tcp_connect_with(server, &options);
            let limit = timeout.unwrap_or(CONNECT_TIMEOUT);
            Ok(TcpStream::new(runtime.timeout(limit, connect).await??))
        })
    }

    fn bind_udp(
        &self,
        local: SocketAddr,
        _: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = io::Result<Self::Udp>> + Send>> {
        let bound = self.runtime.udp_bind(local);
        Box::pin(async move { bound.map(UdpSocket::new) })
    }
}

impl<R: Clone, C> Clone for Hickory<R, C> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            clock: PhantomData,
        }
    }
}

impl<R: fmt::Debug, C> fmt::Debug for Hickory<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hickory").field(&self.runtime).finish()
    }
}
