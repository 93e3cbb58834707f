use std::io;
use std::net::SocketAddr;

use anyrt_net::NetRuntime;
use anyrt_tokio_io::ToTokio;
use tokio_postgres::{CancelToken, Client, Config, NoTls};

use crate::Connector;

/// Connects to a PostgreSQL, with tokio-postgres over a socket of the runtime.
#[derive(Clone, Debug)]
pub struct Postgres<R> {
    runtime: R,
    addr: SocketAddr,
    config: Config,
}

impl<R: NetRuntime> Postgres<R> {
    /// Connects to the server at `addr`.
    pub fn new(runtime: R, addr: SocketAddr) -> Self {
        let mut config = Config::new();
        config.user("anyrt").dbname("postgres");
        Self {
            runtime,
            addr,
            config,
        }
    }

    /// Asks the server to give up the query that runs on the connection of `token`, over a connection of its own.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached. It tells nothing of the query.
    pub async fn cancel(&self, token: &CancelToken) -> io::Result<()> {
        let stream = self.runtime.tcp_connect(self.addr).await?;
        let cancelled = token.cancel_query_raw(ToTokio::new(stream), NoTls);
        cancelled.await.map_err(io::Error::other)
    }
}

impl<R: NetRuntime> Connector for Postgres<R> {
    type Connection = Client;

    async fn connect(&self) -> io::Result<Client> {
        let stream = ToTokio::new(self.runtime.tcp_connect(self.addr).await?);
        let connected = self.config.connect_raw(stream, NoTls).await;
        let (client, connection) = connected.map_err(io::Error::other)?;
        // It ends with the client, or with the server, which the client then knows.
        self.runtime.spawn_detached(async {
            connection.await.ok();
        });
        Ok(client)
    }

    fn is_open(&self, client: &Client) -> bool {
        !client.is_closed()
    }
}
