use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use anyrt_core::Instant;
use anyrt_net::NetRuntime;
use quinn::{AsyncTimer, AsyncUdpSocket, Endpoint, EndpointConfig, ServerConfig};

use crate::PlainSocket;
use crate::timer::Timer;

/// quinn's runtime on any of ours, with plain datagrams: for [`AnyNet`](anyrt_net::AnyNet) and simulations.
///
/// # Cost
///
/// A call of the runtime per datagram, where [`Quinn`](crate::Quinn) sends and receives several at a time.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_net::AnyNet;
/// use anyrt_quinn::PlainQuinn;
/// use quinn::EndpointConfig;
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// let endpoint = owner.block_on(async {
///     PlainQuinn::new(AnyNet::new(owner.handle())).endpoint(EndpointConfig::default(), None, ([127, 0, 0, 1], 0).into())
/// })?;
/// assert_ne!(endpoint.local_addr()?.port(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PlainQuinn<R> {
    runtime: R,
}

impl<R: NetRuntime> PlainQuinn<R> {
    /// Takes the handle of a runtime.
    pub fn new(runtime: R) -> Self {
        Self { runtime }
    }

    /// Binds an endpoint, as [`Endpoint::new`] does with a socket of std's: with a `server` configuration it accepts connections too.
    /// Port 0 lets the runtime choose.
    ///
    /// # Errors
    ///
    /// Those of the bind.
    pub fn endpoint(
        &self,
        config: EndpointConfig,
        server: Option<ServerConfig>,
        addr: SocketAddr,
    ) -> io::Result<Endpoint> {
        Endpoint::new_with_abstract_socket(
            config,
            server,
            Arc::new(PlainSocket::new(self.runtime.udp_bind(addr)?)),
            Arc::new(self.clone()),
        )
    }
}

impl<R: NetRuntime> quinn::Runtime for PlainQuinn<R> {
    fn new_timer(&self, deadline: Instant) -> Pin<Box<dyn AsyncTimer>> {
        Box::pin(Timer::new(self.runtime.sleep_until(deadline)))
    }

    #[track_caller]
    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.runtime.spawn_detached(future);
    }

    /// A socket of std's is for [`Quinn`](crate::Quinn) alone.
    ///
    /// # Errors
    ///
    /// `Unsupported`, always.
    fn wrap_udp_socket(&self, _: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "PlainQuinn takes no socket of std's: bind with PlainQuinn::endpoint, or use Quinn",
        ))
    }

    fn now(&self) -> Instant {
        self.runtime.now()
    }
}
