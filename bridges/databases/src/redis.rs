use std::io;
use std::net::SocketAddr;

use anyrt_core::{AbortOnDrop, Spawn};
use anyrt_net::NetRuntime;
use anyrt_tokio_io::ToTokio;
use redis::aio::{AsyncPushSender, MultiplexedConnection};
use redis::{AsyncConnectionConfig, ProtocolVersion, RedisConnectionInfo};

use crate::Connector;

/// Connects to a Redis over a socket of the runtime.
#[derive(Clone, Debug)]
pub struct Redis<R> {
    runtime: R,
    addr: SocketAddr,
}

/// A connection whose driver is a task of the runtime, and ends with it.
#[derive(Debug)]
pub struct RedisConnection<R: Spawn> {
    /// redis' own, whose clones share the socket.
    pub connection: MultiplexedConnection,
    driver: AbortOnDrop<R::Task<()>>,
}

impl<R: NetRuntime> Redis<R> {
    /// Connects to the server at `addr`.
    pub fn new(runtime: R, addr: SocketAddr) -> Self {
        Self { runtime, addr }
    }

    async fn stream(&self) -> io::Result<ToTokio<R::TcpStream>> {
        Ok(ToTokio::new(self.runtime.tcp_connect(self.addr).await?))
    }

    /// Connects with RESP3, in which messages of channels come over the same connection. `heard` gets them.
    ///
    /// redis' own [`PubSub`](redis::aio::PubSub) spawns on one of the runtimes that redis knows.
    ///
    /// # Errors
    ///
    /// Those of the connection.
    pub async fn listen(&self, heard: impl AsyncPushSender) -> io::Result<RedisConnection<R>> {
        let info = RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3);
        self.connect_with(&info, untimed().set_push_sender(heard))
            .await
    }

    async fn connect_with(
        &self,
        info: &RedisConnectionInfo,
        config: AsyncConnectionConfig,
    ) -> io::Result<RedisConnection<R>> {
        let stream = self.stream().await?;
        let connected = MultiplexedConnection::new_with_config(info, stream, config).await;
        let (connection, driver) = connected.map_err(io::Error::other)?;
        Ok(RedisConnection {
            connection,
            driver: self.runtime.spawn(driver).abort_on_drop(),
        })
    }
}

/// Without limits of time: redis would sleep on its own runtime. The runtime's `timeout` around a command takes their place.
fn untimed() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
}

impl<R: NetRuntime> Connector for Redis<R> {
    type Connection = RedisConnection<R>;

    async fn connect(&self) -> io::Result<RedisConnection<R>> {
        self.connect_with(&RedisConnectionInfo::default(), untimed())
            .await
    }

    fn is_open(&self, connection: &RedisConnection<R>) -> bool {
        !connection.driver.is_finished()
    }
}
