//! A runtime with sockets, without a type parameter.

mod any_net;
mod connect;
mod dyn_net;
mod listener;
mod lookup;
mod read_half;
mod tcp_stream;
mod udp_socket;
mod waiter;
mod write_half;

pub use any_net::AnyNet;
pub use connect::AnyConnect;
pub use listener::AnyTcpListener;
pub use lookup::AnyLookup;
pub use read_half::AnyReadHalf;
pub use tcp_stream::AnyTcpStream;
pub use udp_socket::AnyUdpSocket;
pub use waiter::AnyWaiter;
pub use write_half::AnyWriteHalf;
