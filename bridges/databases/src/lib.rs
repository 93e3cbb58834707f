//! A real PostgreSQL and a real Redis on every backend.
//!
//! [`Pool`] is a pool of connections on anyrt's traits: a semaphore for the places, pauses between the attempts to reach a server that is
//! away, and a limit of time for the whole. A [`Connector`] says how one kind of connection is made, in about twenty lines:
//!
//! | connector | library | over |
//! | --- | --- | --- |
//! | `Postgres<R>` | tokio-postgres without its feature `runtime`, by `connect_raw` | `ToTokio<R::TcpStream>` |
//! | `Redis<R>` | redis, by `MultiplexedConnection::new_with_config` | `ToTokio<R::TcpStream>` |
//!
//! [`Server`] runs a server of Debian's in a temporary folder, and ends it together with the process.
//!
//! The connectors, and the tests that need a server, are behind the feature `servers`: `.ci/steps/databases` installs the servers and
//! runs the tests.

mod pool;
#[cfg(feature = "servers")]
mod postgres;
#[cfg(feature = "servers")]
mod redis;
mod server;
#[cfg(feature = "servers")]
mod tls;

pub use pool::{Connector, Pool, Pooled};
#[cfg(feature = "servers")]
pub use postgres::Postgres;
#[cfg(feature = "servers")]
pub use redis::{Redis, RedisConnection};
pub use server::{Kind, Server};
#[cfg(feature = "servers")]
pub use tls::{Tls, TlsStream};
