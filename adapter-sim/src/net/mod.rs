//! A simulated network: hosts, sockets and names, in virtual time and in memory, that fail as a seed has it. Behind the feature
//! `net`.
//!
//! A [`Sim`](crate::Sim) has the sockets of anyrt-net, so that a library that takes `R: NetRuntime` runs on it unchanged.
//! [`Sim::host`](crate::Sim::host) gives a test the machines of a system, and [`Sim::network`](crate::Sim::network) what lies
//! between them.
//!
//! | you want | you write |
//! | --- | --- |
//! | a machine | [`sim.host("db")`](crate::Sim::host), or by its address `sim.host("10.0.0.1")` |
//! | a program on it | [`host.restart(\|rt\| serve(rt))`](Host::restart), or any spawn through [`host.handle()`](Host::handle) |
//! | a machine that fails | [`Host::crash`], [`Host::kill`], [`Host::pause`] |
//! | a slow or lossy network | [`Network::latency`], [`Network::loss`] and what stands beside them |
//! | a partition | [`Network::partition`], [`Network::heal`] |
//! | what survives a crash | [`Host::disk`] |
//! | all of this, drawn from the seed | [`Network::faults`] |
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//! use futures::io::{AsyncReadExt, AsyncWriteExt};
//! use anyrt_core::prelude::*;
//! use anyrt_net::prelude::*;
//!
//! /// The code under test.
//! async fn greet<R: NetRuntime>(rt: R) -> std::io::Result<()> {
//!     let listener = rt.tcp_listen(([0, 0, 0, 0], 80).into())?;
//!     loop {
//!         listener.accept().await?.0.write_all(b"moin").await?;
//!     }
//! }
//!
//! anyrt_sim::check(|sim| async move {
//!     sim.host("server").restart(greet).detach();
//!     sim.sleep(Duration::from_millis(1)).await;
//!     let mut heard = String::new();
//!     let mut stream = sim.host("client").handle().connect_host("server", 80).await?;
//!     stream.read_to_string(&mut heard).await?;
//!     assert_eq!(heard, "moin");
//!     std::io::Result::Ok(())
//! });
//! ```

mod call;
mod columns;
mod connect;
mod datagram;
mod diagram;
mod disk;
mod faults;
mod hold;
mod host;
mod life;
mod listener;
mod log;
mod lookup;
mod names;
mod network;
mod page;
mod payload;
mod pending;
mod runtime;
mod signals;
mod stream;
mod udp_socket;
#[cfg(unix)]
mod unix_datagram;
mod ways;
mod wire;

pub use connect::Connect;
#[cfg(unix)]
pub use connect::UnixConnect;
pub use disk::Disk;
pub use faults::{Faults, RunningFaults};
pub use host::Host;
#[cfg(unix)]
pub use listener::UnixListener;
pub use listener::{TcpListener, Waiter};
pub use log::LogLine;
pub use lookup::Lookup;
pub use network::Network;
pub use payload::Payload;
pub(crate) use payload::Payloads;
pub(crate) use pending::Pending;
pub use signals::Signals;
pub use stream::{ReadHalf, TcpStream, WriteHalf};
#[cfg(unix)]
pub use stream::{UnixReadHalf, UnixStream, UnixWriteHalf};
pub use udp_socket::UdpSocket;
#[cfg(unix)]
pub use unix_datagram::UnixDatagram;
pub(crate) use wire::Wire;
