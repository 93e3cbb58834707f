#![doc = include_str!("../README.md")]

mod clock;
mod provider;
mod tasks;
mod tcp_stream;
mod udp_socket;

pub use clock::Clock;
pub use provider::Hickory;
pub use tasks::Tasks;
pub use tcp_stream::TcpStream;
pub use udp_socket::UdpSocket;
