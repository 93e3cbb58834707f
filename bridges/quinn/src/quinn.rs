use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use anyrt_core::Instant;
use anyrt_net::{NetRuntime, OsNet};
use quinn::{AsyncTimer, AsyncUdpSocket, Endpoint, EndpointConfig, ServerConfig};

use crate::Socket;
use crate::timer::Timer;

/// quinn's runtime on one of ours, whose sockets are the system's.
///
/// Pass it to [`Endpoint::new`] with a socket of std's, or let it bind one. Sockets, tasks and sleeps are those of the handle,
/// wherever the endpoint is used.
///
/// # Cost
///
/// What quinn's own runtimes cost: a box per task and per timer, which its traits ask for, and datagrams through quinn-udp. A
/// receive takes an uncontended lock.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_quinn::Quinn;
/// use quinn::EndpointConfig;
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// let endpoint = owner.block_on(async {
///     Quinn::new(owner.handle()).endpoint(EndpointConfig::default(), None, ([127, 0, 0, 1], 0).into())
/// })?;
/// assert_ne!(endpoint.local_addr()?.port(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quinn<R> {
    runtime: R,
}

impl<R> Quinn<R>
where
    R: NetRuntime + OsNet,
{
    /// Takes the handle of a runtime.
    pub fn new(runtime: R) -> Self {
        Self { runtime }
    }

    /// Binds an endpoint, as [`Endpoint::new`] does with a socket of std's: with a `server` configuration it accepts connections too.
    /// Port 0 lets the runtime choose.
    ///
    /// # Errors
    ///
    /// Those of the bind, and of quinn-udp where the system refuses an option that it needs.
    pub fn endpoint(
        &self,
        config: EndpointConfig,
        server: Option<ServerConfig>,
        addr: SocketAddr,
    ) -> io::Result<Endpoint> {
        Endpoint::new_with_abstract_socket(
            config,
            server,
            Arc::new(Socket::new(self.runtime.udp_bind(addr)?)?),
            Arc::new(self.clone()),
        )
    }
}

impl<R> quinn::Runtime for Quinn<R>
where
    R: NetRuntime + OsNet,
{
    fn new_timer(&self, deadline: Instant) -> Pin<Box<dyn AsyncTimer>> {
        Box::pin(Timer::new(self.runtime.sleep_until(deadline)))
    }

    #[track_caller]
    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.runtime.spawn_detached(future);
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        Ok(Arc::new(Socket::new(self.runtime.udp_from_std(socket)?)?))
    }

    fn now(&self) -> Instant {
        self.runtime.now()
    }
}
