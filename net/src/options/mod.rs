mod listen_options;
mod socket_option;
mod tcp_options;
mod udp_options;

pub use listen_options::ListenOptions;
pub use socket_option::SocketOption;
pub use tcp_options::TcpOptions;
pub use udp_options::UdpOptions;
